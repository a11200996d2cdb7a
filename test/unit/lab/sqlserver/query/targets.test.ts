import { expect, test } from 'vitest';
import { type Evaluation, PAUSE, type Row } from '../../../../../src/lab/sqlserver/query/bound.ts';
import {
  bindCondition,
  bindExpression,
  bindItems,
  bindSources,
  rowSources,
  type Sources,
} from '../../../../../src/lab/sqlserver/query/index.ts';
import {
  parseBatch,
  parseCondition,
  parseExpression,
} from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import { INT, nvarchar } from '../../../../../src/lab/sqlserver/values/index.ts';
import { World } from './world.ts';

function world(): World {
  const made = new World();
  const t = made.table(
    'T',
    [
      { name: 'Id', type: INT, nullable: false },
      { name: 'G', type: INT },
      { name: 'Twice', type: INT, computed: '([G]*(2))' },
    ],
    { key: [1] },
  );
  made.insert(t, [
    [1, 10, null],
    [2, 10, null],
    [3, 30, null],
  ]);
  const u = made.table('U', [
    { name: 'G', type: INT },
    { name: 'Name', type: nvarchar(10) },
  ]);
  made.insert(u, [
    [10, 'ten'],
    [20, 'twenty'],
  ]);
  return made;
}

const all = (sources: Sources, context: Evaluation): Row[] => {
  const rows: Row[] = [];
  for (const row of sources.rows(context)) if (row !== PAUSE) rows.push(row);
  return rows;
};

function deletion(
  text: string,
): Parameters<typeof bindSources> extends [infer F, ...unknown[]]
  ? { from: F; options: Parameters<typeof bindSources>[2] }
  : never {
  const [statement] = parseBatch(text);
  if (statement?.statement !== 'delete') throw new Error('no DELETE');
  return {
    from: statement.from,
    options: {
      with: statement.with,
      target: statement.target,
      ...(statement.where === undefined ? {} : { where: statement.where }),
    },
  };
}

const victims = (made: World, text: string): unknown[] => {
  const { from, options } = deletion(text);
  const sources = bindSources(from, made.scope, options);
  const { target } = sources;
  if (target === undefined) throw new Error('no target');
  return made.running(context => {
    const view = made.store.snapshot();
    const ids = all(sources, context).map(row => {
      const rid = row[target.mark];
      const stored = view.row(target.table, Number(rid));
      expect(row.slice(target.first, target.first + 1)).toEqual(stored?.values.slice(0, 1));
      return stored?.values[0];
    });
    view.close();
    return ids;
  });
};

test('rows come with the rid of what is written to', () => {
  const made = world();
  expect(victims(made, 'DELETE FROM dbo.T WHERE Id > 1')).toEqual([2, 3]);
  expect(victims(made, 'DELETE FROM dbo.T WHERE Twice = 60')).toEqual([3]);
  expect(victims(made, 'DELETE x FROM T x JOIN U u ON u.G = x.G')).toEqual([1, 2]);
  expect(victims(made, 'DELETE dbo.T FROM U u WHERE u.G = T.G AND T.Id = 2')).toEqual([2]);
});

test('a common table expression and a view over one table are written through', () => {
  const made = world();
  expect(
    victims(
      made,
      'WITH d AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY G ORDER BY Id) AS rn FROM T) DELETE FROM d WHERE rn > 1',
    ),
  ).toEqual([2]);
  expect(victims(made, 'WITH q AS (SELECT TOP (1) Id FROM T ORDER BY Id DESC) DELETE FROM q')).toEqual([3]);
  expect(
    victims(
      made,
      'WITH d AS (SELECT Id, G FROM T WHERE Id < 3) DELETE x FROM d x JOIN U u ON u.G = x.G WHERE x.Id = 2',
    ),
  ).toEqual([2]);
  expect(() => victims(made, 'DELETE T FROM T a JOIN T b ON a.Id = b.Id')).toThrow(
    "The table 'T' is ambiguous.",
  );
  made.module('CREATE VIEW dbo.V AS SELECT G, Id FROM dbo.T WHERE Id < 3', 'V');
  expect(victims(made, 'DELETE FROM dbo.V WHERE G = 10')).toEqual([1, 2]);
  expect(() => victims(made, 'WITH d AS (SELECT G, COUNT(*) AS n FROM T GROUP BY G) DELETE FROM d')).toThrow(
    'writing through d',
  );
});

test('a full join marks the side that is missing', () => {
  const made = world();
  const [statement] = parseBatch('SELECT * FROM T t FULL JOIN U u ON u.G = t.G');
  if (statement?.statement !== 'select' || statement.query.body.body !== 'select')
    throw new Error('no query');
  const sources = bindSources(statement.query.body.from, made.scope, { target: ['t'], marks: true });
  const [left, right] = sources.parts;
  made.running(context => {
    const marks = all(sources, context).map(row => [
      row[left?.mark ?? -1] === null,
      row[right?.mark ?? -1] === null,
    ]);
    expect(marks).toEqual([
      [false, false],
      [false, false],
      [false, true],
      [true, false],
    ]);
  });
});

test('table variables are known by the place of their rows', () => {
  const made = world();
  made.rowSet('@v', [{ name: 'A', type: INT }], [[5], [6], [7]]);
  const { from, options } = deletion('DELETE FROM @v WHERE A > 5');
  const sources = bindSources(from, made.scope, options);
  expect(sources.target?.variable).toBe('@v');
  made.running(context =>
    expect(all(sources, context).map(row => row[sources.target?.mark ?? -1])).toEqual([1, 2]),
  );
});

test('OUTPUT sees inserted, deleted and the sources', () => {
  const made = world();
  const { from, options } = deletion('DELETE x FROM T x JOIN U u ON u.G = x.G');
  const sources = bindSources(from, made.scope, options);
  const table = sources.target?.table;
  if (table === undefined) throw new Error('no table');
  const rows = rowSources(
    [
      { alias: 'inserted', table },
      { alias: 'deleted', table },
    ],
    made.scope,
    sources,
  );
  const [statement] = parseBatch('SELECT inserted.G, deleted.*, u.Name');
  if (statement?.statement !== 'select' || statement.query.body.body !== 'select')
    throw new Error('no query');
  const items = bindItems(statement.query.body.items, made.scope, rows);
  expect(items.columns.map(column => column.name)).toEqual(['G', 'Id', 'G', 'Twice', 'Name']);
  made.running(context => {
    const [first] = all(sources, context);
    expect(items.evaluate([1, 11, 22, 1, 10, 20, ...(first ?? [])], context)).toEqual([11, 1, 10, 20, 'ten']);
  });
});

test('checks and computed columns are bound over the row of their table', () => {
  const made = world();
  const table = [...made.store.catalog.tables.values()][0];
  if (table === undefined) throw new Error('no table');
  const row = rowSources([{ alias: 'T', table }], made.scope);
  made.running(context => {
    expect(
      bindExpression(parseExpression('([G]+[Id])'), made.scope, row).evaluate([1, 2, null], context),
    ).toBe(3);
    expect(bindCondition(parseCondition('([G]>(5))'), made.scope, row).test([1, 2, null], context)).toBe(
      false,
    );
    expect(bindCondition(parseCondition('([G]>(5))'), made.scope, row).test([1, null, null], context)).toBe(
      null,
    );
  });
});
