import fc from 'fast-check';
import { expect, it } from 'vitest';
import { World } from './world.ts';

/** Every type as a T-SQL expression for a value of it. */
const digits = (most: number) => fc.bigInt({ min: 0n, max: 10n ** BigInt(most) - 1n });
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const pad = (value: number, length: number): string => String(value).padStart(length, '0');
const between = (min: number, max: number) => fc.integer({ min, max });
const signed = (arbitrary: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom('', '-'), arbitrary).map(parts => parts.join(''));
const decimal = (whole: number, scale: number) =>
  signed(fc.tuple(digits(whole), digits(scale)).map(([a, b]) => `${a}.${b.toString().padStart(scale, '0')}`));
const bytes = (most: number) =>
  fc.uint8Array({ maxLength: most }).map(each => `0x${Buffer.from(each).toString('hex')}`);
const odd = fc.constantFrom(
  "'",
  '"',
  ',',
  '(',
  ')',
  '{CALL [x] (1)}',
  '--',
  '/*',
  '\n',
  '[',
  'DEFAULT',
  'CONVERT(',
  '@',
  ' ',
);
const unicode = (most: number) =>
  fc
    .array(fc.oneof(odd, fc.string({ unit: 'grapheme', maxLength: 5 }), fc.constantFrom('日本', 'ß', '𝒳')), {
      maxLength: 8,
    })
    .map(parts => `N${text(parts.join('').replaceAll('\0', '').slice(0, most))}`);
const latin = (most: number) =>
  fc
    .array(fc.oneof(odd, fc.string({ unit: fc.constantFrom(...'abcXYZ019éüß€ ') })), { maxLength: 8 })
    .map(parts => text(parts.join('').slice(0, most)));
const day = (from: number) =>
  fc
    .tuple(between(from, 9999), between(1, 12), between(1, 28))
    .map(([y, m, d]) => `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`);
const clock = (scale: number) =>
  fc
    .tuple(between(0, 23), between(0, 59), between(0, 59), digits(Math.max(1, scale)))
    .map(
      ([h, m, s, f]) =>
        `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}${scale === 0 ? '' : `.${f.toString().padStart(scale, '0')}`}`,
    );
const moment = (from: number, scale: number) =>
  fc.tuple(day(from), clock(scale)).map(([d, t]) => `'${d}T${t}'`);
const offset = fc
  .tuple(day(2), clock(7), fc.constantFrom('+00:00', '-13:59', '+14:00', '+05:30'))
  .map(([d, t, z]) => `'${d}T${t}${z}'`);
const float = fc.double({ noNaN: true, noDefaultInfinity: true }).filter(value => !Object.is(value, -0));

const TYPES: readonly (readonly [type: string, values: fc.Arbitrary<string>])[] = [
  ['bit', fc.constantFrom('0', '1')],
  ['tinyint', between(0, 255).map(String)],
  ['smallint', between(-32768, 32767).map(String)],
  ['int', fc.integer().map(String)],
  ['bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  ['decimal(38,12)', decimal(26, 12)],
  ['numeric(19,0)', signed(digits(19).map(String))],
  ['money', decimal(14, 4)],
  ['smallmoney', decimal(5, 4)],
  ['float', float.map(value => value.toExponential())],
  [
    'real',
    fc
      .float({ noNaN: true, noDefaultInfinity: true })
      .filter(value => !Object.is(value, -0))
      .map(value => value.toExponential()),
  ],
  ['char(12)', latin(12)],
  ['varchar(80)', latin(80)],
  ['varchar(max)', latin(80).map(each => `REPLICATE(CONVERT(varchar(max), ${each}), 60)`)],
  ['nchar(12)', unicode(12)],
  ['nvarchar(80) COLLATE Latin1_General_100_CS_AS', unicode(80)],
  ['nvarchar(max)', unicode(80).map(each => `REPLICATE(CONVERT(nvarchar(max), ${each}), 60)`)],
  ['text', latin(80)],
  ['ntext', unicode(80)],
  ['binary(9)', bytes(9)],
  ['varbinary(50)', bytes(50)],
  ['varbinary(max)', bytes(800)],
  ['image', bytes(60)],
  ['date', day(1).map(each => `'${each}'`)],
  ['time(7)', clock(7).map(each => `'${each}'`)],
  ['time(0)', clock(0).map(each => `'${each}'`)],
  ['datetime', moment(1753, 3)],
  ['smalldatetime', moment(1900, 0).map(each => each.replace(/^'\d{4}/, "'2026"))],
  ['datetime2(7)', moment(1, 7)],
  ['datetime2(2)', moment(1, 2)],
  ['datetimeoffset(7)', offset],
  ['uniqueidentifier', fc.uuid().map(text)],
  ['xml', unicode(30).map(each => `(SELECT ${each} AS [t] FOR XML RAW, TYPE)`)],
];

const variant = fc
  .constantFrom(...TYPES)
  .filter(([type]) => !/max|text|image|xml/.test(type))
  .chain(([type, values]) => values.map(value => `CONVERT(${type.replace(/ COLLATE.*/, '')}, ${value})`));

const COLUMNS = [...TYPES, ['sql_variant', variant] as const];
const nullable = (values: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 1, arbitrary: fc.constant('NULL') }, { weight: 6, arbitrary: values });
const row = fc.tuple(...COLUMNS.map(([, values]) => nullable(values)));

/** Bytes of what can be compared as bytes, exact text of all else. */
const shown = COLUMNS.map(([type], at) => {
  const column = `c${at}`;
  if (type === 'sql_variant')
    return `CASE WHEN CONVERT(nvarchar(60), SQL_VARIANT_PROPERTY(${column}, 'BaseType')) LIKE N'%[dt][ai][tm]e%' THEN CONVERT(varbinary(200), CONVERT(nvarchar(60), ${column}, 121)) ELSE CONVERT(varbinary(200), ${column}) END AS ${column}, CONVERT(nvarchar(60), SQL_VARIANT_PROPERTY(${column}, 'BaseType')) AS ${column}b, CONVERT(int, SQL_VARIANT_PROPERTY(${column}, 'Scale')) AS ${column}s, CONVERT(int, SQL_VARIANT_PROPERTY(${column}, 'MaxLength')) AS ${column}l`;
  if (/^(float|real|money|smallmoney)/.test(type)) return `CONVERT(varbinary(8), ${column}) AS ${column}`;
  if (/binary/.test(type) || type === 'image') return column;
  if (/^(text|ntext|xml)/.test(type))
    return `CONVERT(varbinary(max), CONVERT(nvarchar(max), ${column})) AS ${column}`;
  if (/char/.test(type)) return `CONVERT(varbinary(max), ${column}) AS ${column}`;
  return `CONVERT(varchar(60), ${column}${/date|time/.test(type) ? ', 121' : ''}) AS ${column}`;
}).join(', ');

it('rows of every type arrive as they were written', async () => {
  await using world = await World.start();
  await world.replicate(
    `CREATE TABLE dbo.Everything (id int NOT NULL PRIMARY KEY, ${COLUMNS.map(([type], at) => `c${at} ${type} NULL`).join(', ')})`,
    ['Everything'],
  );
  const rows = fc.sample(row, { numRuns: 60, seed: 20260801 });
  for (const [id, values] of rows.entries())
    await world.pub(`INSERT dbo.Everything VALUES (${[id, ...values].join(', ')})`);
  // Each row becomes another one: by all of its columns, or by every third.
  for (const [id, values] of fc.sample(row, { numRuns: 60, seed: 20260802 }).entries())
    if (id % 3 > 0)
      await world.pub(
        `UPDATE dbo.Everything SET ${values.flatMap((value, at) => (id % 3 === 1 || at % 3 === 0 ? [`c${at} = ${value}`] : [])).join(', ')} WHERE id = ${id}`,
      );
  await world.drain();
  const all = (side: 'pub' | 'sub') => world[side](`SELECT id, ${shown} FROM dbo.Everything ORDER BY id`);
  const published = await all('pub');
  expect(published).toHaveLength(60);
  expect(await all('sub')).toEqual(published);
});
