import { randomBytes } from 'node:crypto';
import { refOf } from '../../../src/database/names.ts';
import type { Stage, Work } from '../../../src/database/stage.ts';
import { type Clock, systemClock } from '../../../src/foundation/clock.ts';
import { type EventBody, JOURNAL_VERSION } from '../../../src/journal/events.ts';
import { apply } from '../../../src/journal/fold.ts';
import { type DatabaseState, EMPTY_STATE, type State } from '../../../src/journal/state.ts';
import type { Double } from '../../../src/lab/sqlserver/server/double.ts';
import { type DatabasePlan, planSchema } from '../../../src/plan/schema.ts';
import { connectSqlServer } from '../../../src/remote/sql/connect.ts';
import type { Servers, SqlServer } from '../../../src/remote/sql/server.ts';
import type { Role, Statement } from '../../../src/remote/sql/statement.ts';
import { type Guard, guarded } from './reconcile/guard.ts';

/** A stage's hands on doubles: events are folded as the journal does, and what was not announced is refused. */

export interface HandsOptions {
  readonly name: string;
  readonly password: string;
  /** A double may be started again: it is asked for when a server is connected. */
  readonly at: (role: Role) => Double;
  /** Of this database, as YAML has it. */
  readonly plan?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
}

export class Hands implements AsyncDisposable {
  readonly events: EventBody[] = [];
  readonly plan: DatabasePlan;
  guard: Guard | undefined;
  signal = new AbortController().signal;
  readonly #options: HandsOptions;
  readonly #clock: Clock;
  readonly #open: SqlServer[] = [];
  #state: State = EMPTY_STATE;
  #seq = 0;

  constructor(options: HandsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const server = (role: Role) => {
      const { host, port } = options.at(role);
      return { address: host, port, user: 'sa', password: 'env:SA', encrypt: 'off' };
    };
    const parsed = planSchema.shape.databases.parse({
      [options.name]: {
        tier: 'gold',
        ...{ publisher: server('publisher'), subscriber: server('subscriber') },
        ...options.plan,
      },
    });
    const plan = parsed[options.name];
    if (plan === undefined) throw new Error('no plan');
    this.plan = plan;
  }

  get state(): DatabaseState {
    return this.#state.databases[this.#options.name] ?? { name: this.#options.name, ordered: {} };
  }

  tell(event: EventBody, at = this.#clock.now()): void {
    this.events.push(event);
    this.#seq += 1;
    this.#state = apply(this.#state, { ...event, v: JOURNAL_VERSION, seq: this.#seq, at, by: 'test' });
  }

  /** The event of a type that was told last. */
  last<T extends EventBody['type']>(type: T): Extract<EventBody, { type: T }> | undefined {
    return this.events
      .filter((event): event is Extract<EventBody, { type: T }> => event.type === type)
      .at(-1);
  }

  connect(role: Role): SqlServer {
    const { host, port, name } = this.#options.at(role);
    const server = connectSqlServer(
      {
        ...{ role, label: `${role} ${name}`, address: host, port, user: 'sa' },
        ...{ password: this.#options.password, encrypt: 'off', trustCertificate: false },
      },
      { secret: () => this.#options.password },
    );
    this.#open.push(server);
    return server;
  }

  /** Connections of their own: what `allowed` does not have is refused. */
  servers(allowed: () => readonly Statement[]): Servers {
    const announced = (sent: Pick<Statement, 'on' | 'database' | 'text' | 'title'>): void => {
      const isKnown = allowed().some(
        ({ on, database, text }) => on === sent.on && database === sent.database && text === sent.text,
      );
      if (!isKnown)
        throw new Error(`not announced: ${sent.title} on ${sent.on} ${sent.database}\n${sent.text}`);
    };
    const make = (role: Role) =>
      guarded(this.connect(role), announced, (moment, what) => this.guard?.(moment, what));
    return {
      publisher: make('publisher'),
      distributor: make('distributor'),
      subscriber: make('subscriber'),
    };
  }

  work(preview: (work: Work) => readonly Statement[]): Work {
    const { name } = this.#options;
    const hands = this;
    const work: Work = {
      ...{ name, plan: this.plan, clock: this.#clock },
      get state() {
        return hands.state;
      },
      get ref() {
        return refOf(name, hands.plan, hands.state, 'miami-to-dallas');
      },
      get signal() {
        return hands.signal;
      },
      servers: this.servers(() => preview(work)),
      random: { next: () => 0.5, bytes: count => new Uint8Array(randomBytes(count)) },
      emit: async event => this.tell(event),
      sample: () => undefined,
      keep: async () => undefined,
    };
    return work;
  }

  /** Runs a stage as the conductor does: only where it is not done; it is done afterwards. */
  async conduct(stage: Stage): Promise<void> {
    const work = this.work(stage.preview);
    if (await stage.done(work)) return;
    await stage.run(work);
    if (!(await stage.done(work))) throw new Error(`${stage.id} ran and is not done`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#open) await server.close();
  }
}
