import type { Execution } from '../flow/execution.ts';
import type { Transaction } from '../storage/store.ts';
import type { Value } from '../values/types.ts';
import { type Change, type ChangeSet, eventOf } from './changes.ts';
import { conflict, duplicate, keyText } from './faults.ts';
import { requireShortLobs } from './published.ts';
import { CurrentRows } from './reading.ts';
import { Referential } from './referential.ts';
import { type Rules, requireValues, stored, type Unique } from './rules.ts';

/** How many rows are written before others have their turn. */
const TURN = 2000;

/**
 * Writes the changes of a statement into a stored table and checks every constraint of the table and of those around it;
 * cascades are followed. Throws without undoing: the caller's statement is undone as a whole.
 *
 * @returns the change sets in the order in which they were made: the statement's own, then those of cascades
 * @throws SqlError 515, 547, 2601, 2627, 7139
 */
export async function writeChanges(set: ChangeSet, execution: Execution): Promise<readonly ChangeSet[]> {
  const sets: ChangeSet[] = [];
  const rows = new CurrentRows(execution);
  try {
    const referential = new Referential(execution, rows);
    const open: ChangeSet[] = [set];
    for (let next = open.shift(); next; next = open.shift()) {
      sets.push(next);
      await writeSet(next, execution, rows);
      open.push(...referential.consequences(next));
    }
    referential.check();
  } finally {
    rows.close();
  }
  return sets;
}

async function writeSet(set: ChangeSet, execution: Execution, rows: CurrentRows): Promise<void> {
  const { target, changes, statement } = set;
  const { rules, database } = target;
  for (const change of changes) if (change.after) requireValues(rules, change.after, statement);
  const transaction = execution.transaction(database);
  const { table } = target;
  const rids: number[] = [];
  let turn = 0;
  for (const change of changes) {
    if (change.after) requireShortLobs(table, change.after, change.before, execution);
    rids.push(writeRow(transaction, set, change));
    turn += 1;
    if (turn % TURN === 0) {
      await execution.breathe();
      rows.refresh();
    }
  }
  count(set, execution);
  rows.refresh();
  requireUnique(set, rids, transaction, rows, execution);
  requireChecks(set, execution);
}

/** @throws SqlError 547 */
export function requireChecks({ target, statement, changes }: ChangeSet, execution: Execution): void {
  const { rules, table, names } = target;
  const { evaluation } = execution;
  const agent = evaluation.session.replication;
  const checks = rules.checks.filter(({ check }) => !(agent && check.notForReplication));
  for (const { after } of changes) {
    if (!after) continue;
    for (const { check, test } of checks)
      if (test(after, evaluation) === false)
        throw conflict(
          statement,
          'CHECK',
          check.name,
          names,
          table.columns.find(column => column.id === check.column)?.name,
        );
  }
}

function writeRow(transaction: Transaction, { target }: ChangeSet, change: Change): number {
  const { table, rules } = target;
  switch (eventOf(change)) {
    case 'insert':
      return transaction.insert(table, stored(rules, change.after ?? []));
    case 'update':
      transaction.update(table, change.rid, stored(rules, change.after ?? []));
      return change.rid;
    case 'delete':
      transaction.delete(table, change.rid);
      return -1;
  }
}

/** sys.dm_db_index_usage_stats. */
export function count({ target, changes }: ChangeSet, execution: Execution): void {
  const { store } = target.database;
  if (!store || changes.length === 0) return;
  const { id } = target.table;
  const updates = (store.usage.get(id)?.updates ?? 0) + 1;
  store.usage.set(id, { updates, lastUpdate: execution.evaluation.now });
}

function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return false;
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (right instanceof Uint8Array) return false;
  if ('ticks' in left) return 'ticks' in right && left.ticks === right.ticks && left.offset === right.offset;
  return 'value' in right && equal(left.value, right.value);
}

/** All rows are written by now: keys that change places with one another are no duplicates. */
export function requireUnique(
  { target, changes }: ChangeSet,
  rids: readonly number[],
  transaction: Transaction,
  rows: CurrentRows,
  execution: Execution,
): void {
  const { rules, table, names } = target;
  for (const unique of rules.uniques) {
    for (let at = 0; at < changes.length; at += 1) {
      const after = changes[at]?.after;
      if (!after || !touches(unique, changes[at], after)) continue;
      const key = unique.places.map(place => after[place] ?? null);
      const rid = rids[at];
      const other = unique.filter
        ? filteredHolder(unique, rules, key, after, rid, rows, target.database, execution)
        : transaction.holder(table, unique.index.id, key);
      if (other !== undefined && other !== rid)
        throw duplicate(table, unique.index, names, keyText(unique.columns, key));
    }
  }
}

/** An update that leaves the key as it is cannot make a duplicate, unless it takes the row into a filtered index. */
function touches(unique: Unique, change: Change | undefined, after: readonly Value[]): boolean {
  const before = change?.before;
  if (!before || unique.filter) return true;
  return unique.places.some(place => !equal(before[place] ?? null, after[place] ?? null));
}

/** Another row with this key among those that satisfy the filter of an index. */
function filteredHolder(
  unique: Unique,
  rules: Rules,
  key: readonly Value[],
  after: readonly Value[],
  rid: number | undefined,
  rows: CurrentRows,
  database: ChangeSet['target']['database'],
  execution: Execution,
): number | undefined {
  const { filter } = unique;
  const { evaluation } = execution;
  if (filter?.test(after, evaluation) !== true) return undefined;
  rows.respect(database, rules.table, unique.index.id, key);
  for (const row of rows.view(database).seek(rules.table, unique.index.id, key))
    if (row.rid !== rid && filter.test(rows.completed(rules, row.values), evaluation) === true)
      return row.rid;
  return undefined;
}
