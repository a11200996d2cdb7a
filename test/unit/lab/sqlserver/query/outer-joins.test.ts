import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SqlDouble, startDouble } from '../../../../support/sql-double.ts';

/** Columns of a side that may be missing can be NULL, whatever their table says: the wire refuses a NULL that it was not told of. */
describe('outer joins', () => {
  let double: SqlDouble;
  beforeAll(async () => {
    double = await startDouble({ databases: ['app'] });
    await double.run(
      'app',
      'CREATE TABLE a (x int NOT NULL); CREATE TABLE b (x int NOT NULL, y bit NOT NULL)',
    );
    await double.run('app', 'INSERT a VALUES (1), (2); INSERT b VALUES (1, 1), (3, 0)');
  });
  afterAll(async () => double[Symbol.asyncDispose]());

  const nullable = async (query: string): Promise<readonly boolean[]> => {
    const { session } = double.session({ database: 'app' });
    const found: boolean[] = [];
    for await (const reply of session.batch(query, new AbortController().signal)) {
      if (reply.reply === 'columns') found.push(...reply.columns.map(column => column.nullable));
    }
    session.end();
    return found;
  };

  test.each([
    ['SELECT a.x, b.x, b.y FROM a LEFT JOIN b ON b.x = a.x', [false, true, true]],
    ['SELECT a.*, b.y FROM a RIGHT JOIN b ON b.x = a.x', [true, false]],
    ['SELECT a.x, b.x FROM a FULL JOIN b ON b.x = a.x', [true, true]],
    ['SELECT a.x, q.y FROM a OUTER APPLY (SELECT TOP (1) y FROM b WHERE b.x = a.x) AS q', [false, true]],
    ['SELECT a.x, q.y FROM a CROSS APPLY (SELECT TOP (1) y FROM b WHERE b.x = a.x) AS q', [false, false]],
    [
      'SELECT b.x, v.x FROM a LEFT JOIN b ON b.x = a.x INNER JOIN (SELECT x FROM a) AS v ON v.x = a.x',
      [true, false],
    ],
  ])('%s', async (query, expected) => {
    expect(await nullable(query)).toEqual(expected);
  });
});
