import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database, SessionFacts } from './instance.ts';

/** Sessions that are in a database, besides the one that asks. */
export function othersIn(database: Database, execution: Execution): readonly SessionFacts[] {
  const { instance, evaluation } = execution;
  return [...instance.sessions.values()].filter(
    each => each.id !== evaluation.session.id && (each.database === database || touches(each, database)),
  );
}

/** A transaction that has begun in a database holds it as USE does. */
const touches = (session: SessionFacts, database: Database): boolean =>
  database.store?.log.active().some(each => each.session === session.id) ?? false;

/** @throws SqlError 3702 where anybody is in it, the session that asks included */
export function requireUnused(database: Database, execution: Execution, verb: 'drop'): void {
  const { scope } = execution;
  if (scope.database !== database && othersIn(database, execution).length === 0) return;
  throw new SqlError(3702, `Cannot ${verb} database "${database.name}" because it is currently in use.`, {
    state: 3,
  });
}

export interface Termination {
  /** Milliseconds that others may go on for; undefined: they are waited for. */
  readonly after: number | undefined;
  /** WITH NO_WAIT. */
  readonly refuse: boolean;
}

/** `WITH ROLLBACK IMMEDIATE`, `WITH ROLLBACK AFTER 5 SECONDS`, `WITH NO_WAIT`. */
export function terminationOf(text: string | undefined): Termination {
  if (text === undefined) return { after: undefined, refuse: false };
  if (text.includes('NO_WAIT')) return { after: undefined, refuse: true };
  const seconds = /AFTER (\d+)/.exec(text)?.[1];
  return { after: seconds === undefined ? 0 : Number(seconds) * 1000, refuse: false };
}

const POLLING_MS = 20;

/**
 * Waits until nobody else is in a database, or ends those who are.
 *
 * @throws SqlError 5070 and 5069 with NO_WAIT
 */
export async function clearDatabase(
  database: Database,
  execution: Execution,
  { after, refuse }: Termination,
): Promise<void> {
  const { clock } = execution.instance;
  const end = after === undefined ? undefined : clock.monotonic() + after;
  for (;;) {
    const others = othersIn(database, execution);
    if (others.length === 0) return;
    if (refuse)
      throw new SqlError(5069, 'ALTER DATABASE statement failed.', {
        preceding: [
          new SqlError(
            5070,
            `Database state cannot be changed while other users are using the database '${database.name}'`,
            { state: 2 },
          ),
        ],
      });
    if (end !== undefined && clock.monotonic() >= end) for (const other of others) other.kill();
    await clock.sleep(POLLING_MS, execution.signal);
  }
}
