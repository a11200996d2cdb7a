import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import { requireOnline } from '../server/online.ts';
import { requireAccess } from './permissions.ts';
import type { Runtime } from './runtime.ts';
import type { SessionState } from './state.ts';

/** @throws SqlError 911, 927, 942, 916, 924 */
export function findDatabase(state: SessionState, name: string): Database {
  const database = state.instance.databases.get(name.toLowerCase());
  if (!database)
    throw new SqlError(
      911,
      `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
      { endsBatch: true },
    );
  requireOnline(database);
  requireAccess(state, database);
  return database;
}

/** USE: the database of the batch, and at its outermost level of the session. */
export function enterDatabase(runtime: Runtime, name: string): void {
  const { state, frame } = runtime;
  if (frame.module)
    throw new SqlError(154, 'a USE database statement is not allowed in a procedure, function or trigger.', {
      severity: 15,
      endsBatch: true,
    });
  const database = findDatabase(state, name);
  requirePlace(state, database);
  const before = frame.database;
  frame.database = database;
  if (!frame.parent) state.database = database;
  tellDatabase(state, database, before);
}

export function tellDatabase(state: SessionState, database: Database, before: Database): void {
  state.output.environment({ kind: 'database', name: database.name, before: before.name });
  state.output.message({
    number: 5701,
    state: 2,
    severity: 0,
    text: `Changed database context to '${database.name}'.`,
    procedure: '',
    line: state.frame?.line ?? 1,
    now: false,
  });
}

/** @throws SqlError 924 where it is SINGLE_USER and somebody else is in it */
export function requirePlace(state: SessionState, database: Database): void {
  if (database.options.access !== 'SINGLE_USER') return;
  for (const other of state.instance.sessions.values())
    if (other.id !== state.login.id && other.user && other.database === database)
      throw new SqlError(
        924,
        `Database '${database.name}' is already open and can only have one user at a time.`,
        { severity: 14, endsBatch: true },
      );
}
