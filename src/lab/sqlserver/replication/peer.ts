import mssql from 'mssql';
import { SqlError } from '../errors.ts';
import type { ServerAddress } from '../server/instance.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Another server as an agent or a linked server reaches it: over TDS, with a login, as any client does. */
export interface Peer {
  /** Rows of the last result of a batch. */
  query(text: string): Promise<Rows>;
  /** Does the work in one transaction of one connection; rolls it back where the work throws. */
  transaction<T>(work: (inside: PeerTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface PeerTransaction {
  /** False once the server has rolled it back. */
  readonly open: boolean;
  /** A batch; once the server has rolled the transaction back every further one is refused. */
  run(text: string): Promise<void>;
}

export interface PeerLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Shows in sys.dm_exec_sessions; replication agents are known by it. */
  readonly application: string;
}

/**
 * One connection; `signal` cancels what runs on it.
 *
 * @throws SqlError 18456 or what the other server said, 10054 where it was not reached
 */
export async function connectPeer(
  server: ServerAddress,
  login: PeerLogin,
  signal: AbortSignal = new AbortController().signal,
): Promise<Peer> {
  const pool = new mssql.ConnectionPool({
    server: server.host,
    port: server.port,
    user: login.user,
    password: login.password,
    database: login.database,
    requestTimeout: 0,
    pool: { max: 1, min: 0 },
    // The doubles of one lab know one another; a listener that insists on TLS gets it.
    options: { encrypt: false, trustServerCertificate: true, appName: login.application },
  });
  // What breaks while nobody asks shows in the next request.
  pool.on('error', () => undefined);
  try {
    await pool.connect();
  } catch (error) {
    throw asSqlError(error, server.name);
  }
  const run = async (request: mssql.Request, text: string): Promise<Rows> => {
    signal.throwIfAborted();
    const cancel = (): void => request.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const { recordset } = await request.batch<Record<string, unknown>>(text);
      return recordset ?? [];
    } catch (error) {
      signal.throwIfAborted();
      throw asSqlError(error, server.name);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return {
    query: text => run(pool.request(), text),
    async transaction(work) {
      const transaction = new mssql.Transaction(pool);
      // The server ended it by itself: the error of the request says why.
      let open = false;
      transaction.on('rollback', () => {
        open = false;
      });
      try {
        await transaction.begin();
        open = true;
        const result = await work({
          get open() {
            return open;
          },
          run: async text => {
            if (!open) throw new SqlError(3902, 'The transaction was ended by the server.');
            await run(new mssql.Request(transaction), text);
          },
        });
        await transaction.commit();
        open = false;
        return result;
      } catch (error) {
        // Where the connection is gone the server rolls back by itself.
        if (open) await transaction.rollback().catch(() => undefined);
        throw asSqlError(error, server.name);
      }
    },
    close: () => pool.close(),
  };
}

/** The error of another server keeps its number; a lost connection is a communication link failure. */
function asSqlError(error: unknown, server: string): unknown {
  if (isTold(error)) {
    const { number, message, class: severity, state } = firstOf(error);
    return new SqlError(number ?? 0, message, {
      severity: Number(severity ?? 16),
      state: Number(state ?? 1),
    });
  }
  if (error instanceof mssql.ConnectionError && error.code === 'ELOGIN') {
    return new SqlError(18456, error.message, { severity: 14 });
  }
  if (error instanceof mssql.MSSQLError) {
    return new SqlError(LOST, `The connection to server "${server}" was lost: ${error.message}`, {
      severity: 20,
    });
  }
  return error;
}

/** An error of the server; of those of the connection the driver gives a code in the place of the number. */
const isTold = (error: unknown): error is mssql.RequestError =>
  error instanceof mssql.RequestError && typeof error.number === 'number';

/** The first error is the cause; the driver puts the last one on top. */
function firstOf(error: mssql.RequestError): mssql.RequestError {
  const preceding: unknown = 'precedingErrors' in error ? error.precedingErrors : undefined;
  const first: unknown = Array.isArray(preceding) ? preceding[0] : undefined;
  return isTold(first) ? first : error;
}

/** The number of a communication link failure. */
export const LOST = 10054;
