import type { Catalog, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { SessionValues } from '../functions/function.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { Transaction } from '../storage/store.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../system/procedure.ts';
import type { SqlType, Value } from '../values/types.ts';
import { insideTry } from './frame.ts';
import { queryRows } from './inner-query.ts';
import { showProgress } from './progress.ts';
import type { Runtime } from './runtime.ts';
import { findTemporary } from './scope.ts';
import { done } from './statement-end.ts';

const ROWS_AT_ONCE = 256;

/** One run of a system procedure: what it may ask and do. */
export class ProcedureCall implements ProcedureContext {
  readonly instance: Instance;
  readonly database: Database;
  readonly signal: AbortSignal;
  readonly now: number;
  readonly session: SessionValues;
  readonly outputs = new Map<string, Value>();
  readonly #runtime: Runtime;
  readonly #procedure: SystemProcedure;
  readonly #values: ProcedureValues;

  constructor(runtime: Runtime, procedure: SystemProcedure, values: ProcedureValues) {
    const { state, frame } = runtime;
    this.#runtime = runtime;
    this.#procedure = procedure;
    this.#values = values;
    this.instance = state.instance;
    this.database = frame.database;
    this.signal = state.signal;
    this.now = state.instance.clock.now();
    this.session = runtime.session;
  }

  run(): Promise<number> {
    return this.#procedure.run(this, this.#values);
  }

  get transaction(): Transaction | undefined {
    const { transaction } = this.#runtime.state;
    return transaction.count > 0 ? transaction.join(this.database, transaction.snapshot) : undefined;
  }

  readonly catalogOf = (database: Database): Catalog => this.#runtime.scope.catalogOf(database);

  readonly temporary = (name: string): Table | undefined =>
    findTemporary(this.#runtime.state, this.#runtime.frame.level, name);

  result(columns: readonly ResultColumn[], rows: Iterable<readonly Value[]>): void {
    const { output } = this.#runtime.state;
    output.columns(columns);
    let block: (readonly Value[])[] = [];
    let count = 0;
    for (const row of rows) {
      block.push(row);
      count += 1;
      if (block.length < ROWS_AT_ONCE) continue;
      output.rows(block);
      block = [];
    }
    if (block.length > 0) output.rows(block);
    this.#runtime.state.rowCount = count;
    done(this.#runtime, count, true);
  }

  message(
    text: string,
    options: {
      readonly number?: number;
      readonly severity?: number;
      readonly state?: number;
      readonly now?: boolean;
    } = {},
  ): void {
    this.#runtime.state.output.message({
      number: options.number ?? 0,
      severity: options.severity ?? 0,
      state: options.state ?? 1,
      text,
      procedure: this.#procedure.name,
      line: 1,
      now: options.now ?? false,
    });
  }

  error(number: number, text: string, severity = 16): void {
    // Where a CATCH waits only the error that is thrown in the end is seen.
    if (insideTry(this.#runtime.frame, undefined)) return;
    this.message(text, { number, severity });
  }

  output(name: string, value: Value): void {
    this.outputs.set(name.toLowerCase(), value);
  }

  progress(percent: number, command?: string): void {
    showProgress(this.#runtime.state, percent, command);
  }

  async query(
    database: string,
    text: string,
    values: Readonly<Record<string, { readonly type: SqlType; readonly value: Value }>> = {},
  ): Promise<readonly Readonly<Record<string, Value>>[]> {
    const found = this.instance.databases.get(database.toLowerCase());
    if (!found)
      throw new SqlError(
        911,
        `Database '${database}' does not exist. Make sure that the name is entered correctly.`,
      );
    const last = await queryRows(this.#runtime, found, text, values);
    if (!last) return [];
    const names = last.columns.map(column => column.name);
    return last.rows.map(row => Object.fromEntries(names.map((name, place) => [name, row[place] ?? null])));
  }
}
