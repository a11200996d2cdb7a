import { schemaName } from '../../catalog/find.ts';
import type { Check, ForeignKey, Table } from '../../catalog/schema.ts';
import { SqlError } from '../../errors.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Database } from '../../server/instance.ts';
import { textOf } from '../../values/index.ts';
import { bracketed } from '../names.ts';
import { resolveText, tableNamed } from '../resolve.ts';
import { tablePages } from '../sizes.ts';
import { nameOf, rowsOf } from '../statement-values.ts';
import {
  completed,
  type DbccCommand,
  type DbccStatement,
  inform,
  NOTHING,
  table as result,
  resultColumns,
} from './command.ts';
import { databaseOf } from './open-transaction.ts';

/** DBCC CHECKDB: every table is read through, and every index is counted against it. */
export const checkDatabase: DbccCommand = async (statement, execution) => {
  const database = databaseOf(execution, statement.arguments[0]);
  inform(statement, execution, 2536, `DBCC results for '${database.name}'.`);
  let errors = 0;
  for (const table of execution.scope.catalogOf(database).tables.values())
    errors += await checked(statement, execution, database, table);
  inform(
    statement,
    execution,
    8989,
    `CHECKDB found 0 allocation errors and ${errors} consistency errors in database '${database.name}'.`,
  );
  completed(statement, execution);
  return NOTHING;
};

export const checkTable: DbccCommand = async (statement, execution) => {
  const { database, table } = tableOf(execution, statement);
  await checked(statement, execution, database, table);
  completed(statement, execution);
  return NOTHING;
};

function tableOf(execution: Execution, { arguments: [name] }: DbccStatement) {
  const text = name === undefined ? '' : (nameOf(execution, name) ?? '');
  const found = tableNamed(execution.evaluation, text);
  if (found === undefined)
    throw new SqlError(
      2501,
      `Cannot find a table or object with the name "${text}". Check the system catalog.`,
      { state: 45 },
    );
  return found;
}

/** Inconsistencies of one table: an index that does not have as many rows as the table. */
async function checked(
  statement: DbccStatement,
  execution: Execution,
  database: Database,
  table: Table,
): Promise<number> {
  const view = execution.evaluation.view(database);
  const count = async (indexId?: number): Promise<number> => {
    let rows = 0;
    for (const _ of indexId === undefined ? view.scan(table) : view.scan(table, { indexId })) {
      rows += 1;
      if (rows % 10_000 === 0) await execution.breathe();
    }
    return rows;
  };
  const rows = await count();
  let errors = 0;
  for (const index of statement.options.includes('PHYSICAL_ONLY') ? [] : table.indexes) {
    if (index.disabled || index.filter !== undefined || (await count(index.id)) === rows) continue;
    errors += 1;
    execution.message({
      number: 8951,
      severity: 16,
      text: `Table error: table '${table.name}' (ID ${table.id}). Data row does not have a matching index row in the index '${index.name}' (ID ${index.id}). Possible missing or invalid keys for the index row matching:`,
    });
  }
  inform(statement, execution, 2536, `DBCC results for '${table.name}'.`);
  inform(
    statement,
    execution,
    2593,
    `There are ${rows} rows in ${tablePages(table, rows)} pages for object "${table.name}".`,
  );
  return errors;
}

/** DBCC CHECKCONSTRAINTS [(table | constraint)] [WITH ALL_CONSTRAINTS, ALL_ERRORMSGS]: the rows that violate one. */
export const checkConstraints: DbccCommand = async (statement, execution) => {
  const { database } = execution.scope;
  const catalog = execution.scope.catalogOf(database);
  const [name] = statement.arguments;
  const text = name === undefined ? undefined : (nameOf(execution, name) ?? '');
  const found = text === undefined ? undefined : resolveText(execution.evaluation, text);
  if (text !== undefined && found === undefined)
    throw new SqlError(
      2501,
      `Cannot find a table or object with the name "${text}". Check the system catalog.`,
      { state: 45 },
    );
  const rows: string[][] = [];
  const limit = statement.options.includes('ALL_ERRORMSGS') ? Number.POSITIVE_INFINITY : 200;
  for (const table of catalog.tables.values()) {
    const all = found === undefined || found.facts.id === table.id;
    const wanted = (constraint: Check | ForeignKey) =>
      (all && (!constraint.disabled || statement.options.includes('ALL_CONSTRAINTS'))) ||
      constraint.objectId === found?.facts.id;
    const shown = `${bracketed(schemaName(catalog, table.schemaId))}.${bracketed(table.name)}`;
    for (const constraint of [...table.foreignKeys, ...table.checks].filter(wanted)) {
      const query =
        'referencedTable' in constraint
          ? orphansOf(execution, database, table, constraint)
          : violationsOf(execution, database, table, constraint);
      for (const where of query) {
        if (rows.length >= limit) break;
        rows.push([shown, bracketed(constraint.name), where]);
      }
      await execution.breathe();
    }
  }
  completed(statement, execution);
  return rows.length === 0
    ? NOTHING
    : result(
        resultColumns(
          ['Table', 'nvarchar(776)'],
          ['Constraint', 'nvarchar(776)'],
          ['Where', 'nvarchar(max)'],
        ),
        rows,
      );
};

const fullName = (execution: Execution, database: Database, table: Table): string =>
  [database.name, schemaName(execution.scope.catalogOf(database), table.schemaId), table.name]
    .map(bracketed)
    .join('.');

const columnNames = (table: Table, ids: readonly number[]): readonly string[] =>
  ids.map(id => bracketed(table.columns.find(column => column.id === id)?.name ?? ''));

function* orphansOf(
  execution: Execution,
  database: Database,
  table: Table,
  foreignKey: ForeignKey,
): Iterable<string> {
  const target = execution.scope.catalogOf(database).tables.get(foreignKey.referencedTable);
  if (target === undefined) return;
  const own = columnNames(table, foreignKey.columns);
  const other = columnNames(target, foreignKey.referencedColumns);
  const equal = own.map((name, place) => `r.${other[place]} = c.${name}`).join(' AND ');
  const given = own.map(name => `c.${name} IS NOT NULL`).join(' AND ');
  yield* described(
    execution,
    table,
    foreignKey.columns,
    `SELECT ${own.map(name => `c.${name}`).join(', ')} FROM ${fullName(execution, database, table)} AS c WHERE ${given} AND NOT EXISTS (SELECT 1 FROM ${fullName(execution, database, target)} AS r WHERE ${equal})`,
  );
}

function* violationsOf(
  execution: Execution,
  database: Database,
  table: Table,
  check: Check,
): Iterable<string> {
  const columns =
    check.column === 0
      ? table.columns.filter(column => check.text.toLowerCase().includes(column.name.toLowerCase()))
      : table.columns.filter(column => column.id === check.column);
  const ids = columns.map(column => column.id);
  yield* described(
    execution,
    table,
    ids,
    `SELECT ${columnNames(table, ids).join(', ') || '1'} FROM ${fullName(execution, database, table)} WHERE NOT (${check.text})`,
  );
}

/** `[a] = '1' AND [b] = '2'` of each row found. */
function* described(
  execution: Execution,
  table: Table,
  ids: readonly number[],
  query: string,
): Iterable<string> {
  const columns = ids.flatMap(id => table.columns.filter(column => column.id === id));
  for (const row of rowsOf(execution, query))
    yield columns
      .map((column, place) => {
        const value = row[place] ?? null;
        return value === null
          ? `${bracketed(column.name)} IS NULL`
          : `${bracketed(column.name)} = '${textOf(value, column.type)}'`;
      })
      .join(' AND ');
}
