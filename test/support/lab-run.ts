import { randomBytes } from 'node:crypto';
import { addressOf } from '../../src/evacuation/addresses.ts';
import { budgetOf } from '../../src/evacuation/budget.ts';
import { conduct, type Outcome } from '../../src/evacuation/conductor.ts';
import { contextFor } from '../../src/evacuation/context.ts';
import { type Clock, systemClock } from '../../src/foundation/clock.ts';
import { createRedactor } from '../../src/foundation/redact.ts';
import { type Event, type EventBody, eventBody } from '../../src/journal/events.ts';
import { apply } from '../../src/journal/fold.ts';
import { EMPTY_STATE, type State } from '../../src/journal/state.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { readPlan } from '../../src/plan/read.ts';
import type { Plan } from '../../src/plan/schema.ts';
import { controlKeys } from '../../src/remote/control-identities.ts';
import { createHosts } from '../../src/remote/hosts.ts';
import { resolveSsh } from '../../src/remote/ssh-config.ts';
import { type Action, describe } from '../../src/step/action.ts';
import type { Step, StepContext, View } from '../../src/step/step.ts';

/** Runs chosen steps against a lab, over real SSH, with a journal in memory that survives "crashes". */
export class LabRun {
  readonly events: Event[] = [];
  /** Every action performed, as lines, in order. */
  readonly performed: string[] = [];
  /** New actions until the process "dies" right after one, before it could record anything; undefined: never. */
  diesAfter: number | undefined;
  /** Told of each event that has been recorded. */
  onEvent: ((event: Event) => void) | undefined;
  /** The clock of the control machine. */
  clock: Clock = systemClock;
  /** A pause between two attempts takes so much less than it says. */
  haste = 1;
  #state: State = EMPTY_STATE;
  readonly #lab: Lab;
  readonly #plan: Plan;

  private constructor(lab: Lab, plan: Plan) {
    this.#lab = lab;
    this.#plan = plan;
  }

  static async of(lab: Lab, edit: (plan: Plan) => Plan = plan => plan): Promise<LabRun> {
    const { plan } = await readPlan(lab.paths.plan, systemClock.now());
    const run = new LabRun(lab, edit(plan));
    await run.#begin();
    return run;
  }

  get state(): State {
    return this.#state;
  }

  get plan(): Plan {
    return this.#plan;
  }

  get view(): View {
    return { plan: this.#plan, state: this.#state };
  }

  readonly #append = (body: EventBody): Promise<void> => {
    // Between this process and the journal stands JSON: what it would lose is lost here, too.
    const plain: EventBody = eventBody.parse(JSON.parse(JSON.stringify(body)));
    const event: Event = { ...plain, v: 1, seq: this.events.length + 1, at: this.clock.now(), by: 'test' };
    this.events.push(event);
    this.#state = apply(this.#state, event);
    this.onEvent?.(event);
    return Promise.resolve();
  };

  async #begin(): Promise<void> {
    const { name } = this.#plan;
    await this.#append({
      type: 'evacuation.created',
      name,
      planHash: 'h',
      rehearsal: true,
      lab: true,
      landfall: '0',
      deadline: { earliest: 1, expected: 2 },
      machines: Object.keys(this.#plan.machines),
      databases: [],
    });
    const ssh = await resolveSsh({ address: '127.77.2.1', configFile: this.#lab.paths.sshConfig });
    const keys = await controlKeys({ target: ssh });
    await this.#append({
      type: 'evacuation.started',
      pid: 1,
      host: 'test',
      landfall: '0',
      controlKeys: keys,
    });
  }

  /** What an engineer asked for in between. */
  tell(body: EventBody): Promise<void> {
    return this.#append(body);
  }

  /** One process' life: fresh connections, the same journal. */
  async conduct(stepsOf: (view: View) => readonly Step[]): Promise<Outcome> {
    const redactor = createRedactor();
    const hosts = createHosts({
      runtime: { evacuation: this.#plan.name },
      configFile: this.#lab.paths.sshConfig,
      agentSocket: undefined,
      clock: systemClock,
      redactor,
      resolve: id => addressOf(this.#plan, this.#state, id),
    });
    let left = this.diesAfter;
    const mortal = (context: StepContext): StepContext => ({
      ...context,
      get state() {
        return context.state;
      },
      perform: (async (action: Action, options?: object) => {
        // The three overloads of the contract differ only in what the real context gives back.
        const result = await context.perform(action as Action & { kind: 'exec' }, options);
        const isNew = !this.performed.includes(describe(action));
        this.performed.push(describe(action));
        // What an earlier life did already does not kill again, or no life would get past a harmless repetition.
        if (left !== undefined && isNew) {
          left -= 1;
          if (left <= 0) throw new Error('the process died');
        }
        return result;
      }) as StepContext['perform'],
    });
    try {
      return await conduct({
        plan: this.#plan,
        journal: { state: () => this.#state, append: this.#append },
        stepsOf,
        contextOf: step =>
          mortal(
            contextFor(step, {
              plan: this.#plan,
              evacuation: this.#plan.name,
              state: () => this.#state,
              host: id => hosts.get(id),
              emit: this.#append,
              onSample: () => undefined,
              keepLog: () => Promise.resolve(),
              clock: this.clock,
              random: { next: Math.random, bytes: count => randomBytes(count) },
            }),
          ),
        budget: budgetOf(this.#plan),
        clock: { ...this.clock, sleep: (ms, signal) => this.clock.sleep(ms / this.haste, signal) },
        signal: new AbortController().signal,
      });
    } finally {
      await hosts.closeAll();
    }
  }

  /** Codes of the failures in the journal. */
  failures(): {
    readonly step: string;
    readonly code: string;
    readonly what: string;
    readonly next: string[];
  }[] {
    return this.events.flatMap(e =>
      e.type === 'step.failed'
        ? [{ step: e.step, code: e.error.code, what: e.error.what, next: e.error.next }]
        : [],
    );
  }
}
