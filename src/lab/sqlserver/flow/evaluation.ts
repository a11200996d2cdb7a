import type { Catalog, Table } from '../catalog/schema.ts';
import { isGlobalTemporary } from '../catalog/temporary.ts';
import type { SessionValues } from '../functions/function.ts';
import { endMemory } from '../query/memory.ts';
import type { Database, Instance } from '../server/instance.ts';
import { requireOnline } from '../server/online.ts';
import type { Range, Snapshot, View } from '../storage/store.ts';
import type { Value } from '../values/types.ts';
import type { Frame } from './frame.ts';
import { type FunctionBody, runScalarFunction, runTableFunction } from './function-body.ts';
import type { FunctionHost } from './function-evaluation.ts';
import { readingOf, requireSameDefinition, snapshotPart } from './isolation.ts';
import type { FrameScope } from './scope.ts';
import { findTemporary } from './scope.ts';
import type { SessionState } from './state.ts';

/** What one statement may ask while it computes rows; its views are closed when it ends. */
export class StatementEvaluation implements FunctionHost {
  readonly instance: Instance;
  readonly now: number;
  readonly session: SessionValues;
  readonly variables: Map<string, Value>;
  readonly state: SessionState;
  readonly frame: Frame;
  readonly scope: FrameScope;
  readonly functions = new Map<number, readonly FunctionBody[]>();
  readonly #views = new Map<Database, Snapshot>();
  #dirty = false;

  constructor(state: SessionState, frame: Frame, scope: FrameScope, session: SessionValues) {
    this.state = state;
    this.frame = frame;
    this.scope = scope;
    this.session = session;
    this.instance = state.instance;
    this.now = state.instance.clock.now();
    this.variables = frame.variables;
  }

  get database(): Database {
    return this.frame.database;
  }

  get signal(): AbortSignal {
    return this.state.signal;
  }

  readonly catalogOf = (database: Database): Catalog => this.scope.catalogOf(database);

  readonly temporary = (name: string): Table | undefined => findTemporary(this.state, this.frame.level, name);

  view(database: Database): View {
    const known = this.#views.get(database);
    if (known) return known;
    const opened =
      database.snapshotOf && database.snapshot ? seenOnce(database.snapshot) : this.#open(database);
    this.#views.set(database, opened);
    return opened;
  }

  #open(database: Database): Snapshot {
    const { transaction } = this.state;
    const snapshot = snapshotPart(this.state, database);
    const dirty = this.#dirty || this.state.options.isolation === 'read-uncommitted';
    const part = snapshot || dirty ? transaction.join(database, snapshot) : transaction.part(database);
    if (part) return part.view({ dirty: dirty && !snapshot });
    requireOnline(database);
    if (!database.store) throw new Error(`${database.name} has no store`);
    return database.store.snapshot();
  }

  readonly reading = (database: Database, tableId: number, hints: readonly string[], range?: Range): void => {
    if (database.snapshotOf) return;
    const { store } = database;
    const table = this.scope.catalogOf(database).tables.get(tableId);
    if (!store || !table) return;
    if (database.name === 'tempdb' && table.name.startsWith('#') && !isGlobalTemporary(table.name)) return;
    const { transaction } = this.state;
    switch (readingOf(this.state, database, hints)) {
      case 'dirty':
        this.#dirty = true;
        return;
      case 'versions':
        if (snapshotPart(this.state, database)) {
          const part = transaction.join(database, true);
          if (part.writes === 0) requireSameDefinition(database, part.catalog, tableId);
        }
        return;
      case 'respect':
        store.locks.respect(transaction.part(database), table, range);
        return;
      case 'share':
        store.locks.take(transaction.join(database, false), table, undefined, 'S');
        return;
      case 'exclude':
        store.locks.take(
          transaction.join(database, snapshotPart(this.state, database)),
          table,
          undefined,
          'X',
        );
        return;
    }
  };

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

  /** Before the statement is run once more on the views it has: only what was computed is given back. */
  again(): void {
    endMemory(this);
  }

  close(): void {
    endMemory(this);
    for (const view of this.#views.values()) view.close();
    this.#views.clear();
  }
}

/** A view of its own for each statement on what stays open: `query/` keeps what it has computed by the view. */
const seenOnce = (snapshot: Snapshot): Snapshot => ({
  catalog: snapshot.catalog,
  origin: snapshot,
  scan: (table, range, places) => snapshot.scan(table, range, places),
  seek: (table, indexId, key, places) => snapshot.seek(table, indexId, key, places),
  row: (table, rid) => snapshot.row(table, rid),
  close: () => undefined,
});
