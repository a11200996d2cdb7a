import type { StepContext } from '../step/step.ts';
import { clear, discard } from './follow.ts';
import { partJob } from './names.ts';
import type { JobAction, RunPlan } from './pass-actions.ts';

/** A stream is one job, or several in a row where its rate changed: all of them come and go together. */

/** Stops and removes all parts of a stream, whatever they are about. */
export const discardStream = (context: StepContext, run: RunPlan): Promise<void> =>
  each(context, run, discard);

/** Removes what the ended parts of a stream have left on their host. */
export const clearStream = (context: StepContext, run: RunPlan): Promise<void> => each(context, run, clear);

/** The last part first: a crash in between leaves a row without a gap. */
async function each(
  context: StepContext,
  { job, stream }: RunPlan,
  act: (context: StepContext, action: JobAction) => Promise<void>,
): Promise<void> {
  const host = await context.host(job.host);
  let parts = 1;
  if ((await host.job(stream).status()).state !== 'absent')
    while ((await host.job(partJob(stream, parts + 1)).status()).state !== 'absent') parts += 1;
  for (let part = parts; part >= 1; part -= 1) await act(context, { ...job, job: partJob(stream, part) });
}
