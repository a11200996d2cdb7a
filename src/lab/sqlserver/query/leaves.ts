import type { Index, Table } from '../catalog/schema.ts';
import type { Range, StoredRow, View } from '../storage/store.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import { comparisonKey, type Value } from '../values/index.ts';
import type { Access } from './access.ts';
import type { Binding } from './binding.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { isVolatile } from './canonical.ts';
import { comparable } from './comparisons.ts';
import { bindTest } from './conditions.ts';
import { memo } from './evaluation.ts';
import { bindValue } from './expressions.ts';
import type { From, LeafSource, Tree } from './from.ts';
import type { KeyOf, Operator, Test } from './joins.ts';
import { KeyedRows } from './keyed-rows.ts';
import { namesOf } from './names.ts';

export interface Reading {
  readonly pushed: readonly Condition[];
  readonly tree: Tree;
  readonly from: From;
  readonly test: Test | undefined;
  /** Binding of what stands outside the leaf: the row around alone. */
  readonly outside: Binding;
  readonly access?: Access | undefined;
  readonly index?: Index;
  readonly reverse?: boolean;
}

const BREATH = 1000;
const UNKNOWN = 1000;
/** A larger table is not kept in memory for the sake of a correlated query. */
const KEPT = 500_000;
const NO_ROW: Row = [];

/** The rows of one source that fulfil the conditions on it. */
export function leafOperator(source: LeafSource, reading: Reading): Operator {
  const { origin, leaf } = source;
  const marked = leaf.mark !== undefined && !(origin.kind === 'rows' && origin.behind === true);
  const { test } = reading;
  const estimate = (): number => {
    if (origin.kind === 'rows') return origin.estimate;
    const stored = origin.database.store?.rowCount(origin.table) ?? UNKNOWN;
    if (reading.access?.unique === true) return 1;
    return reading.access === undefined
      ? stored
      : Math.max(1, stored / 10 ** Math.max(1, reading.access.fixed));
  };
  const plain = (context: Evaluation, tested: Test | undefined): Rows =>
    origin.kind === 'rows'
      ? filtered(origin.rows(context), tested, context, marked, leaf.columns.length)
      : stored(source, rangesOf(reading, context), tested, context);
  const spool =
    (origin.kind === 'rows' && origin.correlated) || reading.access !== undefined
      ? undefined
      : spoolOf(reading);
  const kept = spool === undefined ? undefined : memo<KeyedRows>();
  return {
    width: leaf.width,
    estimate,
    *rows(context) {
      if (spool === undefined || kept === undefined || context.outer === undefined || estimate() > KEPT) {
        yield* plain(context, test);
        return;
      }
      let table = kept.get(context);
      if (table === undefined) {
        table = new KeyedRows(context);
        for (const row of plain(context, spool.lasting)) {
          if (row === PAUSE) {
            yield PAUSE;
            continue;
          }
          const key = spool.own(row, context);
          if (key !== undefined) table.add(key, row);
        }
        kept.set(context, table);
      }
      const key = spool.around(NO_ROW, context);
      for (const { row } of table.of(key)) if (test === undefined || test(row, context) === true) yield row;
    },
  };
}

function rangesOf(reading: Reading, context: Evaluation): readonly (Range | undefined)[] {
  const { index } = reading;
  const whole: Range | undefined =
    index === undefined
      ? undefined
      : { indexId: index.id, ...(reading.reverse === true ? { reverse: true } : {}) };
  const ranges = reading.access?.ranges(NO_ROW, context);
  if (ranges === undefined) return [whole];
  return reading.reverse === true ? ranges.map(range => ({ ...range, reverse: true })).reverse() : ranges;
}

function* filtered(
  rows: Rows,
  test: Test | undefined,
  context: Evaluation,
  marked: boolean,
  width: number,
): Rows {
  let place = 0;
  for (const row of rows) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const whole = marked ? withMark(row, width, place) : row;
    place += 1;
    if (place % BREATH === 0) yield PAUSE;
    if (test === undefined || test(whole, context) === true) yield whole;
  }
}

function withMark(row: Row, width: number, mark: number): Row {
  const marked: Value[] = row.slice(0, width);
  marked.push(mark);
  return marked;
}

function* stored(
  source: LeafSource,
  ranges: readonly (Range | undefined)[],
  test: Test | undefined,
  context: Evaluation,
): Rows {
  const { origin, leaf } = source;
  if (origin.kind !== 'stored') return;
  const { table, database, hints, compute } = origin;
  const marked = leaf.mark !== undefined;
  const width = leaf.columns.length;
  const places = leaf.needed !== undefined && leaf.needed.size < width ? leaf.needed : undefined;
  let read = 0;
  for (const range of ranges) {
    context.reading(database, table.id, hints, range);
    const view = context.view(database);
    for (const { rid, values } of rowsIn(view, table, range, places)) {
      read += 1;
      if (read % BREATH === 0) yield PAUSE;
      let row: Row = compute === undefined ? values : compute(values, context);
      if (marked) row = withMark(row, width, rid);
      if (test === undefined || test(row, context) === true) yield row;
    }
  }
}

/** A range of one key is a look, which the store answers at once. */
function rowsIn(
  view: View,
  table: Table,
  range: Range | undefined,
  places: ReadonlySet<number> | undefined,
): Iterable<StoredRow> {
  const { low } = range ?? {};
  return range !== undefined && low !== undefined && low === range.high && range.reverse !== true
    ? view.seek(table, range.indexId, low.key, places)
    : view.scan(table, range, places);
}

/** Rows by an index for a row of the other side of a join. */
export function lookupRows(
  source: LeafSource,
  access: Access,
  test: Test | undefined,
): (row: Row, context: Evaluation) => Iterable<Row> {
  return function* (row, context) {
    for (const found of stored(source, access.ranges(row, context) ?? [undefined], test, context))
      if (found !== PAUSE) yield found;
  };
}

interface Spool {
  /** Conditions that do not depend on the row around. */
  readonly lasting: Test | undefined;
  readonly own: KeyOf;
  readonly around: KeyOf;
}

/**
 * `leaf expression = expression of the row around`: the leaf is read once a statement and kept by that key, so that a
 * correlated query costs a look a row and not a scan.
 */
function spoolOf(reading: Reading): Spool | undefined {
  const { pushed, tree, from, outside } = reading;
  let spool: Omit<Spool, 'lasting'> | undefined;
  let lasting: Test | undefined;
  for (const condition of pushed) {
    const names = namesOf(from.names(tree.lo, tree.hi, tree.lateral).leaves, {
      parent: tree.lateral,
      caseSensitive: from.caseSensitive,
    });
    const binding: Binding = { ...outside, names };
    const { test } = bindTest(condition, binding);
    if (names.reach.depth === 0 && !isVolatile(condition)) {
      const before = lasting;
      lasting =
        before === undefined
          ? test
          : (row, context) => before(row, context) === true && test(row, context) === true;
    } else if (spool === undefined && condition.condition === 'compare' && condition.operator === '=')
      spool =
        keysOf(condition.left, condition.right, reading, condition.line) ??
        keysOf(condition.right, condition.left, reading, condition.line);
  }
  return spool === undefined ? undefined : { ...spool, lasting };
}

function keysOf(
  own: Expression,
  around: Expression,
  reading: Reading,
  line: number,
): Omit<Spool, 'lasting'> | undefined {
  const { tree, from, outside } = reading;
  if (isVolatile(own) || isVolatile(around)) return undefined;
  const inner = namesOf(from.names(tree.lo, tree.hi, tree.lateral).leaves, {
    parent: tree.lateral,
    caseSensitive: from.caseSensitive,
  });
  const other = namesOf(inner.leaves, { parent: tree.lateral, caseSensitive: from.caseSensitive });
  const first = bindValue(own, { ...outside, names: inner });
  const second = bindValue(around, { ...outside, names: other });
  if (inner.reach.depth > 0 || inner.used.size === 0 || other.used.size > 0 || other.reach.depth === 0)
    return undefined;
  const { left, right, type } = comparable(first, second, outside, line, 'equal to');
  const key = comparisonKey(type);
  return {
    own: (row, context) => {
      const value = left.evaluate(row, context);
      return value === null ? undefined : key(value);
    },
    around: (row, context) => {
      const value = right.evaluate(row, context);
      return value === null ? undefined : key(value);
    },
  };
}
