import { SqlError } from '../errors.ts';
import { comparator, type SqlType, type Value } from '../values/index.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
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

interface Entry {
  readonly row: Row;
  readonly keys: readonly Value[];
  /** Place in the input: equal keys stay in their order. */
  readonly place: number;
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
  const bounded = limit !== undefined && limit <= 10_000;
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
    if (bounded && kept.length >= limit * 2 + 100) {
      kept.sort(compare);
      kept = kept.slice(0, limit);
      worst = kept.at(-1);
    }
  }
  kept.sort(compare);
  let given = 0;
  for (const entry of kept) {
    if (limit !== undefined && given >= limit) return;
    yield entry.row;
    given += 1;
    if (given % 1000 === 0) yield PAUSE;
  }
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
export function* percentage(rows: Rows, percent: number): Rows {
  const all: Row[] = [];
  for (const row of rows) {
    if (row === PAUSE) yield PAUSE;
    else all.push(row);
  }
  yield* all.slice(0, Math.ceil((all.length * percent) / 100));
}
