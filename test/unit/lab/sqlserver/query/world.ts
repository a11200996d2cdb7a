import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import type { Column, Index, StoredModule, Table } from '../../../../../src/lab/sqlserver/catalog/schema.ts';
import type { SessionValues } from '../../../../../src/lab/sqlserver/functions/function.ts';
import { globalVariables, scalarFunctions } from '../../../../../src/lab/sqlserver/functions/index.ts';
import {
  type BoundQuery,
  type Evaluation,
  PAUSE,
  type Row,
} from '../../../../../src/lab/sqlserver/query/bound.ts';
import { bindQuery } from '../../../../../src/lab/sqlserver/query/index.ts';
import type { Scope } from '../../../../../src/lab/sqlserver/query/scope.ts';
import type { Database, Instance } from '../../../../../src/lab/sqlserver/server/instance.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import type { Range, Snapshot, Store } from '../../../../../src/lab/sqlserver/storage/store.ts';
import { parseBatch, parseModule } from '../../../../../src/lab/sqlserver/syntax/parse.ts';
import type { QueryExpression } from '../../../../../src/lab/sqlserver/syntax/queries.ts';
import type { SystemView } from '../../../../../src/lab/sqlserver/system/view.ts';
import {
  DEFAULT_COLLATION,
  type SqlType,
  textOf,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';

const absent = (): never => {
  throw new Error('not in this world');
};

export interface TableColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable?: boolean;
  readonly computed?: string;
  readonly identity?: boolean;
}

/** One database over a real store, one session, and every look that a query takes at a table. */
export class World {
  readonly store: Store;
  readonly database: Database;
  readonly instance: Instance;
  readonly variables = new Map<string, Value>();
  readonly variableTypes = new Map<string, SqlType>();
  readonly rowSets = new Map<string, { readonly table: Table; rows: readonly (readonly Value[])[] }>();
  readonly readings: { readonly table: number; readonly range: Range | undefined }[] = [];
  readonly refusals = new Set<number>();
  #nextId = 100;
  callFunction: Evaluation['callFunction'] = absent;
  callTableFunction: Evaluation['callTableFunction'] = absent;

  constructor(
    options: {
      readonly views?: readonly SystemView[];
      readonly collation?: string;
      readonly release?: 2012 | 2022;
    } = {},
  ) {
    const directory = mkdtempSync(join(tmpdir(), 'query-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const store = openStore({
      file: join(directory, 'q.db'),
      clock: systemClock,
      databaseId: 5,
      kind: 'user',
    });
    onTestFinished(() => store.close());
    this.store = store;
    this.database = database('PubDB', store, options.collation ?? DEFAULT_COLLATION);
    this.instance = instance(this.database, options.views ?? [], options.release ?? 2022);
  }

  get scope(): Scope {
    return {
      instance: this.instance,
      database: this.database,
      catalogOf: () => this.store.catalog,
      defaultSchema: 'dbo',
      variable: name => this.variableTypes.get(name.toLowerCase()),
      rowSet: name => this.rowSets.get(name.toLowerCase())?.table,
      temporary: () => undefined,
      permit: (_permission, _database, objectId) => {
        if (this.refusals.has(objectId)) throw new Error(`no permission on ${objectId}`);
      },
    };
  }

  table(
    name: string,
    columns: readonly TableColumn[],
    options: { readonly key?: readonly number[]; readonly indexes?: readonly (readonly number[])[] } = {},
  ): Table {
    const id = this.#nextId++;
    const shape: Table = {
      id,
      schemaId: 1,
      name,
      created: 0,
      modified: 0,
      shipped: false,
      columns: columns.map(columnOf),
      keys: [],
      indexes: [
        ...(options.key === undefined ? [] : [indexOf(1, options.key, true)]),
        ...(options.indexes ?? []).map((index, at) => indexOf(at + 2, index, false)),
      ],
      foreignKeys: [],
      checks: [],
      storeId: 0,
      published: false,
      features: {},
    };
    const transaction = this.store.begin(1, { snapshot: false });
    const made = { ...shape, storeId: transaction.createPhysical(shape) };
    transaction.define(catalog => ({
      ...catalog,
      tables: new Map([...catalog.tables, [id, made]]),
      byName: new Map([...catalog.byName, [`dbo.${name.toLowerCase()}`, id]]),
    }));
    transaction.commit();
    return made;
  }

  module(text: string, type: StoredModule['type']): number {
    const id = this.#nextId++;
    const module = parseModule(text);
    const name = module.name.at(-1) ?? '';
    const stored: StoredModule = {
      id,
      schemaId: 1,
      name,
      created: 0,
      modified: 0,
      shipped: false,
      type,
      text,
      module,
      ansiNulls: true,
      quotedIdentifier: true,
      disabled: false,
      encrypted: false,
    };
    const transaction = this.store.begin(1, { snapshot: false });
    transaction.define(catalog => ({
      ...catalog,
      modules: new Map([...catalog.modules, [id, stored]]),
      byName: new Map([...catalog.byName, [`dbo.${name.toLowerCase()}`, id]]),
    }));
    transaction.commit();
    return id;
  }

  insert(table: Table, rows: readonly (readonly Value[])[]): void {
    const transaction = this.store.begin(1, { snapshot: false });
    for (const row of rows) transaction.insert(table, row);
    transaction.commit();
  }

  variable(name: string, type: SqlType, value: Value): void {
    this.variableTypes.set(name.toLowerCase(), type);
    this.variables.set(name.toLowerCase(), value);
  }

  rowSet(name: string, columns: readonly TableColumn[], rows: readonly (readonly Value[])[]): Table {
    const table: Table = {
      id: -1,
      schemaId: 1,
      name,
      created: 0,
      modified: 0,
      shipped: false,
      columns: columns.map(columnOf),
      keys: [],
      indexes: [],
      foreignKeys: [],
      checks: [],
      storeId: 0,
      published: false,
      features: {},
    };
    this.rowSets.set(name.toLowerCase(), { table, rows });
    return table;
  }

  bind(text: string): BoundQuery {
    return bindQuery(queryOf(text), this.scope);
  }

  /** Rows as they are held. */
  rows(text: string): readonly Row[] {
    const bound = this.bind(text);
    return this.running(context => {
      const rows: Row[] = [];
      for (const row of bound.run(context)) if (row !== PAUSE) rows.push(row);
      return rows;
    });
  }

  /** Rows as CONVERT to text shows them. */
  texts(text: string): readonly (readonly (string | null)[])[] {
    const bound = this.bind(text);
    return this.running(context => {
      const rows: (string | null)[][] = [];
      for (const row of bound.run(context))
        if (row !== PAUSE)
          rows.push(
            bound.columns.map((column, at) => {
              const value = row[at] ?? null;
              return value === null ? null : textOf(value, column.type);
            }),
          );
      return rows;
    });
  }

  /** The number of the error that binding or running gives. */
  fault(text: string): { readonly number: unknown; readonly message: string } {
    try {
      this.rows(text);
    } catch (error) {
      if (error instanceof Error && 'number' in error)
        return { number: error.number, message: error.message };
      throw error;
    }
    throw new Error(`no fault: ${text}`);
  }

  running<T>(use: (context: Evaluation) => T): T {
    const opened: Snapshot[] = [];
    let view: Snapshot | undefined;
    const context: Evaluation = {
      instance: this.instance,
      database: this.database,
      now: 0,
      session: session(),
      variables: this.variables,
      view: () => {
        if (view === undefined) {
          view = this.store.snapshot();
          opened.push(view);
        }
        return view;
      },
      reading: (_database, table, _hints, range) => this.readings.push({ table, range }),
      callFunction: (...given) => this.callFunction(...given),
      callTableFunction: (...given) => this.callTableFunction(...given),
      rowsOf: name => this.rowSets.get(name)?.rows ?? [],
      signal: new AbortController().signal,
    };
    try {
      return use(context);
    } finally {
      for (const each of opened) each.close();
    }
  }
}

export function queryOf(text: string): QueryExpression {
  const [statement, other] = parseBatch(text);
  if (statement?.statement !== 'select' || other !== undefined) throw new Error(`no query: ${text}`);
  return statement.query;
}

const columnOf = (column: TableColumn, at: number): Column => ({
  id: at + 1,
  name: column.name,
  type: column.type,
  nullable: column.nullable ?? true,
  rowguid: false,
  sparse: false,
  features: {},
  ...(column.computed === undefined ? {} : { computed: { text: column.computed, persisted: false } }),
  ...(column.identity === true ? { identity: { seed: 1n, increment: 1n, notForReplication: false } } : {}),
});

/** Columns by place from 1, negative for descending. */
const indexOf = (id: number, columns: readonly number[], unique: boolean): Index => ({
  id,
  name: `IX_${id}`,
  unique,
  clustered: id === 1,
  columns: columns.map(column => ({ column: Math.abs(column), descending: column < 0, included: false })),
  disabled: false,
  fillFactor: 0,
});

function database(name: string, store: Store, collation: string): Database {
  return {
    id: 5,
    name,
    created: 0,
    collation,
    store,
    get catalog() {
      return store.catalog;
    },
    files: [],
    options: {
      owner: Uint8Array.of(1),
      state: 'ONLINE',
      recovery: 'SIMPLE',
      compatibility: 160,
      readOnly: false,
      access: 'MULTI_USER',
      snapshotIsolation: false,
      readCommittedSnapshot: false,
      changeTracking: undefined,
      published: false,
      subscribed: false,
      distributor: false,
      syncWithBackup: false,
      trustworthy: false,
      broker: false,
      others: new Map(),
    },
    family: '',
    recoveryFork: '',
  };
}

function instance(own: Database, views: readonly SystemView[], release: 2012 | 2022): Instance {
  return {
    name: 'MIAMI',
    version: { major: 16, minor: 0, build: 1000 },
    login: absent,
    product: {
      edition: 'Enterprise Edition (64-bit)',
      engineEdition: 3,
      tier: 'Enterprise',
      release,
      major: 16,
      minor: 0,
      build: 1000,
      level: 'RTM',
      update: null,
      databaseVersion: 957,
      compatibility: 160,
      platform: 'Linux',
      publishes: true,
      distributes: true,
      hasAgent: true,
      changeDataCapture: true,
      backupCompression: true,
      databaseSnapshots: true,
    },
    clock: systemClock,
    random: { next: () => 0.5, bytes: count => new Uint8Array(count) },
    host: '',
    port: 0,
    trust: '',
    directory: '',
    databases: new Map([[own.name.toLowerCase(), own]]),
    principals: {
      find: absent,
      byId: absent,
      bySid: absent,
      all: absent,
      add: absent,
      change: absent,
      drop: absent,
      permissions: [],
    },
    configuration: { value: absent, options: absent, set: absent, reconfigure: absent },
    sessions: new Map(),
    system: {
      procedures: new Map(),
      views: new Map(views.map(view => [`${view.schema}.${view.name}`.toLowerCase(), view])),
      functions: {
        scalars: new Map(scalarFunctions.map(each => [each.name, each])),
        globals: new Map(globalVariables.map(each => [each.name, each])),
      },
    },
    servers: { find: () => undefined, add: absent, remove: absent, all: () => [] },
    createDatabase: absent,
    attachDatabase: absent,
    dropDatabase: absent,
    prepareRestore: absent,
    run: absent,
    close: absent,
  };
}

const session = (): SessionValues => ({
  id: 51,
  login: 'sa',
  user: 'dbo',
  application: '',
  host: '',
  transactionCount: 0,
  transactionState: 0,
  rowCount: 0,
  lastError: 0,
  identity: null,
  scopeIdentity: null,
  nestLevel: 0,
  procedure: undefined,
  caught: undefined,
  options: {
    nocount: false,
    xactAbort: false,
    ansiNulls: true,
    ansiWarnings: true,
    ansiPadding: true,
    arithAbort: true,
    concatNullYieldsNull: true,
    quotedIdentifier: true,
    numericRoundAbort: false,
    implicitTransactions: false,
    dateFirst: 7,
    dateFormat: 'mdy',
    language: 'us_english',
    textSize: 2147483647,
    lockTimeout: -1,
    rowCount: 0,
    isolation: 'read-committed',
    deadlockPriority: 0,
  },
  contextInfo: null,
  contextValues: new Map(),
  cursors: new Map(),
  fetchStatus: 0,
  updatedColumns: undefined,
  replication: false,
});
