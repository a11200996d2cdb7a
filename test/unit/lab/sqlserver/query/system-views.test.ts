import { expect, test } from 'vitest';
import type { SystemView } from '../../../../../src/lab/sqlserver/system/view.ts';
import { INT, nvarchar, SYSNAME } from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

/** A view that counts how often its rows are made. */
function counted(): { readonly view: SystemView; readonly made: () => number } {
  let made = 0;
  return {
    made: () => made,
    view: {
      schema: 'sys',
      name: 'things',
      columns: [
        { name: 'id', type: INT, nullable: false },
        { name: 'later', type: INT, nullable: true, since: 2016 },
        { name: 'name', type: SYSNAME, nullable: false },
      ],
      *rows() {
        made += 1;
        for (let id = 1; id <= 20; id += 1) yield [id, id * 10, `n${id}`];
      },
    },
  };
}

test('columns and views of a later release are not there', () => {
  const { view } = counted();
  const old = new World({ views: [view, { ...view, name: 'newer', since: 2016 }], release: 2012 });
  expect(old.bind('SELECT * FROM sys.things').columns.map(column => column.name)).toEqual(['id', 'name']);
  expect(old.rows('SELECT name FROM sys.things WHERE id = 2')).toEqual([['n2']]);
  expect(old.fault('SELECT later FROM sys.things').number).toBe(207);
  expect(old.fault('SELECT * FROM sys.newer').number).toBe(208);
  const young = new World({ views: [view] });
  expect(young.rows("SELECT later FROM PubDB.SYS.Things t WHERE t.NAME = N'N3'")).toEqual([[30]]);
});

test('rows are made once a statement, in joins and in correlated queries', () => {
  const { view, made } = counted();
  const world = new World({ views: [view] });
  const joins = Array.from(
    { length: 7 },
    (_none, at) => `JOIN sys.things t${at + 1} ON t${at + 1}.id = t${at}.id`,
  );
  expect(world.rows(`SELECT COUNT(*) FROM sys.things t0 ${joins.join(' ')}`)).toEqual([[20]]);
  expect(made()).toBe(8);
  expect(
    world.rows(
      'SELECT t.id FROM sys.things t WHERE EXISTS (SELECT 1 FROM sys.things u WHERE u.id = t.id + 15)',
    ),
  ).toHaveLength(5);
  expect(made()).toBe(10);
});

test('the collation of names is that of the database', () => {
  const { view } = counted();
  const world = new World({ views: [view], collation: 'Latin1_General_CS_AS' });
  const table = world.table('T', [{ name: 'Name', type: nvarchar(20, 'Latin1_General_CS_AS') }]);
  world.insert(table, [['n1'], ['N2']]);
  expect(world.rows('SELECT t.Name FROM T t JOIN sys.things s ON s.name = t.Name')).toEqual([['n1']]);
  expect(world.fault('SELECT name FROM T').number).toBe(207);
});

test('functions of the system with parameters', () => {
  const world = new World({
    views: [
      {
        schema: 'sys',
        name: 'fn_twice',
        parameters: [INT],
        columns: [{ name: 'value', type: INT, nullable: true }],
        rows: (_context, _database, [value]) => [[Number(value) * 2]],
      },
    ],
  });
  expect(
    world.rows('SELECT v.i, f.value FROM (VALUES (1), (2)) v(i) CROSS APPLY sys.fn_twice(v.i) f'),
  ).toEqual([
    [1, 2],
    [2, 4],
  ]);
  expect(world.fault('SELECT * FROM sys.fn_twice(1, 2)').number).toBe(8144);
  expect(world.fault('SELECT * FROM sys.fn_twice').number).toBe(208);
});
