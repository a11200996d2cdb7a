import type { Dependencies } from '../../estate/dependencies/shape.ts';
import type { Drift } from '../../estate/drift/shape.ts';
import type { Sizing } from '../../estate/sizing/shape.ts';
import type { View } from '../../step/step.ts';

/** What follows from plan and facts together. */
export interface Estate {
  readonly dependencies?: Dependencies;
  readonly drift?: readonly Drift[];
  readonly sizing?: Sizing;
}

/** The judgements of the pure room about the estate, as of `now` (epoch ms). */
export const estateOf = (_view: View, _now: number): Estate => ({});
