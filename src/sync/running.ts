import type { StepContext } from '../step/step.ts';
import { runningBlocksJob } from './movers/blocks/running.ts';
import { partJob, passJob, streamJob, verifyJob } from './names.ts';

/** The job of a machine's newest pass, or of its comparison, that runs on the source now; undefined where none does. */
export async function runningJob(context: StepContext, machine: string): Promise<string | undefined> {
  const known = context.state.machines[machine];
  const last = known?.passes.at(-1);
  if (last === undefined) return undefined;
  if (last.mover === 'blocks') return runningBlocksJob(context, machine, last.pass);
  const count = Math.max(1, known?.observed?.guest.fileSystems.length ?? 1);
  const streams = known?.survey?.pass === last.pass ? known.survey.streams : 1;
  for (let index = 0; index < count; index += 1) {
    const pass = passJob(machine, last.pass, index);
    const names = Array.from({ length: streams }, (_, at) => streamJob(pass, at));
    for (const name of [...names, verifyJob(machine, last.pass, index)]) {
      const running = await runningPart(context, machine, name);
      if (running !== undefined) return running;
    }
  }
  return undefined;
}

async function runningPart(context: StepContext, machine: string, name: string): Promise<string | undefined> {
  const source = await context.host(machine);
  for (let part = 1; ; part += 1) {
    const job = partJob(name, part);
    const { state } = await source.job(job).status();
    if (state === 'running') return job;
    if (state === 'absent') return undefined;
  }
}
