import type { Table } from '../catalog/schema.ts';
import type { Database } from '../server/instance.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { Condition } from '../syntax/expressions.ts';
import type { Name } from '../syntax/names.ts';
import type { CommonTable } from '../syntax/queries.ts';
import type { Value } from '../values/types.ts';
import type { Evaluation, Row, Rows } from './bound.ts';
import type { Names } from './names.ts';

/**
 * What expressions are bound over, and where the rows come from. A row is the values of all sources side by side; with
 * marks, each source has one hidden slot behind its columns.
 */
export interface Sources {
  readonly names: Names;
  readonly parts: readonly SourcePart[];
  /** Slots of a row, marks included. */
  readonly width: number;
  /** What UPDATE, DELETE or MERGE writes to, where `target` was asked for. */
  readonly target: Target | undefined;
  /** Rows in no order, filtered by `where`; empty where the sources were made from row sets alone. */
  rows(context: Evaluation): Rows;
}

export interface SourcePart {
  /** Name by which it is called: the alias, else the table's name. */
  readonly alias: string;
  /** Slot of its first column. */
  readonly first: number;
  readonly width: number;
  /**
   * Slot of the mark, undefined without marks: the rid of a stored row, the place of any other row from 0; null where an
   * outer join found none.
   */
  readonly mark: number | undefined;
  readonly table: Table | undefined;
  readonly database: Database | undefined;
}

export interface Target extends SourcePart {
  readonly table: Table;
  readonly database: Database;
  readonly mark: number;
  /** Name of the table variable (lower case, with @) or of the row set, undefined for a stored table. */
  readonly variable: string | undefined;
}

export interface SourcesOptions {
  readonly with?: readonly CommonTable[];
  readonly where?: Condition;
  /** An alias of `from` or a table; added to the sources where it is not among them. Its part is marked. */
  readonly target?: Name;
  readonly targetHints?: readonly string[];
  /** Every part is marked (MERGE: which side of the full join is missing). */
  readonly marks?: boolean;
}

/** Rows that the caller has at hand: `inserted`, `deleted`, a row to be checked. */
export interface RowShape {
  readonly alias: string;
  readonly table: Table;
  readonly database?: Database;
}

export interface BoundItems {
  readonly columns: readonly ResultColumn[];
  evaluate(row: Row, context: Evaluation): Value[];
}
