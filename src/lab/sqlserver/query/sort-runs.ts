import type { Value } from '../values/types.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { type Hold, hold, sizeOf, spillOf } from './memory.ts';
import type { SpilledList } from './spill.ts';

export interface Entry {
  readonly row: Row;
  readonly keys: readonly Value[];
  /** Place in the input: equal keys stay in their order. */
  readonly place: number;
}

type Order = (left: Entry, right: Entry) => number;

/** Entries that are sorted at once: so many that nobody waits for it. */
const BLOCK = 4096;
/** Bytes of an entry besides its row and its keys. */
const ENTRY = 56;

/** Rows to sort: in short sorted runs, on disk where memory does not hold them, merged at the end. */
export class Runs {
  readonly #context: Evaluation;
  readonly #order: Order;
  readonly #keys: number;
  readonly #hold: Hold;
  #block: Entry[] = [];
  #blocks: Entry[][] = [];
  readonly #disk: SpilledList[] = [];

  constructor(context: Evaluation, order: Order, keys: number) {
    this.#context = context;
    this.#order = order;
    this.#keys = keys;
    this.#hold = hold(context);
  }

  /** false where there is no room: what is there has to go to disk first. */
  add(entry: Entry): boolean {
    if (!this.#hold.take(sizeOf(entry.row) + sizeOf(entry.keys) + ENTRY)) return false;
    this.#push(entry);
    return true;
  }

  #push(entry: Entry): void {
    this.#block.push(entry);
    if (this.#block.length === BLOCK) this.#endBlock();
  }

  #endBlock(): void {
    if (this.#block.length === 0) return;
    this.#blocks.push(this.#block.sort(this.#order));
    this.#block = [];
  }

  /** All that is in memory becomes one run on disk, and the entry the first of what follows. */
  *toDisk(entry: Entry): Rows {
    this.#endBlock();
    const run = spillOf(this.#context).list();
    let written = 0;
    for (const { place, keys, row } of merged(this.#blocks, this.#order)) {
      run.add([place, ...keys, ...row]);
      written += 1;
      if (written % 1000 === 0) yield PAUSE;
    }
    if (written > 0) this.#disk.push(run);
    this.#blocks = [];
    this.#hold.free();
    if (this.add(entry)) return;
    this.#hold.force(sizeOf(entry.row));
    this.#push(entry);
  }

  *rows(): Generator<Row, void, undefined> {
    this.#endBlock();
    const disk = this.#disk.map(run => fromDisk(run, this.#keys));
    for (const { row } of merged([...this.#blocks, ...disk], this.#order)) yield row;
  }

  free(): void {
    this.#hold.free();
    this.#blocks = [];
  }
}

function* fromDisk(run: SpilledList, keys: number): Generator<Entry, void, undefined> {
  for (const cells of run.rows())
    yield { place: Number(cells[0]), keys: cells.slice(1, keys + 1), row: cells.slice(keys + 1) };
}

interface Head {
  entry: Entry;
  readonly rest: Iterator<Entry>;
}

/** Sorted runs as one: a heap of their first entries. */
function* merged(runs: readonly Iterable<Entry>[], order: Order): Generator<Entry, void, undefined> {
  const heap: Head[] = [];
  for (const run of runs) {
    const rest = run[Symbol.iterator]();
    const next = rest.next();
    if (next.done !== true) heap.push({ entry: next.value, rest });
  }
  heap.sort((left, right) => order(left.entry, right.entry));
  try {
    for (let head = heap[0]; head !== undefined; head = heap[0]) {
      yield head.entry;
      const next = head.rest.next();
      if (next.done !== true) head.entry = next.value;
      else {
        const last = heap.pop();
        if (last === undefined || heap.length === 0) return;
        heap[0] = last;
      }
      sink(heap, order);
    }
  } finally {
    for (const { rest } of heap) rest.return?.();
  }
}

/** Puts the first of a heap where it belongs. */
function sink(heap: Head[], order: Order): void {
  let at = 0;
  for (;;) {
    const own = heap[at];
    let child = 2 * at + 1;
    let lower = heap[child];
    if (own === undefined || lower === undefined) return;
    const right = heap[child + 1];
    if (right !== undefined && order(right.entry, lower.entry) < 0) {
      child += 1;
      lower = right;
    }
    if (order(own.entry, lower.entry) <= 0) return;
    heap[at] = lower;
    heap[child] = own;
    at = child;
  }
}
