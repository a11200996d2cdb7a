import { harmless } from '../../foundation/text.ts';

/** What the keeper of a pass has told so far (keeper-script.ts). Instants are epoch ms by the source's own clock. */
export interface Told {
  readonly hooks: readonly HookTold[];
  /** By number of the file system: the instant from which the snapshot may lack something. */
  readonly taken: ReadonlyMap<number, number>;
  readonly failed: ReadonlyMap<number, string>;
  /** Snapshots that ran full. */
  readonly full: ReadonlySet<number>;
  /** Live file systems in which nothing has changed since the beginning. */
  readonly still: ReadonlySet<number>;
  readonly removed: readonly string[];
  /** What could not be taken away, and why. */
  readonly stuck: readonly string[];
  readonly ready: boolean;
  /** `done`, `idle`, `cap`, `full`, `stopped`, `before` (that hook failed), `failed` (a snapshot did). */
  readonly why: string | undefined;
  readonly ended: boolean;
}

export interface HookTold {
  readonly moment: 'before' | 'after';
  readonly code: number;
  readonly ms: number;
  /** Its last lines. */
  readonly output: readonly string[];
  /** An `after` that an earlier pass had left owing. */
  readonly owed: boolean;
  /** Told once everything was read. */
  readonly atEnd: boolean;
}

/** Reads the keeper's lines; what is no line of its own is passed over. */
export function readKeeper(text: string): Told {
  const hooks: (HookTold & { output: string[] })[] = [];
  const taken = new Map<number, number>();
  const failed = new Map<number, string>();
  const full = new Set<number>();
  const still = new Set<number>();
  const removed: string[] = [];
  const stuck: string[] = [];
  let begun = false;
  let ready = false;
  let why: string | undefined;
  let ended = false;
  // A last line without its end is still being written.
  for (const line of text.split('\n').slice(0, -1)) {
    const [word = '', first = '', ...rest] = line.split(' ');
    const number = Number(first);
    switch (word) {
      case 'begun':
        begun = true;
        break;
      case 'before':
      case 'after':
        if (!/^\d+ \d+$/.test(`${first} ${rest[0] ?? ''}`)) break;
        hooks.push({
          moment: word,
          code: number,
          ms: Number(rest[0]),
          output: [],
          owed: !begun,
          atEnd: ready,
        });
        break;
      case 'say':
        hooks.findLast(({ moment }) => moment === first)?.output.push(harmless(rest.join(' ')).slice(0, 500));
        break;
      case 'taken':
        taken.set(number, Number(rest[0]));
        break;
      case 'failed':
        failed.set(number, harmless(rest.join(' ').trim()).slice(0, 500));
        break;
      case 'full':
        full.add(number);
        break;
      case 'still':
        still.add(number);
        break;
      case 'removed':
        removed.push(harmless([first, ...rest].join(' ')));
        break;
      case 'stuck':
        stuck.push(harmless([first, ...rest].join(' ').trim()).slice(0, 500));
        break;
      case 'ready':
        ready = true;
        break;
      case 'why':
        why = first;
        break;
      case 'end':
        ended = true;
        break;
    }
  }
  return { hooks, taken, failed, full, still, removed, stuck, ready, why, ended };
}
