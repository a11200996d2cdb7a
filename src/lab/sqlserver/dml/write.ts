import type { Execution } from '../flow/execution.ts';
import type { Transaction } from '../storage/store.ts';
import { type Change, type ChangeSet, eventOf } from './changes.ts';
import { conflict } from './faults.ts';
import { requireShortLobs } from './published.ts';
import { CurrentRows } from './reading.ts';
import { Referential } from './referential.ts';
import { requireValues, stored } from './rules.ts';
import { requireFreeKeys, requireUnique } from './unique.ts';

/** How many rows are written before others have their turn. */
const TURN = 500;

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
    for (const _turn of referential.checking()) {
      await execution.breathe();
      rows.refresh();
    }
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
  // Rows that only come have a free key each before they come; rows that change may change places with one another.
  const coming = changes.every(change => change.before === undefined);
  let turn = 0;
  for (const change of changes) {
    if (change.after) requireShortLobs(table, change.after, change.before, execution);
    if (coming && change.after) requireFreeKeys(target, change.after, rows, execution);
    rids.push(writeRow(transaction, set, change));
    turn += 1;
    if (turn % TURN === 0) {
      await execution.breathe();
      rows.refresh();
    }
  }
  count(set, execution);
  rows.refresh();
  if (!coming) requireUnique(set, rids, rows, execution);
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
