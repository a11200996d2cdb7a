import { describe, expect, test } from 'vitest';
import {
  BIGINT,
  DEFAULT_COLLATION,
  INT,
  nvarchar,
  varchar,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

const one = (text: string, world = new World()) => world.texts(text)[0];

describe('types', () => {
  test('a conversion stands where SQL Server puts one', () => {
    expect(one("SELECT 1 + '2', 1 / 3.0, 7 / 2, N'a' + 'b', 1.5 + 2")).toEqual([
      '3',
      '0.333333',
      '3',
      'ab',
      '3.5',
    ]);
    expect(one("SELECT CASE WHEN 1 = '1' THEN 1 ELSE 2.5 END, COALESCE(NULL, 3, 'x'), NULLIF(1, 2)")).toEqual(
      ['1.0', '3', '1'],
    );
    const world = new World();
    const types = world.bind("SELECT 1, 10000000000, NULL, N'ab', CASE WHEN 1=1 THEN 1 ELSE 2.5 END").columns;
    expect(types.map(column => column.type)).toEqual([
      INT,
      expect.objectContaining({ kind: 'numeric', precision: 11 }),
      INT,
      nvarchar(2),
      expect.objectContaining({ kind: 'numeric', scale: 1 }),
    ]);
  });

  test('what does not convert is refused when it is bound, and where it fails when it runs', () => {
    const world = new World();
    expect(world.fault("SELECT 1 WHERE 1 = 'x'").number).toBe(245);
    expect(world.fault('SELECT CAST(NEWID() AS int)').number).toBe(529);
    expect(world.fault('SELECT 1 / 0').number).toBe(8134);
    expect(world.rows('SELECT CASE WHEN 1 = 1 THEN 1 ELSE 1 / 0 END')).toEqual([[1]]);
  });
});

describe('collations', () => {
  function texts(): World {
    const world = new World();
    const table = world.table('C', [
      { name: 'I', type: nvarchar(10) },
      { name: 'S', type: nvarchar(10, 'Latin1_General_CS_AS') },
      { name: 'B', type: varchar(10, 'Latin1_General_BIN2') },
    ]);
    world.insert(table, [
      ['a', 'a', 'a'],
      ['A', 'A', 'A'],
    ]);
    return world;
  }

  test('a column wins over a literal, COLLATE over a column', () => {
    const world = texts();
    expect(world.rows("SELECT COUNT(*) FROM C WHERE I = 'a'")).toEqual([[2]]);
    expect(world.rows("SELECT COUNT(*) FROM C WHERE S = 'a'")).toEqual([[1]]);
    expect(world.rows("SELECT COUNT(*) FROM C WHERE I = 'a' COLLATE Latin1_General_BIN2")).toEqual([[1]]);
    expect(world.rows('SELECT COUNT(DISTINCT I), COUNT(DISTINCT S) FROM C')).toEqual([[1, 2]]);
  });

  test('two columns that do not agree', () => {
    const world = texts();
    expect(world.fault('SELECT 1 FROM C WHERE I = S')).toEqual({
      number: 468,
      message: `Cannot resolve the collation conflict between "${DEFAULT_COLLATION}" and "Latin1_General_CS_AS" in the equal to operation.`,
    });
    expect(world.fault('SELECT I + S FROM C').number).toBe(451);
    expect(
      world.fault('SELECT 1 FROM C WHERE I COLLATE Latin1_General_BIN2 = S COLLATE Latin1_General_CS_AS')
        .number,
    ).toBe(449);
    expect(world.rows('SELECT COUNT(*) FROM C WHERE I = S COLLATE DATABASE_DEFAULT')).toEqual([[2]]);
  });
});

describe('calls', () => {
  test('what is no function, and how many arguments there are', () => {
    const world = new World();
    expect(world.fault("SELECT LEN('a', 'b')")).toEqual({
      number: 174,
      message: 'The len function requires 1 argument(s).',
    });
    expect(world.fault('SELECT dbo.Nope(1)').number).toBe(4121);
    expect(world.fault('SELECT * FROM dbo.Nope(1)').number).toBe(208);
  });

  test('functions in T-SQL', () => {
    const world = new World();
    const id = world.module(
      'CREATE FUNCTION dbo.F(@a bigint, @b int = 5) RETURNS int AS BEGIN RETURN 1 END',
      'FN',
    );
    world.callFunction = (_database, module, values) => {
      expect(module).toBe(id);
      return Number(values[0]) + Number(values[1]);
    };
    expect(world.rows('SELECT dbo.F(1, 2), dbo.F(1, DEFAULT)')).toEqual([[3, 6]]);
    expect(world.fault('SELECT dbo.F(1)').number).toBe(313);
    expect(world.fault('SELECT dbo.F(1, 2, 3)').number).toBe(8144);
    world.module(
      'CREATE FUNCTION dbo.G(@n int) RETURNS TABLE AS RETURN (SELECT @n + v.i AS r FROM (VALUES (1), (2)) v(i) WHERE v.i <= @n)',
      'IF',
    );
    expect(world.rows('SELECT x.r FROM dbo.G(1) x')).toEqual([[2]]);
    expect(
      world.rows('SELECT t.i, g.r FROM (VALUES (1), (2)) t(i) CROSS APPLY dbo.G(t.i) g ORDER BY t.i, g.r'),
    ).toEqual([
      [1, 2],
      [2, 3],
      [2, 4],
    ]);
    world.module(
      'CREATE FUNCTION dbo.H(@n int) RETURNS @r TABLE (k int NOT NULL, s nvarchar(5)) AS BEGIN RETURN END',
      'TF',
    );
    world.callTableFunction = (_database, _module, values) => [[values[0] ?? null, 'x']];
    expect(world.rows('SELECT h.k, h.s FROM dbo.H(7) h')).toEqual([[7, 'x']]);
  });

  test('a module has none of the variables of its caller', () => {
    const world = new World();
    world.variable('@n', INT, 1);
    world.module('CREATE FUNCTION dbo.G(@m int) RETURNS TABLE AS RETURN (SELECT @n AS r)', 'IF');
    expect(world.fault('SELECT * FROM dbo.G(1)').number).toBe(137);
  });
});

describe('variables', () => {
  test('are set row by row', () => {
    const world = new World();
    const table = world.table(
      'V',
      [
        { name: 'Id', type: INT, nullable: false },
        { name: 'S', type: nvarchar(5) },
      ],
      { key: [1] },
    );
    world.insert(table, [
      [2, 'b'],
      [1, 'a'],
      [3, null],
    ]);
    world.variable('@s', nvarchar('max'), '');
    world.variable('@last', BIGINT, 0n);
    const bound = world.bind("SELECT @s += ISNULL(S, '-'), @last = Id FROM V ORDER BY Id");
    expect(bound.assigns).toBe(true);
    expect(world.rows("SELECT @s += ISNULL(S, '-'), @last = Id FROM V ORDER BY Id")).toHaveLength(3);
    expect([world.variables.get('@s'), world.variables.get('@last')]).toEqual(['ab-', 3n]);
    expect(world.fault('SELECT @s = S, Id FROM V').number).toBe(141);
  });
});

describe('refusals', () => {
  const refusing = (): World => {
    const world = new World();
    world.table('R', [
      { name: 'a', type: INT },
      { name: 'x', type: { kind: 'ntext', collation: DEFAULT_COLLATION } },
    ]);
    return world;
  };
  test.each([
    ['SELECT * FROM R WHERE a IN (SELECT a, x FROM R)', 116],
    ['SELECT DISTINCT a FROM R ORDER BY a + 1', 145],
    ['SELECT a FROM R UNION SELECT a FROM R ORDER BY a + 1', 104],
    ['SELECT a FROM R ORDER BY 2', 108],
    ['SELECT * FROM (SELECT a FROM R ORDER BY a) d', 1033],
    ['SELECT a FROM R ORDER BY x', 306],
    ['SELECT DISTINCT x FROM R', 306],
    ['SELECT * FROM (SELECT a, a FROM R) d', 8156],
    ['SELECT * FROM (SELECT a FROM R) d(p, q)', 8159],
    ['SELECT * FROM (SELECT a, x FROM R) d(p)', 8158],
    ['SELECT *', 263],
    ['SELECT z.* FROM R', 107],
    ['SELECT a FROM R GROUP BY 1', 164],
    ['SELECT a FROM R GROUP BY COUNT(*)', 144],
    ['SELECT ROW_NUMBER() OVER (PARTITION BY a) FROM R', 4112],
    ['SELECT a FROM R WHERE ROW_NUMBER() OVER (ORDER BY a) = 1', 4108],
    ['SELECT TOP (1) WITH TIES a FROM R', 1062],
    ['SELECT TOP (-1) a FROM R', 1014],
    ['SELECT a FROM R r1 JOIN R r1 ON 1 = 1', 1011],
    ['SELECT a FROM R WITH (INDEX(nope))', 308],
    ['WITH c AS (SELECT 1 AS i), c AS (SELECT 2 AS i) SELECT * FROM c', 239],
    ['SELECT CASE WHEN 1 = 1 THEN NULL ELSE NULL END', 8133],
    ['SELECT a FROM @nope', 1087],
    ['SELECT STDEV(x) FROM R', 8117],
    ['SELECT a FROM R WHERE x = a', 402],
  ])('%s', (text, number) => {
    expect(refusing().fault(text).number).toBe(number);
  });
});
