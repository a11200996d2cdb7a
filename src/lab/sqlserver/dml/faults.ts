import type { Column, ForeignKey, Index, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import { textOf } from '../values/index.ts';
import type { Value } from '../values/types.ts';

/** The word that errors have for a statement. */
export type StatementWord = 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'ALTER TABLE';

/** A table as the errors of its rows name it. */
export interface TableNames {
  readonly database: string;
  /** `dbo.t`; a table variable's name stands alone. */
  readonly qualified: string;
  /** `db.dbo.t`. */
  readonly full: string;
  readonly name: string;
}

export const nullRefused = (names: TableNames, column: string, statement: StatementWord): SqlError =>
  new SqlError(
    515,
    `Cannot insert the value NULL into column '${column}', table '${names.full}'; column does not allow nulls. ${statement} fails.`,
    { state: 2 },
  );

/** 547 in all its forms: `which` is CHECK, FOREIGN KEY, REFERENCE and their SAME TABLE kin. */
export const conflict = (
  statement: StatementWord,
  which: string,
  constraint: string,
  where: TableNames,
  column: string | undefined,
): SqlError =>
  new SqlError(
    547,
    `The ${statement} statement conflicted with the ${which} constraint "${constraint}". The conflict occurred in database "${where.database}", table "${where.qualified}"${column === undefined ? '' : `, column '${column}'`}.`,
    { state: 0 },
  );

/** Name of the only column of a key, undefined where there are several: 547 names a column only then. */
export function onlyColumn(table: Table, columns: readonly number[]): string | undefined {
  if (columns.length !== 1) return undefined;
  return table.columns.find(column => column.id === columns[0])?.name;
}

export const outgoingConflict = (
  statement: StatementWord,
  foreignKey: ForeignKey,
  child: Table,
  parent: Table,
  parentNames: TableNames,
): SqlError =>
  conflict(
    statement,
    child.id === parent.id ? 'FOREIGN KEY SAME TABLE' : 'FOREIGN KEY',
    foreignKey.name,
    parentNames,
    onlyColumn(parent, foreignKey.referencedColumns),
  );

export const incomingConflict = (
  statement: StatementWord,
  foreignKey: ForeignKey,
  child: Table,
  childNames: TableNames,
): SqlError =>
  conflict(
    statement,
    foreignKey.referencedTable === child.id ? 'SAME TABLE REFERENCE' : 'REFERENCE',
    foreignKey.name,
    childNames,
    onlyColumn(child, foreignKey.columns),
  );

/** `(1, abc, <NULL>)`. */
export const keyText = (columns: readonly Column[], key: readonly Value[]): string =>
  `(${key.map((value, at) => valueText(columns[at], value)).join(', ')})`;

const valueText = (column: Column | undefined, value: Value): string =>
  value === null || !column ? '<NULL>' : textOf(value, column.type);

/** 2627 for an index that carries a constraint, 2601 for another. */
export function duplicate(table: Table, index: Index, names: TableNames, key: string): SqlError {
  const constraint = table.keys.find(candidate => candidate.indexId === index.id);
  if (!constraint)
    return new SqlError(
      2601,
      `Cannot insert duplicate key row in object '${names.qualified}' with unique index '${index.name}'. The duplicate key value is ${key}.`,
      { severity: 14 },
    );
  return new SqlError(
    2627,
    `Violation of ${constraint.primary ? 'PRIMARY KEY' : 'UNIQUE KEY'} constraint '${constraint.name}'. Cannot insert duplicate key in object '${names.qualified}'. The duplicate key value is ${key}.`,
    { severity: 14 },
  );
}

/** Errors of a statement that show before a row is read: they end the batch as a fault of compilation does. */
export const compileFault = (number: number, text: string, line: number): SqlError =>
  new SqlError(number, text, { line, endsBatch: true });
