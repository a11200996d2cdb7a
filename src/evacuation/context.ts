import type { Clock, Random } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import type { EventBody } from '../journal/events.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import type { Argv, ExecOptions, ExecResult, Host, RemoteJob } from '../remote/host.ts';
import type { Servers } from '../remote/sql/server.ts';
import { type Action, describe, isUnknown, type Word } from '../step/action.ts';
import type { Sample, Step, StepContext } from '../step/step.ts';
import { checkIdentity, expectedIdentity } from './identity.ts';

/** Gives a step the servers of a database; `announced` are the T-SQL actions of its preview, asked anew each time. */
export type SqlHands = (database: string, announced: () => readonly SqlAction[]) => Promise<Servers>;

export type SqlAction = Extract<Action, { kind: 'sql' }>;

export interface ContextParts {
  readonly plan: Plan;
  readonly evacuation: string;
  readonly planText?: string;
  readonly state: () => State;
  readonly host: (id: string) => Promise<Host>;
  /** The servers of a database for one step, guarded by what it announced. */
  readonly sql?: SqlHands;
  readonly emit: (event: EventBody) => Promise<void>;
  readonly onSample: (sample: Sample) => void;
  readonly keepLog: (name: string, content: Uint8Array) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The hands of one step. Two promises of the house are kept here, for every step alike: only previewed actions are
 * performed, and no host is written to before it has proved who it is.
 */
export function contextFor(step: Step, parts: ContextParts): StepContext {
  const proved = new Set<string>();
  const announced = new Set<string>();

  const requireAnnounced = (action: HostAction): void => {
    const key = keyOf(action);
    if (announced.has(key)) return;
    // Facts that the step itself recorded may have completed the preview since.
    for (const known of step.preview({ plan: parts.plan, state: parts.state() }))
      if (known.kind !== 'sql') announced.add(keyOf(known));
    if (announced.has(key)) return;
    throw new LandfallError('bug', {
      what: `the step ${step.id} tried something that its preview had not announced`,
      where: { host: action.host, command: describe(action) },
      next: ['report this with the journal of the evacuation; nothing was executed'],
    });
  };

  const hostFor = async (action: HostAction): Promise<Host> => {
    requireAnnounced(action);
    const host = await parts.host(action.host);
    const isRead = action.kind === 'exec' && action.reads === true;
    if (!isRead && !proved.has(action.host)) {
      const expected = expectedIdentity(parts.state(), action.host);
      if (expected !== undefined) await checkIdentity(host, expected);
      proved.add(action.host);
    }
    return host;
  };

  async function perform(action: Action & { kind: 'exec' }, options?: ExecOptions): Promise<ExecResult>;
  async function perform(action: Action & { kind: 'write' }): Promise<void>;
  async function perform(action: Action & { kind: 'job' }): Promise<RemoteJob>;
  async function perform(action: HostAction, options: ExecOptions = {}): Promise<unknown> {
    const host = await hostFor(action);
    if (action.kind === 'write') {
      await host.write(action.path, known(action.content, step), action.mode);
      return undefined;
    }
    const argv = argvOf(action.argv, step);
    if (action.kind === 'exec') {
      const stdin = action.stdin === undefined ? {} : { stdin: known(action.stdin, step) };
      return host.exec(argv, { ...stdin, ...options });
    }
    const job = host.job(action.job);
    await job.start(argv);
    return job;
  }

  return {
    plan: parts.plan,
    get state() {
      return parts.state();
    },
    evacuation: parts.evacuation,
    ...(parts.planText === undefined ? {} : { planText: parts.planText }),
    clock: parts.clock,
    random: parts.random,
    host: parts.host,
    perform,
    sql: async database => {
      if (parts.sql === undefined)
        throw new LandfallError('bug', {
          what: `the step ${step.id} asked for the servers of ${database} where there are none`,
          next: ['report this with the plan of the evacuation'],
        });
      return parts.sql(database, () =>
        step.preview({ plan: parts.plan, state: parts.state() }).filter(action => action.kind === 'sql'),
      );
    },
    emit: parts.emit,
    sample: sample =>
      parts.onSample({ ...sample, step: step.id, subject: step.subject, at: parts.clock.now() }),
    keepLog: parts.keepLog,
  };
}

/** What is done on a host that SSH reaches; T-SQL goes through `sql`. */
type HostAction = Exclude<Action, { kind: 'sql' }>;

/** Everything that decides what an action does; notes do not. */
function keyOf(action: HostAction): string {
  const word = (w: Word): unknown => (isUnknown(w) ? { unknown: w.unknown } : w);
  if (action.kind === 'write')
    return JSON.stringify(['write', action.host, action.path, action.mode, word(action.content)]);
  const argv = action.argv.map(word);
  if (action.kind === 'job') return JSON.stringify(['job', action.host, action.job, argv]);
  return JSON.stringify(['exec', action.host, argv, action.stdin === undefined ? null : word(action.stdin)]);
}

function known(word: Word, step: Step): string {
  if (!isUnknown(word)) return word;
  throw new LandfallError('bug', {
    what: `the step ${step.id} ran before ${word.from} had recorded the ${word.unknown}`,
    next: ['report this with the journal of the evacuation; nothing was executed'],
  });
}

function argvOf(words: readonly Word[], step: Step): Argv {
  const [program, ...args] = words.map(word => known(word, step));
  if (program === undefined) throw new RangeError(`the step ${step.id} announced an empty command`);
  return [program, ...args];
}
