import type { Execution } from '../flow/execution.ts';
import type { Value } from '../values/types.ts';
import type { Change, ChangeSet, Written } from './changes.ts';
import { duplicate, keyText } from './faults.ts';
import type { CurrentRows } from './reading.ts';
import type { Unique } from './rules.ts';

/** Unique indexes: NULL is equal to NULL in them, and a filtered one holds only the rows that satisfy its filter. */

/** Before a row comes: nobody has its keys. @throws SqlError 2601, 2627 */
export function requireFreeKeys(
  target: Written,
  row: readonly Value[],
  rows: CurrentRows,
  execution: Execution,
): void {
  for (const unique of target.rules.uniques) requireAlone(target, unique, row, undefined, rows, execution);
}

/** All rows are written by now: keys that change places with one another are no duplicates. @throws SqlError 2601, 2627 */
export function requireUnique(
  { target, changes }: ChangeSet,
  rids: readonly number[],
  rows: CurrentRows,
  execution: Execution,
): void {
  for (const unique of target.rules.uniques)
    changes.forEach((change, at) => {
      const { after } = change;
      if (after && touches(unique, change, after))
        requireAlone(target, unique, after, rids[at], rows, execution);
    });
}

/** No other row than the one with this rid has the key of a row. */
function requireAlone(
  target: Written,
  unique: Unique,
  row: readonly Value[],
  rid: number | undefined,
  rows: CurrentRows,
  execution: Execution,
): void {
  const { database, table, names, rules } = target;
  const { filter, index } = unique;
  const { evaluation } = execution;
  const key = unique.places.map(place => row[place] ?? null);
  let taken = false;
  if (filter) {
    if (filter.test(row, evaluation) !== true) return;
    rows.respect(database, table, index.id, key);
    for (const other of rows.view(database).seek(table, index.id, key))
      taken ||= other.rid !== rid && filter.test(rows.completed(rules, other.values), evaluation) === true;
  } else {
    const holder = execution.transaction(database).holder(table, index.id, key);
    taken = holder !== undefined && holder !== rid;
    // The holder is only one of those that have the key.
    if (!taken && rid !== undefined)
      for (const other of rows.view(database).seek(table, index.id, key)) taken ||= other.rid !== rid;
  }
  if (taken) throw duplicate(table, index, names, keyText(unique.columns, key));
}

/** An update that leaves the key as it is cannot make a duplicate, unless it takes the row into a filtered index. */
function touches(unique: Unique, { before }: Change, after: readonly Value[]): boolean {
  if (!before || unique.filter) return true;
  return unique.places.some(place => !equal(before[place] ?? null, after[place] ?? null));
}

function equal(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return false;
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (right instanceof Uint8Array) return false;
  if ('ticks' in left) return 'ticks' in right && left.ticks === right.ticks && left.offset === right.offset;
  return 'value' in right && equal(left.value, right.value);
}
