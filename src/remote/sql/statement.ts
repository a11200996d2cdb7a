/** SQL Server's own words for who is who; `clone` is the development clone, which lives on the subscriber's instance. */
export type Role = 'publisher' | 'distributor' | 'subscriber';

/** What a statement may do. `irreversible` is only ever run after a typed name. */
export type Effect = 'reads' | 'writes' | 'irreversible';

/** SQL Server types in which a value is sent. Money, decimals, LSNs and times travel as text: never through a double. */
export type ParameterType = 'int' | 'bigint' | 'bit' | 'nvarchar' | 'varbinary' | 'uniqueidentifier';

export interface Parameter {
  readonly type: ParameterType;
  readonly value: string | number | boolean | Uint8Array | null;
}

/**
 * One batch of T-SQL as data: the very text that --dry-run prints, that a golden file keeps, and that is sent. Values
 * that are known only while it runs are parameters; a secret is only ever a parameter, named by what the plan calls it.
 */
export interface Statement {
  readonly on: Role;
  /** The database whose context it runs in. */
  readonly database: string;
  /** One line for people: `publish the table dbo.Orders`. */
  readonly title: string;
  readonly text: string;
  readonly effect: Effect;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** Parameter name without `@` -> where the plan says the secret is (`env:NAME`). */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Milliseconds until the first answer, 0 for no limit. By default 30 s for what reads, none for what writes: an
   * attention would leave half-made metadata behind.
   */
  readonly timeoutMs?: number;
}

/**
 * A statement and the question whether its work is done already. `done` is a SELECT of one row with one bit column:
 * 1 where the server is as the statement wants it. A half-made state answers 0, and the statement completes it.
 */
export interface Deed {
  /** Stable: `publication`, `article/dbo.Orders`. */
  readonly id: string;
  readonly statement: Statement;
  readonly done: Statement;
  /** Removes what a half-made attempt left, where the statement alone cannot complete it; run only where that is so. */
  readonly mend?: { readonly isHalfMade: Statement; readonly statements: readonly Statement[] };
}

/** Deeds in their order, with the words over them. */
export interface Script {
  readonly title: string;
  readonly deeds: readonly Deed[];
}
