/** What is still to be done before something is safe. Expected and at worst; bytes over the link, ms beside it. */
export interface Work {
  readonly name: string;
  readonly kind: 'machine' | 'database';
  readonly priority: number;
  /** Cost of an hour without it. */
  readonly cost: number;
  /** What it is worth nothing without, by name, as the plan says. */
  readonly needs: readonly string[];
  /** `safe`: nothing is left to do; `open`: this much is; `unknown`: nothing says how much. */
  readonly standing: 'safe' | 'open' | 'unknown';
  /** In words: what stands, or what is left. */
  readonly why: string;
  /** A failure stands in the way: it makes it only if somebody sees to that. */
  readonly failed?: string;
  /** An older copy that could be started from is there all the same. */
  readonly hasCopy: boolean;
  readonly expected: Amount;
  readonly worst: Amount;
  /** What would make it less, each with what would be left. */
  readonly relief: readonly Relief[];
}

export interface Amount {
  /** Bytes that travel over the link. */
  readonly bytes: number;
  /** Time after the last of them: file lists, comparing every byte, a boot. */
  readonly tailMs: number;
}

export interface Relief {
  readonly kind: 'exclude' | 'stop-writer';
  /** Expected bytes that it spares. */
  readonly bytes: number;
  readonly words: string;
  readonly action: string;
}

export const NOTHING: Amount = { bytes: 0, tailMs: 0 };
