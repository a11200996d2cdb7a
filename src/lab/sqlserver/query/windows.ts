import { SqlError, unsupported } from '../errors.ts';
import type { Expression, Frame } from '../syntax/expressions.ts';
import type { Value } from '../values/index.ts';
import type { Accumulator, AggregateCall, BoundAggregate } from './aggregates.ts';
import { isAggregateName } from './aggregates.ts';
import type { Binding } from './binding.ts';
import type { Evaluation, Row } from './bound.ts';
import { makeAggregate } from './calls.ts';
import { hasWindow } from './canonical.ts';
import { bindValue } from './expressions.ts';
import { type SortKey, sortable } from './sorting.ts';
import { computed, convert, nothing, type Typed } from './typed.ts';

const RANKINGS = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'ntile',
  'lag',
  'lead',
  'first_value',
  'last_value',
  'percent_rank',
  'cume_dist',
]);

export const isRanking = (name: string): boolean => RANKINGS.has(name);

/** A window function over a partition that is sorted already. */
export interface WindowCall {
  readonly partition: readonly Typed[];
  readonly order: readonly SortKey[];
  /** One value for each row of the partition; `peers` tells where rows that are equal in order begin and end. */
  readonly compute: (rows: readonly Row[], peers: Peers, context: Evaluation) => readonly Value[];
}

export interface Peers {
  /** First row that is equal to this one. */
  readonly from: readonly number[];
  /** Behind the last row that is equal to this one. */
  readonly to: readonly number[];
}

type Compute = WindowCall['compute'];

export function bindWindow(call: AggregateCall, binding: Binding): Typed {
  const { line, over } = call;
  const name = (call.name[0] ?? '').toLowerCase();
  const fault = (number: number, text: string): SqlError =>
    new SqlError(number, text, { severity: 15, line, endsBatch: true });
  if (over === undefined)
    throw fault(10753, `The function '${name.toUpperCase()}' must have an OVER clause.`);
  if (binding.place === 'window' || binding.place === 'aggregate')
    throw fault(
      4109,
      'Windowed functions cannot be used in the context of another windowed function or aggregate.',
    );
  if (binding.windows === undefined)
    throw fault(4108, 'Windowed functions can only appear in the SELECT or ORDER BY clauses.');
  if (!isRanking(name) && !isAggregateName(name))
    throw new SqlError(195, `'${name}' is not a valid function that can be used with the OVER clause.`, {
      severity: 15,
      line,
      endsBatch: true,
    });
  if (hasWindow(call.arguments))
    throw fault(
      4109,
      'Windowed functions cannot be used in the context of another windowed function or aggregate.',
    );
  const inside: Binding = { ...binding, windows: undefined, place: 'window' };
  const partition = over.partitionBy.map(expression => bindValue(expression, inside));
  const order = over.orderBy.map((item): SortKey => {
    if (item.expression.node === 'literal')
      throw fault(
        5308,
        'Windowed functions, aggregates and NEXT VALUE FOR functions do not support integer indices as ORDER BY clause expressions.',
      );
    const key = bindValue(item.expression, inside);
    sortable(key.type, line);
    return { evaluate: key.evaluate, type: key.type, descending: item.descending };
  });
  if (isRanking(name) && order.length === 0)
    throw fault(4112, `The function '${name.toUpperCase()}' must have an OVER clause with ORDER BY.`);
  if (over.frame !== undefined && order.length === 0)
    throw fault(10756, 'Window frame with ROWS or RANGE must have an ORDER BY clause.');
  const { type, compute, nullable } = isRanking(name)
    ? ranking(name, call, inside)
    : overWindow(makeAggregate(call, name, inside), over.frame, order.length > 0);
  const slot = binding.windows.add({ partition, order, compute });
  return computed(type, row => row[slot()] ?? null, { nullable });
}

interface Made {
  readonly type: Typed['type'];
  readonly compute: Compute;
  readonly nullable: boolean;
}

function ranking(name: string, call: AggregateCall, inside: Binding): Made {
  const big = (compute: (rows: readonly Row[], peers: Peers) => readonly number[]): Made => ({
    type: { kind: 'bigint' },
    compute: (rows, peers) => compute(rows, peers).map(BigInt),
    nullable: true,
  });
  const real = (compute: (rows: readonly Row[], peers: Peers) => readonly number[]): Made => ({
    type: { kind: 'float' },
    compute,
    nullable: true,
  });
  const { frame } = call.over ?? {};
  if (frame !== undefined && name !== 'first_value' && name !== 'last_value')
    throw new SqlError(10752, `The function '${name.toUpperCase()}' may not have a window frame.`, {
      severity: 15,
      line: call.line,
      endsBatch: true,
    });
  const counts: Readonly<Record<string, readonly [number, number]>> = {
    ntile: [1, 1],
    lag: [1, 3],
    lead: [1, 3],
    first_value: [1, 1],
    last_value: [1, 1],
  };
  const [least, most] = counts[name] ?? [0, 0];
  if (call.arguments.length < least || call.arguments.length > most)
    throw new SqlError(
      least === most ? 174 : 189,
      `The ${name} function requires ${least === most ? `${least} argument(s)` : `${least} to ${most} arguments`}.`,
      { severity: 15, line: call.line, endsBatch: true },
    );
  switch (name) {
    case 'row_number':
      return big(rows => rows.map((_row, at) => at + 1));
    case 'rank':
      return big((rows, peers) => rows.map((_row, at) => (peers.from[at] ?? 0) + 1));
    case 'dense_rank':
      return big((rows, peers) => {
        let rank = 0;
        return rows.map((_row, at) => {
          if (peers.from[at] === at) rank += 1;
          return rank;
        });
      });
    case 'percent_rank':
      return real((rows, peers) =>
        rows.map((_row, at) => (rows.length < 2 ? 0 : (peers.from[at] ?? 0) / (rows.length - 1))),
      );
    case 'cume_dist':
      return real((rows, peers) => rows.map((_row, at) => (peers.to[at] ?? 0) / rows.length));
    case 'ntile':
      return ntile(call.arguments, inside);
    case 'lag':
    case 'lead':
      return shifted(name === 'lead', call.arguments, inside, call.line);
    default:
      return edgeValue(name === 'first_value', call.arguments, frame, inside);
  }
}

function ntile(given: readonly Expression[], inside: Binding): Made {
  const count = convert(given[0] === undefined ? nothing() : bindValue(given[0], inside), { kind: 'bigint' });
  return {
    type: { kind: 'bigint' },
    nullable: true,
    compute: (rows, _peers, context) => {
      const buckets = Number(count.evaluate(rows[0] ?? [], context) ?? 0);
      if (buckets <= 0)
        throw new SqlError(4185, 'The value for the NTILE function must be a positive number.');
      const small = Math.floor(rows.length / buckets);
      const larger = rows.length % buckets;
      return rows.map((_row, at) =>
        BigInt(
          at < larger * (small + 1)
            ? Math.floor(at / (small + 1)) + 1
            : larger + Math.floor((at - larger * (small + 1)) / Math.max(1, small)) + 1,
        ),
      );
    },
  };
}

function shifted(ahead: boolean, given: readonly Expression[], inside: Binding, line: number): Made {
  const [value, offset, fallback] = given.map(expression => bindValue(expression, inside));
  if (value === undefined) throw unsupported('LAG without an argument', line);
  const distance = offset === undefined ? undefined : convert(offset, { kind: 'bigint' });
  const otherwise = fallback === undefined ? undefined : convert(fallback, value.type);
  return {
    type: value.type,
    nullable: true,
    compute: (rows, _peers, context) =>
      rows.map((row, at) => {
        const by = distance === undefined ? 1 : Number(distance.evaluate(row, context) ?? 0);
        if (by < 0)
          throw new SqlError(8730, 'Offset parameter for Lag and Lead functions cannot be a negative value.');
        const other = rows[ahead ? at + by : at - by];
        return other === undefined
          ? (otherwise?.evaluate(row, context) ?? null)
          : value.evaluate(other, context);
      }),
  };
}

function edgeValue(
  first: boolean,
  given: readonly Expression[],
  frame: Frame | undefined,
  inside: Binding,
): Made {
  const value = given[0] === undefined ? nothing() : bindValue(given[0], inside);
  return {
    type: value.type,
    nullable: true,
    compute: (rows, peers, context) =>
      rows.map((_row, at) => {
        const [from, to] = frameOf(frame, at, rows.length, peers, true);
        const chosen = from < to ? rows[first ? from : to - 1] : undefined;
        return chosen === undefined ? null : value.evaluate(chosen, context);
      }),
  };
}

/** The rows of a frame: from the first to before the second. */
function frameOf(
  frame: Frame | undefined,
  at: number,
  length: number,
  peers: Peers,
  ordered: boolean,
): readonly [number, number] {
  if (!ordered) return [0, length];
  if (frame === undefined) return [0, peers.to[at] ?? length];
  const rows = frame.unit === 'rows';
  const edge = (bound: Frame['from'], end: boolean): number => {
    switch (bound.kind) {
      case 'unbounded-preceding':
        return 0;
      case 'unbounded-following':
        return length;
      case 'current':
        if (rows) return end ? at + 1 : at;
        return (end ? peers.to[at] : peers.from[at]) ?? at;
      case 'preceding':
        return at - bound.count + (end ? 1 : 0);
      case 'following':
        return at + bound.count + (end ? 1 : 0);
    }
  };
  return [Math.max(0, edge(frame.from, false)), Math.min(length, edge(frame.to, true))];
}

function overWindow(aggregate: BoundAggregate, frame: Frame | undefined, ordered: boolean): Made {
  if (
    frame?.unit === 'range' &&
    [frame.from, frame.to].some(bound => bound.kind === 'preceding' || bound.kind === 'following')
  )
    throw new SqlError(
      4194,
      'RANGE is only supported with UNBOUNDED and CURRENT ROW window frame delimiters.',
      { severity: 16, endsBatch: true },
    );
  return {
    type: aggregate.type,
    nullable: aggregate.nullable,
    compute: (rows, peers, context) => {
      const growing = !ordered || frame === undefined || frame.from.kind === 'unbounded-preceding';
      if (growing)
        return running(aggregate, rows, at => frameOf(frame, at, rows.length, peers, ordered)[1], context);
      return rows.map((_row, at) => {
        const [from, to] = frameOf(frame, at, rows.length, peers, ordered);
        const state = aggregate.start();
        for (const row of rows.slice(from, to)) state.add(row, context);
        return state.result(context);
      });
    },
  };
}

/** A frame that begins with the partition only ever takes in more rows. */
function running(
  aggregate: BoundAggregate,
  rows: readonly Row[],
  endOf: (at: number) => number,
  context: Evaluation,
): readonly Value[] {
  const state: Accumulator = aggregate.start();
  let taken = 0;
  let value: Value = null;
  let fresh = false;
  return rows.map((_row, at) => {
    const end = endOf(at);
    while (taken < end) {
      state.add(rows[taken] ?? [], context);
      taken += 1;
      fresh = false;
    }
    if (!fresh) {
      value = state.result(context);
      fresh = true;
    }
    return value;
  });
}
