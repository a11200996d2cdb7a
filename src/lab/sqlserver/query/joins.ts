import type { Value } from '../values/types.ts';
import { type Evaluation, PAUSE, type Row, type Rows, type Truth } from './bound.ts';
import { under } from './evaluation.ts';
import { KeyedRows } from './keyed-rows.ts';
import { HeldRows, hold, sizeOf } from './memory.ts';

/** What gives rows: a table, a join, a query inside. */
export interface Operator {
  readonly width: number;
  rows(context: Evaluation): Rows;
  /** How many rows it is likely to give, for the choice of the side to keep in memory. */
  estimate(): number;
}

export type Test = (row: Row, context: Evaluation) => Truth;
export type Key = string | number | bigint;
/** Key of a row, undefined where one of its parts is NULL: it equals nothing. */
export type KeyOf = (row: Row, context: Evaluation) => Key | undefined;

interface JoinPlan {
  readonly left: Operator;
  readonly right: Operator;
  readonly keepLeft: boolean;
  readonly keepRight: boolean;
  /** Keys of an equality join, undefined where there is none. */
  readonly keys: { readonly left: KeyOf; readonly right: KeyOf } | undefined;
  /** What the rows side by side have to fulfil besides. */
  readonly residual: Test | undefined;
  /** Rows of the right side for one of the left, through an index; `width` columns each. */
  readonly lookup: ((row: Row, context: Evaluation) => Iterable<Row>) | undefined;
  /** The whole condition, which rows of an index still have to fulfil. */
  readonly condition: Test | undefined;
  /** The order of the left rows is relied upon. */
  readonly ordered: boolean;
}

/** A lookup a row is dearer than a row of a scan: up to this many rows of the left the index is asked. */
const LOOKUPS = 16;
const SMALL = 500;
/** Beyond this many rows a side is not kept in memory where an index can be asked instead. */
const LARGE = 400_000;
const BREATH = 1000;
/** What a row of a loop costs besides itself, in bytes. */
const OTHER = 40;

export function beside(left: Row, right: Row, leftWidth: number, rightWidth: number): Value[] {
  const row: Value[] = new Array(leftWidth + rightWidth);
  for (let at = 0; at < leftWidth; at += 1) row[at] = left[at] ?? null;
  for (let at = 0; at < rightWidth; at += 1) row[leftWidth + at] = right[at] ?? null;
  return row;
}

const NONE: Row = [];

export function join(plan: JoinPlan): Operator {
  const { left, right } = plan;
  const width = left.width + right.width;
  const rows = (context: Evaluation): Rows => {
    if (plan.keys === undefined && plan.lookup === undefined) return loop(plan, context);
    if (plan.lookup !== undefined && !plan.keepRight) return adaptive(plan, context);
    return hashed(plan, context);
  };
  return {
    width,
    rows,
    estimate: () =>
      plan.keys === undefined && plan.lookup === undefined
        ? left.estimate() * Math.max(1, right.estimate())
        : Math.max(left.estimate(), right.estimate()),
  };
}

function hashed(plan: JoinPlan, context: Evaluation, begun?: Rows): Rows {
  const swap =
    !plan.ordered &&
    !plan.keepLeft &&
    begun === undefined &&
    plan.left.estimate() * 2 < plan.right.estimate();
  return swap ? buildLeft(plan, context) : buildRight(plan, context, begun ?? plan.left.rows(context));
}

/** Few rows on the left ask the index of the right; as soon as there are many the right is read once. */
function* adaptive(plan: JoinPlan, context: Evaluation): Rows {
  const { lookup, keys } = plan;
  if (lookup === undefined) return;
  const size = plan.right.estimate();
  if (keys !== undefined && size <= SMALL) {
    yield* hashed(plan, context);
    return;
  }
  const source = plan.left.rows(context)[Symbol.iterator]();
  const held = hold(context);
  try {
    const first: Row[] = [];
    const limit = keys === undefined || size > LARGE ? 0 : size / LOOKUPS;
    let done = false;
    while (first.length < limit) {
      const next = source.next();
      if (next.done === true) {
        done = true;
        break;
      }
      if (next.value === PAUSE) yield PAUSE;
      else {
        first.push(next.value);
        if (!held.take(sizeOf(next.value))) break;
      }
    }
    const all = done ? first : chained(first, source);
    if (done || keys === undefined || size > LARGE) yield* lookups(plan, lookup, all, context);
    else yield* hashed(plan, context, all);
  } finally {
    held.free();
    // Whoever stops early leaves no open scan behind.
    source.return?.();
  }
}

function* chained(first: readonly Row[], rest: Iterator<Row | typeof PAUSE>): Rows {
  yield* first;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

function* lookups(
  plan: JoinPlan,
  lookup: (row: Row, context: Evaluation) => Iterable<Row>,
  source: Rows,
  context: Evaluation,
): Rows {
  const { left, right, condition, keepLeft } = plan;
  let read = 0;
  for (const row of source) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    let matched = false;
    for (const other of lookup(row, context)) {
      read += 1;
      if (read % BREATH === 0) yield PAUSE;
      const both = beside(row, other, left.width, right.width);
      if (condition !== undefined && condition(both, context) !== true) continue;
      matched = true;
      yield both;
    }
    if (!matched && keepLeft) yield beside(row, NONE, left.width, right.width);
  }
}

function* buildRight(plan: JoinPlan, context: Evaluation, source: Rows): Rows {
  const { left, right, residual, keepLeft, keepRight, keys } = plan;
  if (keys === undefined) return;
  const table = new KeyedRows(context);
  const lonely = new HeldRows(context);
  try {
    for (const row of right.rows(context)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key = keys.right(row, context);
      if (key !== undefined) table.add(key, row);
      else if (keepRight) lonely.push(row);
    }
    if (table.empty && !keepLeft && !keepRight) return;
    let made = 0;
    for (const row of source) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      let matched = false;
      for (const other of table.of(keys.left(row, context))) {
        made += 1;
        if (made % BREATH === 0) yield PAUSE;
        const both = beside(row, other.row, left.width, right.width);
        if (residual !== undefined && residual(both, context) !== true) continue;
        matched = true;
        other.matched = true;
        yield both;
      }
      if (!matched && keepLeft) yield beside(row, NONE, left.width, right.width);
    }
    if (!keepRight) return;
    for (const other of table.unmatched()) yield beside(NONE, other, left.width, right.width);
    for (const row of lonely.rows) yield beside(NONE, row, left.width, right.width);
  } finally {
    table.free();
    lonely.free();
  }
}

/** The left side in memory, where it is much the smaller one. */
function* buildLeft(plan: JoinPlan, context: Evaluation): Rows {
  const { left, right, residual, keepLeft, keepRight, keys } = plan;
  if (keys === undefined) return;
  const table = new KeyedRows(context);
  const lonely = new HeldRows(context);
  try {
    for (const row of left.rows(context)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key = keys.left(row, context);
      if (key !== undefined) table.add(key, row);
      else if (keepLeft) lonely.push(row);
    }
    let made = 0;
    if (!table.empty || keepRight)
      for (const row of right.rows(context)) {
        if (row === PAUSE) {
          yield PAUSE;
          continue;
        }
        let matched = false;
        for (const other of table.of(keys.right(row, context))) {
          made += 1;
          if (made % BREATH === 0) yield PAUSE;
          const both = beside(other.row, row, left.width, right.width);
          if (residual !== undefined && residual(both, context) !== true) continue;
          matched = true;
          other.matched = true;
          yield both;
        }
        if (!matched && keepRight) yield beside(NONE, row, left.width, right.width);
      }
    if (!keepLeft) return;
    for (const other of table.unmatched()) yield beside(other, NONE, left.width, right.width);
    for (const row of lonely.rows) yield beside(row, NONE, left.width, right.width);
  } finally {
    table.free();
    lonely.free();
  }
}

interface Other {
  readonly row: Row;
  matched: boolean;
}

/** Every row with every row: the right side is read once and kept. */
function* loop(plan: JoinPlan, context: Evaluation): Rows {
  const { left, right, residual, keepLeft, keepRight } = plan;
  const held = hold(context);
  const others: Other[] = [];
  try {
    for (const row of right.rows(context)) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      held.need(sizeOf(row) + OTHER);
      others.push({ row, matched: false });
    }
    let read = 0;
    if (others.length > 0 || keepLeft)
      for (const row of left.rows(context)) {
        if (row === PAUSE) {
          yield PAUSE;
          continue;
        }
        let matched = false;
        for (const other of others) {
          read += 1;
          if (read % BREATH === 0) yield PAUSE;
          const both = beside(row, other.row, left.width, right.width);
          if (residual !== undefined && residual(both, context) !== true) continue;
          matched = true;
          other.matched = true;
          yield both;
        }
        if (!matched && keepLeft) yield beside(row, NONE, left.width, right.width);
      }
    if (keepRight)
      for (const other of others) if (!other.matched) yield beside(NONE, other.row, left.width, right.width);
  } finally {
    held.free();
  }
}

/** APPLY: the right side once for each row of the left, which it sees as the row around. */
export function apply(left: Operator, right: Operator, outer: boolean): Operator {
  return {
    width: left.width + right.width,
    estimate: () => left.estimate() * Math.max(1, right.estimate()),
    *rows(context) {
      for (const row of left.rows(context)) {
        if (row === PAUSE) {
          yield PAUSE;
          continue;
        }
        let matched = false;
        for (const other of right.rows(under(context, row))) {
          if (other === PAUSE) {
            yield PAUSE;
            continue;
          }
          matched = true;
          yield beside(row, other, left.width, right.width);
        }
        if (!matched && outer) yield beside(row, NONE, left.width, right.width);
      }
    },
  };
}

export function filter(source: Operator, test: Test | undefined): Operator {
  if (test === undefined) return source;
  return {
    width: source.width,
    estimate: () => Math.max(1, source.estimate() / 3),
    *rows(context) {
      for (const row of source.rows(context)) if (row === PAUSE || test(row, context) === true) yield row;
    },
  };
}
