import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCatalog } from '../../../../src/database/catalog/read.ts';
import { databaseTables } from '../../../../src/database/catalog/tables.ts';
import { refOf } from '../../../../src/database/names.ts';
import type { Stage, Work } from '../../../../src/database/stage.ts';
import { type Clock, systemClock } from '../../../../src/foundation/clock.ts';
import type { Lane, SqlServerFacts } from '../../../../src/journal/database-facts.ts';
import { type EventBody, JOURNAL_VERSION } from '../../../../src/journal/events.ts';
import { apply } from '../../../../src/journal/fold.ts';
import { type DatabaseState, EMPTY_STATE, type State } from '../../../../src/journal/state.ts';
import { connectLab, createDouble, type Double } from '../../../../src/lab/sqlserver/server/double.ts';
import { PRODUCTS, type ProductName, productVersion } from '../../../../src/lab/sqlserver/server/products.ts';
import { type DatabasePlan, planSchema } from '../../../../src/plan/schema.ts';
import { connectSqlServer } from '../../../../src/remote/sql/connect.ts';
import type { Servers, SqlServer } from '../../../../src/remote/sql/server.ts';
import type { Role, Statement } from '../../../../src/remote/sql/statement.ts';

/** Production in Miami and an instance in Dallas as doubles, and a stage's hands on them. */

export const SOURCE = 'Loans';
export const CLONE = 'LoansDev';
const PASSWORD = 'Correct horse 1';
export const SHARE = String.raw`\\MIA-SQL1\backup`;

export interface EstateOptions {
  readonly lane?: Lane;
  readonly product?: ProductName;
  readonly distributorAt?: 'publisher' | 'subscriber';
  /** Batches that make production; the clone is made by the same ones. */
  readonly schema: readonly string[];
  readonly backup?: boolean;
}

export class Estate implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'landfall-h5-'));
  readonly events: EventBody[] = [];
  clock: Clock = systemClock;
  /** Hears what a stage says of its progress. */
  heard: (text: string) => void = () => undefined;
  /** Ends a run before the n-th statement that writes, as a process that is killed. */
  killAt = Number.POSITIVE_INFINITY;
  /** Statements that wrote, in order. */
  readonly written: Statement[] = [];
  readonly #options: EstateOptions;
  readonly #doubles: Double[] = [];
  readonly #open: SqlServer[] = [];
  #state: State = EMPTY_STATE;
  #seq = 0;

  private constructor(options: EstateOptions) {
    this.#options = options;
  }

  static async start(options: EstateOptions): Promise<Estate> {
    const estate = new Estate(options);
    for (const name of ['MIA-SQL1', 'DAL-SQL1'])
      estate.#doubles.push(
        await createDouble({
          directory: join(estate.directory, name),
          name,
          product: options.product ?? '2022-standard',
          saPassword: PASSWORD,
          trust: 'one domain',
          pace: { pollingMs: 10 },
        }),
      );
    connectLab(estate.#doubles);
    await estate.mia('master', `CREATE DATABASE [${SOURCE}]`);
    for (const batch of options.schema) await estate.mia(SOURCE, batch);
    if (options.lane !== 'backup' && options.lane !== 'log-shipping') {
      await estate.dal('master', `CREATE DATABASE [${CLONE}]`);
      for (const batch of options.schema) await estate.dal(CLONE, batch);
    }
    await estate.#assess();
    return estate;
  }

  get publisher(): Double {
    return this.#at(0);
  }

  get subscriber(): Double {
    return this.#at(1);
  }

  #at(place: number): Double {
    const found = this.#doubles[place];
    if (found === undefined) throw new Error('not started');
    return found;
  }

  mia = (database: string, text: string) => this.publisher.run(database, text);
  dal = (database: string, text: string) => this.subscriber.run(database, text);

  readonly #plan: () => DatabasePlan = () => {
    const server = (double: Double) => ({
      address: double.host,
      port: double.port,
      user: 'sa',
      password: 'env:SA',
      encrypt: 'off',
    });
    const { lane = 'clone', distributorAt = 'subscriber' } = this.#options;
    const parsed = planSchema.shape.databases.parse({
      [SOURCE]: {
        tier: 'gold',
        publisher: server(this.publisher),
        subscriber: server(this.subscriber),
        distributor_at: distributorAt,
        lane,
        clone: { database: CLONE },
        backup: { folder: SHARE, reads_as: SHARE },
      },
    });
    const plan = parsed[SOURCE];
    if (plan === undefined) throw new Error('no plan');
    return plan;
  };

  async #assess(): Promise<void> {
    const product = PRODUCTS[this.#options.product ?? '2022-standard'];
    const facts = (name: string): SqlServerFacts => ({
      ...{ name, version: productVersion(product), major: product.major, edition: product.edition },
      ...{
        engineEdition: product.engineEdition,
        platform: 'Windows',
        collation: 'SQL_Latin1_General_CP1_CI_AS',
      },
      ...{ banner: 'SQL Server double', sysadmin: true, agentRunning: product.hasAgent },
      ...{ publishes: product.publishes, distributes: product.distributes, serverId: name },
    });
    const [mia, dal] = [facts('MIA-SQL1'), facts('DAL-SQL1')];
    const catalog = await readCatalog(this.servers().publisher, 'publisher', SOURCE);
    this.emit({
      ...{ type: 'database.assessed', database: SOURCE, publisher: mia, subscriber: dal },
      distributor: this.#options.distributorAt === 'publisher' ? mia : dal,
      ...{ tables: databaseTables(catalog), findings: [] },
    });
    this.emit({
      type: 'database.lane-chosen',
      database: SOURCE,
      lane: this.#options.lane ?? 'clone',
      reason: 'test',
    });
    this.events.length = 0;
  }

  emit(event: EventBody): void {
    this.events.push(event);
    this.#seq += 1;
    this.#state = apply(this.#state, {
      ...event,
      v: JOURNAL_VERSION,
      seq: this.#seq,
      at: Date.now(),
      by: 'test',
    });
  }

  get state(): DatabaseState | undefined {
    return this.#state.databases[SOURCE];
  }

  /** Servers that write down what writes, and end the process where the test wants it. */
  servers(allowed?: () => readonly Statement[]): Servers {
    const make = (role: Role, double: Double): SqlServer => {
      const server = connectSqlServer(
        {
          ...{ role, label: `${role} ${double.name}`, address: double.host, port: double.port, user: 'sa' },
          ...{ password: PASSWORD, encrypt: 'off', trustCertificate: false },
        },
        { secret: () => PASSWORD },
      );
      this.#open.push(server);
      const note = (statement: Statement): void => {
        if (statement.effect === 'reads') return;
        if (this.written.length >= this.killAt) throw new Error('killed');
        const known = allowed?.().some(each => each.text === statement.text && each.on === statement.on);
        if (known === false) throw new Error(`not announced: ${statement.title}\n${statement.text}`);
        this.written.push(statement);
      };
      return {
        ...server,
        run: async (statement, options) => {
          note(statement);
          return server.run(statement, options);
        },
        ask: async (statement, row, options) => {
          note(statement);
          return server.ask(statement, row, options);
        },
      };
    };
    const distributor = this.#options.distributorAt === 'publisher' ? this.publisher : this.subscriber;
    return {
      publisher: make('publisher', this.publisher),
      distributor: make('distributor', distributor),
      subscriber: make('subscriber', this.subscriber),
    };
  }

  /** A stage's hands; what the stage did not announce is refused. */
  work(stage?: Stage): Work {
    const plan = this.#plan();
    const state = () => this.#state.databases[SOURCE] ?? { name: SOURCE, ordered: {} };
    const work: Work = {
      ...{ name: SOURCE, plan, clock: this.clock, signal: new AbortController().signal },
      get state() {
        return state();
      },
      get ref() {
        return refOf(SOURCE, plan, state(), 'miami-to-dallas');
      },
      servers: this.servers(stage === undefined ? undefined : () => stage.preview(work)),
      random: { next: () => 0.5, bytes: count => new Uint8Array(randomBytes(count)) },
      emit: async event => this.emit(event),
      sample: ({ text }) => this.heard(text),
      keep: async () => undefined,
    };
    return work;
  }

  /** Runs a stage as the conductor does: only where it is not done; it is done afterwards. */
  async conduct(stage: Stage): Promise<void> {
    const work = this.work(stage);
    if (await stage.done(work)) return;
    await stage.run(work);
    if (!(await stage.done(work))) throw new Error(`${stage.id} ran and is not done`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#open) await server.close();
    for (const double of [...this.#doubles].reverse()) await double.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
