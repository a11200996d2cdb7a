import { Socket } from 'node:net';
import mssql from 'mssql';
import type { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import { connectFault } from './connect-fault.ts';
import type { ServerMessage } from './driver-error.ts';
import { numberOf, requestFault, unreadable } from './faults.ts';
import type { BulkLoad, Cell, Outcome, RunOptions, SqlServer, SqlSession } from './server.ts';
import type { Parameter, ParameterType, Role, Statement } from './statement.ts';

export interface SqlAddress {
  readonly role: Role;
  /** For people: `publisher 10.10.4.61`. */
  readonly label: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly encrypt: 'strict' | 'required' | 'off';
  readonly trustCertificate: boolean;
  readonly certificateName?: string;
}

export interface ConnectOptions {
  /** The value of a secret that a statement names (`env:NAME`). */
  readonly secret: (reference: string) => string;
  /** Hears of every batch that was sent, without values: for the log of commands. */
  readonly onSent?: (sent: SentBatch) => void;
}

export interface SentBatch {
  readonly statement: Statement;
  readonly ms: number;
  /** SQL Server's number where it failed. */
  readonly failed?: number | string;
}

const READ_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 15_000;
/** What production's own administrators see in sys.dm_exec_sessions. */
const APPLICATION = 'landfall';
/** The driver holds the rows of one bulk load in memory. */
const BULK_CHUNK = 2_000;
/** And as many bytes of them, roughly: one row of a large object may be as much as all others together. */
const BULK_BYTES = 8 << 20;

/** A server that is connected when it is first asked. Nothing is kept between two calls but pooled connections. */
export function connectSqlServer(at: SqlAddress, options: ConnectOptions): SqlServer {
  const pools = new Map<string, Promise<mssql.ConnectionPool>>();

  const open = async (config: mssql.config, database: string): Promise<mssql.ConnectionPool> => {
    const said: ServerMessage[] = [];
    const pool = new mssql.ConnectionPool(heard(config, said));
    // A connection that breaks while it is idle is replaced by the pool; the next request tells what is wrong.
    pool.on('error', () => undefined);
    try {
      return await pool.connect();
    } catch (thrown) {
      throw connectFault(thrown, at, database, said);
    }
  };

  const pooled = (database: string): Promise<mssql.ConnectionPool> => {
    const known = pools.get(database);
    if (known !== undefined) return known;
    const opening = open(configOf(at, database, 4), database);
    pools.set(database, opening);
    opening.catch(() => pools.delete(database));
    return opening;
  };

  const onPool = async (statement: Statement, run: RunOptions = {}): Promise<Outcome> =>
    perform(await pooled(statement.database), statement, run, at, options);

  return {
    role: at.role,
    label: at.label,
    run: onPool,
    ask: async (statement, row, run) => rowsOf(await onPool(statement, run), statement, row, at),
    async session(database, work, { signal } = {}) {
      signal?.throwIfAborted();
      const only = oneConnection(configOf(at, database, 1));
      const pool = await open(only.config, database);
      try {
        return await work(sessionOn(pool, only.traffic, at, options));
      } finally {
        await pool.close();
      }
    },
    async close() {
      const opened = [...pools.values()];
      pools.clear();
      for (const each of await Promise.allSettled(opened))
        if (each.status === 'fulfilled') await each.value.close();
    },
  };
}

/** What the server says while it refuses a login: first why, and in the end only that; the driver keeps the end. */
function heard(config: mssql.config, said: ServerMessage[]): mssql.config {
  return {
    ...config,
    beforeConnect: made => {
      config.beforeConnect?.(made);
      made.on('errorMessage', ({ number, message }) => {
        // Errors of requests come here, too, as long as the connection lives; the first few are of its beginning.
        if (said.length < MOST_HEARD) said.push({ number, text: harmless(message) });
      });
    },
  };
}

const MOST_HEARD = 8;

/**
 * A pool that makes one connection and never another: a session that was lost must not go on, without its temporary
 * tables and its transaction, on a fresh one.
 */
function oneConnection(config: mssql.config): { config: mssql.config; traffic: SqlSession['traffic'] } {
  let connection: unknown;
  // The driver opens one connection to see whether it is let in, and closes it; the second is the session.
  let left = 2;
  return {
    config: {
      ...config,
      validateConnection: false,
      // Whoever asks while a long stream is read waits for its end.
      pool: { max: 1, min: 0, idleTimeoutMillis: 0x7fffffff, acquireTimeoutMillis: 0x7fffffff },
      beforeConnect: made => {
        if (left === 0) {
          made.close();
          throw new Error('the session was lost');
        }
        left -= 1;
        connection = made;
      },
    },
    traffic: () => {
      const socket: unknown =
        typeof connection === 'object' && connection !== null ? Reflect.get(connection, 'socket') : undefined;
      return socket instanceof Socket
        ? { received: socket.bytesRead, sent: socket.bytesWritten }
        : { received: 0, sent: 0 };
    },
  };
}

function sessionOn(
  pool: mssql.ConnectionPool,
  traffic: SqlSession['traffic'],
  at: SqlAddress,
  options: ConnectOptions,
): SqlSession {
  const run = (statement: Statement, how: RunOptions = {}): Promise<Outcome> =>
    perform(pool, statement, how, at, options);
  return {
    run,
    ask: async (statement, row, how) => rowsOf(await run(statement, how), statement, row, at),
    stream: (statement, how = {}) => streamed(pool, statement, how, at, options),
    bulk: (load, { signal } = {}) => loaded(pool, load, at, signal),
    traffic,
  };
}

function configOf(at: SqlAddress, database: string, most: number): mssql.config {
  return {
    server: at.address,
    port: at.port,
    user: at.user,
    password: at.password,
    database,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: 0,
    arrayRowMode: false,
    pool: { max: most, min: 0, idleTimeoutMillis: 30_000 },
    options: {
      appName: APPLICATION,
      encrypt: at.encrypt === 'strict' ? 'strict' : at.encrypt === 'required',
      trustServerCertificate: at.trustCertificate,
      useUTC: true,
      enableArithAbort: true,
      ...(at.certificateName === undefined ? {} : { serverName: at.certificateName }),
    },
  };
}

async function perform(
  pool: mssql.ConnectionPool,
  statement: Statement,
  run: RunOptions,
  at: SqlAddress,
  options: ConnectOptions,
): Promise<Outcome> {
  const request = requestOf(pool, statement, run, options);
  const messages: string[] = [];
  request.on('info', ({ message }: { message: string }) => {
    const text = harmless(message);
    messages.push(text);
    run.onMessage?.(text);
  });
  const result = await sent(request, statement, run, at, options, () =>
    hasParameters(statement, run)
      ? request.query<Record<string, unknown>>(statement.text)
      : request.batch<Record<string, unknown>>(statement.text),
  );
  return {
    results: result.recordsets.map(rows => [...rows]),
    messages,
    rowsAffected: [...result.rowsAffected],
  };
}

/** Runs a request, ends it where the signal fires, and says of every failure what it means. */
async function sent<T>(
  request: mssql.Request,
  statement: Statement,
  { signal }: RunOptions,
  at: SqlAddress,
  options: ConnectOptions,
  go: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const cancel = (): void => request.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  const begun = performance.now();
  const tell = (failed?: number | string): void =>
    options.onSent?.({
      statement,
      ms: Math.round(performance.now() - begun),
      ...(failed === undefined ? {} : { failed }),
    });
  try {
    const result = await go();
    tell();
    return result;
  } catch (thrown) {
    tell(numberOf(thrown) ?? 'failed');
    signal?.throwIfAborted();
    throw requestFault(thrown, at, statement);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

function requestOf(
  pool: mssql.ConnectionPool,
  statement: Statement,
  run: RunOptions,
  options: ConnectOptions,
): mssql.Request {
  const request = pool.request();
  const timeout = statement.timeoutMs ?? (statement.effect === 'reads' ? READ_TIMEOUT_MS : 0);
  Object.assign(request, { overrides: { requestTimeout: timeout } });
  for (const [name, parameter] of Object.entries({ ...statement.parameters, ...run.parameters }))
    request.input(name, typeOf(parameter.type), sentValue(parameter));
  for (const [name, reference] of Object.entries(statement.secrets ?? {}))
    request.input(name, mssql.NVarChar(mssql.MAX), options.secret(reference));
  return request;
}

const hasParameters = (statement: Statement, run: RunOptions): boolean =>
  [statement.parameters, run.parameters, statement.secrets].some(
    each => each !== undefined && Object.keys(each).length > 0,
  );

const TYPES: Readonly<Record<ParameterType, () => mssql.ISqlType>> = {
  int: () => mssql.Int(),
  bigint: () => mssql.BigInt(),
  bit: () => mssql.Bit(),
  nvarchar: () => mssql.NVarChar(mssql.MAX),
  varbinary: () => mssql.VarBinary(mssql.MAX),
  uniqueidentifier: () => mssql.UniqueIdentifier(),
};

const typeOf = (type: ParameterType): mssql.ISqlType => TYPES[type]();

const sentValue = ({ value }: Parameter): unknown =>
  value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value) : value;

function rowsOf<S extends z.ZodType>(
  outcome: Outcome,
  statement: Statement,
  row: S,
  at: SqlAddress,
): z.infer<S>[] {
  return (outcome.results.at(-1) ?? []).map(each => {
    const parsed = row.safeParse(each);
    if (!parsed.success) throw unreadable(parsed.error, at, statement);
    return parsed.data;
  });
}

async function* streamed(
  pool: mssql.ConnectionPool,
  statement: Statement,
  run: RunOptions,
  at: SqlAddress,
  options: ConnectOptions,
): AsyncGenerator<readonly Cell[]> {
  const request = requestOf(pool, statement, run, options);
  request.stream = true;
  request.arrayRowMode = true;
  const rows = request.toReadableStream({ highWaterMark: 256 });
  // A failure of the request ends the stream, where it is read; the promise only says it once more.
  const ended = (
    hasParameters(statement, run) ? request.query(statement.text) : request.batch(statement.text)
  ).catch(() => undefined);
  const cancel = (): void => request.cancel();
  run.signal?.addEventListener('abort', cancel, { once: true });
  let isWhole = false;
  try {
    for await (const row of rows) yield row;
    isWhole = true;
  } catch (thrown) {
    isWhole = true;
    run.signal?.throwIfAborted();
    throw requestFault(thrown, at, statement);
  } finally {
    run.signal?.removeEventListener('abort', cancel);
    if (!isWhole) request.cancel();
    await ended;
  }
}

async function loaded(
  pool: mssql.ConnectionPool,
  load: BulkLoad,
  at: SqlAddress,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  let bytes = 0;
  let table = tableOf(load);
  const flush = async (): Promise<void> => {
    if (table.rows.length === 0) return;
    signal?.throwIfAborted();
    try {
      count += (await pool.request().bulk(table, { keepNulls: true })).rowsAffected;
    } catch (thrown) {
      throw requestFault(thrown, at, {
        on: at.role,
        database: load.database,
        title: `load rows into ${load.table}`,
        text: `INSERT BULK ${load.table}`,
        effect: 'writes',
      });
    }
    table = tableOf(load);
    bytes = 0;
  };
  for await (const row of load.rows) {
    table.rows.add(...row.map(bulkValue));
    for (const cell of row)
      bytes += typeof cell === 'string' || cell instanceof Uint8Array ? cell.length * 2 : 8;
    if (table.rows.length >= BULK_CHUNK || bytes >= BULK_BYTES) await flush();
  }
  await flush();
  return count;
}

function tableOf(load: BulkLoad): mssql.Table {
  const table = new mssql.Table(load.table);
  for (const { name, type, length = mssql.MAX } of load.columns)
    table.columns.add(name, LOADED[type](length), { nullable: true });
  return table;
}

const LOADED: Readonly<Record<BulkLoad['columns'][number]['type'], (length: number) => mssql.ISqlType>> = {
  nvarchar: length => mssql.NVarChar(length),
  varchar: length => mssql.VarChar(length),
  varbinary: length => mssql.VarBinary(length),
  bigint: () => mssql.BigInt(),
  int: () => mssql.Int(),
  tinyint: () => mssql.TinyInt(),
  bit: () => mssql.Bit(),
  float: () => mssql.Float(),
};

const bulkValue = (cell: Cell): string | number | boolean | Date | Buffer | null =>
  typeof cell === 'bigint'
    ? cell.toString()
    : cell instanceof Uint8Array && !Buffer.isBuffer(cell)
      ? Buffer.from(cell)
      : cell;
