import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assignValue,
  converter,
  convertValue,
  implicitConverter,
  isImplicit,
  literalValue,
  textOf,
  tryConvert,
  typeText,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { converted, outcome, type, value } from './types.ts';

describe('texts to numbers', () => {
  it.each([
    [' 12 ', 'int', '12'],
    ['-', 'int', 245],
    ['', 'int', '0'],
    ['1.5', 'int', 245],
    ['2147483648', 'int', 248],
    ['300', 'tinyint', 244],
    ['40000', 'smallint', 244],
    ['x', 'bigint', 8114],
    ['9223372036854775808', 'bigint', 8115],
    ['true', 'bit', '1'],
    ['2', 'bit', '1'],
    ['yes', 'bit', 245],
    ['1.005', 'decimal(5,2)', '1.01'],
    ['-1.005', 'decimal(5,2)', '-1.01'],
    ['1000', 'decimal(5,2)', 8115],
    ['1e3', 'decimal(5,2)', 8114],
    ['', 'decimal(5,2)', 8114],
    ['1e3', 'float', '1000'],
    ['.5', 'float', '0.5'],
    ['abc', 'float', 8114],
    ['1e39', 'real', 8115],
    ['$1,234.56', 'money', '1234.56'],
    ['-$5', 'money', '-5.00'],
    ['1x', 'money', 235],
    ['922337203685477.5808', 'money', 8115],
    ['214748.3648', 'smallmoney', 8115],
  ])('%j as %s is %s', (text, to, result) => {
    expect(converted(text, 'varchar(50)', to)).toBe(result);
  });
});

describe('numbers to numbers', () => {
  it.each([
    ['decimal(5,2)', '-1.99', 'int', '-1'],
    ['decimal(5,2)', '1.995', 'decimal(5,1)', '2.0'],
    ['decimal(5,2)', '300.00', 'tinyint', 8115],
    ['int', '300', 'tinyint', 220],
    ['bigint', '3000000000', 'int', 8115],
    ['money', '1.5', 'int', '2'],
    ['money', '-1.5', 'int', '-2'],
    ['float', '1.9', 'int', '1'],
    ['float', '3e9', 'int', 232],
    ['float', '0.1', 'decimal(10,5)', '0.10000'],
    ['float', '1e30', 'decimal(38,0)', '1000000000000000000000000000000'],
    ['float', '2e38', 'decimal(38,0)', 8115],
    ['int', '5', 'bit', '1'],
    ['datetime', '1900-01-02 13:00', 'int', '2'],
  ])('%s %s as %s is %s', (from, text, to, result) => {
    expect(converted(value(text, from), from, to)).toBe(result);
  });
});

describe('texts of values', () => {
  it.each([
    ['int', '12345', 'varchar(3)', undefined, '*'],
    ['int', '12345', 'nvarchar(3)', undefined, 8115],
    ['bigint', '12345', 'varchar(3)', undefined, 8115],
    ['decimal(7,2)', '12345.67', 'varchar(3)', undefined, 8115],
    ['decimal(7,2)', '-0.07', 'varchar(30)', undefined, '-0.07'],
    ['money', '1234567.8951', 'varchar(30)', 0, '1234567.90'],
    ['money', '1234567.8951', 'varchar(30)', 1, '1,234,567.90'],
    ['money', '1234567.8951', 'varchar(30)', 2, '1234567.8951'],
    ['money', '-123456', 'varchar(30)', 1, '-123,456.00'],
    ['float', '123456789', 'varchar(30)', undefined, '1.23457e+008'],
    ['float', '0.0001', 'varchar(30)', undefined, '0.0001'],
    ['float', '0.00001', 'varchar(30)', undefined, '1e-005'],
    ['float', '1.5', 'varchar(30)', 1, '1.5000000e+000'],
    ['float', '1.5', 'varchar(30)', 2, '1.500000000000000e+000'],
    ['float', '0.1', 'varchar(30)', 3, '1.0000000000000001e-001'],
    ['float', '1', 'varchar(30)', 9, 281],
    ['uniqueidentifier', '6F9619FF-8B86-D011-B42D-00C04FC964FF', 'char(10)', undefined, 8170],
    ['char(5)', 'ab', 'varchar(10)', undefined, 'ab   '],
    ['varchar(5)', 'ab', 'nchar(4)', undefined, 'ab  '],
    ['varbinary(3)', 'AB', 'varchar(10)', 1, '0x4142'],
    ['varbinary(3)', 'AB', 'varchar(10)', 2, '4142'],
  ])('%s %s as %s, style %s, is %s', (from, text, to, style, result) => {
    const source = from === 'varbinary(3)' ? new TextEncoder().encode(text) : value(text, from);
    expect(converted(source, from, to, style)).toBe(result);
  });

  it('replaces what the code page lacks', () => {
    expect(converted('Łódź € 漢', 'nvarchar(20)', 'varchar(20)')).toBe('Lódz € ?');
    expect(
      convertValue('ab漢', type('nvarchar(9)'), type('varchar(4)', 'Latin1_General_100_CI_AS_SC_UTF8')),
    ).toBe('ab');
  });
});

describe('binaries', () => {
  it.each([
    ['int', '258', 'varbinary(8)', '00000102'],
    ['int', '258', 'binary(2)', '0102'],
    ['int', '1', 'binary(6)', '000000000001'],
    ['bigint', '-1', 'varbinary(8)', 'FFFFFFFFFFFFFFFF'],
    ['varchar(5)', 'ab', 'binary(4)', '61620000'],
    ['nvarchar(5)', 'ab', 'varbinary(3)', '610062'],
    [
      'uniqueidentifier',
      '6F9619FF-8B86-D011-B42D-00C04FC964FF',
      'varbinary(16)',
      'FF19966F868B11D0B42D00C04FC964FF',
    ],
    ['float', '1', 'varbinary(8)', '3FF0000000000000'],
    ['datetime', '1900-01-02 00:00:01', 'varbinary(8)', '000000010000012C'],
    ['decimal(5,2)', '-1.00', 'varbinary(20)', '0502000064000000'],
  ])('%s %s as %s', (from, text, to, hex) => {
    const bytes = convertValue(value(text, from), type(from), type(to));
    expect(textOf(bytes, type('varbinary(max)')).length).toBeGreaterThan(0);
    expect(bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex').toUpperCase() : bytes).toBe(hex);
  });

  it('reads numbers from the right', () => {
    const bytes = Uint8Array.of(9, 0, 0, 1, 2);
    expect(convertValue(bytes, type('varbinary(8)'), type('int'))).toBe(258);
    expect(convertValue(Uint8Array.of(255, 255, 255, 255), type('varbinary(8)'), type('int'))).toBe(-1);
    expect(convertValue(Uint8Array.of(255), type('varbinary(8)'), type('int'))).toBe(255);
  });

  it('reads hexadecimal texts by style', () => {
    expect(convertValue('0x0aFF', type('varchar(9)'), type('varbinary(9)'), 1)).toEqual(
      Buffer.from([10, 255]),
    );
    expect(converted('0aF', 'varchar(9)', 'varbinary(9)', 2)).toBe(8114);
    expect(converted('0a', 'varchar(9)', 'varbinary(9)', 1)).toBe(8114);
  });

  it('keeps a uniqueidentifier over its bytes', () => {
    fc.assert(
      fc.property(fc.uuid(), text => {
        const guid = text.toUpperCase();
        const bytes = convertValue(guid, type('uniqueidentifier'), type('binary(16)'));
        expect(convertValue(bytes, type('binary(16)'), type('uniqueidentifier'))).toBe(guid);
      }),
    );
    expect(converted('not one', 'varchar(40)', 'uniqueidentifier')).toBe(8169);
    expect(converted('{6f9619ff-8b86-d011-b42d-00c04fc964ff}', 'varchar(40)', 'uniqueidentifier')).toBe(
      '6F9619FF-8B86-D011-B42D-00C04FC964FF',
    );
  });
});

describe('xml', () => {
  it.each([
    ['<a><b/>x</a>', '<a><b/>x</a>'],
    ['<?xml version="1.0"?>\n<a/>', '<a/>'],
    ['<a/><b/>', '<a/><b/>'],
    ['', ''],
    ['<a><b></a>', 9400],
    ['<a', 9400],
  ])('%j is %s', (text, result) => {
    expect(converted(text, 'nvarchar(max)', 'xml')).toBe(result);
  });
});

describe('implicit conversions', () => {
  const kinds = [
    ...['bit', 'tinyint', 'smallint', 'int', 'bigint', 'decimal(5,2)', 'numeric(5,2)', 'money', 'smallmoney'],
    ...['real', 'float', 'char(5)', 'varchar(5)', 'nchar(5)', 'nvarchar(5)', 'binary(5)', 'varbinary(5)'],
    ...['date', 'time(3)', 'datetime', 'smalldatetime', 'datetime2(3)', 'datetimeoffset(3)'],
    ...['uniqueidentifier', 'rowversion', 'text', 'ntext', 'image', 'xml', 'sql_variant'],
  ];

  it('go from every type to itself, and are among the explicit ones', () => {
    for (const from of kinds) {
      expect(isImplicit(type(from), type(from)), from).toBe(true);
      for (const to of kinds) {
        const implicit = outcome(() => typeof implicitConverter(type(from), type(to)));
        const explicit = outcome(() => typeof converter(type(from), type(to)));
        if (implicit === 'function') expect(explicit, `${from} to ${to}`).toBe('function');
        if (implicit === 257) expect(explicit, `${from} to ${to}`).not.toBe(529);
        expect(implicit === 206, `${from} to ${to}`).toBe(explicit === 529);
      }
    }
  });
});

describe('what is forbidden', () => {
  it.each([
    ['int', 'date', 529],
    ['date', 'int', 529],
    ['uniqueidentifier', 'int', 529],
    ['float', 'image', 529],
    ['xml', 'int', 529],
    ['varbinary(8)', 'float', 529],
    ['datetime', 'uniqueidentifier', 529],
  ])('CAST from %s to %s is %i', (from, to, number) => {
    expect(outcome(() => convertValue(1, type(from), type(to)))).toBe(number);
  });

  it.each([
    ['varchar(5)', 'varbinary(5)', 257],
    ['datetime', 'int', 257],
    ['sql_variant', 'int', 257],
    ['money', 'varchar(20)', 257],
    ['date', 'int', 206],
    ['int', 'uniqueidentifier', 206],
    ['int', 'text', 206],
  ])('assigning %s to %s is %i', (from, to, number) => {
    expect(outcome(() => assignValue(null, type(from), type(to)))).toBe(number);
  });

  it('is forbidden to TRY_CONVERT too, what fails is NULL', () => {
    expect(outcome(() => tryConvert(1, type('int'), type('date')))).toBe(529);
    expect(tryConvert('x', type('varchar(5)'), type('int'))).toBeNull();
    expect(tryConvert('2026-02-30', type('varchar(12)'), type('datetime'))).toBeNull();
  });
});

describe('assignment', () => {
  const column = { table: 'db.dbo.t', column: 'c' };

  it('says what it would cut', () => {
    expect(() => assignValue('abcdef', type('varchar(9)'), type('varchar(3)'), column)).toThrow(
      "String or binary data would be truncated in table 'db.dbo.t', column 'c'. Truncated value: 'abc'.",
    );
    expect(
      outcome(() =>
        assignValue('abcdef', type('varchar(9)'), type('varchar(3)'), { ...column, release: 2016 }),
      ),
    ).toBe(8152);
    expect(
      outcome(() => assignValue(Uint8Array.of(1, 2), type('varbinary(9)'), type('varbinary(1)'), column)),
    ).toBe(2628);
  });

  it('loses blanks and cuts variables silently', () => {
    expect(assignValue('abc   ', type('varchar(9)'), type('varchar(3)'), column)).toBe('abc');
    expect(assignValue('abcdef', type('varchar(9)'), type('varchar(3)'))).toBe('abc');
    expect(assignValue('ab', type('varchar(9)'), type('char(3)'), column)).toBe('ab ');
  });
});

describe('literals', () => {
  it.each([
    [{ kind: 'integer', text: '2147483647' }, 'int'],
    [{ kind: 'integer', text: '2147483648' }, 'numeric(10,0)'],
    [{ kind: 'decimal', text: '1.50' }, 'numeric(3,2)'],
    [{ kind: 'decimal', text: '0.05' }, 'numeric(2,2)'],
    [{ kind: 'float', text: '1e3' }, 'float'],
    [{ kind: 'money', text: '$1.5' }, 'money'],
    [{ kind: 'string', text: '' }, 'varchar(1)'],
    [{ kind: 'string', text: 'x'.repeat(8001) }, 'varchar(max)'],
    [{ kind: 'nstring', text: 'äö' }, 'nvarchar(2)'],
    [{ kind: 'binary', bytes: new Uint8Array(0) }, 'varbinary(1)'],
  ] as const)('%j is %s', (literal, result) => {
    const found = literalValue(literal);
    expect(found.type && typeText(found.type)).toBe(result);
  });

  it('have no more than 38 digits', () => {
    expect(outcome(() => literalValue({ kind: 'integer', text: '1'.repeat(39) }))).toBe(1007);
  });
});

describe('round trips', () => {
  const through = (of: string, via: string, style?: number) => (source: Parameters<typeof convertValue>[0]) =>
    convertValue(convertValue(source, type(of), type(via), style), type(via), type(of), style);

  it('decimals over text', () => {
    const back = through('decimal(38,12)', 'varchar(60)');
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), units => back(units) === units),
    );
  });

  it('floats over style 3', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), number => {
        const text = textOf(convertValue(number, type('float'), type('varchar(40)'), 3), type('varchar(40)'));
        expect(Number(text)).toBe(number + 0 === 0 ? 0 : number);
      }),
    );
  });

  it('money over style 2, ints over binary', () => {
    const money = through('money', 'varchar(40)', 2);
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), units => money(units) === units),
    );
    const int = through('int', 'varbinary(8)');
    fc.assert(fc.property(fc.integer(), number => int(number) === number));
  });
});
