import { type ConductorOptions, conduct, type Outcome, type Score } from '../../src/evacuation/conductor.ts';
import type { Clock } from '../../src/foundation/clock.ts';
import { LandfallError } from '../../src/foundation/errors.ts';
import type { Event, EventBody } from '../../src/journal/events.ts';
import { apply } from '../../src/journal/fold.ts';
import { EMPTY_STATE, type State } from '../../src/journal/state.ts';
import type { Plan } from '../../src/plan/schema.ts';
import type { Phase, Step, StepContext, View } from '../../src/step/step.ts';

/** A journal in memory with the real fold behind it. */
export class MemoryJournal implements Score {
  readonly events: Event[] = [];
  #state: State = EMPTY_STATE;

  state(): State {
    return this.#state;
  }

  append(body: EventBody): Promise<void> {
    const event: Event = {
      ...body,
      v: 1,
      seq: this.events.length + 1,
      at: 1000 + this.events.length,
      by: 'test',
    };
    this.events.push(event);
    this.#state = apply(this.#state, event);
    return Promise.resolve();
  }

  /** `step.done build/web1/replica` and so on, in order. */
  story(): string[] {
    return this.events.flatMap(e => ('step' in e ? [`${e.type} ${e.step}`] : []));
  }
}

/** A clock on which every wait is over at once; it remembers how long was waited. */
export class InstantClock implements Clock {
  readonly waits: number[] = [];
  #now = 0;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number): Promise<void> {
    this.waits.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }
}

export interface StepOptions
  extends Partial<
    Pick<Step, 'needs' | 'resources' | 'disturbs' | 'repeats' | 'retry' | 'preview' | 'done' | 'run' | 'halt'>
  > {
  readonly phase?: Phase;
}

export function step(id: string, options: StepOptions = {}): Step {
  const { phase = 'build', ...rest } = options;
  return {
    id,
    phase,
    subject: id.split('/')[1] ?? id,
    title: id,
    needs: [],
    resources: [],
    preview: () => [],
    done: () => Promise.resolve(false),
    run: () => Promise.resolve(),
    ...rest,
  };
}

export interface Conducted {
  readonly outcome: Outcome;
  readonly journal: MemoryJournal;
  readonly clock: InstantClock;
}

export async function conducted(
  stepsOf: readonly Step[] | ((view: View) => readonly Step[]),
  options: Partial<
    Pick<ConductorOptions, 'budget' | 'signal' | 'controls' | 'nextWhenIdle' | 'mayEnd' | 'onOver'>
  > & {
    journal?: MemoryJournal;
    clock?: Clock;
  } = {},
): Promise<Conducted> {
  const { journal = new MemoryJournal(), clock: given, ...rest } = options;
  const instant = new InstantClock();
  const clock = given ?? instant;
  const outcome = await conduct({
    ...rest,
    plan: EMPTY_PLAN,
    journal,
    stepsOf: typeof stepsOf === 'function' ? stepsOf : () => stepsOf,
    contextOf: () => unusedContext(journal, clock),
    budget: options.budget ?? { limit: () => Number.POSITIVE_INFINITY },
    clock,
    signal: options.signal ?? new AbortController().signal,
  });
  return { outcome, journal, clock: instant };
}

function unusedContext(journal: MemoryJournal, clock: Clock): StepContext {
  const refuse = (): never => {
    throw new Error('this test gives its steps no hosts');
  };
  return {
    plan: EMPTY_PLAN,
    get state() {
      return journal.state();
    },
    evacuation: 'test',
    clock,
    random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
    host: refuse,
    perform: refuse,
    sql: refuse,
    emit: body => journal.append(body),
    sample: () => {},
    keepLog: () => Promise.resolve(),
  };
}

export const EMPTY_PLAN: Plan = {
  version: 1,
  name: 'test',
  rehearsal: true,
  lab: false,
  deadline: { earliest: { kind: 'in', ms: 1 }, expected: { kind: 'in', ms: 2 } },
  ssh: {},
  contacts: [],
  sites: {},
  link: { streams: 4, path: 'direct', compress: 'auto', windows: [], timezone: 'UTC' },
  hypervisors: {},
  networks: {},
  images: {},
  tiers: {},
  currency: 'USD',
  passes: { at_most: 10, small: 64 * 1024 ** 2, max_delete: 20_000 },
  verify: { share: 1 },
  care: { load: 2, iowait: 0.4, memory: 64 * 1024 ** 2, space: 512 * 1024 ** 2 },
  cutover: { when: [], tell: [], by_hand: [], shutdown_within: 300_000 },
  proof: { boot_within: 600_000, together: 1, max_age: 86_400_000 },
  machines: {},
  databases: {},
  external: {},
  dns: [],
};

export const linkLost = (): LandfallError =>
  new LandfallError('ssh.connection-lost', { what: 'the connection was lost', next: ['wait'] });
