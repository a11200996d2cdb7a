import type { FunctionContext } from '../functions/function.ts';
import type { Database } from '../server/instance.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { Range, View } from '../storage/store.ts';
import type { SqlType, Value } from '../values/types.ts';

/** What a statement becomes when names and types are known: closures over rows. */

/** The values of all sources side by side, each source at its place. */
export type Row = readonly Value[];

/** Three truth values. */
export type Truth = boolean | null;

export interface BoundExpression {
  readonly type: SqlType;
  readonly nullable: boolean;
  /** The value is the same for every row: a literal, or computed from literals alone. */
  readonly constant: boolean;
  readonly evaluate: (row: Row, context: Evaluation) => Value;
}

export interface BoundCondition {
  readonly test: (row: Row, context: Evaluation) => Truth;
}

/** Everything that may be asked while rows are computed. Each statement, and each time it is run again, has one of its own. */
export interface Evaluation extends FunctionContext {
  /** Variables of the batch or the module, by lower-case name with @. */
  readonly variables: Map<string, Value>;
  /** The view of the running statement on a database; opened once a statement and closed when it ends. */
  view(database: Database): View;
  /** Before the rows of a table are read: waits (LockWait) for others' writes where the isolation level says so. */
  readonly reading: (database: Database, table: number, hints: readonly string[], range?: Range) => void;
  /** Runs a scalar function that was written in T-SQL. */
  callFunction(database: Database, module: number, values: readonly Value[]): Value;
  /** Rows of a table function with a body of several statements. */
  callTableFunction(database: Database, module: number, values: readonly Value[]): Iterable<readonly Value[]>;
  /** Rows of a table variable or of `inserted` and `deleted`, by lower-case name. */
  rowsOf(name: string): Iterable<readonly Value[]>;
  readonly signal: AbortSignal;
  /** Set by `query/` alone while a correlated query runs: the row of the query around it. */
  readonly outer?: Outer;
  /** Set by `query/` alone beside `outer`: the statement's own evaluation, the key of what is kept for one statement. */
  readonly root?: Evaluation;
  /** Of a function: the statement that calls it, whose memory it uses. */
  readonly caller?: Evaluation;
}

/** The row of the query around, and those around that one. */
export interface Outer {
  readonly row: Row;
  readonly outer: Outer | undefined;
}

/** Given now and then instead of a row by whatever runs long, so that other sessions have their turn; never dropped by an operator. */
export const PAUSE: unique symbol = Symbol('pause');

export type Rows = Iterable<Row | typeof PAUSE>;

export interface BoundQuery {
  readonly columns: readonly ResultColumn[];
  /** `SELECT @v = …`: `run` sets the variables row by row and gives an empty row for each; nothing is sent. */
  readonly assigns: boolean;
  run(context: Evaluation, outer?: Row): Rows;
}
