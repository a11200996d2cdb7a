import { Connection, Request, TYPES } from 'tedious';
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

/** The driver below `mssql`, by itself. */
export async function connectTedious(address: Address, server: ServerFacts): Promise<Client> {
  const connection = new Connection({
    server: address.host,
    authentication: { type: 'default', options: { userName: address.user, password: address.password } },
    options: {
      port: address.port,
      database: address.database,
      encrypt: address.encrypt,
      trustServerCertificate: address.trust,
      appName: address.application ?? 'landfall-conformance',
      requestTimeout: 30_000,
      rowCollectionOnRequestCompletion: false,
      maxRetriesOnTransientErrors: 0,
    },
  });
  connection.on('error', () => undefined);
  const errors: ServerMessage[] = [];
  const note = (token: unknown): void => void errors.push(messageOf(token));
  connection.on('errorMessage', note);
  await new Promise<void>((resolve, reject) => {
    connection.connect(error => (error ? reject(failureOf(error, errors)) : resolve()));
  });
  connection.off('errorMessage', note);
  return new TediousClient(connection, address, server);
}

const ISOLATION = {
  'read uncommitted': 1,
  'read committed': 2,
  'repeatable read': 3,
  serializable: 4,
  snapshot: 5,
} as const satisfies Record<Isolation, number>;

type Send = (request: Request) => void;

class TediousClient implements Client {
  readonly driver = 'tedious';
  readonly server: ServerFacts;
  readonly database: string;
  readonly #connection: Connection;
  readonly #address: Address;
  readonly #others: Client[] = [];
  #ended = false;

  constructor(connection: Connection, address: Address, server: ServerFacts) {
    this.#connection = connection;
    this.#address = address;
    this.server = server;
    this.database = address.database;
    connection.once('end', () => {
      this.#ended = true;
    });
  }

  query(text: string, parameters: readonly Parameter[] = [], options: RequestOptions = {}): Promise<Answer> {
    return this.#ask(text, parameters, options, request => this.#connection.execSql(request));
  }

  batch(text: string, options: RequestOptions = {}): Promise<Answer> {
    return this.#ask(text, [], options, request => this.#connection.execSqlBatch(request));
  }

  execute(procedure: string, parameters: readonly Parameter[] = []): Promise<Outcome> {
    return this.#ask(procedure, parameters, {}, request => this.#connection.callProcedure(request));
  }

  async prepare(text: string, parameters: readonly Declared[]): Promise<Prepared> {
    // One request is prepared, executed and unprepared: its callback is that of whichever runs.
    let settle: (error: unknown) => void = () => undefined;
    const request = new Request(text, error => settle(error));
    for (const each of parameters) request.addParameter(each.name, TYPES[each.type], null, facets(each));
    const gathered = new Gathered(request, {}, () => undefined);
    const run = (start: () => void): Promise<Outcome> =>
      this.#listening(gathered, resolve => {
        settle = resolve;
        start();
      });
    await new Promise<void>((resolve, reject) => {
      const errors: ServerMessage[] = [];
      const note = (token: unknown): void => void errors.push(messageOf(token));
      this.#connection.on('errorMessage', note);
      const done = (error?: unknown): void => {
        this.#connection.off('errorMessage', note);
        request.off('prepared', done);
        if (error) reject(failureOf(error, errors));
        else resolve();
      };
      settle = done;
      request.on('prepared', done);
      this.#connection.prepare(request);
    });
    return {
      execute: values =>
        run(() => this.#connection.execute(request, Object.fromEntries(Object.entries(values)))),
      unprepare: async () => {
        await run(() => this.#connection.unprepare(request));
      },
    };
  }

  async bulk(
    name: string,
    columns: readonly BulkColumn[],
    rows: readonly (readonly Plain[])[],
    options: BulkOptions = {},
  ): Promise<number> {
    const errors: ServerMessage[] = [];
    const note = (token: unknown): void => void errors.push(messageOf(token));
    this.#connection.on('errorMessage', note);
    try {
      return await new Promise<number>((resolve, reject) => {
        const load = this.#connection.newBulkLoad(name, { ...options }, (error, count) =>
          error ? reject(failureOf(error, errors)) : resolve(count ?? 0),
        );
        for (const column of columns)
          load.addColumn(column.name, TYPES[column.type], {
            ...facets(column),
            nullable: column.nullable ?? true,
          });
        this.#connection.execBulkLoad(
          load,
          rows.map(row => row.map(value => (typeof value === 'bigint' ? String(value) : value))),
        );
      });
    } finally {
      this.#connection.off('errorMessage', note);
    }
  }

  begin(isolation: Isolation = 'read committed'): Promise<void> {
    return this.#manage(done => this.#connection.beginTransaction(done, '', ISOLATION[isolation]));
  }

  commit(): Promise<void> {
    return this.#manage(done => this.#connection.commitTransaction(done));
  }

  rollback(): Promise<void> {
    return this.#manage(done => this.#connection.rollbackTransaction(done));
  }

  async another(options: ConnectOptions = {}): Promise<Client> {
    const client = await connectTedious({ ...this.#address, ...options }, this.server);
    this.#others.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const other of this.#others) await other.close();
    if (this.#ended) return;
    await new Promise<void>(resolve => {
      this.#connection.once('end', () => resolve());
      this.#connection.close();
    });
  }

  async #manage(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    const errors: ServerMessage[] = [];
    const note = (token: unknown): void => void errors.push(messageOf(token));
    this.#connection.on('errorMessage', note);
    try {
      await new Promise<void>((resolve, reject) =>
        start(error => (error ? reject(failureOf(error, errors)) : resolve())),
      );
    } finally {
      this.#connection.off('errorMessage', note);
    }
  }

  #ask(
    text: string,
    parameters: readonly Parameter[],
    options: RequestOptions,
    send: Send,
  ): Promise<Outcome> {
    let settle: (error: unknown) => void = () => undefined;
    const request = new Request(text, error => settle(error));
    if (options.timeout !== undefined) request.setTimeout(options.timeout);
    for (const each of parameters)
      if (each.output)
        request.addOutputParameter(each.name, TYPES[each.type], each.value ?? undefined, facets(each));
      else request.addParameter(each.name, TYPES[each.type], each.value ?? null, facets(each));
    const gathered = new Gathered(request, options, () => this.#connection.cancel());
    return this.#listening(gathered, resolve => {
      settle = resolve;
      send(request);
    });
  }

  async #listening(gathered: Gathered, start: (settle: (error: unknown) => void) => void): Promise<Outcome> {
    const { info, error: failed } = gathered.listeners;
    gathered.clear();
    this.#connection.on('infoMessage', info);
    this.#connection.on('errorMessage', failed);
    try {
      const error = await new Promise<unknown>(resolve => start(resolve));
      if (error) throw failureOf(error, gathered.errors);
      return gathered.outcome();
    } finally {
      this.#connection.off('infoMessage', info);
      this.#connection.off('errorMessage', failed);
    }
  }
}

/** What a request has answered so far. */
class Gathered {
  errors: ServerMessage[] = [];
  #messages: ServerMessage[] = [];
  #sets: { columns: string[]; rows: unknown[][] }[] = [];
  #counts: number[] = [];
  #outputs: Record<string, unknown> = {};
  #returned: number | undefined;
  readonly listeners: { readonly info: (token: unknown) => void; readonly error: (token: unknown) => void };

  constructor(request: Request, options: RequestOptions, cancel: () => void) {
    this.listeners = {
      info: token => {
        this.#messages.push(messageOf(token));
        if (options.cancelOnMessage) cancel();
      },
      error: token => this.errors.push(messageOf(token)),
    };
    request.on('columnMetadata', (columns: unknown) => {
      const list = Array.isArray(columns) ? columns : Object.values(Object(columns));
      this.#sets.push({ columns: list.map(each => String(field(each, 'colName'))), rows: [] });
    });
    request.on('row', (cells: unknown) => {
      if (Array.isArray(cells)) this.#sets.at(-1)?.rows.push(cells.map(cell => field(cell, 'value')));
    });
    const count = (rows: number | undefined): void => {
      if (rows !== undefined) this.#counts.push(rows);
    };
    request.on('done', count);
    request.on('doneInProc', count);
    request.on('doneProc', (_count: number | undefined, _more: boolean, status: unknown) => {
      if (typeof status === 'number') this.#returned = status;
    });
    request.on('returnValue', (name: string, value: unknown) => {
      this.#outputs[name] = value;
    });
  }

  clear(): void {
    this.errors = [];
    this.#messages = [];
    this.#sets = [];
    this.#counts = [];
    this.#outputs = {};
    this.#returned = undefined;
  }

  outcome(): Outcome {
    return {
      sets: this.#sets,
      counts: this.#counts,
      messages: this.#messages,
      outputs: this.#outputs,
      returned: this.#returned,
    };
  }
}

function facets({ length, precision, scale }: ParameterType) {
  return {
    ...(length === undefined ? {} : { length: length === 'max' ? Number.POSITIVE_INFINITY : length }),
    ...(precision === undefined ? {} : { precision }),
    ...(scale === undefined ? {} : { scale }),
  };
}

const field = (from: unknown, name: string): unknown =>
  typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
const numberField = (from: unknown, name: string): number => {
  const value = Number(field(from, name));
  return Number.isNaN(value) ? 0 : value;
};

const messageOf = (token: unknown): ServerMessage => ({
  number: numberField(token, 'number'),
  state: numberField(token, 'state'),
  severity: numberField(token, 'class'),
  line: numberField(token, 'lineNumber'),
  procedure: String(field(token, 'procName') ?? ''),
  message: String(field(token, 'message') ?? ''),
});

function failureOf(error: unknown, errors: readonly ServerMessage[]): Failure {
  const text = error instanceof Error ? error.message : String(error);
  return new Failure(text, String(field(error, 'code') ?? ''), errors, error);
}
