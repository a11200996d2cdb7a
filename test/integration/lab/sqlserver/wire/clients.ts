import sql from 'mssql';
import { Connection, type ConnectionConfiguration, Request } from 'tedious';
import { onTestFinished } from 'vitest';
import type { Listener } from '../../../../../src/lab/sqlserver/server/requests.ts';
import { serve, type WireOptions, type WireServer } from '../../../../../src/lab/sqlserver/wire/serve.ts';

export async function started(listener: Listener, options: Partial<WireOptions> = {}): Promise<WireServer> {
  const server = await serve(listener, { host: '127.0.0.1', port: 0, encryption: 'off', ...options });
  onTestFinished(() => server.close());
  return server;
}

/** A pool of the unmodified driver. */
export async function pool(
  server: WireServer,
  config: Partial<sql.config> = {},
  options: sql.config['options'] = {},
): Promise<sql.ConnectionPool> {
  const made = new sql.ConnectionPool({
    server: 'localhost',
    port: server.port,
    user: 'sa',
    password: 'Pa55word!',
    ...config,
    options: { encrypt: false, ...options },
  });
  // Lost connections are what some tests are about.
  made.on('error', () => undefined);
  onTestFinished(() => made.close());
  return made.connect();
}

export function tediousConnection(
  server: WireServer,
  options: ConnectionConfiguration['options'] = {},
): Connection {
  return new Connection({
    server: 'localhost',
    authentication: { type: 'default', options: { userName: 'sa', password: 'Pa55word!' } },
    options: { port: server.port, encrypt: false, ...options },
  });
}

/** A connection of the lower driver, connected. */
export async function connected(
  server: WireServer,
  options: ConnectionConfiguration['options'] = {},
): Promise<Connection> {
  const connection = tediousConnection(server, options);
  connection.on('error', () => undefined);
  onTestFinished(() => connection.close());
  await new Promise<void>((resolve, reject) => {
    connection.connect(error => (error ? reject(error) : resolve()));
  });
  return connection;
}

/** Rows of a request, each by position. */
export function rowsOf(
  connection: Connection,
  make: (settle: (error: Error | null | undefined) => void) => Request,
  how: 'execSql' | 'execSqlBatch' | 'callProcedure' = 'execSql',
): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    const found: unknown[][] = [];
    const request = make(error => (error ? reject(error) : resolve(found)));
    request.on('row', (row: readonly { value: unknown }[]) => found.push(row.map(cell => cell.value)));
    connection[how](request);
  });
}

export { Request, sql };
