import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  collation,
  collationNames,
  comparator,
  comparisonKey,
  like,
  patternIndex,
  type SqlType,
  storageKey,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { outcome, type } from './types.ts';

/** Order, equality and keys agree with one another, and with what SQLite makes of the keys. */

const letters = fc.constantFrom(
  ...Array.from('aAbBzZäÄáàéÉeEæÆøØßÿ019 -_.,[]%^!~\u0000\u0001\t'),
  'e\u0301',
  '\u0301',
  '漢',
  '😀',
  '\ud800',
  '\uffff',
  'Ω',
  'ω',
);
const texts = fc.array(letters, { maxLength: 6 }).map(parts => parts.join(''));

const bytes = fc.uint8Array({ maxLength: 5 }).map(raw => Uint8Array.from(raw, byte => byte % 3));

const variants: fc.Arbitrary<Value> = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map(value => ({ type: type('int'), value })),
  fc.bigInt({ min: -900n, max: 900n }).map(value => ({ type: type('decimal(5,2)'), value })),
  fc.bigInt({ min: -90_000n, max: 90_000n }).map(value => ({ type: type('money'), value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => ({ type: type('float'), value })),
  texts.map(value => ({ type: type('nvarchar(50)'), value })),
  bytes.map(value => ({ type: type('varbinary(9)'), value })),
  fc.integer({ min: -9, max: 9 }).map(value => ({ type: type('datetime'), value })),
  fc.integer({ min: 693_594, max: 693_596 }).map(value => ({ type: type('date'), value })),
);

const samples: readonly (readonly [string, SqlType, fc.Arbitrary<Value>])[] = [
  ['sql_variant', type('sql_variant'), variants],
  ...collationNames().map(
    name => [`nvarchar ${name}`, type('nvarchar(50)', name), texts] as [string, SqlType, fc.Arbitrary<Value>],
  ),
  ['int', type('int'), fc.integer()],
  ['bigint', type('bigint'), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  ['decimal(18,2)', type('decimal(18,2)'), fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })],
  ['decimal(38,2)', type('decimal(38,2)'), fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })],
  ['float', type('float'), fc.double({ noNaN: true, noDefaultInfinity: true })],
  ['varbinary', type('varbinary(9)'), bytes],
  ['uniqueidentifier', type('uniqueidentifier'), fc.uuid().map(text => text.toUpperCase())],
  ['datetime2', type('datetime2(7)'), fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n })],
  [
    'datetimeoffset',
    type('datetimeoffset(7)'),
    fc.record({
      ticks: fc.bigInt({ min: 0n, max: 5n }),
      offset: fc.integer({ min: -840, max: 840 }),
    }),
  ],
];

describe.each(samples)('%s', (_name, of, values) => {
  const compare = comparator(of);
  const key = comparisonKey(of);
  const store = storageKey(of);
  let database: DatabaseSync;
  beforeAll(() => {
    database = new DatabaseSync(':memory:');
  });
  afterAll(() => database.close());

  it('has a total order, and keys that agree with it', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        expect(compare(a, a)).toBe(0);
        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
        expect(key(a) === key(b)).toBe(compare(a, b) === 0);
      }),
    );
  });

  it('is kept by SQLite', () => {
    const order = database.prepare('select ?1 < ?2 as less, ?1 = ?2 as equal');
    fc.assert(
      fc.property(values, values, (a, b) => {
        const row = order.get(store(a), store(b));
        const sign = Math.sign(compare(a, b));
        expect([row?.['less'], row?.['equal']]).toEqual([sign < 0 ? 1 : 0, sign === 0 ? 1 : 0]);
      }),
    );
  });
});

describe('collations', () => {
  const ci = collation('SQL_Latin1_General_CP1_CI_AS');
  const cs = collation('Latin1_General_CS_AS');
  const ai = collation('Latin1_General_CI_AI');
  const bin = collation('Latin1_General_BIN2');

  it('put punctuation before digits before letters', () => {
    const sorted = ['_a', '-', '1', '10', '9', 'a', 'B', 'c', 'z'];
    expect([...sorted].sort(ci.compare)).toEqual(['-', '_a', '1', '10', '9', 'a', 'B', 'c', 'z']);
  });

  it('see case, accents and blanks as their names say', () => {
    expect([ci.compare('abc', 'ABC  '), cs.compare('a', 'A') < 0, ai.compare('Éa', 'eA')]).toEqual([
      0,
      true,
      0,
    ]);
    expect(ci.compare('e', 'é')).toBeLessThan(0);
    expect(ci.compare('é', 'f')).toBeLessThan(0);
    expect(ci.compare('eb', 'éa')).toBeGreaterThan(0);
    expect(cs.compare('aB', 'Ab')).toBeLessThan(0);
    expect(bin.compare('B', 'a')).toBeLessThan(0);
    expect(ci.compare('é', 'e\u0301')).toBe(0);
  });

  it('fold equal characters to the same unit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...collationNames()), texts, texts, (name, a, b) => {
        const of = collation(name);
        expect(of.fold(a)).toHaveLength(a.length);
        if (of.fold(a) === of.fold(b)) expect(of.compare(a, b)).toBe(0);
      }),
    );
  });

  it('are known by any case, and unknown ones are refused', () => {
    expect(collation('latin1_general_bin').name).toBe('Latin1_General_BIN');
    expect(outcome(() => collation('Klingon_CI_AS'))).toBe(448);
  });

  it.each([
    ['SQL_Latin1_General_CP1_CI_AS', '0904d00034'],
    ['SQL_Latin1_General_CP1_CS_AS', '0904c00033'],
    ['Latin1_General_CI_AS', '0904d00000'],
    ['Latin1_General_CI_AI', '0904f00000'],
    ['Latin1_General_CI_AS_KS_WS', '0904100000'],
    ['Latin1_General_BIN', '0904000100'],
    ['Latin1_General_BIN2', '0904000200'],
    ['Latin1_General_100_CI_AS', '0904d02000'],
    ['Latin1_General_100_CI_AS_SC_UTF8', '0904d02400'],
  ])('%s goes over the wire as %s', (name, hex) => {
    expect(Buffer.from(collation(name).wire).toString('hex')).toBe(hex);
  });

  it('keep the whole code page', () => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(Buffer.from(ci.encode(ci.decode(all)))).toEqual(Buffer.from(all));
    expect(ci.encodable(ci.decode(all))).toBe(ci.decode(all));
  });
});

describe('uniqueidentifier', () => {
  it('compares its last group first', () => {
    const compare = comparator(type('uniqueidentifier'));
    const small = 'FFFFFFFF-FFFF-FFFF-FFFF-000000000001';
    const large = '00000000-0000-0000-0000-000000000002';
    expect(compare(small, large)).toBeLessThan(0);
    // Within the first group the last byte of the text comes first.
    expect(
      compare('01000000-0000-0000-0000-000000000000', '00000002-0000-0000-0000-000000000000'),
    ).toBeLessThan(0);
  });
});

describe('binaries', () => {
  it('do not see zeros at the end', () => {
    const compare = comparator(type('varbinary(9)'));
    expect(compare(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(0);
    expect(compare(Uint8Array.of(1), Uint8Array.of(1, 0, 1))).toBeLessThan(0);
  });
});

describe('sql_variant', () => {
  const compare = comparator(type('sql_variant'));
  const key = comparisonKey(type('sql_variant'));
  const of = (text: string, value: Exclude<Value, { type: SqlType }>) => ({ type: type(text), value });

  it('compares within a family by value, between families by rank', () => {
    expect(compare(of('int', 5), of('decimal(5,2)', 500n))).toBe(0);
    expect(compare(of('varchar(5)', '9'), of('int', 1))).toBeLessThan(0);
    expect(compare(of('datetime', 0), of('float', 1e300))).toBeGreaterThan(0);
    expect(key(of('int', 5))).toBe(key(of('decimal(5,2)', 500n)));
    expect(key(of('int', 5))).not.toBe(key(of('varchar(5)', '5')));
  });
});

describe('what has no order', () => {
  it.each([
    ['text', 306],
    ['image', 306],
    ['xml', 305],
  ])('%s is error %i', (text, number) => {
    expect(outcome(() => comparator(type(text)))).toBe(number);
  });
});

describe('LIKE', () => {
  const ci = collation('SQL_Latin1_General_CP1_CI_AS');
  const cs = collation('Latin1_General_CS_AS');

  it.each([
    ['abc', 'ABC', true],
    ['a%', 'bA', false],
    ['%b%', 'aBc', true],
    ['_b_', 'abc', true],
    ['_b_', 'ab', false],
    ['[a-c]x', 'Bx', true],
    ['[^a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[-a]', '-', true],
    ['50!%', '50%', true],
    ['50!%', '500', false],
    ['x![y', 'x[y', true],
    ['[[]a', '[a', true],
    [']a', ']a', true],
    ['[a', '[a', false],
    ['%', '', true],
    ['', '', true],
    ['a%%%c', 'axyzc', true],
    ['abc', 'abc ', false],
    ['é%', 'Été', true],
  ])('%j on %j is %s', (pattern, text, result) => {
    expect(like(pattern, '!', ci)(text)).toBe(result);
  });

  it('sees case where the collation does, and blanks of varchar', () => {
    expect(like('A%', undefined, cs)('abc')).toBe(false);
    expect(like('abc', undefined, ci, false)('abc  ')).toBe(true);
    expect(like('abc ', undefined, ci, false)('abc')).toBe(false);
    expect(outcome(() => like('a', '!!', ci))).toBe(506);
  });

  it('is what a regular expression of the same meaning says', () => {
    const units = fc.constantFrom('a', 'b', 'c');
    const pieces = fc.constantFrom('a', 'b', '%', '_', '[ab]', '[^a]');
    const meanings: Readonly<Record<string, string>> = { '%': '.*', _: '.' };
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), fc.array(units, { maxLength: 8 }), (parts, word) => {
        const expression = new RegExp(`^${parts.map(part => meanings[part] ?? part).join('')}$`);
        expect(like(parts.join(''), undefined, ci)(word.join(''))).toBe(expression.test(word.join('')));
      }),
    );
  });

  it('finds the place of a pattern', () => {
    expect(patternIndex('%[0-9]%', ci)('ab1')).toBe(3);
    expect(patternIndex('b%', ci)('ab')).toBe(0);
    expect(patternIndex('%b', ci)('abab')).toBe(4);
  });
});
