import mssql from 'mssql';
import type { Clock } from '../../../foundation/clock.ts';
import { Dice } from './rows/dice.ts';
import { ACTIONS, type Action } from './traffic/actions.ts';

/** Production at work: writers that use the application's database as its users do, until they are stopped. */

export interface TrafficOptions {
  readonly connection: mssql.config;
  readonly writers: number;
  /** Actions a second of all writers together; undefined is as fast as they can. */
  readonly perSecond?: number;
  readonly seed: number;
  readonly clock: Clock;
}

export interface TrafficReport {
  /** Actions that ended well, by name. */
  readonly done: Readonly<Record<string, number>>;
  /** Errors that an application lives with, by number: deadlocks, lock time-outs, conflicts, duplicate keys, its own RAISERROR. */
  readonly repeated: Readonly<Record<string, number>>;
}

export interface Traffic {
  /** So far. */
  report(): TrafficReport;
  /**
   * Ends every writer after its current action.
   *
   * @throws what stopped a writer before
   */
  stop(): Promise<TrafficReport>;
}

const REPEATABLE: ReadonlySet<number> = new Set([1205, 1222, 2601, 2627, 3960, 50_000]);

export function startTraffic(options: TrafficOptions): Traffic {
  const done = new Map<string, number>();
  const repeated = new Map<string, number>();
  const stopping = new AbortController();
  const count = (counts: Map<string, number>, name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };

  const write = async (writer: number): Promise<void> => {
    const pool = new mssql.ConnectionPool({ ...options.connection, pool: { max: 2, min: 0 } });
    const broken = new Promise<never>((_, reject) => pool.on('error', reject));
    broken.catch(() => stopping.abort());
    await pool.connect();
    try {
      for (let turn = 0; !stopping.signal.aborted; turn += 1) {
        const dice = new Dice(options.seed, `writer ${writer}`, turn);
        const action = choose(dice);
        try {
          if (await Promise.race([isRestricted(pool), broken])) {
            await pause(options, stopping.signal);
            continue;
          }
          await Promise.race([action.run(pool, dice), broken]);
          count(done, action.name);
        } catch (error) {
          if (
            !(
              error instanceof mssql.RequestError &&
              error.number !== undefined &&
              REPEATABLE.has(error.number)
            )
          )
            throw error;
          count(repeated, `${error.number}`);
        }
        await pause(options, stopping.signal);
      }
    } finally {
      await pool.close();
    }
  };

  const writers = Array.from({ length: options.writers }, (_, writer) => write(writer));
  const all = Promise.all(writers);
  // Whoever stops the traffic hears of it; until then nobody waits.
  all.catch(() => stopping.abort());
  const report = (): TrafficReport => ({
    done: Object.fromEntries(done),
    repeated: Object.fromEntries(repeated),
  });
  return {
    report,
    async stop() {
      stopping.abort();
      await all;
      return report();
    },
  };
}

/**
 * An application's login is refused while its database is restricted; these writers may come as an administrator, whom
 * nobody refuses, so they wait of their own accord.
 */
async function isRestricted(pool: mssql.ConnectionPool): Promise<boolean> {
  const { recordset } = await pool
    .request()
    .query<{ access: string }>(
      'SELECT user_access_desc AS access FROM sys.databases WHERE database_id = DB_ID();',
    );
  return recordset[0]?.access !== 'MULTI_USER';
}

function choose(dice: Dice): Action {
  let left = dice.between(
    1,
    ACTIONS.reduce((sum, { weight }) => sum + weight, 0),
  );
  const chosen = ACTIONS.find(({ weight }) => {
    left -= weight;
    return left <= 0;
  });
  if (chosen === undefined) throw new RangeError('the weights do not add up');
  return chosen;
}

async function pause({ perSecond, writers, clock }: TrafficOptions, signal: AbortSignal): Promise<void> {
  if (perSecond === undefined || signal.aborted) return;
  await clock.sleep((1000 * writers) / perSecond, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
