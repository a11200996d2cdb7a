import { describe, expect, test } from 'vitest';
import { PAUSE } from '../../../../../src/lab/sqlserver/query/bound.ts';
import { BIGINT, decimal, INT, nvarchar, varchar } from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

/** 1 000 rows in a table with a key of one column, an index of two and a text index. */
function numbers(): World {
  const world = new World();
  const table = world.table(
    'N',
    [
      { name: 'Id', type: INT, nullable: false },
      { name: 'A', type: INT, nullable: false },
      { name: 'B', type: INT, nullable: false },
      { name: 'Code', type: varchar(20) },
      { name: 'D', type: decimal(9, 2) },
    ],
    { key: [1], indexes: [[2, 3], [4], [5]] },
  );
  world.insert(
    table,
    Array.from({ length: 1000 }, (_none, at) => [
      at,
      Math.floor(at / 10),
      at % 10,
      `c${at}`,
      BigInt(at) * 50n,
    ]),
  );
  return world;
}

describe('ranges', () => {
  const ranges = (text: string, prepare?: (world: World) => void) => {
    const world = numbers();
    prepare?.(world);
    world.readings.length = 0;
    const rows = world.rows(text);
    return { rows, ranges: world.readings.map(reading => reading.range) };
  };

  test('a key and a half-open range become a range of the index', () => {
    expect(ranges('SELECT Id FROM N WHERE Id = 7')).toEqual({
      rows: [[7]],
      ranges: [{ indexId: 1, low: { key: [7], inclusive: true }, high: { key: [7], inclusive: true } }],
    });
    const between = ranges('SELECT Id FROM N WHERE Id BETWEEN 5 AND 6 + 1');
    expect(between.rows).toEqual([[5], [6], [7]]);
    expect(between.ranges).toEqual([
      { indexId: 1, low: { key: [5], inclusive: true }, high: { key: [7], inclusive: true } },
    ]);
    expect(ranges('SELECT Id FROM N WHERE 997 < Id').ranges).toEqual([
      { indexId: 1, low: { key: [997], inclusive: false } },
    ]);
  });

  test('a list is one range a value, each value once', () => {
    const { rows, ranges: read } = ranges('SELECT Id FROM N WHERE Id IN (3, 1, 3, NULL)');
    expect(rows).toEqual([[3], [1]]);
    expect(read).toHaveLength(2);
  });

  test('a variable of another type, and text of another kind', () => {
    const big = ranges('SELECT Id FROM N WHERE Id >= @x', world => world.variable('@x', BIGINT, 998n));
    expect(big.rows).toEqual([[998], [999]]);
    expect(big.ranges).toEqual([{ indexId: 1, low: { key: [998], inclusive: true } }]);
    const text = ranges('SELECT Id FROM N WHERE Code = @x', world =>
      world.variable('@x', nvarchar(20), 'C17'),
    );
    expect(text.rows).toEqual([[17]]);
    expect(text.ranges).toHaveLength(1);
    expect(text.ranges[0]?.indexId).toBe(3);
    expect(
      ranges('SELECT Id FROM N WHERE Id = @x', world => world.variable('@x', BIGINT, null)).ranges,
    ).toEqual([]);
  });

  test('a bound that has no place in the type of the column reads everything and is still right', () => {
    expect(ranges('SELECT COUNT(*) FROM N WHERE Id < 99999999999 AND D < 5.005')).toMatchObject({
      rows: [[11]],
    });
    expect(ranges('SELECT Id FROM N WHERE D > 498.999')).toMatchObject({ rows: [[998], [999]] });
  });

  test('a prefix and a range behind it', () => {
    expect(ranges('SELECT Id FROM N WHERE A = 4 AND B > 7')).toEqual({
      rows: [[48], [49]],
      ranges: [{ indexId: 2, low: { key: [4, 7], inclusive: false }, high: { key: [4], inclusive: true } }],
    });
  });

  test('paging over two columns is one range', () => {
    expect(ranges('SELECT TOP (3) A, B FROM N WHERE A > 4 OR (A = 4 AND B > 7) ORDER BY A, B')).toEqual({
      rows: [
        [4, 8],
        [4, 9],
        [5, 0],
      ],
      ranges: [{ indexId: 2, low: { key: [4, 7], inclusive: false } }],
    });
  });
});

test('paging in two directions at least begins at the first column', () => {
  const world = numbers();
  world.readings.length = 0;
  expect(
    world.rows('SELECT TOP (2) A, B FROM N WHERE A > 98 OR (A = 98 AND B < 2) ORDER BY A, B DESC'),
  ).toEqual([
    [98, 1],
    [98, 0],
  ]);
  expect(world.readings[0]?.range).toEqual({ indexId: 2, low: { key: [98], inclusive: true } });
});

test('a long scan makes pauses, and every operator hands them on', () => {
  const world = numbers();
  const pauses = (text: string): number => {
    const bound = world.bind(text);
    return world.running(context => [...bound.run(context)].filter(row => row === PAUSE).length);
  };
  expect(pauses('SELECT a.Id FROM N a WHERE a.B < 0')).toBe(1);
  expect(
    pauses('SELECT DISTINCT a.A FROM N a LEFT JOIN N b ON b.B = a.Id AND b.Id % 2 = 0 ORDER BY a.A'),
  ).toBeGreaterThan(1);
  expect(pauses('SELECT COUNT(*) FROM N a, N b WHERE a.Id < b.Id - 990')).toBeGreaterThan(500);
});

describe('order', () => {
  test('of an index is not sorted again, in both directions', () => {
    const world = numbers();
    expect(world.rows('SELECT TOP (2) Id FROM N ORDER BY Id DESC')).toEqual([[999], [998]]);
    expect(world.readings.at(-1)?.range).toEqual({ indexId: 1, reverse: true });
    expect(world.rows('SELECT TOP (2) Id FROM N WHERE A = 7 ORDER BY B DESC')).toEqual([[79], [78]]);
    expect(world.readings.at(-1)?.range?.reverse).toBe(true);
  });

  test('a page is read and no more', () => {
    const world = numbers();
    let given = 0;
    const bound = world.bind('SELECT TOP (5) Id FROM N WHERE Id > 500 ORDER BY Id');
    world.running(context => {
      for (const row of bound.run(context)) {
        expect(row).toEqual([501 + given]);
        given += 1;
      }
    });
    expect(given).toBe(5);
  });
});

test('a join asks the index of the other side when it has few rows', () => {
  const world = numbers();
  const few = world.table('F', [{ name: 'K', type: INT }]);
  world.insert(few, [[3], [700], [null]]);
  world.readings.length = 0;
  expect(world.rows('SELECT n.Id FROM F f JOIN N n ON n.Id = f.K')).toEqual([[3], [700]]);
  expect(world.readings.filter(reading => reading.range !== undefined)).toHaveLength(2);
  expect(world.rows('SELECT COUNT(*) FROM N a JOIN N b ON b.Id = a.A')).toEqual([[1000]]);
});

test('a correlated query without an index reads its table once', () => {
  const world = numbers();
  const heap = world.table('H', [
    { name: 'K', type: INT },
    { name: 'V', type: INT },
  ]);
  world.insert(
    heap,
    Array.from({ length: 500 }, (_none, at) => [at % 50, at]),
  );
  world.readings.length = 0;
  const rows = world.rows(
    'SELECT n.Id, (SELECT SUM(h.V) FROM H h WHERE h.K = n.Id) FROM N n WHERE n.Id < 50',
  );
  expect(rows).toHaveLength(50);
  expect(rows[3]).toEqual([3, 3 * 10 + 50 * 45]);
  expect(world.readings.filter(reading => reading.table === heap.id)).toHaveLength(1);
});

describe('views and aggregates', () => {
  test('a predicate on a view or a derived table reaches the index below', () => {
    const world = numbers();
    world.module('CREATE VIEW dbo.V AS SELECT Id AS K, A + 1 AS Next, A FROM dbo.N WHERE B < 5', 'V');
    world.readings.length = 0;
    expect(world.rows('SELECT v.Next FROM dbo.V v WHERE v.K = 42')).toEqual([[5]]);
    expect(world.readings.map(reading => reading.range?.low?.key)).toEqual([[42]]);
    world.readings.length = 0;
    expect(world.rows('SELECT n FROM (SELECT A, COUNT(*) AS n FROM N GROUP BY A) g WHERE g.A = 3')).toEqual([
      [10],
    ]);
    expect(world.readings[0]?.range?.indexId).toBe(2);
    expect(world.rows('SELECT K FROM dbo.V WHERE K = 47')).toEqual([]);
    expect(world.rows('SELECT x.Id FROM (SELECT TOP (3) Id FROM N ORDER BY Id) x WHERE x.Id > 1')).toEqual([
      [2],
    ]);
  });

  test('MIN, MAX and COUNT(*) of a table are not a scan', () => {
    const world = numbers();
    expect(world.rows('SELECT MAX(Id) FROM N')).toEqual([[999]]);
    expect(world.rows('SELECT MIN(A) + 1 FROM N')).toEqual([[1]]);
    expect(world.rows('SELECT MIN(A) FROM N')).toEqual([[0]]);
    expect(world.rows('SELECT COUNT_BIG(*) FROM N')).toEqual([[1000n]]);
    const open = world.store.begin(2, { snapshot: false });
    const table = [...world.store.catalog.tables.values()][0];
    if (table === undefined) throw new Error('no table');
    open.insert(table, [5000, 1, 1, null, null]);
    expect(world.rows('SELECT COUNT(*) FROM N')).toEqual([[1000]]);
    open.rollback();
  });
});
