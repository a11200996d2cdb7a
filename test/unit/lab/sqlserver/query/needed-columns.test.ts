import { expect, test } from 'vitest';
import { startDouble } from '../../../../support/sql-double.ts';

const TABLES = `
  CREATE TABLE a(id int IDENTITY PRIMARY KEY, k int NULL, name nvarchar(40) NULL, price decimal(18, 2) NULL, spare int NULL);
  CREATE TABLE b(k int NOT NULL, n int NOT NULL, note nvarchar(40) NULL, extra int NULL, INDEX ix_b NONCLUSTERED (n, k));
  INSERT a(k, name, price, spare) VALUES (1, N'x', 1.5, 7), (2, N'y', 2.5, 8), (1, N'z', NULL, 9), (NULL, N'x', 4, 10);
  INSERT b VALUES (1, 1, N'p', 3), (1, 2, N'q', 4), (2, 3, NULL, 5), (4, 4, N'r', 6);
`;

/** Columns are named in every place where a query can name one; `{a}` and `{b}` are the tables. */
const QUERIES = [
  'SELECT COUNT(*) FROM {a} JOIN {b} ON a.k = b.k AND b.extra < a.spare',
  'SELECT a.name FROM {a} LEFT JOIN {b} ON a.k = b.k ORDER BY b.note, a.price, a.id',
  'SELECT k, COUNT(*) FROM {a} GROUP BY k HAVING MAX(price) > 1 ORDER BY MIN(spare)',
  'SELECT id, ROW_NUMBER() OVER (PARTITION BY name ORDER BY price, id) FROM {a} ORDER BY id',
  'SELECT id, (SELECT MAX(b.extra) FROM {b} WHERE b.k = a.k) FROM {a} ORDER BY id',
  "SELECT id FROM {a} WHERE EXISTS (SELECT 1 FROM {b} WHERE b.k = a.k AND b.note = N'q') ORDER BY id",
  'SELECT id, CHECKSUM(*) FROM {a} ORDER BY id',
  'SELECT DISTINCT a.name, x.n FROM {a} CROSS APPLY (SELECT b.n FROM {b} WHERE b.k = a.k) x ORDER BY name, n',
  'SELECT a.* FROM {a} JOIN {b} ON a.k = b.k WHERE b.n BETWEEN 1 AND 3 ORDER BY a.id, b.n',
  "SELECT a.name AS '@name', a.price FROM {a} WHERE spare > 7 ORDER BY id FOR XML PATH",
  'SELECT a.name, b.note FROM {a} JOIN {b} ON b.k = a.k ORDER BY a.id, b.n FOR JSON AUTO',
];

test('columns that no expression names need not be read, and no result is another for it', async () => {
  await using double = await startDouble();
  await double.run('master', 'CREATE DATABASE Shop');
  await double.run('Shop', TABLES);
  const session = double.session({ database: 'Shop' });
  const results = async (a: string, b: string) => {
    const found = [];
    for (const query of QUERIES) {
      const { rows, errors } = await session.run(query.replaceAll('{a}', a).replaceAll('{b}', b));
      found.push({ query, rows, errors });
    }
    return found;
  };
  const plain = await results('a', 'b');
  expect(plain).toEqual(await results('(SELECT * FROM a) a', '(SELECT * FROM b) b'));
  expect(plain.map(({ rows }) => rows.length)).not.toContain(0);
  // The same over what the transaction has written itself.
  await session.run(
    "BEGIN TRANSACTION; UPDATE a SET name = N'w', k = 2 WHERE id = 3; DELETE b WHERE n = 2; INSERT b VALUES (2, 9, N'q', 1)",
  );
  expect(await results('a', 'b')).toEqual(await results('(SELECT * FROM a) a', '(SELECT * FROM b) b'));
});
