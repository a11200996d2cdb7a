import mssql from 'mssql';
import { SqlError } from '../errors.ts';
import type { ServerAddress } from '../server/instance.ts';

/** Another server as an agent or a linked server reaches it: over TDS, with a login, as any client does. */
export interface Peer {
  /** Rows of the last result of a batch; parameters by name without @. */
  query(
    text: string,
    values?: Readonly<Record<string, PeerValue>>,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export interface PeerValue {
  readonly type: mssql.ISqlType | (() => mssql.ISqlType);
  readonly value: unknown;
}

export interface PeerLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Shows in sys.dm_exec_sessions; replication agents are known by it. */
  readonly application: string;
}

/**
 * @throws SqlError 18483 or what the other server said
 */
export async function connectPeer(server: ServerAddress, login: PeerLogin, connections = 1): Promise<Peer> {
  const pool = new mssql.ConnectionPool({
    server: server.host,
    port: server.port,
    user: login.user,
    password: login.password,
    database: login.database,
    requestTimeout: 0,
    pool: { max: connections, min: 0 },
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
  return {
    async query(text, values = {}) {
      const request = pool.request();
      for (const [name, { type, value }] of Object.entries(values)) request.input(name, type, value);
      try {
        const { recordset } = await request.query<Record<string, unknown>>(text);
        return recordset ?? [];
      } catch (error) {
        throw asSqlError(error, server.name);
      }
    },
    close: () => pool.close(),
  };
}

/** The error of another server keeps its number; a lost connection is a communication link failure. */
function asSqlError(error: unknown, server: string): unknown {
  if (error instanceof mssql.RequestError && error.number !== undefined) {
    return new SqlError(error.number, error.message, {
      severity: Number(error.class ?? 16),
      state: Number(error.state ?? 1),
    });
  }
  if (error instanceof mssql.ConnectionError && error.code === 'ELOGIN') {
    return new SqlError(18456, error.message, { severity: 14 });
  }
  if (error instanceof mssql.MSSQLError) {
    return new SqlError(10054, `The connection to server "${server}" was lost: ${error.message}`, {
      severity: 20,
    });
  }
  return error;
}
