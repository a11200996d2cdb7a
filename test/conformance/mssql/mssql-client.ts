import sql from 'mssql';
import type {
  Address,
  Answer,
  BulkColumn,
  BulkOptions,
  Client,
  ConnectOptions,
  Declared,
  Isolation,
  Outcome,
  Parameter,
  ParameterType,
  Plain,
  Prepared,
  RequestOptions,
  ServerFacts,
  ServerMessage,
} from './client.ts';
import { Failure } from './client.ts';

/** The unmodified `mssql`; a pool of one connection is one session. */
export async function connectMssql(address: Address, server: ServerFacts): Promise<Client> {
  const pool = new sql.ConnectionPool({
    server: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    database: address.database,
    requestTimeout: 30_000,
    validateConnection: false,
    arrayRowMode: true,
    pool: { max: 1, min: 0 },
    options: {
      encrypt: address.encrypt,
      trustServerCertificate: address.trust,
      appName: address.application ?? 'landfall-conformance',
      // A refused database is refused at once.
      maxRetriesOnTransientErrors: 0,
    },
  });
  // A connection that ends is what some cases are about.
  pool.on('error', () => undefined);
  try {
    await pool.connect();
  } catch (error) {
    throw failureOf(error);
  }
  return new MssqlClient(pool, address, server);
}

const ISOLATION = {
  'read uncommitted': sql.ISOLATION_LEVEL.READ_UNCOMMITTED,
  'read committed': sql.ISOLATION_LEVEL.READ_COMMITTED,
  'repeatable read': sql.ISOLATION_LEVEL.REPEATABLE_READ,
  serializable: sql.ISOLATION_LEVEL.SERIALIZABLE,
  snapshot: sql.ISOLATION_LEVEL.SNAPSHOT,
} as const satisfies Record<Isolation, number>;

class MssqlClient implements Client {
  readonly driver = 'mssql';
  readonly server: ServerFacts;
  readonly database: string;
  readonly #pool: sql.ConnectionPool;
  readonly #address: Address;
  readonly #others: Client[] = [];
  #transaction: sql.Transaction | undefined;

  constructor(pool: sql.ConnectionPool, address: Address, server: ServerFacts) {
    this.#pool = pool;
    this.#address = address;
    this.server = server;
    this.database = address.database;
  }

  query(text: string, parameters: readonly Parameter[] = [], options: RequestOptions = {}): Promise<Answer> {
    return this.#ask(options, request => withParameters(request, parameters).query(text));
  }

  batch(text: string, options: RequestOptions = {}): Promise<Answer> {
    return this.#ask(options, request => request.batch(text));
  }

  execute(procedure: string, parameters: readonly Parameter[] = []): Promise<Outcome> {
    return this.#ask({}, request => withParameters(request, parameters).execute(procedure));
  }

  async prepare(text: string, parameters: readonly Declared[]): Promise<Prepared> {
    const statement =
      this.#transaction === undefined
        ? new sql.PreparedStatement(this.#pool)
        : new sql.PreparedStatement(this.#transaction);
    for (const parameter of parameters) statement.input(parameter.name, sqlType(parameter));
    await guarded(() => statement.prepare(text));
    return {
      execute: values =>
        guarded(async () =>
          outcomeOf(await statement.execute(Object.fromEntries(Object.entries(values))), []),
        ),
      unprepare: () => guarded(() => statement.unprepare()),
    };
  }

  bulk(
    name: string,
    columns: readonly BulkColumn[],
    rows: readonly (readonly Plain[])[],
    options: BulkOptions = {},
  ): Promise<number> {
    return guarded(async () => {
      const table = new sql.Table(name);
      for (const column of columns)
        table.columns.add(column.name, sqlType(column), { nullable: column.nullable ?? true });
      for (const row of rows) table.rows.add(...row.map(bulkValue));
      return (await this.#request().bulk(table, options)).rowsAffected;
    });
  }

  async begin(isolation: Isolation = 'read committed'): Promise<void> {
    const transaction = new sql.Transaction(this.#pool);
    // What the server has rolled back is seen by the next request.
    transaction.on('error', () => undefined);
    await guarded(() => transaction.begin(ISOLATION[isolation]));
    this.#transaction = transaction;
  }

  async commit(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await guarded(async () => transaction?.commit());
  }

  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await guarded(async () => transaction?.rollback());
  }

  async another(options: ConnectOptions = {}): Promise<Client> {
    const client = await connectMssql({ ...this.#address, ...options }, this.server);
    this.#others.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const other of this.#others) await other.close();
    await this.#transaction?.rollback().catch(() => undefined);
    await this.#pool.close();
  }

  #request(): sql.Request {
    return this.#transaction === undefined ? this.#pool.request() : new sql.Request(this.#transaction);
  }

  #ask(
    options: RequestOptions,
    run: (request: sql.Request) => Promise<sql.IResult<unknown> | sql.IProcedureResult<unknown>>,
  ): Promise<Outcome> {
    return guarded(async () => {
      const request = this.#request();
      if (options.timeout !== undefined)
        Reflect.set(request, 'overrides', { requestTimeout: options.timeout });
      request.arrayRowMode = true;
      const messages: ServerMessage[] = [];
      request.on('info', (info: unknown) => {
        messages.push(messageOf(info));
        if (options.cancelOnMessage) request.cancel();
      });
      return outcomeOf(await run(request), messages);
    });
  }
}

function withParameters(request: sql.Request, parameters: readonly Parameter[]): sql.Request {
  for (const parameter of parameters)
    if (parameter.output) request.output(parameter.name, sqlType(parameter), parameter.value);
    else request.input(parameter.name, sqlType(parameter), parameter.value ?? null);
  return request;
}

function sqlType({ type, length, precision, scale }: ParameterType): sql.ISqlType {
  const size = length === 'max' ? sql.MAX : length;
  switch (type) {
    case 'Decimal':
    case 'Numeric':
      return sql[type](precision, scale);
    case 'Time':
    case 'DateTime2':
    case 'DateTimeOffset':
      return sql[type](scale ?? 7);
    case 'Char':
    case 'VarChar':
    case 'NChar':
    case 'NVarChar':
    case 'VarBinary':
      return size === undefined ? sql[type]() : sql[type](size);
    case 'Binary':
      // Its type says that it takes no length; it does.
      return Reflect.apply(sql.Binary, undefined, [size]);
    default:
      return sql[type]();
  }
}

const bulkValue = (value: Plain) => (typeof value === 'bigint' ? String(value) : value);

function outcomeOf(
  result: sql.IResult<unknown> | sql.IProcedureResult<unknown>,
  messages: readonly ServerMessage[],
): Outcome {
  const sets: readonly sql.IRecordSet<unknown>[] = Array.isArray(result.recordsets) ? result.recordsets : [];
  return {
    sets: sets.map(set => ({
      columns: Object.values(set.columns).map(column => column.name),
      rows: set.map(row => (Array.isArray(row) ? row : Object.values(Object(row)))),
    })),
    counts: result.rowsAffected,
    messages,
    outputs: result.output,
    returned:
      'returnValue' in result && typeof result.returnValue === 'number' ? result.returnValue : undefined,
  };
}

async function guarded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw failureOf(error);
  }
}

const field = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
const numberField = (from: unknown, name: string): number => {
  const value = Number(field(from, name));
  return Number.isNaN(value) ? 0 : value;
};

function messageOf(from: unknown): ServerMessage {
  return {
    number: numberField(from, 'number'),
    state: numberField(from, 'state'),
    severity: numberField(from, 'class'),
    line: numberField(from, 'lineNumber'),
    procedure: String(field(from, 'procName') ?? ''),
    message: String(field(from, 'message') ?? ''),
  };
}

function failureOf(error: unknown): Failure {
  const preceding = field(error, 'precedingErrors');
  const all = [...(Array.isArray(preceding) ? preceding : []), error];
  const errors = all.filter(each => field(each, 'number') !== undefined).map(messageOf);
  const text = error instanceof Error ? error.message : String(error);
  return new Failure(text, String(field(error, 'code') ?? ''), errors, error);
}
