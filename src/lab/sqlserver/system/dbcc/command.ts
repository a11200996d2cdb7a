import { SqlError } from '../../errors.ts';
import type { Execution, StatementResult } from '../../flow/execution.ts';
import type { ResultColumn } from '../../server/replies.ts';
import type { AdministrativeStatement } from '../../syntax/administration.ts';
import type { Value } from '../../values/types.ts';
import { parseColumnType } from '../column-type.ts';

export type DbccStatement = Extract<AdministrativeStatement, { readonly statement: 'dbcc' }>;

export type DbccCommand = (
  statement: DbccStatement,
  execution: Execution,
) => StatementResult | Promise<StatementResult>;

export const NOTHING: StatementResult = { count: undefined };

/** What DBCC says last, unless WITH NO_INFOMSGS. */
export function completed(statement: DbccStatement, execution: Execution): void {
  inform(
    statement,
    execution,
    2528,
    'DBCC execution completed. If DBCC printed error messages, contact your system administrator.',
  );
}

export function inform(statement: DbccStatement, execution: Execution, number: number, text: string): void {
  if (!statement.options.includes('NO_INFOMSGS')) execution.message({ number, text, line: statement.line });
}

export const incorrect = (): SqlError =>
  new SqlError(
    2526,
    'Incorrect DBCC statement. Check the documentation for the correct DBCC syntax and options.',
    {
      state: 3,
    },
  );

export const wrongParameter = (place: number): SqlError =>
  new SqlError(2560, `Parameter ${place} is incorrect for this DBCC statement.`, { state: 9 });

/** Columns of a result from `name type` pairs. */
export const resultColumns = (...columns: readonly (readonly [string, string])[]): readonly ResultColumn[] =>
  columns.map(([name, type]) => ({ name, type: parseColumnType(type), nullable: true, identity: false }));

export const table = (
  columns: readonly ResultColumn[],
  rows: readonly (readonly Value[])[],
): StatementResult => ({
  columns,
  rows,
  count: rows.length,
});
