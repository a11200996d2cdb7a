import { expect } from 'vitest';
import { type Case, does, rowsOf, shows, value } from '../case.ts';
import type { BulkColumn, ParameterType, Plain } from '../client.ts';

interface Trip {
  readonly sql: string;
  readonly type: ParameterType;
  /** What goes in, and (where it differs) what comes out. */
  readonly values: readonly (readonly [value: Plain, answer?: unknown])[];
}

const HIGH = '\uffff\u{10000}\u{1d11e}';
const LONG = 'Ünï€'.repeat(5000);
const BYTES = Buffer.from(Array.from({ length: 9000 }, (_, at) => at % 256));
const at = (text: string): Date => new Date(text);

/** Types and the values that are at their ends. */
const TRIPS: readonly Trip[] = [
  { sql: 'bit', type: { type: 'Bit' }, values: [[true], [false], [null]] },
  { sql: 'tinyint', type: { type: 'TinyInt' }, values: [[0], [255], [null]] },
  { sql: 'smallint', type: { type: 'SmallInt' }, values: [[-32768], [32767], [0], [null]] },
  { sql: 'int', type: { type: 'Int' }, values: [[-2147483648], [2147483647], [0], [null]] },
  {
    sql: 'bigint',
    type: { type: 'BigInt' },
    values: [
      [-9223372036854775808n, '-9223372036854775808'],
      [9223372036854775807n, '9223372036854775807'],
      [9007199254740993n, '9007199254740993'],
      [null],
    ],
  },
  { sql: 'real', type: { type: 'Real' }, values: [[0.5], [-1.25], [3.4028234663852886e38], [null]] },
  {
    sql: 'float',
    type: { type: 'Float' },
    values: [[0.1], [-1.7976931348623157e308], [2.2250738585072014e-308], [null]],
  },
  {
    sql: 'decimal(18,4)',
    type: { type: 'Decimal', precision: 18, scale: 4 },
    values: [[123456789.1234], [-0.0001], [0], [null]],
  },
  {
    sql: 'numeric(9,0)',
    type: { type: 'Numeric', precision: 9, scale: 0 },
    values: [[999999999], [-999999999], [null]],
  },
  { sql: 'money', type: { type: 'Money' }, values: [[-1.5], [922337203685.4775], [0], [null]] },
  { sql: 'smallmoney', type: { type: 'SmallMoney' }, values: [[-214748.3648], [214748.3647], [null]] },
  { sql: 'char(4)', type: { type: 'Char', length: 4 }, values: [['ab', 'ab  '], ['', '    '], [null]] },
  {
    sql: 'varchar(20)',
    type: { type: 'VarChar', length: 20 },
    values: [['Ünï€ ÿ'], [''], ['a  '], [null]],
  },
  { sql: 'nchar(4)', type: { type: 'NChar', length: 4 }, values: [['žx', 'žx  '], [null]] },
  { sql: 'nvarchar(20)', type: { type: 'NVarChar', length: 20 }, values: [[HIGH], [''], ['a  '], [null]] },
  { sql: 'varchar(max)', type: { type: 'VarChar', length: 'max' }, values: [[LONG], [''], [null]] },
  {
    sql: 'nvarchar(max)',
    type: { type: 'NVarChar', length: 'max' },
    values: [[HIGH.repeat(4000)], [''], [null]],
  },
  {
    sql: 'binary(4)',
    type: { type: 'Binary', length: 4 },
    values: [[Buffer.from([1, 2]), Buffer.from([1, 2, 0, 0])], [null]],
  },
  {
    sql: 'varbinary(300)',
    type: { type: 'VarBinary', length: 300 },
    values: [[BYTES.subarray(0, 300)], [Buffer.alloc(0)], [null]],
  },
  {
    sql: 'varbinary(max)',
    type: { type: 'VarBinary', length: 'max' },
    values: [[BYTES], [Buffer.alloc(0)], [null]],
  },
  {
    sql: 'date',
    type: { type: 'Date' },
    values: [
      [at('0001-01-01T00:00:00Z')],
      [at('9999-12-31T00:00:00Z')],
      [at('2024-02-29T00:00:00Z')],
      [null],
    ],
  },
  {
    sql: 'datetime',
    type: { type: 'DateTime' },
    values: [[at('1753-01-01T00:00:00Z')], [at('2026-01-02T03:00:00.500Z')], [null]],
  },
  {
    sql: 'smalldatetime',
    type: { type: 'SmallDateTime' },
    values: [[at('1900-01-01T00:00:00Z')], [at('2079-06-06T23:59:00Z')], [null]],
  },
  {
    sql: 'datetime2(3)',
    type: { type: 'DateTime2', scale: 3 },
    values: [[at('0001-01-01T00:00:00.001Z')], [at('9999-12-31T23:59:59.999Z')], [null]],
  },
  {
    sql: 'datetime2(7)',
    type: { type: 'DateTime2', scale: 7 },
    values: [[at('2026-11-22T18:00:00.123Z')], [null]],
  },
  {
    sql: 'time(3)',
    type: { type: 'Time', scale: 3 },
    values: [[at('1970-01-01T23:59:59.999Z')], [at('1970-01-01T00:00:00Z')], [null]],
  },
  {
    sql: 'datetimeoffset(3)',
    type: { type: 'DateTimeOffset', scale: 3 },
    values: [[at('2026-11-22T18:00:00.123Z')], [null]],
  },
  {
    sql: 'uniqueidentifier',
    type: { type: 'UniqueIdentifier' },
    values: [['11223344-5566-7788-99AA-BBCCDDEEFF00'], [null]],
  },
];

const plain = (each: readonly unknown[]): unknown =>
  each.map(cell => (cell instanceof Date ? cell.toISOString() : cell));

const trips: readonly Case[] = TRIPS.flatMap(({ sql, type, values }) => {
  const id = sql.replaceAll(/[(),]/g, '-').replace(/-$/, '');
  const expected = values.map(([value, answer]) => plain([answer === undefined ? value : answer]));
  const columns: readonly BulkColumn[] = [
    { name: 'id', type: 'Int', nullable: false },
    { name: 'v', ...type },
  ];
  const stored = 'SELECT v FROM dbo.t ORDER BY id';
  return [
    does(`types/parameter-${id}`, `${sql} as a parameter and as a result`, async client => {
      const answers: unknown[] = [];
      for (const [given] of values) {
        const { sets } = await client.query('SELECT @v', [{ name: 'v', ...type, value: given }]);
        answers.push(plain(sets[0]?.rows[0] ?? []));
      }
      expect(answers).toEqual(expected);
    }),
    does(`types/column-${id}`, `${sql} in a column of a table`, async client => {
      await client.batch(`CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v ${sql} NULL)`);
      for (const [index, [given]] of values.entries())
        await client.query('INSERT dbo.t (id, v) VALUES (@id, @v)', [
          { name: 'id', type: 'Int', value: index },
          { name: 'v', ...type, value: given },
        ]);
      expect((await rowsOf(client, stored)).map(plain)).toEqual(expected);
    }),
    does(`types/bulk-${id}`, `${sql} by bulk load`, async client => {
      await client.batch(`CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v ${sql} NULL)`);
      const rows = values.map(([given], index) => [index, given]);
      expect(await client.bulk('dbo.t', columns, rows, { keepNulls: true })).toBe(rows.length);
      expect((await rowsOf(client, stored)).map(plain)).toEqual(expected);
    }),
  ];
});

export const TYPES: readonly Case[] = [
  ...trips,
  shows(
    'types/decimal-38',
    'decimal(38,x) is exact as text',
    `DECLARE @a decimal(38,0) = 99999999999999999999999999999999999999, @b decimal(38,38) = 0.12345678901234567890123456789012345678,
       @c decimal(38,10) = -1234567890123456789012345678.0123456789;
     SELECT CONVERT(varchar(50), @a), CONVERT(varchar(50), @b), CONVERT(varchar(50), @c)`,
    [
      [
        '99999999999999999999999999999999999999',
        '0.12345678901234567890123456789012345678',
        '-1234567890123456789012345678.0123456789',
      ],
    ],
  ),
  shows(
    'types/money-text',
    'money has four digits; CONVERT shows two, or four with style 2',
    `DECLARE @m money = 1234567.8951; SELECT CONVERT(varchar(30), @m), CONVERT(varchar(30), @m, 1), CONVERT(varchar(30), @m, 2)`,
    [['1234567.90', '1,234,567.90', '1234567.8951']],
  ),
  shows(
    'types/float-text',
    'float as text: six digits, style 2 sixteen, style 3 seventeen',
    'DECLARE @f float = 0.1; SELECT CONVERT(varchar(40), @f), CONVERT(varchar(40), @f, 2), CONVERT(varchar(40), @f, 3)',
    [['0.1', '1.000000000000000e-001', '1.0000000000000001e-001']],
    { since: 13 },
  ),
  shows(
    'types/datetime-ticks',
    'datetime counts three-hundredths of a second',
    `SELECT CONVERT(varchar(30), CAST('2026-01-01T00:00:00.001' AS datetime), 121),
       CONVERT(varchar(30), CAST('2026-01-01T00:00:00.002' AS datetime), 121),
       CONVERT(varchar(30), CAST('2026-01-01T00:00:00.999' AS datetime), 121)`,
    [['2026-01-01 00:00:00.000', '2026-01-01 00:00:00.003', '2026-01-01 00:00:01.000']],
  ),
  shows(
    'types/smalldatetime-rounds',
    'smalldatetime rounds to minutes at 29.999 seconds',
    `SELECT CONVERT(varchar(30), CAST('2026-01-01T12:35:29.998' AS smalldatetime), 120),
       CONVERT(varchar(30), CAST('2026-01-01T12:35:29.999' AS smalldatetime), 120)`,
    [['2026-01-01 12:35:00', '2026-01-01 12:36:00']],
  ),
  shows(
    'types/datetime2-text',
    'datetime2(7) keeps 100 ns',
    `SELECT CONVERT(varchar(40), CAST('2026-01-02T00:20:34.5678901' AS datetime2(7)), 121),
       CONVERT(varchar(40), CAST('2026-01-02T23:59:59.9999999' AS datetime2(3)), 121)`,
    [['2026-01-02 00:20:34.5678901', '2026-01-03 00:00:00.000']],
  ),
  shows(
    'types/datetimeoffset-text',
    'datetimeoffset keeps its offset and compares by instant',
    `DECLARE @a datetimeoffset(7) = '2026-06-01T12:00:00.1234567 +05:30', @b datetimeoffset(7) = '2026-06-01T06:30:00.1234567 +00:00';
     SELECT CONVERT(varchar(40), @a, 121), IIF(@a = @b, 'same', 'other'), DATEPART(tzoffset, @a)`,
    [['2026-06-01 12:00:00.1234567 +05:30', 'same', 330]],
  ),
  shows(
    'types/guid-order',
    'uniqueidentifier is ordered by its last six bytes first',
    `SELECT g FROM (VALUES
       (CAST('00000000-0000-0000-0000-010000000000' AS uniqueidentifier), 1),
       (CAST('01000000-0000-0000-0000-000000000000' AS uniqueidentifier), 2),
       (CAST('00000000-0000-0000-0100-000000000000' AS uniqueidentifier), 3),
       (CAST('00000000-0100-0000-0000-000000000000' AS uniqueidentifier), 4)) AS v(g, n) ORDER BY g`,
    [
      ['01000000-0000-0000-0000-000000000000'],
      ['00000000-0100-0000-0000-000000000000'],
      ['00000000-0000-0000-0100-000000000000'],
      ['00000000-0000-0000-0000-010000000000'],
    ],
  ),
  does('types/rowversion', 'rowversion grows with every change and is binary(8)', async client => {
    await client.batch('CREATE TABLE dbo.t (id int PRIMARY KEY, n int, v rowversion)');
    await client.batch('INSERT dbo.t (id, n) VALUES (1, 1), (2, 1)');
    const before = await value(client, 'SELECT MAX(v) FROM dbo.t');
    await client.batch('UPDATE dbo.t SET n = 2 WHERE id = 1');
    const after = await value(client, 'SELECT v FROM dbo.t WHERE id = 1');
    if (!Buffer.isBuffer(before) || !Buffer.isBuffer(after)) throw new Error('rowversion is not binary');
    expect([before.length, after.length, Buffer.compare(after, before)]).toEqual([8, 8, 1]);
    expect(await value(client, 'SELECT IIF(@@DBTS >= (SELECT MAX(v) FROM dbo.t), 1, 0)')).toBe(1);
  }),
  shows(
    'types/varchar-code-page',
    'what the code page has not becomes a question mark',
    `SELECT CAST(N'a€漢' AS varchar(10)), DATALENGTH(CAST(N'€' AS varchar(10))), ASCII('€')`,
    [['a€?', 1, 128]],
  ),
  shows(
    'types/surrogates',
    'a character outside the BMP is two units of nvarchar in a collation without _SC',
    `SELECT LEN(N'𝄞' COLLATE Latin1_General_CI_AS), DATALENGTH(N'𝄞'), LEN(N'𝄞' COLLATE Latin1_General_100_CI_AS_SC), UNICODE(N'𝄞' COLLATE Latin1_General_100_CI_AS_SC)`,
    [[2, 4, 1, 119070]],
  ),
  shows(
    'types/empty-number',
    'an empty string is 0 as int and 1900-01-01 as datetime',
    `SELECT CAST('' AS int), CONVERT(varchar(30), CAST('' AS datetime), 120)`,
    [[0, '1900-01-01 00:00:00']],
  ),
  shows(
    'types/sql-variant',
    'sql_variant knows its base type',
    `DECLARE @v sql_variant = CAST(1.50 AS decimal(9,2));
     SELECT CAST(SQL_VARIANT_PROPERTY(@v, 'BaseType') AS varchar(20)), CAST(SQL_VARIANT_PROPERTY(@v, 'Precision') AS int),
       CAST(SQL_VARIANT_PROPERTY(@v, 'Scale') AS int), CONVERT(varchar(20), @v)`,
    [['decimal', 9, 2, '1.50']],
  ),
  shows('types/xml', 'xml comes as text', `SELECT CAST('<a><b>1</b></a>' AS xml)`, [['<a><b>1</b></a>']]),
  shows(
    'types/text-image',
    'text, ntext and image',
    `SELECT CAST('Ünï' AS text), CAST(N'漢字' AS ntext), CAST(0x0102 AS image)`,
    [['Ünï', '漢字', Buffer.from([1, 2])]],
  ),
];
