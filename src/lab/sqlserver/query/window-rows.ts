import type { Value } from '../values/index.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { keyFunction } from './grouping.ts';
import type { Key } from './joins.ts';
import { hold, sizeOf } from './memory.ts';
import { orderOf } from './sorting.ts';
import type { Peers, WindowCall } from './windows.ts';

/** What a window function keeps a row: places, keys, peers, its value; in bytes. */
const CALL = 100;

/** Rows with the values of all window functions behind their own; they come in the order of the last window. */
export function* windowed(
  rows: Rows,
  calls: readonly WindowCall[],
  width: number,
  context: Evaluation,
): Rows {
  const held = hold(context);
  const all: Value[][] = [];
  for (const row of rows) {
    if (row === PAUSE) yield PAUSE;
    else {
      const copy: Value[] = row.slice(0, width);
      while (copy.length < width) copy.push(null);
      held.need(sizeOf(copy) + calls.length * CALL);
      all.push(copy);
    }
  }
  let order = all.map((_row, at) => at);
  for (const [place, call] of calls.entries()) {
    const results: Value[] = new Array(all.length);
    order = [];
    for (const members of partitions(all, call, context)) {
      const chosen = members.map(at => all[at] ?? []);
      const values = call.compute(chosen, peersOf(chosen, call, context), context);
      for (const [at, member] of members.entries()) results[member] = values[at] ?? null;
      order.push(...members);
      yield PAUSE;
    }
    for (const [at, row] of all.entries()) row[width + place] = results[at] ?? null;
  }
  for (const [given, at] of order.entries()) {
    yield all[at] ?? [];
    if (given % 1000 === 999) yield PAUSE;
  }
  held.free();
}

function partitions(all: readonly Row[], call: WindowCall, context: Evaluation): readonly number[][] {
  const groups = new Map<Key, number[]>();
  const keyOf = call.partition.length === 0 ? () => '' : keyFunction(call.partition);
  for (const [at, row] of all.entries()) {
    const key = keyOf(row, context);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [at]);
    else group.push(at);
  }
  const result = [...groups.values()];
  if (call.order.length === 0) return result;
  const order = orderOf(call.order);
  const keys = all.map(row => call.order.map(key => key.evaluate(row, context)));
  for (const group of result) group.sort((a, b) => order(keys[a] ?? [], keys[b] ?? []) || a - b);
  return result;
}

function peersOf(rows: readonly Row[], call: WindowCall, context: Evaluation): Peers {
  const from: number[] = new Array(rows.length);
  const to: number[] = new Array(rows.length);
  if (call.order.length === 0) return { from: from.fill(0), to: to.fill(rows.length) };
  const order = orderOf(call.order);
  const keys = rows.map(row => call.order.map(key => key.evaluate(row, context)));
  let begin = 0;
  for (let at = 0; at <= rows.length; at += 1) {
    if (at < rows.length && order(keys[begin] ?? [], keys[at] ?? []) === 0) continue;
    for (let peer = begin; peer < at; peer += 1) {
      from[peer] = begin;
      to[peer] = at;
    }
    begin = at;
  }
  return { from, to };
}
