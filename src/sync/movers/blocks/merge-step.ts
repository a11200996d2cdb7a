import { LandfallError } from '../../../foundation/errors.ts';
import { get } from '../../../journal/maps.ts';
import { moverOf } from '../../../step/mover.ts';
import type { Step, StepContext, View } from '../../../step/step.ts';
import { LINK_RETRY } from '../../retry.ts';
import { passActions } from './actions.ts';
import { finishMerge, finishMergeActions, openPass } from './finish.ts';
import { targetHypervisor } from './names.ts';
import { lookAtPieces } from './ship.ts';

/**
 * A pass by blocks that was left half in the replica when files took over: file systems between two instants must not be
 * mounted, so it is brought to its end before the replica goes into a receiver.
 */

/** Listed while files move a machine whose last pass is one of blocks that has not ended. */
export const mergeSteps = (view: View, machine: string): Step[] => {
  const open = moverOf(view, machine) === 'files' ? openPass(view, machine) : undefined;
  if (open === undefined) return [];
  const step = mergeStep(view, machine, open.pass);
  return get(view.state.steps, step.id)?.status === 'done' ? [] : [step];
};

function mergeStep(view: View, machine: string, pass: number): Step {
  return {
    id: `build/${machine}/merge-${pass}`,
    phase: 'build',
    subject: machine,
    title: `bring what had begun to go into the replica of ${machine} to its end, before its files are mounted`,
    needs: [],
    resources: [
      { key: `host:${targetHypervisor(view, machine)}`, units: 1 },
      { key: `replica:${machine}`, units: 1 },
    ],
    retry: LINK_RETRY,
    preview: now => {
      const open = openPass(now, machine);
      if (open === undefined) return [];
      const { discardSource, discardTarget } = passActions(now, machine, open, undefined);
      return [...finishMergeActions(now, machine), discardTarget, discardSource];
    },
    // Only the pieces at the target tell whether anything of it was merged.
    async done(context, signal) {
      const open = openPass(context, machine);
      if (open === undefined) return true;
      const there = await lookAtPieces(context, passActions(context, machine, open, undefined), signal);
      return [...there.values()].every(state => state === 'absent');
    },
    run: (context, signal) => run(context, machine, signal),
  };
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const open = openPass(context, machine);
  if (open === undefined) return;
  const { discardSource, discardTarget } = passActions(context, machine, open, undefined);
  await finishMerge(context, machine, signal);
  await context.perform(discardTarget, { signal });
  try {
    await context.perform(discardSource, { signal });
  } catch (error) {
    // The source may be gone; what lies there is listed by doctor and goes with clean.
    if (!(error instanceof LandfallError)) throw error;
    context.sample({ text: `pieces of pass ${open.pass} stay at the source: ${error.facts.what}` });
  }
}
