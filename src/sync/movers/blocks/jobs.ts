import { LandfallError } from '../../../foundation/errors.ts';
import type { JobEnd, RemoteJob } from '../../../remote/host.ts';
import type { Action } from '../../../step/action.ts';
import type { StepContext } from '../../../step/step.ts';
import { createLineCutter } from '../files/lines.ts';

/** Jobs of a pass on both hypervisors: found again, or started, and followed to their end. */

export type JobAction = Action & { readonly kind: 'job' };

/** What a job keeps of its standard error, for messages and logs. */
const SAID = 16 * 1024;

/** The job where it runs or has ended well; one that failed or vanished is taken away, so that it can be begun again. */
export async function found(context: StepContext, action: JobAction): Promise<RemoteJob | undefined> {
  const host = await context.host(action.host);
  const job = host.job(action.job);
  const status = await job.status();
  if (status.state === 'running' || (status.state === 'ended' && status.code === 0)) return job;
  if (status.state !== 'absent') await job.remove();
  return undefined;
}

/** Whether a job that was found was started with a file of this name: its argv is kept beside it, one word a line. */
export async function wasToldOf(context: StepContext, action: JobAction, path: string): Promise<boolean> {
  const name = path.slice(path.lastIndexOf('/'));
  const host = await context.host(action.host);
  try {
    const argv = (await host.read(`${host.job(action.job).directory}/argv`)).toString('utf8');
    return argv.split('\n').some(line => line.endsWith(name));
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'remote.file-absent') return false;
    throw error;
  }
}

export interface Followed {
  readonly end: JobEnd;
  /** The end of its standard error. */
  readonly said: string;
}

/** Follows a job to its end, line by line; the connection may come and go meanwhile. */
export async function follow(
  context: StepContext,
  job: RemoteJob,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<Followed> {
  const cutter = createLineCutter({ ends: 'any', onLine });
  let said = '';
  const end = await job.follow({
    signal,
    onOut: cutter.push,
    onErr: chunk => {
      said = (said + chunk.toString('utf8')).slice(-SAID);
    },
    onLink(state, detail) {
      context.sample({
        text:
          state === 'lost'
            ? `the control connection is lost, the pass goes on without it (${detail})`
            : 'the control connection is back',
      });
    },
  });
  cutter.end();
  return { end, said };
}
