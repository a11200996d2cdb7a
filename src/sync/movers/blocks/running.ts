import type { StepContext } from '../../../step/step.ts';
import { passActions } from './actions.ts';

/** The job of a pass by blocks that runs on one of the hypervisors now; undefined where none does. */
export async function runningBlocksJob(
  context: Pick<StepContext, 'host' | 'plan' | 'state'>,
  machine: string,
  pass: number,
): Promise<string | undefined> {
  const { backup, pieces, apply } = passActions(context, machine, { pass, kind: 'delta' }, undefined);
  for (const action of [backup, ...pieces.map(({ ship }) => ship), apply]) {
    const host = await context.host(action.host);
    if ((await host.job(action.job).status()).state === 'running') return action.job;
  }
  return undefined;
}
