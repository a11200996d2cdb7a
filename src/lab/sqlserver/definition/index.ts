import type { Table } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import type { Name } from '../syntax/names.ts';
import type { TableShape } from '../syntax/statements.ts';

/** Runs a statement that defines objects, in the transaction of the database it names. */
export function define(statement: DefinitionStatement, _execution: Execution): Promise<void> {
  return Promise.reject(unsupported(statement.statement.toUpperCase(), statement.line));
}

/**
 * The table of a DECLARE @t TABLE, a table type or a table function's result: in no catalog and without rows of its own.
 *
 * @param now milliseconds since the epoch
 */
export function tableFromShape(_name: string, shape: TableShape, _scope: Scope, _now: number): Table {
  throw unsupported('table variables', shape.columns[0]?.line);
}

/** Makes the table of `SELECT … INTO` from the columns of its result. */
export function tableFromColumns(
  _name: Name,
  _columns: readonly ResultColumn[],
  _execution: Execution,
): { readonly database: Database; readonly table: Table } {
  throw unsupported('SELECT INTO');
}
