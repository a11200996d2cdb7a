import type { Catalog, Table } from '../catalog/schema.ts';
import type { FunctionContext, SessionValues } from '../functions/function.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { Range, View } from '../storage/store.ts';
import type { Value } from '../values/types.ts';
import type { Evaluation, Outer, Row } from './bound.ts';

/** The statement's evaluation as a query inside it sees it: everything is the statement's, and a row lies around. */
class Inner implements Evaluation, FunctionContext {
  readonly root: Evaluation;
  readonly outer: Outer;

  constructor(root: Evaluation, outer: Outer) {
    this.root = root;
    this.outer = outer;
  }

  get instance(): Instance {
    return this.root.instance;
  }
  get database(): Database {
    return this.root.database;
  }
  get now(): number {
    return this.root.now;
  }
  get session(): SessionValues {
    return this.root.session;
  }
  get variables(): Map<string, Value> {
    return this.root.variables;
  }
  get signal(): AbortSignal {
    return this.root.signal;
  }
  catalogOf(database: Database): Catalog {
    return this.root.catalogOf?.(database) ?? database.catalog;
  }
  temporary(name: string): Table | undefined {
    return this.root.temporary?.(name);
  }
  view(database: Database): View {
    return this.root.view(database);
  }
  readonly reading = (database: Database, table: number, hints: readonly string[], range?: Range): void =>
    this.root.reading(database, table, hints, range);
  callFunction(database: Database, module: number, values: readonly Value[]): Value {
    return this.root.callFunction(database, module, values);
  }
  callTableFunction(
    database: Database,
    module: number,
    values: readonly Value[],
  ): Iterable<readonly Value[]> {
    return this.root.callTableFunction(database, module, values);
  }
  rowsOf(name: string): Iterable<readonly Value[]> {
    return this.root.rowsOf(name);
  }
}

/** The evaluation for a query inside, with the row around it. */
export const under = (context: Evaluation, row: Row): Evaluation =>
  new Inner(context.root ?? context, { row, outer: context.outer });

interface Memo<T> {
  get(context: Evaluation): T | undefined;
  set(context: Evaluation, value: T): void;
}

/** What is computed once a statement and kept while it runs: every statement has an evaluation of its own. */
export function memo<T>(): Memo<T> {
  const held = new WeakMap<Evaluation, { readonly value: T }>();
  const key = (context: Evaluation): Evaluation => context.root ?? context;
  return {
    get: context => held.get(key(context))?.value,
    set: (context, value) => {
      held.set(key(context), { value });
    },
  };
}
