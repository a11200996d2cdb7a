import { LandfallError } from '../../foundation/errors.ts';
import type { CommandRecord } from '../../remote/host.ts';
import { quote } from '../../remote/quote.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { BulkLoad, RunOptions, SqlServer, SqlSession } from '../../remote/sql/server.ts';
import type { Statement } from '../../remote/sql/statement.ts';

export interface GuardParts {
  /** `Orders.publisher`: landfall's name for it. */
  readonly host: string;
  /** Whether this may be done; throws where it may not, before anything is sent. */
  readonly admit: (deed: WritingDeed) => Promise<void>;
  readonly onCommand: (record: CommandRecord) => void;
  readonly clock: { now(): number; monotonic(): number };
}

/** What changes something on a server: a statement, or a bulk load. */
export interface WritingDeed {
  readonly host: string;
  readonly database: string;
  readonly text: string;
  readonly title: string;
}

/** The text under which a bulk load is announced. */
export const bulkText = (table: string): string => `INSERT BULK ${table}`;

/**
 * A server whose every write was announced before, and who has proved who it is. What is sent stands in the command
 * log: statements with their texts and without the values of their parameters.
 */
export function guarded(server: SqlServer, parts: GuardParts): SqlServer {
  return {
    role: server.role,
    label: server.label,
    ...requests(server, parts, server.role),
    session: (database, work, options) =>
      server.session(
        database,
        session =>
          work({
            ...requests(session, parts, server.role, database),
            stream: (statement, run) => streamed(session, statement, run, parts, server.role, database),
            bulk: async (load, options) => {
              requireDatabase(`load rows into ${load.table}`, load.database, parts, database);
              return loaded(session, load, options, parts);
            },
            traffic: () => session.traffic(),
          }),
        options,
      ),
    close: () => server.close(),
  };
}

function requests(
  over: Pick<SqlSession, 'run' | 'ask'>,
  parts: GuardParts,
  role: SqlServer['role'],
  database?: string,
): Pick<SqlSession, 'run' | 'ask'> {
  return {
    run: async (statement, run) => {
      await allowed(statement, parts, role, database);
      return recorded(statement.database, statement, parts, () => over.run(statement, run));
    },
    ask: async (statement, row, run) => {
      await allowed(statement, parts, role, database);
      return recorded(statement.database, statement, parts, () => over.ask(statement, row, run));
    },
  };
}

async function* streamed(
  session: SqlSession,
  statement: Statement,
  run: RunOptions | undefined,
  parts: GuardParts,
  role: SqlServer['role'],
  database: string,
): ReturnType<SqlSession['stream']> {
  await allowed(statement, parts, role, database);
  const told = telling(statement.database, statement, parts);
  try {
    yield* session.stream(statement, run);
    told(0);
  } catch (thrown) {
    told(codeOf(thrown));
    throw thrown;
  }
}

async function loaded(
  session: SqlSession,
  load: BulkLoad,
  options: { readonly signal?: AbortSignal } | undefined,
  parts: GuardParts,
): Promise<number> {
  const deed = { title: `load rows into ${load.table}`, text: bulkText(load.table) };
  await parts.admit({ host: parts.host, database: load.database, ...deed });
  return recorded(load.database, deed, parts, () => session.bulk(load, options));
}

async function allowed(
  statement: Statement,
  parts: GuardParts,
  role: SqlServer['role'],
  session?: string,
): Promise<void> {
  if (statement.effect === 'reads') return;
  const { database, text, title, on } = statement;
  if (on !== role)
    throw new LandfallError('bug', {
      what: `${title}: made for the ${on}, and about to be sent to the ${role}`,
      why: 'publisher and subscriber must never be confused; nothing was sent',
      where: { host: parts.host },
      next: ['report this with the journal of the evacuation'],
    });
  requireDatabase(title, database, parts, session);
  await parts.admit({ host: parts.host, database, text, title });
}

/** A session stays in the database in which it was opened: there it would run, wherever it was meant for. */
function requireDatabase(
  title: string,
  database: string,
  { host }: GuardParts,
  session: string | undefined,
): void {
  if (session === undefined || session.toLowerCase() === database.toLowerCase()) return;
  throw new LandfallError('bug', {
    what: `${title}: made for the database ${database}, and about to be sent over a session in ${session}`,
    why: 'what was announced for one database must not run in another; nothing was sent',
    where: { host },
    next: ['report this with the journal of the evacuation'],
  });
}

async function recorded<T>(
  database: string,
  deed: Pick<Statement, 'title' | 'text'>,
  parts: GuardParts,
  work: () => Promise<T>,
): Promise<T> {
  const told = telling(database, deed, parts);
  try {
    const result = await work();
    told(0);
    return result;
  } catch (thrown) {
    told(codeOf(thrown));
    throw thrown;
  }
}

function telling(
  database: string,
  { title, text }: Pick<Statement, 'title' | 'text'>,
  { host, clock, onCommand }: GuardParts,
): (code: number | null) => void {
  const at = clock.now();
  const began = clock.monotonic();
  const command = `${database}: ${title}: ${quote(text.trim())}`;
  return code => onCommand({ at, host, command, code, ms: Math.round(clock.monotonic() - began) });
}

/** SQL Server's own number, or null where it gave none: the connection was lost, the request cancelled. */
const codeOf = (thrown: unknown): number | null =>
  thrown instanceof LandfallError ? (numbersOf(thrown)[0] ?? null) : null;
