import type { Clock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { harmlessBytes } from '../foundation/text.ts';
import type { Commands } from './command.ts';
import type { ExecResult, JobStatus, RemoteJob } from './host.ts';
import { jobConflict, jobLost } from './job-errors.ts';
import { followJob } from './job-follow.ts';
import { JOB_EXIT, REMOVE, START, STATUS, STATUS_MARK, STOP, SUPERVISOR, TAIL } from './job-script.ts';

export interface JobContext {
  readonly commands: Commands;
  readonly clock: Clock;
  readonly host: string;
  readonly id: string;
  /** `/run/landfall/<evacuation>`. */
  readonly runtime: string;
  /** Where the host keeps facts about its processes; default `/proc`. */
  readonly proc?: string;
}

const GRACE_S = 10;
/** Longer than TERM, grace and KILL take together. */
const STOP_TIMEOUT_MS = 60_000;
const SAFE_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** The handle of a job; it touches the host only when asked to. */
export function createJob(context: JobContext): RemoteJob {
  const { commands, host, id } = context;
  // The directory is removed as a whole one day: its name must not lead anywhere else.
  if (!SAFE_ID.test(id) || !context.runtime.startsWith('/')) throw new RangeError(`not a job name: ${id}`);
  const directory = `${context.runtime}/${id}`;
  const proc = context.proc ?? '/proc';
  const run = (
    called: string,
    script: string,
    words: readonly string[],
    codes: readonly number[],
    timeoutMs = 60_000,
  ) => commands.exec(['sh', '-c', script, 'sh', ...words], { codes: [0, ...codes], timeoutMs, called });

  return {
    id,
    directory,

    async start(argv) {
      const { conflict, lost, neverStarted } = JOB_EXIT;
      const result = await run(
        `the start of remote job ${id}`,
        START,
        [directory, proc, SUPERVISOR, ...argv],
        [conflict, lost, neverStarted],
      );
      if (result.code === conflict) {
        throw jobConflict(host, id, `job ${id} on ${host} exists already, with another command`, [
          `look at it on ${host}: cat ${directory}/argv`,
          'let it end, or stop and remove it, before another one takes its name',
        ]);
      }
      if (result.code === lost) throw jobLost(host, id, 'its process is gone and left no exit code');
      if (result.code === neverStarted) throw jobLost(host, id, 'it was being started and never ran');
    },

    async status() {
      return parseStatus(host, await run(`a look at remote job ${id}`, STATUS, [directory, proc], []));
    },

    follow: sinks => followJob({ ...context, directory, proc }, sinks),

    async output(stream, maxBytes) {
      const result = await commands.exec(
        ['sh', '-c', TAIL, 'sh', `${directory}/${stream}`, String(maxBytes)],
        {
          codes: [0, JOB_EXIT.absent],
          maxBytes: maxBytes + 1,
          called: `a look at the output of remote job ${id}`,
        },
      );
      if (result.code === JOB_EXIT.absent) {
        throw new LandfallError('remote.file-absent', {
          what: `job ${id} on ${host} has no output: it was never started, or was removed`,
          where: { host, file: `${directory}/${stream}` },
          next: [`look on ${host}: ls -l ${context.runtime}`],
        });
      }
      return result.stdout;
    },

    async stop() {
      await run(
        `the stop of remote job ${id}`,
        STOP,
        [directory, proc, String(GRACE_S)],
        [],
        STOP_TIMEOUT_MS,
      );
    },

    async remove() {
      const result = await run(
        `the removal of remote job ${id}`,
        REMOVE,
        [directory, proc],
        [JOB_EXIT.running],
      );
      if (result.code === JOB_EXIT.running) {
        throw jobConflict(host, id, `job ${id} on ${host} still runs and is not removed`, [
          'stop it first, or let it end',
        ]);
      }
    },
  };
}

function parseStatus(host: string, result: ExecResult): JobStatus {
  const line = result.stdout
    .toString('latin1')
    .split('\n')
    .findLast(candidate => candidate.startsWith(STATUS_MARK));
  const [, state, ...words] = line?.split(' ') ?? [];
  const [first, second, third] = words.map(Number);
  const seconds = (value: number | undefined): number => (value ?? 0) * 1000;
  if (words.every(word => /^\d+$/.test(word))) {
    if (state === 'absent') return { state };
    if (state === 'lost') return { state, startedAtMs: seconds(first) };
    if (state === 'running' && first !== undefined)
      return { state, pid: first, startedAtMs: seconds(second) };
    if (state === 'ended' && first !== undefined) {
      return { state, code: first, startedAtMs: seconds(second), endedAtMs: seconds(third) };
    }
  }
  throw new LandfallError('remote.answer-unreadable', {
    what: `${host} did not say how its job stands`,
    where: { host },
    evidence: [harmlessBytes(result.stdout.subarray(0, 200))],
    next: [`look at what a non-interactive login prints there: ssh ${host} true`],
  });
}
