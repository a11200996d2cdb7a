import { SqlError } from '../errors.ts';
import { comparator, type SqlType, type Value } from '../values/index.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { HeldRows, hold, sizeOf } from './memory.ts';
import { type Entry, Runs } from './sort-runs.ts';
import type { Compute } from './typed.ts';

export interface SortKey {
  readonly evaluate: Compute;
  readonly type: SqlType;
  readonly descending: boolean;
}

type RowOrder = (left: readonly Value[], right: readonly Value[]) => number;

/** Compares lists of key values; NULL is lowest. */
export function orderOf(keys: readonly { readonly type: SqlType; readonly descending: boolean }[]): RowOrder {
  const parts = keys.map(key => ({ compare: comparator(key.type), sign: key.descending ? -1 : 1 }));
  return (left, right) => {
    for (let at = 0; at < parts.length; at += 1) {
      const a = left[at] ?? null;
      const b = right[at] ?? null;
      if (a === b) continue;
      const part = parts[at];
      if (part === undefined) continue;
      const order = a === null ? -1 : b === null ? 1 : part.compare(a, b);
      if (order !== 0) return order * part.sign;
    }
    return 0;
  };
}

/** @throws SqlError 306, 305 for types without an order */
export function sortable(type: SqlType, line: number): void {
  if (type.kind === 'text' || type.kind === 'ntext' || type.kind === 'image')
    throw new SqlError(
      306,
      'The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.',
      { line, endsBatch: true },
    );
  if (type.kind === 'xml')
    throw new SqlError(
      305,
      'The xml data type cannot be compared or sorted, except when using the IS NULL operator.',
      {
        line,
        endsBatch: true,
      },
    );
}

/** Sorted rows; with a `limit` only the first ones are kept while the rest goes by, ties of the last one too if wanted. */
export function* sorted(
  rows: Rows,
  keys: readonly SortKey[],
  context: Evaluation,
  limit: number | undefined,
): Rows {
  const order = orderOf(keys);
  const compare = (left: Entry, right: Entry): number =>
    order(left.keys, right.keys) || left.place - right.place;
  const evaluates = keys.map(key => key.evaluate);
  if (limit === 0) return;
  if (limit !== undefined && limit <= 10_000) {
    yield* first(rows, limit, compare, evaluates, context);
    return;
  }
  const runs = new Runs(context, compare, keys.length);
  let place = 0;
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const entry = { row, keys: evaluates.map(evaluate => evaluate(row, context)), place };
    place += 1;
    if (!runs.add(entry)) yield* runs.toDisk(entry);
  }
  let given = 0;
  for (const row of runs.rows()) {
    if (limit !== undefined && given >= limit) break;
    yield row;
    given += 1;
    if (given % 1000 === 0) yield PAUSE;
  }
  runs.free();
}

/** The first few rows: never many more than that are kept. */
function* first(
  rows: Rows,
  limit: number,
  compare: (left: Entry, right: Entry) => number,
  evaluates: readonly Compute[],
  context: Evaluation,
): Rows {
  const held = hold(context);
  let kept: Entry[] = [];
  let place = 0;
  let worst: Entry | undefined;
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const entry: Entry = { row, keys: evaluates.map(evaluate => evaluate(row, context)), place };
    place += 1;
    if (worst !== undefined && compare(entry, worst) > 0) continue;
    kept.push(entry);
    held.need(sizeOf(row));
    if (kept.length < limit * 2 + 100) continue;
    kept.sort(compare);
    kept = kept.slice(0, limit);
    worst = kept.at(-1);
    held.free();
    for (const { row: one } of kept) held.need(sizeOf(one));
  }
  kept.sort(compare);
  for (const [given, entry] of kept.slice(0, limit).entries()) {
    yield entry.row;
    if (given % 1000 === 999) yield PAUSE;
  }
  held.free();
}

/** TOP and OFFSET over rows that are in order already; `ties` goes on while the keys equal those of the last row. */
export function* limited(
  rows: Rows,
  skip: number,
  take: number | undefined,
  ties: readonly SortKey[] | undefined,
  context: Evaluation,
): Rows {
  if (take === 0) return;
  const order = ties === undefined ? undefined : orderOf(ties);
  const keysOf = (row: Row): readonly Value[] => (ties ?? []).map(key => key.evaluate(row, context));
  let skipped = 0;
  let given = 0;
  let last: readonly Value[] | undefined;
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    if (skipped < skip) {
      skipped += 1;
      continue;
    }
    if (take !== undefined && given >= take) {
      if (order === undefined || last === undefined || order(last, keysOf(row)) !== 0) return;
    }
    given += 1;
    if (order !== undefined && given === take) last = keysOf(row);
    yield row;
    if (take !== undefined && given >= take && order === undefined) return;
  }
}

/** TOP (n) PERCENT has to count first. */
export function* percentage(rows: Rows, percent: number, context: Evaluation): Rows {
  const all = new HeldRows(context);
  for (const row of rows) {
    if (row === PAUSE) yield PAUSE;
    else all.push(row);
  }
  yield* all.rows.slice(0, Math.ceil((all.rows.length * percent) / 100));
  all.free();
}
