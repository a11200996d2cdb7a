import { writeMarker } from '../../../../src/database/monitor/index.ts';
import { pinStage, reconcileStageWith, unpinStage } from '../../../../src/database/reconcile/index.ts';
import { captureStage, catchUpStage, releaseStage } from '../../../../src/database/replicate/index.ts';
import type { Stage } from '../../../../src/database/stage.ts';
import { type Clock, systemClock } from '../../../../src/foundation/clock.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { type Dice, dice } from '../../lab/sqlserver/tracking/dice.ts';
import type { Guard } from '../reconcile/guard.ts';
import type { Pair } from '../reconcile/pair.ts';
import { Trial } from '../reconcile/trial.ts';
import { Agents } from './agents.ts';
import { drift, initial, SCHEMA, TABLES, transaction } from './world.ts';

/** The control process was killed: nothing that it would have done is done any more. */
class Killed extends Error {}

/** What happened in one interleaving. */
export interface Outcome {
  readonly transactions: number;
  readonly kills: number;
  readonly cuts: number;
  readonly restarts: number;
  readonly agentFaults: number;
  readonly attempts: number;
}

/** What users may run into, as on any server: keys, foreign keys, checks, deadlocks, text that is too long. */
const OF_USERS = new Set([547, 2627, 2601, 1205, 2628, 8152, 8115, 515, 220]);
const TRANSIENT = new Set(['sql.connection-lost', 'sql.unreachable', 'sql.timeout']);
/** The servers are next door: what waits for them looks more often than across a country. */
const HASTY: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 15), signal),
};
/** Attempts at one stage; more than any seed needs. */
const MOST = 60;
/** Transactions of users during one attempt at a stage. */
const PATIENCE = 25;
/** Looks at the end of the pipe, each with work in between. */
const LOOKS = 1_000;

/**
 * Seeds a drifted clone and lets it follow while users write, agents stop and start, connections break, and the control
 * process is killed and begins again; then users stop, what is on its way arrives, and both databases are compared row by
 * row, by nothing of landfall's.
 *
 * @throws Error that says how the copy differs
 */
export async function interleaving(
  pair: Pair,
  seed: number,
  name: string,
  say?: (line: string) => void,
): Promise<Outcome> {
  const one = new Interleaving(pair, seed, name, say);
  try {
    return await one.run();
  } finally {
    await one.timedClean();
  }
}

class Interleaving {
  readonly #pair: Pair;
  readonly #dice: Dice;
  readonly #trial: Trial;
  readonly #agents: Agents;
  readonly #size: number;
  readonly #sizes: { readonly rangeRows: number; readonly batchRows: number };
  readonly #inFlight = new Set<Promise<void>>();
  readonly #broken: unknown[] = [];
  readonly #say: (line: string) => void;
  readonly #counts = { transactions: 0, kills: 0, cuts: 0, restarts: 0, agentFaults: 0, attempts: 0 };
  /** Transactions that users have left in this stage: some for every attempt at it. */
  #budget = 0;
  #isOver = false;

  constructor(pair: Pair, seed: number, name: string, say?: (line: string) => void) {
    this.#say = line => say?.(`${name}: ${line}`);
    this.#pair = pair;
    this.#dice = dice(seed);
    this.#trial = new Trial(pair, { name, clock: HASTY });
    this.#agents = new Agents(pair, name);
    this.#size = 12 + this.#dice(30);
    this.#sizes = { rangeRows: 4 + this.#dice(20), batchRows: 1 + this.#dice(6) };
  }

  async run(): Promise<Outcome> {
    const size = this.#size;
    await this.#timed('create', () => this.#trial.create([...SCHEMA, ...initial(size)]));
    for (const batch of drift(this.#dice, size)) await this.#trial.dal(batch).catch(ofUsers);
    for (let turn = 0; turn < 10; turn += 1)
      await this.#trial.mia(transaction(this.#dice, size)).catch(ofUsers);
    await this.#trial.assess();
    for (const stage of [
      captureStage,
      pinStage,
      reconcileStageWith(this.#sizes),
      releaseStage,
      catchUpStage,
      unpinStage,
    ])
      await this.#conduct(stage);
    for (let turn = 0; turn < 10; turn += 1) await this.#disturb();
    this.#isOver = true;
    await Promise.all(this.#inFlight);
    await this.#timed('drain', () => this.#drain());
    await this.#timed('compare', () => this.#compare());
    const [broken] = this.#broken;
    if (broken !== undefined) throw broken;
    return this.#counts;
  }

  async #timed(what: string, act: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    await act();
    this.#say(`${what} took ${Math.round(performance.now() - begun)} ms`);
  }

  async #conduct(stage: Stage): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      this.#counts.attempts += 1;
      this.#budget = PATIENCE;
      try {
        this.#say(`${stage.id}, attempt ${attempt}`);
        return await this.#timed(stage.id, () => this.#trial.conduct(stage, this.#guard(attempt)));
      } catch (thrown) {
        this.#say(thrown instanceof Error ? thrown.message : String(thrown));
        if (attempt >= MOST || !isTransient(thrown)) throw thrown;
        await this.#agents.reviveAll();
      }
    }
  }

  /** Disturbances become rarer with every attempt, so that every stage comes to its end. */
  #guard(attempt: number): Guard {
    let isDead = false;
    return async (_moment, _what) => {
      if (isDead) throw new Killed('killed');
      this.#write();
      if (this.#dice(150 * attempt) === 0) {
        this.#counts.kills += 1;
        isDead = true;
        throw new Killed('killed');
      }
      if (this.#dice(60) === 0) await this.#disturb();
    };
  }

  /** Users write while landfall's statements are on their way. */
  #write(): void {
    if (this.#isOver) return;
    for (let left = this.#dice(3); left > 0 && this.#budget > 0 && this.#inFlight.size < 3; left -= 1) {
      this.#budget -= 1;
      this.#counts.transactions += 1;
      const written: Promise<void> = this.#trial
        .mia(transaction(this.#dice, this.#size))
        .then(() => undefined)
        .catch(ofUsers)
        .catch((thrown: unknown) => void this.#broken.push(thrown))
        .finally(() => this.#inFlight.delete(written));
      this.#inFlight.add(written);
    }
  }

  async #disturb(): Promise<void> {
    this.#write();
    switch (this.#dice(12)) {
      case 0:
      case 1:
      case 2:
        this.#counts.cuts += this.#pair.cut(this.#dice(2) === 0 ? 'miami' : 'dallas');
        return;
      case 3:
      case 4:
        this.#counts.agentFaults += 1;
        this.#agents.pause(this.#dice(2) === 0 ? 'LogReader' : 'Distribution');
        return;
      case 5:
      case 6:
        this.#counts.agentFaults += 1;
        this.#agents.kill(this.#dice(2) === 0 ? 'LogReader' : 'Distribution');
        return;
      case 7:
        if (this.#counts.restarts > 0 || this.#dice(3) > 0) return;
        this.#counts.restarts += 1;
        await this.#pair.restart('dallas');
        this.#agents.restarted();
        return;
      default:
        await this.#agents.reviveAll();
    }
  }

  /** A marker that is written when nobody writes any more has to arrive: all that was before it has arrived then. */
  async #drain(): Promise<void> {
    const marker = await this.#trial.with(writeMarker);
    for (let look = 0; look < LOOKS; look += 1) {
      if (look % 50 === 0) await this.#agents.reviveAll();
      const [row] = await this.#trial.dal(`SELECT COUNT(*) FROM landfall.marker WHERE id = ${marker.id}`);
      if (Number(row?.[0]) > 0) return;
      await this.#agents.breathe();
    }
    throw new Error(`marker ${marker.id} did not arrive: ${await this.#agents.said()}`);
  }

  async #compare(): Promise<void> {
    for (const table of TABLES) {
      const [truth, copy] = [
        await this.#rows(this.#trial.mia, table),
        await this.#rows(this.#trial.dal, table),
      ];
      const missing = truth.filter(row => !copy.includes(row));
      const extra = copy.filter(row => !truth.includes(row));
      if (missing.length + extra.length > 0 || truth.length !== copy.length)
        throw new Error(
          `${table} differs: production has ${missing.join(' ')}; the copy has ${extra.join(' ')}; ${truth.length} and ${copy.length} rows`,
        );
    }
  }

  async #rows(side: Trial['mia'], table: string): Promise<readonly string[]> {
    const columns = (
      await side(
        `SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.${table}') AND name <> N'ver' ORDER BY name`,
      )
    ).map(([name]) => `[${String(name)}]`);
    const rows = await side(`SELECT ${columns.join(', ')} FROM dbo.${table}`);
    return rows.map(row =>
      JSON.stringify(row, (_, value: unknown) =>
        value instanceof Uint8Array
          ? Buffer.from(value).toString('hex')
          : typeof value === 'bigint'
            ? value.toString()
            : value,
      ),
    );
  }

  timedClean(): Promise<void> {
    return this.#timed('clean', () => this.clean());
  }

  /** The servers as they were, for the next one. */
  async clean(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#inFlight);
    await this.#agents.reviveAll();
    const { source, copy } = this.#trial;
    const quietly = (thrown: unknown): void => void this.#pair.said.push(String(thrown));
    for (const [name] of await this.#pair.run(
      'miami',
      'master',
      `SELECT name FROM sys.databases WHERE source_database_id = DB_ID(N'${source}')`,
    ))
      await this.#pair.run('miami', 'master', `DROP DATABASE [${String(name)}]`).catch(quietly);
    for (const [name] of await this.#trial
      .mia("IF OBJECT_ID(N'dbo.syspublications') IS NOT NULL SELECT name FROM dbo.syspublications")
      .catch(() => []))
      await this.#trial
        .mia(
          `EXEC sys.sp_dropsubscription @publication = N'${String(name)}', @article = N'all', @subscriber = N'all'`,
        )
        .catch(quietly);
    await this.#pair
      .run(
        'miami',
        'master',
        `EXEC sys.sp_replicationdboption @dbname = N'${source}', @optname = N'publish', @value = N'false'`,
      )
      .catch(quietly);
    await this.#pair
      .run('dallas', copy, `EXEC sys.sp_removedbreplication @dbname = N'${copy}'`)
      .catch(quietly);
    for (const [site, database] of [
      ['miami', source],
      ['dallas', copy],
    ] as const)
      await this.#pair
        .run(
          site,
          'master',
          `ALTER DATABASE [${database}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${database}]`,
        )
        .catch(quietly);
  }
}

const numberOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'number') : undefined;

function ofUsers(thrown: unknown): void {
  const number = numberOf(thrown);
  if (typeof number !== 'number' || !OF_USERS.has(number)) throw thrown;
}

/** What an engineer, or the conductor, would simply try again. */
const isTransient = (thrown: unknown): boolean =>
  thrown instanceof Killed || (thrown instanceof LandfallError && TRANSIENT.has(thrown.code));
