import type { Clock } from '../../foundation/clock.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { RunOptions, Servers, SqlServer } from '../../remote/sql/server.ts';
import type { Parameter, Script, Statement } from '../../remote/sql/statement.ts';
import { performScript } from '../perform.ts';
import type { Work } from '../stage.ts';
import { explained } from './classified.ts';

/** Values that exist only while a stage runs, by the name that statements call them. */
export type RunValues = Readonly<Record<string, Parameter>>;

/** Deadlock, lock time-out, clean-up that happens to run: gone in a moment. */
const PASSING = new Set([1205, 1222, 21398]);
const ATTEMPTS = 10;
const PAUSE_MS = 3_000;

/** The values that a text names. */
function named(statement: Statement, values: RunValues): RunValues {
  const used = Object.entries(values).filter(([name]) => new RegExp(`@${name}\\b`).test(statement.text));
  return Object.fromEntries(used);
}

/** Servers that add what is known only now to the statements that name it, and try again what a moment mends. */
function equipped(servers: Servers, values: RunValues, clock: Clock): Servers {
  const options = (statement: Statement, given: RunOptions = {}): RunOptions => ({
    ...given,
    parameters: { ...named(statement, values), ...given.parameters },
  });
  const patient = async <T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await work();
      } catch (error) {
        const passes = error instanceof LandfallError && numbersOf(error).some(each => PASSING.has(each));
        if (!passes || attempt === ATTEMPTS) throw error;
        await clock.sleep(PAUSE_MS, signal);
      }
  };
  const equip = (server: SqlServer): SqlServer => ({
    role: server.role,
    label: server.label,
    run: (statement, given) => patient(() => server.run(statement, options(statement, given)), given?.signal),
    ask: (statement, row, given) =>
      patient(() => server.ask(statement, row, options(statement, given)), given?.signal),
    session: (database, work, given) => server.session(database, work, given),
    close: () => server.close(),
  });
  return {
    publisher: equip(servers.publisher),
    distributor: equip(servers.distributor),
    subscriber: equip(servers.subscriber),
  };
}

/**
 * Performs a script and tells how far it is.
 *
 * @throws LandfallError of the cause, where the number that SQL Server gave says what it is
 */
export async function perform(work: Work, script: Script, values: RunValues = {}): Promise<void> {
  const { signal, clock } = work;
  try {
    await performScript(script, {
      servers: equipped(work.servers, values, clock),
      signal,
      onDeed: ({ statement }, at, of) => work.sample({ text: statement.title, fraction: at / of }),
    });
  } catch (error) {
    throw error instanceof LandfallError ? explained(error) : error;
  }
}
