import { harmless } from '../foundation/text.ts';
import type { MachineState } from '../journal/state.ts';
import { newestEnded, own } from '../readiness/copy.ts';
import { type Mover, moverOf } from '../step/mover.ts';
import type { View } from '../step/step.ts';

/** Who moves a machine, why, and what the newest copy caught. */
export interface MoverReport {
  readonly mover: Mover;
  /** `undecided`: nothing has decided yet, and it counts as moved by its files until then. */
  readonly decided: 'plan' | 'auto' | 'engineer' | 'fallback' | 'undecided';
  readonly reasons: readonly string[];
  /** What speaks for the other, or why it is impossible. */
  readonly against: readonly string[];
  /** An order that takes effect with the next pass. */
  readonly ordered?: { readonly mover: Mover | 'auto'; readonly by: string; readonly at: number };
  /** What the newest copy caught, where there is one: `smeared` is of many instants. */
  readonly consistency?: string;
}

export function moverReport(view: View, name: string): MoverReport {
  const known = own(view.state.machines, name);
  const chosen = known?.mover;
  const consistency = consistencyOf(known);
  const ordered = known?.moverOrdered;
  return {
    mover: moverOf(view, name),
    decided: chosen?.decided ?? (own(view.plan.machines, name)?.mover === 'auto' ? 'undecided' : 'plan'),
    reasons: (chosen?.reasons ?? []).map(harmless),
    against: (chosen?.against ?? []).map(harmless),
    ...(ordered === undefined
      ? {}
      : { ordered: { mover: ordered.mover, by: harmless(ordered.by), at: ordered.at } }),
    ...(consistency === undefined ? {} : { consistency }),
  };
}

/** The label of the newest pass that has ended. */
export const consistencyOf = (machine: MachineState | undefined): string | undefined =>
  newestEnded(machine)?.ended.consistency;

/** `files (plan)`, `blocks (auto)`, `files (auto), blocks ordered`. */
export const moverText = ({ mover, decided, ordered }: MoverReport): string =>
  `${mover} (${decided})${ordered === undefined ? '' : `, ${ordered.mover} ordered`}`;

/** What a label means, for people who have to rely on the copy. */
export const CONSISTENCY_WORDS: Readonly<Record<string, string>> = {
  smeared: 'copied while it was written, of many instants: a database in it may be worthless',
  crash: 'of one instant, as after a power cut',
  filesystem: 'of one instant, with file systems at rest',
  application: 'of one instant at which its programs were at rest',
};
