import type { FunctionContext } from '../functions/function.ts';
import type { Database } from '../server/instance.ts';
import { datetimeAt, type SqlType, SYSNAME, smalldatetimeAt, type Value } from '../values/index.ts';
import { parseColumnType } from './column-type.ts';
import { requireDatabaseState, requireSelect, requireServerState } from './state-permission.ts';
import type { SystemView, ViewColumn } from './view.ts';

/**
 * A row by column name. Numbers stand for bigint and decimal columns too, booleans for bit columns, milliseconds since the
 * epoch for datetime columns; what is left out is the column's default, or NULL.
 */
export type ViewRow = Readonly<Record<string, Value | boolean | undefined>>;

export interface ViewOptions {
  readonly schema?: string;
  readonly since?: number;
  readonly parameters?: readonly SqlType[];
  /** Whose state it shows: refused without VIEW SERVER STATE or VIEW DATABASE STATE (297). */
  readonly state?: 'server' | 'database';
  /** Owners of the database alone read it, and whom they let: refused otherwise (229). */
  readonly owners?: true;
}

/**
 * A view from the text of its columns, one a line: `name type [null] [= default] [since year]`. A row that names an unknown
 * column or leaves out one that is neither nullable nor has a default is a fault of the double.
 */
export function view(
  name: string,
  columns: string,
  rows: (context: FunctionContext, database: Database, values: readonly Value[]) => Iterable<ViewRow>,
  options: ViewOptions = {},
): SystemView {
  const parsed = columns
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(column);
  const places = new Map(parsed.map((each, place) => [each.name, place]));
  return {
    schema: options.schema ?? 'sys',
    name,
    columns: parsed.map(({ fallback: _, ...each }) => each),
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.parameters === undefined ? {} : { parameters: options.parameters }),
    *rows(context, database, values) {
      if (options.state === 'server') requireServerState(context);
      if (options.state === 'database') requireDatabaseState(context, database);
      if (options.owners === true) requireSelect(context, database, name);
      for (const row of rows(context, database, values)) yield arrange(name, parsed, places, row);
    },
  };
}

/** A view that is always empty here: the double has nothing of its kind. */
export const emptyView = (name: string, columns: string, options: ViewOptions = {}): SystemView =>
  view(name, columns, () => [], options);

interface ParsedColumn extends ViewColumn {
  readonly fallback: Value | undefined;
}

function column(line: string): ParsedColumn {
  const found = /^(\S+)\s+(\S+?)(\s+null)?(?:\s+=\s+(\S+))?(?:\s+since\s+(\d+))?$/.exec(line);
  if (found === null) throw new Error(`not a column of a view: ${line}`);
  const [, name = '', type = '', nullable, fallback, since] = found;
  const parsed = type === 'sysname' ? SYSNAME : parseColumnType(type);
  return {
    name,
    type: parsed,
    nullable: nullable !== undefined,
    ...(since === undefined ? {} : { since: Number(since) }),
    fallback:
      fallback === undefined ? (nullable === undefined ? undefined : null) : literal(fallback, parsed),
  };
}

function literal(text: string, type: SqlType): Value {
  return value(/^-?\d+$/.test(text) ? Number(text) : text, type);
}

function arrange(
  view: string,
  columns: readonly ParsedColumn[],
  places: ReadonlyMap<string, number>,
  row: ViewRow,
): readonly Value[] {
  const values: (Value | undefined)[] = columns.map(each => each.fallback);
  for (const name in row) {
    const place = places.get(name);
    const each = place === undefined ? undefined : columns[place];
    if (place === undefined || each === undefined) throw new Error(`sys.${view} has no column ${name}`);
    const given = row[name];
    if (given !== undefined) values[place] = given === null ? null : value(given, each.type);
  }
  return values.map((each, place) => {
    if (each === undefined) throw new Error(`sys.${view} leaves out ${columns[place]?.name}`);
    return each;
  });
}

function value(given: Exclude<Value, null> | boolean, type: SqlType): Value {
  if (typeof given === 'boolean') return given ? 1 : 0;
  if (typeof given !== 'number') return given;
  switch (type.kind) {
    case 'bigint':
      return BigInt(Math.trunc(given));
    case 'decimal':
    case 'numeric':
      return BigInt(Math.round(given * 10 ** type.scale));
    case 'money':
      return BigInt(Math.round(given * 10_000));
    case 'datetime':
      return datetimeAt(given);
    case 'smalldatetime':
      return smalldatetimeAt(given);
    case 'sql_variant':
      return { type: { kind: 'int' }, value: given };
    default:
      return given;
  }
}
