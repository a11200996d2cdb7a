import type { Catalog, Table } from '../catalog/schema.ts';
import type { SessionValues } from '../functions/function.ts';
import type { Evaluation } from '../query/bound.ts';
import type { Scope } from '../query/scope.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { Range, View } from '../storage/store.ts';
import type { Value } from '../values/types.ts';
import type { Frame } from './frame.ts';
import { type FunctionBody, runScalarFunction, runTableFunction } from './function-body.ts';
import type { Runtime } from './runtime.ts';
import { findTemporary } from './scope.ts';
import type { SessionState } from './state.ts';

/** The statement that calls functions, or a function that calls others. */
export interface FunctionHost extends Evaluation {
  readonly state: SessionState;
  readonly frame: Frame;
  readonly scope: Scope;
  /** Bodies bound for this statement, by object id. */
  readonly functions: Map<number, readonly FunctionBody[]>;
}

/** Inside a function: its own variables, the view and the locks of the statement that calls it. */
export class FunctionEvaluation implements FunctionHost {
  readonly instance: Instance;
  readonly now: number;
  readonly session: SessionValues;
  readonly signal: AbortSignal;
  readonly state: SessionState;
  readonly frame: Frame;
  readonly scope: Scope;
  readonly functions: Map<number, readonly FunctionBody[]>;
  readonly variables: Map<string, Value>;
  readonly caller: Evaluation;
  readonly #host: FunctionHost;

  constructor(host: FunctionHost, runtime: Runtime) {
    this.#host = host;
    this.caller = host.caller ?? host;
    this.instance = host.instance;
    this.now = host.now;
    this.session = host.session;
    this.signal = host.signal;
    this.state = host.state;
    this.functions = host.functions;
    this.frame = runtime.frame;
    this.scope = runtime.scope;
    this.variables = runtime.frame.variables;
  }

  get database(): Database {
    return this.frame.database;
  }

  readonly catalogOf = (database: Database): Catalog => this.scope.catalogOf(database);

  readonly temporary = (name: string): Table | undefined => findTemporary(this.state, this.frame.level, name);

  /** A view of its own by identity: what `query/` keeps of a statement is not that of another call. */
  view(database: Database): View {
    let own = this.#views.get(database);
    if (!own) {
      const shared = this.#host.view(database);
      own = {
        catalog: shared.catalog,
        scan: (table, range, places) => shared.scan(table, range, places),
        seek: (table, indexId, key, places) => shared.seek(table, indexId, key, places),
        row: (table, rid) => shared.row(table, rid),
      };
      this.#views.set(database, own);
    }
    return own;
  }

  readonly #views = new Map<Database, View>();

  /** Between two statements of the function: variables may have changed what was computed before. */
  turn(): void {
    this.#views.clear();
  }

  readonly reading = (database: Database, table: number, hints: readonly string[], range?: Range): void =>
    this.#host.reading(database, table, hints, range);

  callFunction(database: Database, module: number, values: readonly Value[]): Value {
    return runScalarFunction(this, database, module, values);
  }

  callTableFunction(
    database: Database,
    module: number,
    values: readonly Value[],
  ): Iterable<readonly Value[]> {
    return runTableFunction(this, database, module, values);
  }

  rowsOf(name: string): Iterable<readonly Value[]> {
    return this.frame.rows(name);
  }
}
