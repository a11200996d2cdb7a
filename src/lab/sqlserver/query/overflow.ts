import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import type { Key } from './joins.ts';
import { type Hold, hold, outOfMemory, spillOf } from './memory.ts';
import { partOf, type SpilledList } from './spill.ts';

const PARTS = 16;
/** 16 parts of 16 parts of …: what has no room then has no end. */
const DEEPEST = 5;

/** Rows of keys for which a group or a set had no room; they are taken up again part by part when the others are done. */
export class Overflow {
  readonly #context: Evaluation;
  readonly #depth: number;
  readonly #hold: Hold;
  readonly #parts: (SpilledList | undefined)[] = new Array(PARTS);
  #full = false;

  constructor(context: Evaluation, depth: number) {
    this.#context = context;
    this.#depth = depth;
    this.#hold = hold(context);
  }

  /** Room for a new key; once there is none it stays so, for rows of one key may not be on both sides. */
  take(bytes: number): boolean {
    this.#full ||= !this.#hold.take(bytes);
    return !this.#full;
  }

  /** @throws SqlError 701 where nothing more can be cut */
  add(key: Key, row: Row): void {
    if (this.#depth >= DEEPEST) throw outOfMemory();
    const at = partOf(key, PARTS, this.#depth);
    this.#parts[at] ??= spillOf(this.#context).list();
    this.#parts[at].add(row);
  }

  /** What was put aside, by the same work once more. The room of the others is given back before. */
  *rest(work: (rows: Rows, depth: number) => Rows): Rows {
    this.#hold.free();
    for (const part of this.#parts)
      if (part !== undefined) yield* work(breathing(part.rows()), this.#depth + 1);
  }
}

function* breathing(rows: Iterable<Row>): Rows {
  let read = 0;
  for (const row of rows) {
    yield row;
    read += 1;
    if (read % 1000 === 0) yield PAUSE;
  }
}
