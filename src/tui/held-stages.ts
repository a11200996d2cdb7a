import type { StageReport } from '../reports/stages.ts';
import type { View } from './screen.ts';

/** Idle is a stage that is held only for what nobody has ordered yet. */
const NOTHING_TO_DO: ReadonlySet<StageReport['state']> = new Set(['done', 'to-come', 'idle']);

/** The stages that wait for approval and have something to do, in the order of the walk. */
export function heldPhases({ snapshot, stages }: View): readonly string[] {
  const held = snapshot?.state.evacuation?.held ?? [];
  return stages.flatMap(({ phase, state, of }) =>
    held.includes(phase) && of > 0 && !NOTHING_TO_DO.has(state) ? [phase] : [],
  );
}

/** The first of them: the one to approve now. */
export const heldPhase = (view: View): string | undefined => heldPhases(view)[0];
