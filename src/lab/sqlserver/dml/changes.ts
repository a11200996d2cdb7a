import type { Table } from '../catalog/schema.ts';
import type { Execution } from '../flow/execution.ts';
import type { Row } from '../query/bound.ts';
import type { Database } from '../server/instance.ts';
import type { Value } from '../values/types.ts';
import type { StatementWord, TableNames } from './faults.ts';
import { namesOf, variableNames } from './names.ts';
import { type Rules, rulesOf } from './rules.ts';

/** One row of the target before and after a statement; whole rows in the table's column order, computed columns included. */
export interface Change {
  /** undefined for an insert. */
  readonly before: Row | undefined;
  /** undefined for a delete. */
  readonly after: Row | undefined;
  /** Of the stored row, or the place in a table variable; -1 for an insert. */
  readonly rid: number;
  /** Row of the statement's sources, for OUTPUT. */
  readonly source: Row;
}

/** What a statement writes to. */
export interface Written {
  readonly database: Database;
  readonly table: Table;
  /** Lower case with @; undefined for a stored table. */
  readonly variable: string | undefined;
  readonly names: TableNames;
  readonly rules: Rules;
}

export function writtenTo(
  database: Database,
  table: Table,
  variable: string | undefined,
  execution: Execution,
): Written {
  const { scope } = execution;
  const names = variable === undefined ? namesOf(table, database, scope) : variableNames(variable);
  return { database, table, variable, names, rules: rulesOf(table, database, names, scope) };
}

/** Everything that one statement changes in one table. */
export interface ChangeSet {
  readonly target: Written;
  readonly statement: StatementWord;
  readonly changes: readonly Change[];
  /** Made by a cascade: foreign keys hold again also where a key is what it was (SET DEFAULT to the parent that goes). */
  readonly cascaded?: boolean;
}

/** What a change is to its row. */
export const eventOf = (change: Change): 'insert' | 'update' | 'delete' =>
  change.before === undefined ? 'insert' : change.after === undefined ? 'delete' : 'update';

export type Values = readonly Value[];
