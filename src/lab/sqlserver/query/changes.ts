import { SqlError } from '../errors.ts';
import type { Source } from '../syntax/queries.ts';
import {
  changesColumns,
  changesRows,
  trackedKey,
  trackingOf,
  versionColumns,
  versionRow,
} from '../tracking/change-table.ts';
import { BIGINT } from '../values/index.ts';
import { bindValue } from './expressions.ts';
import type { From, NewLeaf } from './from.ts';
import { type Names, namesOf, unknownColumn } from './names.ts';
import { findObject, invalidObject } from './objects.ts';
import { renamed } from './origins.ts';
import { convert, type Typed } from './typed.ts';

/** `CHANGETABLE(CHANGES t, @version)` and `CHANGETABLE(VERSION t, (key), (values))`. */
export function bindChangeTable(
  source: Extract<Source, { source: 'changetable' }>,
  from: From,
  lateral: Names | undefined,
): NewLeaf {
  const { scope } = from.binding;
  const { line } = source;
  const found = findObject(source.table, scope, line);
  if (found.kind !== 'table') throw invalidObject(source.table, line);
  const { table, database } = found;
  if (table.changeTracking === undefined)
    throw new SqlError(22105, `Change tracking is not enabled on table '${source.table.join('.')}'.`, {
      state: 1,
      line,
      endsBatch: true,
    });
  scope.permit('SELECT', database, table.id);
  const names = namesOf([], { parent: lateral, caseSensitive: from.caseSensitive });
  const binding = { ...from.binding, names, grouping: undefined, windows: undefined };
  const { version } = source;
  const since = source.since === undefined ? undefined : convert(bindValue(source.since, binding), BIGINT);
  const key = version === undefined ? [] : keyOf(version.keys);
  function keyOf(columns: readonly string[]): readonly Typed[] {
    const values = version?.values ?? [];
    for (const name of columns)
      if (!trackedKey(table).some(column => from.alike(column.name, name))) throw unknownColumn(name, line);
    return trackedKey(table).map(column => {
      const value = values[columns.findIndex(name => from.alike(name, column.name))];
      if (value === undefined)
        throw new SqlError(
          22117,
          'For table-valued functions that take a primary key, all columns of the primary key must be given.',
          { line, endsBatch: true },
        );
      return convert(bindValue(value, binding), column.type);
    });
  }
  from.reaches(lateral, names.reach.depth);
  const columns = (version === undefined ? changesColumns(table) : versionColumns(table)).map(column => ({
    ...column,
    identity: false,
  }));
  return {
    alias: source.alias,
    path: undefined,
    columns: source.columns.length === 0 ? columns : renamed(columns, source.columns, source.alias, line),
    origin: {
      kind: 'rows',
      correlated: names.reach.depth > 0,
      estimate: 100,
      *rows(context) {
        context.reading(database, table.id, []);
        const view = context.view(database);
        const tracking = trackingOf(database);
        if (tracking === undefined) throw invalidObject(source.table, line);
        if (version === undefined) {
          const after = since?.evaluate([], context) ?? null;
          yield* changesRows(table, tracking, typeof after === 'bigint' ? after : null, view);
        } else
          yield versionRow(
            table,
            tracking,
            key.map(value => value.evaluate([], context)),
            view,
          );
      },
    },
  };
}
