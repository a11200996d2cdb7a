import { expect } from 'vitest';
import { type Case, does, joined, lastSet, refuses, shows } from '../case.ts';

const PEOPLE = `CREATE TABLE dbo.p (id int PRIMARY KEY, name nvarchar(20) NOT NULL, boss int NULL, pay decimal(9,2) NULL);
  INSERT dbo.p VALUES (1, N'Ada', NULL, 900), (2, N'Bob', 1, 500), (3, N'Cyd', 1, 500), (4, N'Dan', 2, NULL), (5, N'Eve', 2, 300)`;

export const QUERIES: readonly Case[] = [
  shows(
    'nulls/logic',
    'NULL is neither equal nor unequal',
    `SELECT IIF(NULL = NULL, 1, 0), IIF(NULL <> 1, 1, 0), IIF(NOT (NULL = 1), 1, 0), IIF(NULL IS NULL, 1, 0)`,
    [[0, 0, 0, 1]],
  ),
  shows(
    'nulls/not-in',
    'NOT IN with a NULL is never true',
    'SELECT COUNT(*) FROM (VALUES (1), (2)) AS t(v) WHERE v NOT IN (1, NULL)',
    [[0]],
  ),
  shows('nulls/order', 'NULL comes first', 'SELECT v FROM (VALUES (2), (NULL), (1)) AS t(v) ORDER BY v', [
    [null],
    [1],
    [2],
  ]),
  shows(
    'nulls/nullif',
    'NULLIF, COALESCE, ISNULL, CHOOSE',
    "SELECT NULLIF(1, 1), NULLIF(1, 2), COALESCE(NULL, NULL, 3), ISNULL(NULL, 'x'), CHOOSE(2, 'a', 'b'), CHOOSE(3, 'a', 'b')",
    [[null, 1, 3, 'x', 'b', null]],
  ),
  shows(
    'joins/inner-left',
    'LEFT JOIN keeps who has no partner',
    [PEOPLE, 'SELECT p.name, b.name FROM dbo.p AS p LEFT JOIN dbo.p AS b ON b.id = p.boss ORDER BY p.id'],
    [
      ['Ada', null],
      ['Bob', 'Ada'],
      ['Cyd', 'Ada'],
      ['Dan', 'Bob'],
      ['Eve', 'Bob'],
    ],
  ),
  shows(
    'joins/full',
    'FULL JOIN keeps both sides',
    'SELECT a.v, b.v FROM (VALUES (1), (2)) AS a(v) FULL JOIN (VALUES (2), (3)) AS b(v) ON a.v = b.v ORDER BY COALESCE(a.v, b.v)',
    [
      [1, null],
      [2, 2],
      [null, 3],
    ],
  ),
  shows(
    'joins/cross-apply',
    'CROSS and OUTER APPLY',
    [
      PEOPLE,
      `SELECT p.name, x.name FROM dbo.p AS p OUTER APPLY (SELECT TOP (1) c.name FROM dbo.p AS c WHERE c.boss = p.id ORDER BY c.name DESC) AS x WHERE p.id < 4 ORDER BY p.id`,
    ],
    [
      ['Ada', 'Cyd'],
      ['Bob', 'Eve'],
      ['Cyd', null],
    ],
  ),
  shows(
    'aggregates/nulls',
    'aggregates pass NULL over; of nothing they are NULL, COUNT is 0',
    [
      PEOPLE,
      'SELECT COUNT(*), COUNT(pay), SUM(pay), AVG(pay), MIN(pay), MAX(pay), COUNT(DISTINCT pay), (SELECT SUM(pay) FROM dbo.p WHERE id > 9) FROM dbo.p',
    ],
    [[5, 4, 2200, 550, 300, 900, 3, null]],
  ),
  shows(
    'aggregates/integers',
    'AVG of integers is an integer',
    'SELECT AVG(v), SUM(v), AVG(v * 1.0) FROM (VALUES (1), (2)) AS t(v)',
    [[1, 3, 1.5]],
  ),
  refuses(
    'aggregates/overflow',
    'SUM of int overflows as int',
    'SELECT SUM(v) FROM (VALUES (2147483647), (1)) AS t(v)',
    { number: 8115 },
  ),
  shows(
    'aggregates/big',
    'COUNT_BIG and SUM of bigint',
    'SELECT COUNT_BIG(*), SUM(CAST(v AS bigint)) FROM (VALUES (2147483647), (1)) AS t(v)',
    [['2', '2147483648']],
  ),
  shows(
    'aggregates/having',
    'GROUP BY and HAVING',
    [PEOPLE, 'SELECT boss, COUNT(*) AS n FROM dbo.p GROUP BY boss HAVING COUNT(*) > 1 ORDER BY boss'],
    [
      [1, 2],
      [2, 2],
    ],
  ),
  refuses(
    'aggregates/8120',
    'a column outside of GROUP BY is 8120',
    [PEOPLE, 'SELECT name, COUNT(*) FROM dbo.p'],
    {
      number: 8120,
      message:
        "Column 'dbo.p.name' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
    },
  ),
  shows(
    'aggregates/rollup',
    'GROUPING SETS and ROLLUP',
    [
      PEOPLE,
      'SELECT boss, GROUPING(boss), COUNT(*) FROM dbo.p WHERE boss IS NOT NULL GROUP BY ROLLUP(boss) ORDER BY GROUPING(boss), boss',
    ],
    [
      [1, 0, 2],
      [2, 0, 2],
      [null, 1, 4],
    ],
    { differs: 'it refuses ROLLUP, CUBE and GROUPING SETS' },
  ),
  shows(
    'windows/rank',
    'ROW_NUMBER, RANK, DENSE_RANK, NTILE',
    [
      PEOPLE,
      `SELECT id, ROW_NUMBER() OVER (ORDER BY pay DESC, id), RANK() OVER (ORDER BY pay DESC), DENSE_RANK() OVER (ORDER BY pay DESC), NTILE(2) OVER (ORDER BY id) FROM dbo.p ORDER BY id`,
    ],
    [
      [1, '1', '1', '1', '1'],
      [2, '2', '2', '2', '1'],
      [3, '3', '2', '2', '1'],
      [4, '5', '5', '4', '2'],
      [5, '4', '4', '3', '2'],
    ],
  ),
  shows(
    'windows/frame',
    'a running sum is by range, with ROWS by row',
    `SELECT v, SUM(v) OVER (ORDER BY v), SUM(v) OVER (ORDER BY v ROWS UNBOUNDED PRECEDING) FROM (VALUES (1), (2), (2)) AS t(v) ORDER BY v, 3`,
    [
      [1, 1, 1],
      [2, 5, 3],
      [2, 5, 5],
    ],
  ),
  shows(
    'windows/lag',
    'LAG, LEAD, FIRST_VALUE, LAST_VALUE',
    `SELECT v, LAG(v) OVER (ORDER BY v), LEAD(v, 1, -1) OVER (ORDER BY v), FIRST_VALUE(v) OVER (ORDER BY v), LAST_VALUE(v) OVER (ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM (VALUES (1), (2), (3)) AS t(v)`,
    [
      [1, null, 2, 1, 3],
      [2, 1, 3, 1, 3],
      [3, 2, -1, 1, 3],
    ],
  ),
  shows(
    'windows/partition',
    'PARTITION BY and percentages',
    [
      PEOPLE,
      'SELECT id, COUNT(*) OVER (PARTITION BY boss), SUM(pay) OVER (PARTITION BY boss) FROM dbo.p ORDER BY id',
    ],
    [
      [1, 1, 900],
      [2, 2, 1000],
      [3, 2, 1000],
      [4, 2, 300],
      [5, 2, 300],
    ],
  ),
  shows(
    'ctes/recursive',
    'a recursive CTE walks a tree',
    [
      PEOPLE,
      `WITH t AS (SELECT id, 0 AS depth FROM dbo.p WHERE boss IS NULL UNION ALL SELECT p.id, t.depth + 1 FROM dbo.p AS p JOIN t ON p.boss = t.id) SELECT id, depth FROM t ORDER BY id`,
    ],
    [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ],
  ),
  refuses(
    'ctes/530',
    'a recursion without end stops after 100',
    'WITH t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT COUNT(*) FROM t',
    {
      number: 530,
      message:
        'The statement terminated. The maximum recursion 100 has been exhausted before statement completion.',
    },
  ),
  shows(
    'ctes/maxrecursion',
    'OPTION (MAXRECURSION) moves the end',
    'WITH t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 300) SELECT COUNT(*) FROM t OPTION (MAXRECURSION 400)',
    [[300]],
  ),
  shows(
    'limits/ties',
    'TOP WITH TIES',
    [PEOPLE, 'SELECT TOP (2) WITH TIES id FROM dbo.p ORDER BY pay DESC'],
    [[1], [2], [3]],
  ),
  shows(
    'limits/percent',
    'TOP PERCENT rounds up',
    'SELECT TOP (50) PERCENT v FROM (VALUES (1), (2), (3)) AS t(v) ORDER BY v',
    [[1], [2]],
  ),
  shows(
    'limits/offset',
    'OFFSET and FETCH',
    'SELECT v FROM (VALUES (1), (2), (3), (4)) AS t(v) ORDER BY v OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY',
    [[2], [3]],
  ),
  refuses(
    'limits/fetch-alone',
    'FETCH without OFFSET is 153',
    'SELECT v FROM (VALUES (1)) AS t(v) ORDER BY v FETCH NEXT 1 ROWS ONLY',
    {
      number: 153,
      message: 'Invalid usage of the option NEXT in the FETCH statement.',
    },
    { differs: 'it says 102' },
  ),
  refuses(
    'limits/1033',
    'ORDER BY in a derived table needs TOP',
    'SELECT * FROM (SELECT 1 AS a ORDER BY a) AS t',
    { number: 1033 },
  ),
  shows(
    'sets/except',
    'EXCEPT and INTERSECT take NULL for equal',
    'SELECT v FROM (VALUES (1), (NULL)) AS a(v) INTERSECT SELECT v FROM (VALUES (NULL), (2)) AS b(v)',
    [[null]],
  ),
  shows(
    'sets/union',
    'UNION drops duplicates, UNION ALL keeps them',
    'SELECT COUNT(*) FROM (SELECT 1 AS v UNION SELECT 1 UNION ALL SELECT 1) AS t',
    [[2]],
  ),
  refuses('sets/205', 'sides of unequal width are 205', 'SELECT 1 UNION SELECT 1, 2', {
    number: 205,
    message:
      'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
  }),
  refuses(
    'subqueries/512',
    'a subquery of two rows is 512',
    'SELECT (SELECT v FROM (VALUES (1), (2)) AS t(v))',
    {
      number: 512,
      state: 1,
      severity: 16,
      message:
        'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
    },
  ),
  shows(
    'subqueries/exists',
    'EXISTS and EXCEPT compare rows with NULLs',
    `SELECT CASE WHEN EXISTS (SELECT 1, NULL EXCEPT SELECT 1, NULL) THEN 'other' ELSE 'same' END`,
    [['same']],
  ),
  shows(
    'pivot/pivot',
    'PIVOT',
    "SELECT [a], [b] FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) AS t(k, v) PIVOT (SUM(v) FOR k IN ([a], [b])) AS p",
    [[4, 2]],
    { differs: 'it refuses PIVOT' },
  ),
  shows(
    'pivot/unpivot',
    'UNPIVOT passes NULL over',
    'SELECT k, v FROM (SELECT 1 AS a, CAST(NULL AS int) AS b, 3 AS c) AS t UNPIVOT (v FOR k IN (a, b, c)) AS u ORDER BY k',
    [
      ['a', 1],
      ['c', 3],
    ],
    { differs: 'it refuses UNPIVOT' },
  ),
  does(
    'json/path',
    'FOR JSON PATH nests by dots',
    async client => {
      const answer = await client.batch(
        "SELECT 1 AS id, N'x\"y' AS [name.first], CAST(NULL AS int) AS gone, CAST(1.50 AS decimal(9,2)) AS pay, CAST(1 AS bit) AS flag FOR JSON PATH",
      );
      expect(joined(lastSet(answer))).toBe('[{"id":1,"name":{"first":"x\\"y"},"pay":1.50,"flag":true}]');
    },
    { since: 13 },
  ),
  does(
    'json/options',
    'INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER, ROOT',
    async client => {
      const bare = await client.batch(
        'SELECT 1 AS a, NULL AS b FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER',
      );
      expect(joined(lastSet(bare))).toBe('{"a":1,"b":null}');
      const rooted = await client.batch("SELECT 1 AS a FOR JSON PATH, ROOT('r')");
      expect(joined(lastSet(rooted))).toBe('{"r":[{"a":1}]}');
    },
    { since: 13 },
  ),
  shows(
    'json/read',
    'JSON_VALUE, JSON_QUERY, OPENJSON, ISJSON',
    `SELECT JSON_VALUE(N'{"a":{"b":[1,2]}}', '$.a.b[1]'), JSON_QUERY(N'{"a":{"b":[1,2]}}', '$.a.b'), ISJSON(N'{'), (SELECT COUNT(*) FROM OPENJSON(N'[1,2,3]'))`,
    [['2', '[1,2]', 0, 3]],
    { since: 13 },
  ),
  shows(
    'names/order-alias',
    'ORDER BY sees aliases and ordinals',
    'SELECT v AS w FROM (VALUES (2), (1)) AS t(v) ORDER BY w',
    [[1], [2]],
  ),
  refuses('names/207', 'an unknown column is 207', 'SELECT nothing FROM (VALUES (1)) AS t(v)', {
    number: 207,
    severity: 16,
    state: 1,
    message: "Invalid column name 'nothing'.",
  }),
  refuses('names/208', 'an unknown object is 208', 'SELECT * FROM dbo.nothing', {
    number: 208,
    severity: 16,
    state: 1,
    message: "Invalid object name 'dbo.nothing'.",
  }),
  refuses(
    'names/209',
    'an ambiguous column is 209',
    'SELECT v FROM (VALUES (1)) AS a(v) CROSS JOIN (VALUES (1)) AS b(v)',
    { number: 209, message: "Ambiguous column name 'v'." },
  ),
  refuses('names/4104', 'an unknown prefix is 4104', 'SELECT x.v FROM (VALUES (1)) AS t(v)', {
    number: 4104,
    message: 'The multi-part identifier "x.v" could not be bound.',
  }),
  refuses('names/137', 'an undeclared variable is 137', 'SELECT @nothing', {
    number: 137,
    severity: 15,
    state: 2,
    message: 'Must declare the scalar variable "@nothing".',
  }),
  refuses('names/195', 'an unknown function is 195', 'SELECT nothing(1)', {
    number: 195,
    severity: 15,
    message: "'nothing' is not a recognized built-in function name.",
  }),
  refuses('names/8155', 'a derived table needs names of its columns', 'SELECT * FROM (SELECT 1) AS t', {
    number: 8155,
    message: "No column name was specified for column 1 of 't'.",
  }),
];
