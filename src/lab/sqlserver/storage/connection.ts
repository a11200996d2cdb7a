import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

/** Statements kept by a connection; nested loops use some of one text at a time. */
const KEPT_STATEMENTS = 200;

/** One SQLite connection with its prepared statements. Rows come as arrays. */
export class Connection {
  readonly database: DatabaseSync;
  readonly #idle = new Map<string, StatementSync[]>();
  #kept = 0;
  /** Iterations that have not come to their end; a connection with one of them can not end its read transaction. */
  open = 0;

  constructor(file: string, options: { readonly readOnly: boolean; readonly cacheKb: number }) {
    this.database = new DatabaseSync(file, {
      readOnly: options.readOnly,
      enableForeignKeyConstraints: false,
      timeout: 5_000,
    });
    this.database.exec(`PRAGMA cache_size = -${options.cacheKb}`);
  }

  exec(sql: string): void {
    this.database.exec(sql);
  }

  /** Changes nothing of what a statement of the same text is doing at the moment. */
  borrow(sql: string): StatementSync {
    const idle = this.#idle.get(sql)?.pop();
    if (idle) {
      this.#kept--;
      return idle;
    }
    const statement = this.database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  }

  giveBack(sql: string, statement: StatementSync): void {
    if (this.#kept >= KEPT_STATEMENTS) {
      this.#idle.clear();
      this.#kept = 0;
    }
    const idle = this.#idle.get(sql);
    if (idle) idle.push(statement);
    else this.#idle.set(sql, [statement]);
    this.#kept++;
  }

  run(sql: string, ...parameters: SQLInputValue[]): number {
    const statement = this.borrow(sql);
    const { changes } = statement.run(...parameters);
    this.giveBack(sql, statement);
    return Number(changes);
  }

  /** All rows; `wide` reads every integer as bigint. */
  all(sql: string, parameters: readonly SQLInputValue[] = [], wide = false): SQLOutputValue[][] {
    const statement = this.borrow(sql);
    statement.setReadBigInts(wide);
    const rows = statement.all(...parameters) as unknown as SQLOutputValue[][];
    this.giveBack(sql, statement);
    return rows;
  }

  first(sql: string, parameters: readonly SQLInputValue[] = [], wide = false): SQLOutputValue[] | undefined {
    const statement = this.borrow(sql);
    statement.setReadBigInts(wide);
    const row = statement.get(...parameters) as unknown as SQLOutputValue[] | undefined;
    this.giveBack(sql, statement);
    return row;
  }

  *iterate(
    sql: string,
    parameters: readonly SQLInputValue[] = [],
    wide = false,
  ): Generator<SQLOutputValue[], void, undefined> {
    const statement = this.borrow(sql);
    statement.setReadBigInts(wide);
    this.open++;
    try {
      yield* statement.iterate(...parameters) as unknown as Iterable<SQLOutputValue[]>;
    } finally {
      this.open--;
      this.giveBack(sql, statement);
    }
  }

  close(): void {
    this.#idle.clear();
    this.database.close();
  }
}
