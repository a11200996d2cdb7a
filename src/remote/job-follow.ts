import type { Clock } from '../foundation/clock.ts';
import { asLandfallError, cancelled, type ErrorCode, LandfallError } from '../foundation/errors.ts';
import type { Commands } from './command.ts';
import type { JobEnd, JobSinks } from './host.ts';
import { jobLost } from './job-errors.ts';
import { createFrameReader } from './job-frames.ts';
import { FOLLOW } from './job-script.ts';

export interface FollowContext {
  readonly commands: Commands;
  readonly clock: Clock;
  readonly host: string;
  readonly id: string;
  readonly directory: string;
  readonly proc: string;
}

const PATIENCE_MS = 120_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** What may pass by itself: a link that flaps, a host that boots. A refused key or login does not. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'ssh.connection-lost',
  'ssh.unreachable',
  'ssh.timeout',
  'ssh.unresolvable',
]);

/** Streams a job's output and comes back after each lost connection, at the byte where it stopped. */
export async function followJob(context: FollowContext, sinks: JobSinks): Promise<JobEnd> {
  const { clock } = context;
  const patienceMs = sinks.patienceMs ?? PATIENCE_MS;
  const offsets = { out: 0, err: 0 };
  let lostAt: number | undefined;
  let pauseMs = FIRST_PAUSE_MS;

  const onBack = (): void => {
    if (lostAt === undefined) return;
    const seconds = Math.round((clock.monotonic() - lostAt) / 1000);
    lostAt = undefined;
    pauseMs = FIRST_PAUSE_MS;
    sinks.onLink?.('back', `connected to ${context.host} again after ${seconds}s`);
  };

  for (;;) {
    try {
      return await followOnce(context, sinks, offsets, onBack);
    } catch (thrown) {
      const error = asLandfallError(thrown);
      if (sinks.signal?.aborted) throw cancelled();
      if (!PASSING.has(error.code)) throw error;
      if (lostAt === undefined) {
        lostAt = clock.monotonic();
        sinks.onLink?.('lost', error.facts.what);
      }
      const left = patienceMs - (clock.monotonic() - lostAt);
      if (left <= 0) throw outOfPatience(context, patienceMs, error);
      await clock.sleep(Math.min(pauseMs, left), sinks.signal);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }
}

/** One channel's worth of following. */
async function followOnce(
  context: FollowContext,
  sinks: JobSinks,
  offsets: { out: number; err: number },
  onBack: () => void,
): Promise<JobEnd> {
  const { host, id } = context;
  let end: JobEnd | 'lost' | 'absent' | undefined;
  const read = createFrameReader(host, frame => {
    switch (frame.kind) {
      case 'hello':
        return onBack();
      case 'out':
        offsets.out += frame.bytes.length;
        return sinks.onOut?.(frame.bytes);
      case 'err':
        offsets.err += frame.bytes.length;
        return sinks.onErr?.(frame.bytes);
      case 'end':
        end = { code: frame.code, startedAtMs: frame.startedAtMs, endedAtMs: frame.endedAtMs };
        return undefined;
      default:
        end = frame.kind;
        return undefined;
    }
  });
  const words = [context.directory, context.proc, String(offsets.out), String(offsets.err)];
  const closed = await context.commands.stream(['sh', '-c', FOLLOW, 'sh', ...words], {
    onStdout: read,
    called: `remote job ${id}`,
    ...(sinks.signal === undefined ? {} : { signal: sinks.signal }),
  });
  if (end === 'lost') throw jobLost(host, id, 'its process is gone and left no exit code');
  if (end === 'absent')
    throw jobLost(host, id, 'its directory is gone: the host was restarted, or it was removed');
  if (end !== undefined) return end;
  throw new LandfallError('ssh.connection-lost', {
    what: `the follower of job ${id} on ${host} ended early (exit code ${closed.code ?? 'unknown'})`,
    where: { host },
    next: ['run the same command again: the job goes on by itself'],
  });
}

function outOfPatience(context: FollowContext, patienceMs: number, last: LandfallError): LandfallError {
  return new LandfallError('ssh.connection-lost', {
    what: `${context.host} could not be reached again within ${Math.round(patienceMs / 1000)}s while job ${context.id} ran`,
    why: 'the job itself goes on, as long as its host is up',
    where: { host: context.host },
    evidence: [last.facts.what, ...(last.facts.evidence ?? [])],
    next: ['run the same command again when the link is back: it joins the running job', ...last.facts.next],
    cause: last,
  });
}
