import { LandfallError } from '../foundation/errors.ts';
import { isLinkFault } from '../step/retry.ts';
import type { StepContext } from '../step/step.ts';
import { runningJob } from '../sync/index.ts';

/** What is left of a pass may take its time; a whole one is not waited for. */
const PATIENCE_MS = 600_000;
const PAUSE_MS = 5_000;

/**
 * A pass goes on without the landfall that began it. One that comes to the receiver while an overlay is mounted there
 * would write into that, and be recorded as good: waited for, and `job.conflict` where it does not end in time.
 */
export async function awaitRunningPass(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  const last = context.state.machines[machine]?.passes.at(-1);
  // Blocks come to no receiver; what is half in the replica is brought to its end when everything is cleared away.
  if (last === undefined || last.ended !== undefined || last.mover === 'blocks') return;
  const started = context.clock.monotonic();
  for (;;) {
    const job = await jobOnSource(context, machine);
    if (job === undefined) return;
    if (context.clock.monotonic() - started >= PATIENCE_MS) throw stillRuns(machine, last.pass, job);
    context.sample({ text: `waiting for the end of pass ${last.pass}, which an earlier landfall has begun` });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

const stillRuns = (machine: string, pass: number, job: string): LandfallError =>
  new LandfallError('job.conflict', {
    what: `pass ${pass} of ${machine} still runs on its source (${job}): its replica is not proved meanwhile`,
    why: 'what it brings would end in the overlay of the proof instead of the replica',
    where: { host: machine, machine },
    next: ['let it end: landfall run PLAN', 'then order the proof again'],
  });

/** A source that cannot be reached any more is no reason not to prove what there is of it. */
async function jobOnSource(context: StepContext, machine: string): Promise<string | undefined> {
  try {
    return await runningJob(context, machine);
  } catch (error) {
    if (error instanceof LandfallError && isLinkFault(error)) return undefined;
    throw error;
  }
}
