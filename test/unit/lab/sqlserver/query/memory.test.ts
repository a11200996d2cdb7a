import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowFromText, rowToText } from '../../../../../src/lab/sqlserver/query/row-text.ts';
import type { Value } from '../../../../../src/lab/sqlserver/values/index.ts';
import { type SqlDouble, startDouble } from '../../../../support/sql-double.ts';

/** Enough rows that a statement with so little memory keeps most of them on disk. */
const SMALL = { statement: 20_000, server: 200_000 };

const SETUP = `
  CREATE DATABASE Shop;
  ALTER DATABASE Shop SET RECOVERY SIMPLE;
`;
const TABLES = `
  CREATE TABLE d(n int PRIMARY KEY);
  INSERT d VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
  CREATE TABLE a(id int PRIMARY KEY, k int NULL, name nvarchar(40) NULL, price decimal(18, 2) NULL, tag varbinary(8) NULL);
  INSERT a SELECT x.n + 10 * y.n + 100 * z.n, NULLIF((7 * x.n + 13 * y.n + 3 * z.n) % 90, 5),
    CONCAT(N'name ', (3 * x.n + y.n * 17 + z.n) % 70), (x.n * 31 + y.n) * 1.25, CONVERT(varbinary(8), z.n * 77 + y.n)
  FROM d x CROSS JOIN d y CROSS JOIN d z;
  CREATE TABLE b(id int PRIMARY KEY, k int NULL, note nvarchar(40) NULL);
  INSERT b SELECT x.n + 10 * y.n + 100 * z.n, NULLIF((11 * x.n + 5 * y.n + z.n) % 120, 7), CONCAT(N'note ', x.n, y.n)
  FROM d x CROSS JOIN d y CROSS JOIN d z WHERE z.n < 6;
`;

async function shop(memory?: { readonly statement: number; readonly server: number }): Promise<SqlDouble> {
  const double = await startDouble(memory === undefined ? {} : { memory });
  await double.run('master', SETUP);
  await double.run('Shop', TABLES);
  return double;
}

const QUERIES = [
  'SELECT a.id, b.id, a.name, b.note FROM a JOIN b ON a.k = b.k ORDER BY a.id, b.id',
  'SELECT COUNT(*), SUM(a.price) FROM a LEFT JOIN b ON a.k = b.k',
  'SELECT a.id, b.id FROM a RIGHT JOIN b ON a.k = b.k AND a.id % 3 = 0 ORDER BY a.id, b.id',
  'SELECT a.id, b.id FROM a FULL JOIN b ON a.k = b.k AND a.price > 40 ORDER BY a.id, b.id',
  'SELECT * FROM a ORDER BY name DESC, price, id',
  'SELECT TOP (20000) * FROM a ORDER BY tag, id DESC',
  'SELECT name, k, COUNT(*), SUM(price), MIN(tag) FROM a GROUP BY name, k ORDER BY name, k',
  'SELECT DISTINCT name, k FROM a ORDER BY name, k',
  'SELECT COUNT(DISTINCT CONCAT(name, k, price)), COUNT(DISTINCT id) FROM a',
  'SELECT id FROM a EXCEPT SELECT 3 * id FROM b ORDER BY id',
  'SELECT id FROM a INTERSECT SELECT 3 * id FROM b ORDER BY id',
  'SELECT k, name FROM a UNION SELECT k, note FROM b ORDER BY k, name',
  'SELECT id FROM a WHERE k IN (SELECT k FROM b WHERE k IS NOT NULL) ORDER BY id',
  'SELECT id FROM a WHERE EXISTS (SELECT * FROM b WHERE b.k = a.k AND b.id > a.id) ORDER BY id',
  'SELECT id, (SELECT MAX(b.id) FROM b WHERE b.k = a.k) FROM a ORDER BY id',
];

test('what has no room in memory goes to disk, and comes back the same', async () => {
  await using large = await shop();
  await using small = await shop(SMALL);
  for (const query of QUERIES)
    expect([query, await small.run('Shop', query)]).toEqual([query, await large.run('Shop', query)]);
});

test('what can not go to disk ends with 701, and its memory is free again', async () => {
  await using double = await shop(SMALL);
  const session = double.session({ database: 'Shop' });
  for (const query of [
    'SELECT id, ROW_NUMBER() OVER (ORDER BY price, id) FROM a',
    'SELECT COUNT(*) FROM a JOIN a b ON a.id < b.id',
    'SELECT TOP 50 PERCENT * FROM a ORDER BY id',
    'SELECT * FROM a FOR JSON PATH',
    "SELECT STRING_AGG(CONVERT(nvarchar(max), name), ',') FROM a CROSS JOIN d",
  ]) {
    const { errors } = await session.run(query);
    expect([query, errors.map(({ number, severity, text }) => ({ number, severity, text }))]).toEqual([
      query,
      [
        {
          number: 701,
          severity: 17,
          text: "There is insufficient system memory in resource pool 'default' to run this query.",
        },
      ],
    ]);
  }
  expect(await session.value('SELECT COUNT(*) FROM a JOIN b ON a.k = b.k WHERE a.id < 100')).toBeGreaterThan(
    0,
  );
});

test('memory is given back whether a statement comes to its end or not', async () => {
  await using double = await shop({ statement: 200_000, server: 220_000 });
  const session = double.session({ database: 'Shop' });
  for (let round = 0; round < 20; round += 1) {
    await session.run('SELECT TOP 3 * FROM (SELECT TOP 100000 * FROM a ORDER BY name) x');
    await session.run('SELECT id, ROW_NUMBER() OVER (ORDER BY price, id) / (500 - id) FROM a');
  }
  const { numbers } = await session.run('SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM a WHERE id < 300');
  expect(numbers).toEqual([]);
});

test('a row written as text is the same row', () => {
  const cell: fc.Arbitrary<Value> = fc.oneof(
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(code => String.fromCharCode(code)) }),
    fc.string().map(text => `\u0001${text}`),
    fc.uint8Array().map(bytes => new Uint8Array(bytes)),
    fc.record({ ticks: fc.bigInt(), offset: fc.integer({ min: -840, max: 840 }) }),
    fc.string().map(value => ({
      type: { kind: 'nvarchar', length: 50, collation: 'Latin1_General_BIN2' } as const,
      value,
    })),
    fc.bigInt().map(value => ({ type: { kind: 'bigint' } as const, value })),
  );
  fc.assert(
    fc.property(fc.array(cell), row => {
      expect(rowFromText(rowToText(row))).toEqual(row);
    }),
  );
});
