import type { CutoverItemState } from '../journal/state.ts';

/**
 * The cutover as a list of things to do, made from plan and state alone: the same list is printed, walked through on the
 * screen, ordered from the command line and run by the engine.
 */

/** Parts of the list, in the order of execution. The point of no return lies between `checks` and `open`. */
export const SECTIONS = [
  'activate',
  'quiet',
  'last-copy',
  'drain',
  'power-off',
  'bring-up',
  'checks',
  'open',
  'switch',
  'commit',
  'after',
] as const;
export type Section = (typeof SECTIONS)[number];

/** One command with every value filled in, and where it is typed. */
export interface ItemCommand {
  /** A host of the plan by landfall's name, `here` for the control machine, or a place in words. */
  readonly host: string;
  readonly line: string;
  /** What the line has no room for, line by line: a statement, the file that is written, the script it stands for. */
  readonly text?: readonly string[];
}

/** What landfall does by itself, or what it waits for people to do. */
export type ItemDeed =
  | 'gates'
  | 'quiet'
  | 'last-copy'
  | 'drain'
  | 'power-off'
  | 'bring-up'
  | 'check'
  | 'open'
  | 'commit'
  | 'failback'
  | 'close';

export interface ChecklistItem {
  /** `quiet/web1`, `switch/dns/www.example.com`, `no-return`: stable across runs of one plan. */
  readonly id: string;
  readonly section: Section;
  /** Machine, database, record or the name of the evacuation. */
  readonly subject: string;
  readonly kind: 'machine' | 'database' | 'record' | 'evacuation';
  /** From 1; machines of one wave come up together, and go down together in reverse. */
  readonly wave: number;
  readonly tier?: string;
  /** One line: `Stop what writes on web1`. */
  readonly title: string;
  /** Why it is done, or what it means for users; one line. */
  readonly why?: string;
  readonly owner?: string;
  /** What landfall runs for it; absent where people do it and tick it off. */
  readonly deed?: ItemDeed;
  /** For people without landfall: exact commands. */
  readonly commands: readonly ItemCommand[];
  /** What shows that it worked. */
  readonly expected: readonly string[];
  /** How it is taken back before the point of no return; empty where there is nothing to take back. */
  readonly rollback: readonly string[];
  /** ms; absent where nothing is known. */
  readonly allowanceMs?: number;
  /** What the allowance rests on: `3 rehearsals, longest`, `the plan`, `its last pass`. */
  readonly allowanceFrom?: string;
  /** Items that must be done (or skipped) before it. */
  readonly needs: readonly string[];
  /** The name that has to be typed for it. */
  readonly typed?: string;
  /** May be skipped with a reason. */
  readonly optional: boolean;
}

/**
 * `waiting`: something before it is open; `open`: its turn; `ordered`: landfall runs it when its turn comes; `failed`: its
 * last attempt did, `trouble` says how.
 */
export type ItemStatus =
  | 'waiting'
  | 'open'
  | 'ordered'
  | 'running'
  | 'failed'
  | 'done'
  | 'skipped'
  | 'undone';

export interface ItemProgress {
  readonly status: ItemStatus;
  /** Who ticked it, ran it or skipped it, when, with what evidence. */
  readonly record?: CutoverItemState;
  readonly startedAt?: number;
  readonly trouble?: { readonly what: string; readonly next: readonly string[] };
}

export interface Checklist {
  readonly evacuation: string;
  readonly marks: readonly string[];
  readonly dark: boolean;
  readonly rehearse: boolean;
  readonly items: readonly (ChecklistItem & ItemProgress)[];
  /** The id of the first item behind the point of no return. */
  readonly noReturnBefore: string | undefined;
  readonly phase: 'not-begun' | 'running' | 'aborting' | 'rolled-back' | 'final' | 'committed';
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Counted from the first stop of a source: what users notice. */
  readonly outageSince?: number;
  /** By subject: when users lost it, when it answered again, and what its tier allows. */
  readonly outages: readonly Outage[];
  /** The items whose turn it is now; the first is the next thing to do. */
  readonly turn: readonly string[];
  /** Sum of the allowances along the longest way through the list, ms; undefined where one on the way is unknown. */
  readonly expectedMs?: number;
  readonly expectedOutageMs?: number;
  /** What was typed over although gates were open. */
  readonly open: readonly string[];
}

export interface Outage {
  readonly subject: string;
  readonly rtoMs?: number;
  readonly lostAt?: number;
  readonly backAt?: number;
}

/** How long each item took before: from rehearsals and earlier cutovers, by `itemKey`. */
export type Timings = Readonly<Record<string, readonly Timing[]>>;
export interface Timing {
  readonly ms: number;
  readonly at: number;
  readonly evacuation: string;
  readonly rehearsal: boolean;
}
