import type { StepContext } from '../step/step.ts';
import { passJob, verifyJob } from './names.ts';

/** The job of a machine's newest pass, or of its comparison, that runs on the source now; undefined where none does. */
export async function runningJob(context: StepContext, machine: string): Promise<string | undefined> {
  const known = context.state.machines[machine];
  const last = known?.passes.at(-1);
  if (last === undefined) return undefined;
  const source = await context.host(machine);
  const count = Math.max(1, known?.observed?.guest.fileSystems.length ?? 1);
  for (let index = 0; index < count; index += 1) {
    for (const job of [passJob(machine, last.pass, index), verifyJob(machine, last.pass, index)]) {
      if ((await source.job(job).status()).state === 'running') return job;
    }
  }
  return undefined;
}
