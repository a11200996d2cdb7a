import { randomBytes } from 'node:crypto';
import { readCatalog } from '../../../../src/database/catalog/read.ts';
import { databaseTables } from '../../../../src/database/catalog/tables.ts';
import { refOf } from '../../../../src/database/names.ts';
import type { Stage, Work } from '../../../../src/database/stage.ts';
import { type Clock, systemClock } from '../../../../src/foundation/clock.ts';
import type { Lane, SqlServerFacts } from '../../../../src/journal/database-facts.ts';
import {
  type EventBody,
  type EventOf,
  type EventType,
  JOURNAL_VERSION,
} from '../../../../src/journal/events.ts';
import { apply } from '../../../../src/journal/fold.ts';
import { type DatabaseState, EMPTY_STATE, type State } from '../../../../src/journal/state.ts';
import { productVersion } from '../../../../src/lab/sqlserver/server/products.ts';
import { type DatabasePlan, planSchema } from '../../../../src/plan/schema.ts';
import type { Servers } from '../../../../src/remote/sql/server.ts';
import type { Role, Statement } from '../../../../src/remote/sql/statement.ts';
import { type Guard, guarded } from './guard.ts';
import { PASSWORD, type Pair, type Site } from './pair.ts';

export interface TrialOptions {
  readonly name: string;
  readonly lane?: Lane;
  readonly distributorAt?: 'publisher' | 'subscriber';
  readonly publisher?: Partial<SqlServerFacts>;
  readonly clock?: Clock;
  readonly production?: Readonly<Record<string, unknown>>;
}

/** One database that leaves, with its journal, and a stage's hands on it: what a stage did not announce is refused. */
export class Trial {
  readonly source: string;
  readonly copy: string;
  readonly events: EventBody[] = [];
  readonly samples: string[] = [];
  readonly #pair: Pair;
  readonly #options: TrialOptions;
  #state: State = EMPTY_STATE;
  #seq = 0;

  constructor(pair: Pair, options: TrialOptions) {
    this.#pair = pair;
    this.#options = options;
    this.source = options.name;
    this.copy = `${options.name}Dev`;
  }

  /** Both databases, empty, then the batches in each. */
  async create(production: readonly string[], clone: readonly string[] = production): Promise<void> {
    await this.#pair.run('miami', 'master', `CREATE DATABASE [${this.source}]`);
    await this.#pair.run('dallas', 'master', `CREATE DATABASE [${this.copy}]`);
    for (const batch of production) await this.mia(batch);
    for (const batch of clone) await this.dal(batch);
  }

  readonly mia = (text: string) => this.#pair.run('miami', this.source, text);
  readonly dal = (text: string) => this.#pair.run('dallas', this.copy, text);

  get plan(): DatabasePlan {
    const at = (site: Site) => {
      const { host, port } = this.#pair.at(site);
      return { address: host, port, user: 'sa', password: 'env:SA', encrypt: 'off' };
    };
    const { lane = 'clone', distributorAt = 'subscriber', production = {} } = this.#options;
    const plan = planSchema.shape.databases.parse({
      [this.source]: {
        ...{ tier: 'gold', publisher: at('miami'), subscriber: at('dallas'), distributor_at: distributorAt },
        ...{ lane, clone: { database: this.copy }, production, agents: { user: 'sa', password: 'env:SA' } },
      },
    })[this.source];
    if (plan === undefined) throw new Error('no plan');
    return plan;
  }

  /** As the assessment would tell it; only what the rooms under test look at. */
  async assess(): Promise<void> {
    const { facts } = this.#pair;
    const server = (site: Site): SqlServerFacts => ({
      ...{ name: this.#pair.at(site).name, version: productVersion(facts), major: facts.major },
      ...{ edition: facts.edition, engineEdition: facts.engineEdition, platform: 'Windows' },
      ...{ collation: 'SQL_Latin1_General_CP1_CI_AS', banner: 'SQL Server double', sysadmin: true },
      ...{ agentRunning: facts.hasAgent, publishes: facts.publishes, distributes: facts.distributes },
      serverId: site,
    });
    const database: SqlServerFacts['database'] = {
      ...{ name: this.source, collation: 'SQL_Latin1_General_CP1_CI_AS', compatibility: facts.compatibility },
      ...{ recovery: 'FULL', readOnly: false, published: false, subscribed: false, cdc: false },
      ...{ changeTracking: false, snapshotIsolation: false, readCommittedSnapshot: false },
      ...{ dataBytes: 8e6, logBytes: 8e6, logUsedBytes: 1e6, logReuseWait: 'NOTHING' },
    };
    const publisher = { ...server('miami'), database, ...this.#options.publisher };
    const subscriber = server('dallas');
    const isAtPublisher = this.#options.distributorAt === 'publisher';
    await using servers = this.#connect();
    const catalog = await readCatalog(servers.publisher, 'publisher', this.source);
    this.emit({
      ...{ type: 'database.assessed', database: this.source, publisher, subscriber },
      distributor: isAtPublisher ? publisher : subscriber,
      ...{ tables: databaseTables(catalog), findings: [] },
    });
    const lane = this.#options.lane ?? 'clone';
    this.emit({ type: 'database.lane-chosen', database: this.source, lane, reason: 'a test' });
    this.events.length = 0;
  }

  emit(event: EventBody): void {
    this.events.push(event);
    this.#seq += 1;
    const envelope = { v: JOURNAL_VERSION, seq: this.#seq, at: Date.now(), by: 'test' } as const;
    this.#state = apply(this.#state, { ...event, ...envelope });
  }

  told<T extends EventType>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  get state(): DatabaseState {
    return this.#state.databases[this.source] ?? { name: this.source, ordered: {} };
  }

  #connect(): Servers & AsyncDisposable {
    const { distributorAt = 'subscriber' } = this.#options;
    const servers = {
      publisher: this.#pair.connect('publisher', 'miami'),
      distributor: this.#pair.connect('distributor', distributorAt === 'publisher' ? 'miami' : 'dallas'),
      subscriber: this.#pair.connect('subscriber', 'dallas'),
    };
    return {
      ...servers,
      async [Symbol.asyncDispose]() {
        for (const server of Object.values(servers)) await server.close();
      },
    };
  }

  /** For as long as the work lasts; `guard` hears of everything that is sent. */
  async with<T>(
    act: (work: Work) => Promise<T>,
    { stage, guard }: { readonly stage?: Stage; readonly guard?: Guard } = {},
  ): Promise<T> {
    await using servers = this.#connect();
    const { plan, source } = this;
    const state = (): DatabaseState => this.state;
    const announced = (statement: Pick<Statement, 'on' | 'database' | 'text' | 'title'>): void => {
      if (stage === undefined) return;
      const isKnown = stage
        .preview(work)
        .some(
          each =>
            each.on === statement.on && each.database === statement.database && each.text === statement.text,
        );
      if (!isKnown) throw new Error(`not announced: ${statement.title}\n${statement.text}`);
    };
    const hands = (role: Role) => guarded(servers[role], announced, guard);
    const work: Work = {
      ...{
        name: source,
        plan,
        clock: this.#options.clock ?? systemClock,
        signal: new AbortController().signal,
      },
      get state() {
        return state();
      },
      get ref() {
        return refOf(source, plan, state(), `trial-${source}`);
      },
      servers: {
        publisher: hands('publisher'),
        distributor: hands('distributor'),
        subscriber: hands('subscriber'),
      },
      random: { next: () => 0.5, bytes: count => new Uint8Array(randomBytes(count)) },
      emit: async event => {
        await guard?.('before', 'journal');
        this.emit(event);
      },
      sample: ({ text }) => void this.samples.push(text),
      keep: async () => undefined,
    };
    // Awaited here: the servers are closed behind it.
    return await act(work);
  }

  /** Runs a stage as the conductor does: only where it is not done; it is done afterwards. */
  conduct(stage: Stage, guard?: Guard): Promise<void> {
    return this.with(
      async work => {
        if (await stage.done(work)) return;
        await stage.run(work);
        if (!(await stage.done(work))) throw new Error(`${stage.id} ran and is not done`);
      },
      { stage, ...(guard === undefined ? {} : { guard }) },
    );
  }
}

export { PASSWORD };
