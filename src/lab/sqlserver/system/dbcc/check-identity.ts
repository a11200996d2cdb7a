import { columnPlace, identityColumn } from '../../catalog/find.ts';
import type { Column, Table } from '../../catalog/schema.ts';
import { SqlError } from '../../errors.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Database } from '../../server/instance.ts';
import { requireWritable } from '../../server/online.ts';
import { convertValue } from '../../values/index.ts';
import type { SqlType, Value } from '../../values/types.ts';
import { tableNamed } from '../resolve.ts';
import { computed, nameOf } from '../statement-values.ts';
import {
  completed,
  type DbccCommand,
  type DbccStatement,
  incorrect,
  inform,
  NOTHING,
  wrongParameter,
} from './command.ts';
import { requireTable } from './permission.ts';

/** DBCC CHECKIDENT ('t' [, NORESEED | , RESEED [, n]]): what it says and does follows the documentation of 2012 and later. */
export const checkIdentity: DbccCommand = async (statement, execution) => {
  const [name, action, value, ...more] = statement.arguments;
  if (name === undefined || more.length > 0) throw incorrect();
  const text = nameOf(execution, name) ?? '';
  const found = tableNamed(execution.evaluation, text);
  if (found === undefined)
    throw new SqlError(
      2501,
      `Cannot find a table or object with the name "${text}". Check the system catalog.`,
      { state: 45 },
    );
  const { database, table } = found;
  requireTable(execution, database, table, 'CHECKIDENT');
  const column = identityColumn(table);
  const { store } = database;
  if (column === undefined || store === undefined)
    throw new SqlError(7997, `'${text}' does not contain an identity column.`);
  const word = action === undefined ? 'RESEED' : nameOf(execution, action)?.toUpperCase();
  if (word !== 'RESEED' && word !== 'NORESEED') throw wrongParameter(2);
  if (word === 'NORESEED' && value !== undefined) throw incorrect();
  const current = store.identity(table);
  if (value === undefined) {
    const extreme = await extremeValue(execution, database, table, column);
    report(statement, execution, current, extreme);
    if (word === 'RESEED' && extreme !== null && lags(column, current, extreme)) {
      requireWritable(database);
      store.setIdentity(table, extreme);
    }
  } else {
    requireWritable(database);
    const wanted = newValue(computed(execution, value), column.type);
    inform(
      statement,
      execution,
      7998,
      `Checking identity information: current identity value '${shown(current)}'.`,
    );
    // A table that never had a row begins with the value itself, any other goes on behind it.
    store.setIdentity(table, current === null ? wanted - (column.identity?.increment ?? 1n) : wanted);
  }
  completed(statement, execution);
  return NOTHING;
};

const shown = (value: bigint | null): string => (value === null ? 'NULL' : String(value));

function report(
  statement: DbccStatement,
  execution: Execution,
  current: bigint | null,
  extreme: bigint | null,
): void {
  inform(
    statement,
    execution,
    7998,
    `Checking identity information: current identity value '${shown(current)}', current column value '${shown(extreme)}'.`,
  );
}

const lags = (column: Column, current: bigint | null, extreme: bigint): boolean =>
  current === null || ((column.identity?.increment ?? 1n) > 0n ? current < extreme : current > extreme);

function newValue(
  { type, value }: { readonly type: SqlType; readonly value: Value },
  column: SqlType,
): bigint {
  if (value === null) throw wrongParameter(3);
  try {
    const converted = convertValue(
      value,
      type,
      column.kind === 'decimal' || column.kind === 'numeric' ? { ...column, scale: 0 } : column,
    );
    return BigInt(typeof converted === 'bigint' || typeof converted === 'number' ? converted : Number.NaN);
  } catch {
    throw wrongParameter(3);
  }
}

const asBigInt = (value: Value): bigint | null =>
  typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : null;

/** The highest value of the column (the lowest where it counts down); from an index that begins with it where there is one. */
async function extremeValue(
  execution: Execution,
  database: Database,
  table: Table,
  column: Column,
): Promise<bigint | null> {
  const place = columnPlace(table, column.id);
  const up = (column.identity?.increment ?? 1n) > 0n;
  const view = execution.evaluation.view(database);
  const index = table.indexes.find(
    each => !each.disabled && each.filter === undefined && each.columns[0]?.column === column.id,
  );
  if (index !== undefined) {
    const reverse = up !== (index.columns[0]?.descending ?? false);
    for (const row of view.scan(table, { indexId: index.id, reverse }))
      return asBigInt(row.values[place] ?? null);
    return null;
  }
  let extreme: bigint | null = null;
  let read = 0;
  for (const row of view.scan(table)) {
    const value = asBigInt(row.values[place] ?? null);
    if (value !== null && (extreme === null || (up ? value > extreme : value < extreme))) extreme = value;
    read += 1;
    if (read % 10_000 === 0) await execution.breathe();
  }
  return extreme;
}
