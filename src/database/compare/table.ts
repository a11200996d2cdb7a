import type { DatabaseTable } from '../../journal/database-facts.ts';
import { type Adapting, learned, probeFor, UNKNOWN } from './adapt.ts';
import { type Cuts, cutsFor } from './cuts.ts';
import { examine, type Overfull, type Readers } from './examine.ts';
import { openReaders } from './reader.ts';
import type { CompareOptions, Key, KeyRange, RangeVerdict, Side } from './types.ts';

const RANGE_ROWS = 20_000;
/** Ranges that are asked about before the one at hand is answered: neither server waits for this process. */
const AHEAD = 2;
/** A range in which the copy has so many times the rows of a range is cut by the copy's own keys. */
const OVERFULL = 3;

/**
 * Compares a table that has a key, range by range in the left server's order of keys. Every row of both sides is in
 * exactly one range: the first is open to the left, the last to the right. Adaptive: sums over ranges; buckets of a range
 * that differs; keys of the buckets that differ; and what the last ranges have shown decides where the next one begins.
 * Where rows are written meanwhile, a difference may be one of time: see `validate`.
 *
 * @throws LandfallError of the session; `database.blocked` where a column of the key is not carried
 */
export async function* compareTable(
  left: Side,
  right: Side,
  table: DatabaseTable,
  options: CompareOptions,
): AsyncGenerator<RangeVerdict> {
  const readers = await openReaders(left, right, table, options);
  const rangeRows = options.rangeRows ?? RANGE_ROWS;
  const keyBytes = readers[0].keyBytes;
  const most = OVERFULL * rangeRows;
  let adapting: Adapting = UNKNOWN;
  let compared = 0;

  const ask = (range: KeyRange): Promise<RangeVerdict | Overfull> =>
    examine(readers, range, probeFor(rangeRows, adapting, keyBytes), { adapting, keyBytes, most });

  const within = options.within ?? {};
  const cuts = await cutsFor(readers, within, rangeRows, table.rows);
  for await (const probed of inOrder(cuts, within, ask)) {
    cuts.learn(Math.max(...('overfull' in probed ? probed.rows : [probed.rowsLeft, probed.rowsRight])));
    const verdicts = 'overfull' in probed ? parts(readers, probed, rangeRows, adapting) : [probed];
    for await (const verdict of verdicts) {
      adapting = learned(adapting, Math.max(verdict.rowsLeft, verdict.rowsRight), verdict.differences.length);
      compared += verdict.rowsLeft;
      options.onProgress?.(compared);
      yield verdict;
    }
  }
}

/** Ranges of the left side one after the other; the next ones are asked about while one is looked at. */
async function* inOrder<T>(
  cuts: Cuts,
  within: KeyRange,
  ask: (range: KeyRange) => Promise<T>,
): AsyncGenerator<T> {
  /** Where the next range begins; undefined behind the last one. */
  let next: Promise<{ readonly from?: Key } | undefined> = Promise.resolve(startingAt(within.from));
  const ahead = (): Promise<T | undefined> => {
    const bounded = next.then(async begin => {
      if (begin === undefined) return undefined;
      const rest = { ...within, ...begin };
      const end = await cuts.end(rest);
      return { range: end === undefined ? rest : { ...rest, to: end }, end };
    });
    next = bounded.then(at => (at?.end === undefined ? undefined : startingAt(at.end)));
    next.catch(() => undefined);
    const asked = bounded.then(at => (at === undefined ? undefined : ask(at.range)));
    asked.catch(() => undefined);
    return asked;
  };
  const queue: Promise<T | undefined>[] = [];
  try {
    for (;;) {
      while (queue.length < AHEAD) queue.push(ahead());
      const answer = await queue.shift();
      if (answer === undefined) return;
      yield answer;
    }
  } finally {
    // Whoever owns the sessions gets them back idle.
    await Promise.allSettled(queue);
  }
}

const startingAt = (from: Key | undefined): { readonly from?: Key } => (from === undefined ? {} : { from });

/** A range in which one side has far more rows than an answer may carry, cut by that side's own keys. */
async function* parts(
  readers: Readers,
  { overfull, rows }: Overfull,
  rangeRows: number,
  adapting: Adapting,
): AsyncGenerator<RangeVerdict> {
  const fuller = rows[0] > rows[1] ? readers[0] : readers[1];
  let rest = overfull;
  for (;;) {
    const end = await fuller.boundary(rest, rangeRows);
    const part = end === undefined ? rest : { ...rest, to: end };
    const examining = { adapting, keyBytes: fuller.keyBytes, most: Number.MAX_SAFE_INTEGER };
    const verdict = await examine(readers, part, { kind: 'sums' }, examining);
    // Never so, without a limit.
    if ('overfull' in verdict) return;
    yield verdict;
    if (end === undefined) return;
    rest = { ...rest, from: end };
  }
}
