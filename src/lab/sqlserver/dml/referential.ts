import { columnPlaces, keyColumns, referencesTo } from '../catalog/find.ts';
import type { ForeignKey, Index, Table } from '../catalog/schema.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import { comparisonKey } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import { childChanges, childRows } from './cascade.ts';
import type { ChangeSet } from './changes.ts';
import { incomingConflict, outgoingConflict, type StatementWord } from './faults.ts';
import { namesOf } from './names.ts';
import type { CurrentRows } from './reading.ts';

/** How the columns of a foreign key lie in both tables, in the order of the index that the parent is looked up by. */
export interface Relation {
  readonly database: Database;
  readonly foreignKey: ForeignKey;
  readonly child: Table;
  readonly parent: Table;
  readonly parentIndex: Index;
  readonly childPlaces: readonly number[];
  readonly parentPlaces: readonly number[];
  /** Equal texts are equal keys. */
  readonly nameOf: (key: readonly Value[]) => string;
}

/** How many keys are looked at before others have their turn. */
const TURN = 2000;

interface Pending {
  readonly relation: Relation;
  readonly statement: StatementWord;
  /** By name, so that each is looked up once. */
  readonly keys: Map<string, readonly Value[]>;
}

/** Foreign keys of a statement: cascades at once, everything else when all rows are written. */
export class Referential {
  readonly #execution: Execution;
  readonly #rows: CurrentRows;
  /** Keys that must be found in their parent. */
  readonly #outgoing = new Map<number, Pending>();
  /** Keys that no child may have, unless the parent has them again. */
  readonly #incoming = new Map<number, Pending>();

  constructor(execution: Execution, rows: CurrentRows) {
    this.#execution = execution;
    this.#rows = rows;
  }

  /** Takes note of what a change set asks for, and gives the changes it brings to other tables. */
  consequences(set: ChangeSet): readonly ChangeSet[] {
    const { table, database } = set.target;
    const catalog = this.#execution.scope.catalogOf(database);
    for (const foreignKey of table.foreignKeys) {
      const parent =
        foreignKey.referencedTable === table.id ? table : catalog.tables.get(foreignKey.referencedTable);
      if (parent && this.#holds(foreignKey))
        this.#noteOutgoing(set, relationOf(database, foreignKey, table, parent));
    }
    const made: ChangeSet[] = [];
    for (const { table: child, foreignKey } of referencesTo(catalog, table.id)) {
      if (!this.#holds(foreignKey)) continue;
      const relation = relationOf(database, foreignKey, child, table);
      for (const event of ['delete', 'update'] as const) {
        const keys = removedKeys(set, relation, event);
        if (keys.size === 0) continue;
        const action = event === 'delete' ? foreignKey.onDelete : foreignKey.onUpdate;
        if (action === 'no-action') this.#note(this.#incoming, relation, set.statement, keys);
        else
          made.push(
            ...childChanges(relation, keys, event, action, set.statement, this.#execution, this.#rows),
          );
      }
    }
    return made;
  }

  /**
   * Looks at every key that was noted; gives way now and then, and reads anew after that.
   *
   * @throws SqlError 547
   */
  *checking(): Generator<void> {
    this.#rows.refresh();
    for (const pending of this.#incoming.values()) yield* this.#checkIncoming(pending);
    for (const pending of this.#outgoing.values()) yield* this.#checkOutgoing(pending);
  }

  /** The same without giving way: for the rows of one block. */
  check(): void {
    for (const _turn of this.checking()) this.#rows.refresh();
  }

  #holds(foreignKey: ForeignKey): boolean {
    if (foreignKey.disabled) return false;
    return !(foreignKey.notForReplication && this.#execution.evaluation.session.replication);
  }

  #noteOutgoing(set: ChangeSet, relation: Relation): void {
    const keys = new Map<string, Removed>();
    for (const { before, after } of set.changes) {
      const key = after && keyAt(after, relation.childPlaces);
      if (!key) continue;
      const name = relation.nameOf(key);
      const old = before && keyAt(before, relation.childPlaces);
      if (set.cascaded || !old || relation.nameOf(old) !== name) keys.set(name, { key, becomes: undefined });
    }
    this.#note(this.#outgoing, relation, set.statement, keys);
  }

  #note(
    pending: Map<number, Pending>,
    relation: Relation,
    statement: StatementWord,
    keys: ReadonlyMap<string, Removed>,
  ): void {
    const { objectId } = relation.foreignKey;
    const known = pending.get(objectId) ?? { relation, statement, keys: new Map<string, readonly Value[]>() };
    for (const [name, { key }] of keys) known.keys.set(name, key);
    pending.set(objectId, known);
  }

  *#checkOutgoing({ relation, keys, statement }: Pending): Generator<void> {
    const { database, foreignKey, child, parent } = relation;
    let turn = 0;
    for (const key of keys.values()) {
      turn += 1;
      if (turn % TURN === 0) yield;
      if (this.#parentHas(relation, key)) continue;
      const names = namesOf(parent, database, this.#execution.scope);
      throw outgoingConflict(statement, foreignKey, child, parent, names);
    }
  }

  #parentHas({ database, parent, parentIndex }: Relation, key: readonly Value[]): boolean {
    this.#rows.respect(database, parent, parentIndex.id, key);
    for (const row of this.#rows.view(database).seek(parent, parentIndex.id, key)) {
      this.#rows.keep(database, parent, row.rid);
      return true;
    }
    return false;
  }

  *#checkIncoming({ relation, keys, statement }: Pending): Generator<void> {
    const { database, foreignKey, child, parent, parentIndex } = relation;
    const gone = new Map<string, readonly Value[]>();
    let turn = 0;
    for (const [name, key] of keys) {
      turn += 1;
      if (turn % TURN === 0) yield;
      const found = this.#rows.view(database).seek(parent, parentIndex.id, key)[Symbol.iterator]().next();
      if (found.done) gone.set(name, key);
    }
    for (const _row of childRows(relation, gone, this.#rows)) {
      const names = namesOf(child, database, this.#execution.scope);
      throw incomingConflict(statement, foreignKey, child, names);
    }
  }
}

export function relationOf(
  database: Database,
  foreignKey: ForeignKey,
  child: Table,
  parent: Table,
): Relation {
  const parentIndex = parent.indexes.find(index => isCandidate(index, foreignKey.referencedColumns));
  if (!parentIndex) throw new Error(`${foreignKey.name} has no key of ${parent.name} to refer to`);
  const order = keyColumns(parentIndex);
  const children = order.map(column => foreignKey.columns[foreignKey.referencedColumns.indexOf(column)] ?? 0);
  const parentPlaces = columnPlaces(parent, order);
  const types = parentPlaces.map(place => parent.columns[place]?.type);
  return {
    database,
    foreignKey,
    child,
    parent,
    parentIndex,
    childPlaces: columnPlaces(child, children),
    parentPlaces,
    nameOf: namer(types),
  };
}

const isCandidate = (index: Index, columns: readonly number[]): boolean => {
  if (!index.unique || index.filter !== undefined || index.disabled) return false;
  const keyed = keyColumns(index);
  return keyed.length === columns.length && columns.every(column => keyed.includes(column));
};

function namer(types: readonly (SqlType | undefined)[]): (key: readonly Value[]) => string {
  const parts = types.map(type => (type ? comparisonKey(type) : () => ''));
  return key =>
    parts
      .map((part, at) => {
        const name = String(part(key[at] ?? null));
        return `${name.length}:${name}`;
      })
      .join('');
}

/** The key of a row; undefined where a column of it is NULL, which refers to nothing. */
export function keyAt(row: readonly Value[], places: readonly number[]): readonly Value[] | undefined {
  const key: Value[] = [];
  for (const place of places) {
    const value = row[place] ?? null;
    if (value === null) return undefined;
    key.push(value);
  }
  return key;
}

export interface Removed {
  readonly key: readonly Value[];
  /** What an update has made of it. */
  readonly becomes: readonly Value[] | undefined;
}

/** Keys of the parent that an event has taken away, by name. */
function removedKeys(
  set: ChangeSet,
  relation: Relation,
  event: 'delete' | 'update',
): ReadonlyMap<string, Removed> {
  const removed = new Map<string, Removed>();
  for (const { before, after } of set.changes) {
    if (!before || (event === 'delete') !== (after === undefined)) continue;
    const key = keyAt(before, relation.parentPlaces);
    if (!key) continue;
    const becomes = after && relation.parentPlaces.map(place => after[place] ?? null);
    const name = relation.nameOf(key);
    const now = after && keyAt(after, relation.parentPlaces);
    if (now && relation.nameOf(now) === name) continue;
    removed.set(name, { key, becomes });
  }
  return removed;
}
