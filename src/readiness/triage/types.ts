/** Who makes it before the storm, in which order, and what would change that. Times in epoch ms, durations in ms. */

export type TriageVerdict = 'will-make-it' | 'at-risk' | 'cannot' | 'cannot-say';

export interface TriageRow {
  /** Machine or database. */
  readonly name: string;
  readonly kind: 'machine' | 'database';
  readonly priority: number;
  readonly verdict: TriageVerdict;
  /** When it is expected to be safe, in the recommended order; with the error of the forecast. */
  readonly safeAt?: number;
  readonly safeAtWorst?: number;
  /** Against the earliest loss; negative where it does not fit. */
  readonly spareMs?: number;
  readonly why: string;
  /** 1 goes first; absent where nothing is left to send, or where it is left out. */
  readonly place?: number;
}

/** One change, and what it would save. The cheapest first. */
export interface TriageSaver {
  readonly kind: 'rate' | 'exclude' | 'mover' | 'stop-writer' | 'leave' | 'order';
  /** `220 Mbit/s more would save files1`. */
  readonly words: string;
  readonly saves: readonly string[];
  /** Machines that would be given up for it. */
  readonly costs: readonly string[];
  /** What to do, as a command or an edit of the plan. */
  readonly action: string;
}

export interface Triage {
  readonly deadlineAt?: number;
  readonly expectedAt?: number;
  /** Bytes per second that the answer reckons with, and where that comes from. */
  readonly rate?: { readonly bytesPerSecond: number; readonly from: 'measured' | 'limit' };
  readonly rows: readonly TriageRow[];
  /** The best order in which to work. */
  readonly order: readonly string[];
  readonly savers: readonly TriageSaver[];
  /** `5 make it · 1 at risk · 1 cannot`. */
  readonly line: string;
  /** Whether the best set was found exactly or by a rule of thumb (large fleets). */
  readonly exact: boolean;
}
