import { createHash } from 'node:crypto';
import { createLineSplitter } from './lines.ts';

/**
 * The hash chain of a journal: h0 is the hash of the plan that the evacuation was begun with, each line gives
 * h(n) = SHA-256(h(n-1) || line n without its newline). The head at event n stands for everything up to it: written down
 * at another place, it shows whether anything before was changed later. Heads are hex digits.
 */

const HASH = /^[0-9a-f]{64}$/;

/** h0. A hash of an older form, or none, is hashed itself. */
export const chainStart = (planHash: string): string =>
  HASH.test(planHash) ? planHash : createHash('sha256').update(planHash).digest('hex');

export const chainNext = (head: string, line: Uint8Array): string =>
  createHash('sha256').update(Buffer.from(head, 'hex')).update(line).digest('hex');

export interface ChainHead {
  /** Number of the last event in it; 0 before the first. */
  readonly upTo: number;
  readonly head: string;
}

/** Follows a journal that grows: give it the bytes as they come; an unfinished last line waits for its end. */
export class Chain {
  readonly #lines = createLineSplitter();
  readonly #onHead: (head: ChainHead, line: Uint8Array) => void;
  #current: ChainHead = { upTo: 0, head: chainStart('') };
  #bytes = 0;

  constructor(onHead: (head: ChainHead, line: Uint8Array) => void = () => {}) {
    this.#onHead = onHead;
  }

  get current(): ChainHead {
    return this.#current;
  }

  /** Bytes of whole lines, newlines included. */
  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    this.#lines.push(chunk, line => {
      const { upTo, head } = this.#current;
      const before = upTo === 0 ? chainStart(firstPlanHash(line) ?? '') : head;
      this.#current = { upTo: upTo + 1, head: chainNext(before, line) };
      this.#bytes += line.length + 1;
      this.#onHead(this.#current, line);
    });
  }
}

/** The chain of a whole journal in memory. */
export function chainOf(journal: Uint8Array): ChainHead {
  const chain = new Chain();
  chain.push(journal);
  return chain.current;
}

/** The plan hash of `evacuation.created`, the first line of every journal; undefined where it is not there yet. */
function firstPlanHash(firstLine: Uint8Array): string | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(firstLine).toString('utf8'));
    const hash = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'planHash') : undefined;
    return typeof hash === 'string' ? hash : undefined;
  } catch {
    // What is no JSON is told by whoever reads the journal, with the line.
    return undefined;
  }
}
