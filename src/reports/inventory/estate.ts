import { dependenciesOf } from '../../estate/dependencies/dependencies.ts';
import type { Dependencies } from '../../estate/dependencies/shape.ts';
import { driftOf } from '../../estate/drift/drift.ts';
import type { Drift } from '../../estate/drift/shape.ts';
import type { Sizing } from '../../estate/sizing/shape.ts';
import { sizingOf } from '../../estate/sizing/sizing.ts';
import type { View } from '../../step/step.ts';

/** What follows from plan and facts together. */
export interface Estate {
  readonly dependencies?: Dependencies;
  readonly drift?: readonly Drift[];
  readonly sizing?: Sizing;
}

/** The judgements of the pure room about the estate, as of `now` (epoch ms). */
export const estateOf = (view: View, now: number): Estate => ({
  dependencies: dependenciesOf(view, now),
  drift: driftOf(view, now),
  sizing: sizingOf(view, now),
});
