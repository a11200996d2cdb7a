import { get } from '../../../journal/maps.ts';
import type { PassState } from '../../../journal/state.ts';
import type { Action } from '../../../step/action.ts';
import type { StepContext, View } from '../../../step/step.ts';
import { passActions } from './actions.ts';
import { follow, found } from './jobs.ts';
import { checkpointName } from './names.ts';
import { lookAtPieces } from './ship.ts';
import { applyFailure } from './trouble.ts';

/**
 * A pass that was broken off while its pieces were being merged leaves the replica between two instants. All of them have
 * arrived by then, so that the target alone can bring it to its end: without the source, which may be gone.
 */

/** The pass that may be half in the replica; undefined where none is. */
export function openPass({ state }: Pick<View, 'state'>, machine: string): PassState | undefined {
  const known = get(state.machines, machine);
  const last = known?.passes.at(-1);
  const isOpen = last?.mover === 'blocks' && last.ended === undefined && known?.advanced?.pass !== last.pass;
  return isOpen ? last : undefined;
}

/** Everything that `finishMerge` may do, for a preview; empty where no pass is open. */
export function finishMergeActions(view: View, machine: string): Action[] {
  const pass = openPass(view, machine);
  if (pass === undefined) return [];
  const { look, apply, refresh } = passActions(view, machine, pass, undefined);
  return [
    look,
    { ...apply, note: 'only where its merging had begun: it is brought to its end here' },
    ...(pass.kind === 'full' ? refresh : []),
  ];
}

/**
 * Brings to its end what has begun to go into the replica: afterwards it is the copy of one instant again. Gives back the
 * number of the pass; undefined where nothing of one was in it. The caller must hold `replica:M`.
 */
export async function finishMerge(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const open = openPass(context, machine);
  if (open === undefined) return undefined;
  const { pass, kind } = open;
  const actions = passActions(context, machine, open, undefined);
  const states = [...(await lookAtPieces(context, actions, signal)).values()];
  if (!states.some(state => state === 'checked' || state === 'applied')) return undefined;
  context.sample({ text: `bringing pass ${pass} to its end in the replica of ${machine}` });
  const job = (await found(context, actions.apply)) ?? (await context.perform(actions.apply));
  const { end, said } = await follow(context, job, signal, () => undefined);
  if (end.code !== 0) throw applyFailure(machine, actions.apply.host, end.code, said);
  for (const refresh of kind === 'full' ? actions.refresh : [])
    await context.perform(refresh, { codes: [0, 1], signal });
  const checkpoint = checkpointName(context.plan.name, pass);
  await context.emit({ type: 'replica.advanced', machine, pass, checkpoint, replaced: kind === 'full' });
  return pass;
}
