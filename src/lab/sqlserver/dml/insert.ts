import { SqlError, unsupported } from '../errors.ts';
import type { ExecutedResult, Execution, StatementResult } from '../flow/execution.ts';
import { PAUSE } from '../query/bound.ts';
import {
  bindExpression,
  bindQuery,
  requireOneNextValue,
  requireTableHints,
  requireTargetHints,
} from '../query/index.ts';
import { Collected } from '../storage/memory.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import type { DataStatement } from '../syntax/statements.ts';
import { commonType, implicitConverter } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import type { Written } from './changes.ts';
import { compileFault } from './faults.ts';
import {
  assigners,
  type Cell,
  DEFAULT,
  insertRows,
  namedPlaces,
  type Places,
  timestampRefused,
} from './insert-rows.ts';
import { bindOutput } from './output.ts';
import { isDefault, isNull } from './rules.ts';
import { namedTarget, writtenTarget } from './target.ts';
import { topCount } from './top.ts';
import { insertView } from './views/insert-view.ts';
import { namedQuery } from './views/named-query.ts';

/** Rows of one VALUES. */
const MOST_ROWS = 1000;

export type InsertStatement = Extract<DataStatement, { readonly statement: 'insert' }>;

/** Rows to be inserted, with the types of their values. */
export interface Given {
  readonly types: readonly (SqlType | undefined)[];
  readonly rows: readonly (readonly Cell[])[];
}

export async function insert(statement: InsertStatement, execution: Execution): Promise<StatementResult> {
  const { line, hints } = statement;
  requireTargetHints(hints, line);
  requireTableHints(hints, statement.target.join('.'), line);
  const through = namedQuery(statement.target, statement.with, execution.scope);
  if (through) return insertView(statement, through, execution);
  const named = namedTarget(statement.target, execution, line);
  if (named.kind === 'view') throw unsupported('an INSERT into what a synonym of a view means', line);
  const target = writtenTarget(named, execution);
  if (hints.some(hint => hint.toUpperCase() === 'TABLOCKX')) {
    execution.transaction(target.database);
    execution.evaluation.reading(target.database, target.table.id, hints);
  }
  const output = bindOutput(
    statement.output,
    { table: target.table, database: target.database, variable: target.variable, statement: 'insert' },
    execution,
    line,
  );
  const { places, given } = await givenRows(statement, target, execution);
  const most = statement.top && topCount(statement.top, given.rows.length, execution);
  const rows = most === undefined ? given.rows : given.rows.slice(0, most);
  const set = await insertRows(target, places, given.types, rows, execution, { fire: true }, line);
  return output.finish(set, set.changes.length);
}

/** The rows of an INSERT, and the columns they are for. */
export async function givenRows(
  statement: InsertStatement,
  target: Written,
  execution: Execution,
): Promise<{ readonly places: Places; readonly given: Given }> {
  const { columns, line, rows } = statement;
  const placesFor = (count: number | undefined): Places =>
    namedPlaces(target, columns, count, execution, line);
  switch (rows.kind) {
    case 'default':
      return { places: [], given: { types: [], rows: [[]] } };
    case 'values': {
      const width = rows.rows[0]?.length ?? 0;
      if (rows.rows.length > MOST_ROWS)
        throw compileFault(
          10738,
          `The number of row value expressions in the INSERT statement exceeds the maximum allowed number of ${MOST_ROWS} row values.`,
          line,
        );
      requireSameWidth(rows.rows, line);
      for (const row of rows.rows) requireOneNextValue(row);
      const places = placesFor(width);
      if (columns.length > 0) requireCount(columns.length, width, 'values', line);
      return { places, given: valuesGiven(rows.rows, target, places, execution, line) };
    }
    case 'query': {
      const query: QueryExpression = {
        ...rows.query,
        with: [...statement.with, ...rows.query.with],
      };
      const bound = bindQuery(query, execution.scope);
      const places = placesFor(bound.columns.length);
      if (columns.length > 0) requireCount(columns.length, bound.columns.length, 'query', line);
      requireNoTimestamp(target, places, line);
      const untyped = nullItems(query);
      const types = bound.columns.map((column, at) => (untyped.has(at) ? undefined : column.type));
      const found: (readonly Value[])[] = [];
      const collected = new Collected();
      for (const row of bound.run(execution.evaluation)) {
        if (row === PAUSE) {
          await execution.breathe();
          continue;
        }
        collected.add(row);
        found.push(row);
      }
      return { places, given: { types, rows: found } };
    }
    case 'execute': {
      const results = await execution.executeResults?.(rows.execute);
      if (!results) throw unsupported('INSERT … EXECUTE', line);
      const places = placesFor(columns.length > 0 ? undefined : results[0]?.columns.length);
      requireNoTimestamp(target, places, line);
      return { places, given: executedRows(results, target, places, execution, line) };
    }
  }
}

/** Rows of every result set, converted from the types of its columns. @throws SqlError 213 */
function executedRows(
  results: readonly ExecutedResult[],
  target: Written,
  places: Places,
  execution: Execution,
  line: number,
): Given {
  const rows: Value[][] = [];
  for (const result of results) {
    if (result.columns.length !== places.length)
      throw new SqlError(213, 'Column name or number of supplied values does not match table definition.', {
        line,
        state: 7,
      });
    const types = result.columns.map(column => column.type);
    const assign = assigners(target, places, types, execution);
    for (const row of result.rows) rows.push(row.map((value, at) => assign[at]?.(value) ?? null));
  }
  return { types: places.map(place => target.table.columns[place]?.type), rows };
}

function requireNoTimestamp({ rules }: Written, places: Places, line: number): void {
  if (rules.rowVersion >= 0 && places.includes(rules.rowVersion)) throw timestampRefused(line);
}

function requireSameWidth(rows: readonly (readonly Expression[])[], line: number): void {
  const width = rows[0]?.length ?? 0;
  if (rows.some(row => row.length !== width))
    throw compileFault(
      10709,
      'The number of columns for each row in a table value constructor must be the same.',
      line,
    );
}

const VALUES_END =
  'The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.';
const SELECT_END = 'The number of SELECT values must match the number of INSERT columns.';

function requireCount(columns: number, values: number, kind: 'values' | 'query', line: number): void {
  if (columns === values) return;
  const many = columns > values;
  if (kind === 'values')
    throw many
      ? compileFault(
          109,
          `There are more columns in the INSERT statement than values specified in the VALUES clause. ${VALUES_END}`,
          line,
        )
      : compileFault(
          110,
          `There are fewer columns in the INSERT statement than values specified in the VALUES clause. ${VALUES_END}`,
          line,
        );
  throw many
    ? compileFault(
        120,
        `The select list for the INSERT statement contains fewer items than the insert list. ${SELECT_END}`,
        line,
      )
    : compileFault(
        121,
        `The select list for the INSERT statement contains more items than the insert list. ${SELECT_END}`,
        line,
      );
}

/** Several rows of VALUES are one set: their values take a common type column by column. */
function valuesGiven(
  rows: readonly (readonly Expression[])[],
  target: Written,
  places: Places,
  execution: Execution,
  line: number,
): Given {
  const { scope, evaluation } = execution;
  const bound = rows.map(row =>
    row.map((expression, at) => {
      if (isDefault(expression)) return undefined;
      if (places[at] === target.rules.rowVersion) throw timestampRefused(line);
      const value = bindExpression(expression, scope);
      return { value, type: isNull(expression) ? undefined : value.type };
    }),
  );
  const types = places.map((_place, at) => {
    const used = bound.flatMap(row => (row[at] === undefined ? [] : [row[at].type]));
    const typed = used.filter(type => type !== undefined);
    return typed.length === 0 ? undefined : bound.length === 1 ? typed[0] : commonType(used);
  });
  const single = bound.length === 1;
  return {
    types,
    rows: bound.map(row =>
      row.map((cell, at): Cell => {
        if (cell === undefined) return DEFAULT;
        const value = cell.value.evaluate([], evaluation);
        const to = types[at];
        if (single || value === null || to === undefined || cell.type === undefined) return value;
        return implicitConverter(cell.type, to)(value);
      }),
    ),
  };
}

/** Columns of a plain query that are nothing but the literal NULL: they go into a column of any type. */
function nullItems(query: QueryExpression): ReadonlySet<number> {
  const places = new Set<number>();
  if (query.body.body !== 'select') return places;
  let stars = false;
  query.body.items.forEach((item, at) => {
    if (item.item === 'star') stars = true;
    else if (!stars && isNull(item.expression)) places.add(at);
  });
  return places;
}
