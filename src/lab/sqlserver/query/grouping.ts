import { comparisonKey } from '../values/index.ts';
import type { Accumulator, BoundAggregate } from './aggregates.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import type { Key } from './joins.ts';
import { keySize } from './keyed-rows.ts';
import { sizeOf } from './memory.ts';
import { Overflow } from './overflow.ts';
import { joined } from './plan.ts';
import type { Typed } from './typed.ts';

/** One row a group: the keys, then the aggregates. Without keys there is one group even where there are no rows. */
export function* grouped(
  rows: Rows,
  keys: readonly Typed[],
  aggregates: readonly BoundAggregate[],
  context: Evaluation,
): Rows {
  const starts = aggregates.map(aggregate => aggregate.start);
  const begin = (): Accumulator[] => starts.map(start => start());
  if (keys.length === 0) {
    const states = begin();
    for (const row of rows) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      for (const state of states) state.add(row, context);
    }
    yield states.map(state => state.result(context));
    return;
  }
  const keyOf = keyFunction(keys);
  const own = (row: Row): Key => keyOf(row, context);
  const group = (key: Key, row: Row): Group => ({
    keys: keys.map(one => one.evaluate(row, context)),
    states: begin(),
    size: keySize(key) + GROUP + aggregates.length * STATE,
  });
  const run = function* (input: Rows, depth: number): Rows {
    const groups = new Map<Key, Group>();
    const overflow = new Overflow(context, depth);
    for (const row of input) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key = own(row);
      let found = groups.get(key);
      if (found === undefined) {
        found = group(key, row);
        if (!overflow.take(found.size + sizeOf(found.keys))) {
          overflow.add(key, row);
          continue;
        }
        groups.set(key, found);
      }
      for (const state of found.states) state.add(row, context);
    }
    let given = 0;
    for (const { keys: values, states } of groups.values()) {
      yield [...values, ...states.map(state => state.result(context))];
      given += 1;
      if (given % 1000 === 0) yield PAUSE;
    }
    groups.clear();
    yield* overflow.rest(run);
  };
  yield* run(rows, 0);
}

interface Group {
  readonly keys: Row;
  readonly states: Accumulator[];
  readonly size: number;
}

/** Bytes of a group and of the state of one aggregate. */
const GROUP = 160;
const STATE = 64;
/** Bytes of an entry of a set. */
const ENTRY = 48;

/** A key in which NULL equals NULL: groups, DISTINCT, set operations. */
export function keyFunction(
  values: readonly Pick<Typed, 'evaluate' | 'type'>[],
): (row: Row, context: Evaluation) => Key {
  const parts = values.map(value => ({ evaluate: value.evaluate, key: comparisonKey(value.type) }));
  const [only] = parts;
  if (parts.length === 1 && only !== undefined)
    return (row, context) => {
      const value = only.evaluate(row, context);
      if (value === null) return '\u0000null';
      const key = only.key(value);
      return typeof key === 'string' ? `s${key}` : key;
    };
  return (row, context) => {
    let text = '';
    for (const part of parts) {
      const value = part.evaluate(row, context);
      text += value === null ? '-' : joined(part.key(value));
    }
    return text;
  };
}

/** Rows without those that came before. */
export function* distinct(
  rows: Rows,
  keyOf: (row: Row, context: Evaluation) => Key,
  context: Evaluation,
): Rows {
  const run = function* (input: Rows, depth: number): Rows {
    const seen = new Set<Key>();
    const overflow = new Overflow(context, depth);
    for (const row of input) {
      if (row === PAUSE) {
        yield PAUSE;
        continue;
      }
      const key = keyOf(row, context);
      if (seen.has(key)) continue;
      if (!overflow.take(keySize(key) + ENTRY)) {
        overflow.add(key, row);
        continue;
      }
      seen.add(key);
      yield row;
    }
    seen.clear();
    yield* overflow.rest(run);
  };
  yield* run(rows, 0);
}
