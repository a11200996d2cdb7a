import { keyColumns } from '../catalog/find.ts';
import type { Index } from '../catalog/schema.ts';
import type { Execution } from '../flow/execution.ts';
import type { StoredRow } from '../storage/store.ts';
import type { ReferentialAction } from '../syntax/statements.ts';
import type { Value } from '../values/types.ts';
import { type Change, type ChangeSet, type Written, writtenTo } from './changes.ts';
import type { StatementWord } from './faults.ts';
import type { CurrentRows } from './reading.ts';
import { keyAt, type Relation, type Removed } from './referential.ts';
import { compute } from './rules.ts';

/** What CASCADE, SET NULL and SET DEFAULT do to the rows that refer to keys that are gone. */
export function childChanges(
  relation: Relation,
  removed: ReadonlyMap<string, Removed>,
  event: 'delete' | 'update',
  action: Exclude<ReferentialAction, 'no-action'>,
  statement: StatementWord,
  execution: Execution,
  rows: CurrentRows,
): readonly ChangeSet[] {
  const target = writtenTo(relation.database, relation.child, undefined, execution);
  const keys = new Map([...removed].map(([name, { key }]) => [name, key] as const));
  rows.refresh();
  const changes: Change[] = [];
  for (const { row, name } of [...childRows(relation, keys, rows)]) {
    const before = rows.completed(target.rules, row.values);
    const after =
      event === 'delete' && action === 'cascade'
        ? undefined
        : changed(target, relation, before, action, removed.get(name), execution);
    changes.push({ before, after, rid: row.rid, source: before });
  }
  return changes.length === 0 ? [] : [{ target, statement, changes, cascaded: true }];
}

function changed(
  target: Written,
  relation: Relation,
  before: readonly Value[],
  action: Exclude<ReferentialAction, 'no-action'>,
  removed: Removed | undefined,
  execution: Execution,
): readonly Value[] {
  const after = [...before];
  const { rules, database } = target;
  const { evaluation } = execution;
  relation.childPlaces.forEach((place, at) => {
    if (action === 'cascade') after[place] = removed?.becomes?.[at] ?? null;
    else if (action === 'set-null') after[place] = null;
    else after[place] = rules.defaults[place]?.(evaluation) ?? null;
  });
  if (rules.rowVersion >= 0) after[rules.rowVersion] = database.store?.nextRowVersion() ?? null;
  compute(rules, after, evaluation);
  return after;
}

/** Rows of the child that have one of these keys, with the name of the key. */
export function* childRows(
  relation: Relation,
  keys: ReadonlyMap<string, readonly Value[]>,
  rows: CurrentRows,
): Generator<{ readonly row: StoredRow; readonly name: string }> {
  if (keys.size === 0) return;
  const { database, child } = relation;
  const index = leadingIndex(relation);
  if (index) {
    for (const [name, key] of keys) {
      const ordered = inOrder(relation, index, key);
      rows.respect(database, child, index.id, ordered);
      for (const row of rows.view(database).seek(child, index.id, ordered)) yield { row, name };
    }
    return;
  }
  rows.respect(database, child);
  for (const row of rows.view(database).scan(child)) {
    const key = keyAt(row.values, relation.childPlaces);
    const name = key && relation.nameOf(key);
    if (name !== undefined && keys.has(name)) yield { row, name };
  }
}

/** An index of the child whose leading columns are those of the foreign key, in any order. */
function leadingIndex({ child, foreignKey }: Relation): Index | undefined {
  return child.indexes.find(index => {
    if (index.disabled) return false;
    const leading = keyColumns(index).slice(0, foreignKey.columns.length);
    return (
      leading.length === foreignKey.columns.length &&
      foreignKey.columns.every(column => leading.includes(column))
    );
  });
}

/** A key of the relation in the order of the columns of an index. */
function inOrder(relation: Relation, index: Index, key: readonly Value[]): readonly Value[] {
  const { child, childPlaces } = relation;
  return keyColumns(index)
    .slice(0, childPlaces.length)
    .map(column => {
      const place = child.columns.findIndex(candidate => candidate.id === column);
      return key[childPlaces.indexOf(place)] ?? null;
    });
}
