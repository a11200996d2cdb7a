import type { View } from './screen.ts';

/** The stages that wait for approval and have something to do, in the order of the walk. */
export function heldPhases({ snapshot, stages }: View): readonly string[] {
  const held = snapshot?.state.evacuation?.held ?? [];
  return stages.flatMap(({ phase, state, of }) =>
    held.includes(phase) && of > 0 && state !== 'done' && state !== 'to-come' ? [phase] : [],
  );
}

/** The first of them: the one to approve now. */
export const heldPhase = (view: View): string | undefined => heldPhases(view)[0];
