import type { Change } from '../dml/changes.ts';
import { writtenTo } from '../dml/changes.ts';
import { type Cell, DEFAULT, namedPlaces, rowMaker } from '../dml/insert-rows.ts';
import { writeVariable } from '../dml/memory.ts';
import { SqlError, unsupported } from '../errors.ts';
import { PAUSE } from '../query/bound.ts';
import { bindExpression, bindQuery } from '../query/index.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { DataStatement } from '../syntax/statements.ts';
import type { SqlType } from '../values/types.ts';
import type { Execution } from './execution.ts';

type Insert = Extract<DataStatement, { statement: 'insert' }>;

interface Given {
  readonly types: readonly (SqlType | undefined)[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * INSERT inside a function: into its table variables only, and without a wait.
 *
 * @throws SqlError 443 for a table
 */
export function insertIntoVariable(statement: Insert, execution: Execution): void {
  const { target: name, line, columns } = statement;
  const own = name.at(-1) ?? '';
  const table = name.length === 1 && own.startsWith('@') ? execution.scope.rowSet(own) : undefined;
  if (!table)
    throw new SqlError(443, "Invalid use of a side-effecting operator 'INSERT' within a function.", {
      line,
      state: 15,
      endsBatch: true,
    });
  if (statement.output || statement.top) throw unsupported('OUTPUT and TOP of an INSERT in a function', line);
  const target = writtenTo(execution.scope.database, table, own.toLowerCase(), execution);
  const given = givenRows(statement, execution);
  const places = namedPlaces(target, columns, given.types.length, execution, line);
  if (columns.length > 0 && columns.length !== given.types.length)
    throw new SqlError(213, 'Column name or number of supplied values does not match table definition.', {
      line,
      endsBatch: true,
    });
  const make = rowMaker(target, places, given.types, execution, line);
  const changes = given.rows.map(
    (cells): Change => ({ before: undefined, after: make(cells), rid: -1, source: [] }),
  );
  writeVariable({ target, statement: 'INSERT', changes }, execution);
}

function givenRows({ rows, line, with: tables }: Insert, execution: Execution): Given {
  const { scope, evaluation } = execution;
  switch (rows.kind) {
    case 'query': {
      const bound = bindQuery({ ...rows.query, with: [...tables, ...rows.query.with] }, scope);
      const found: (readonly Cell[])[] = [];
      for (const row of bound.run(evaluation))
        if (row === PAUSE) evaluation.signal.throwIfAborted();
        else found.push(row);
      return { types: bound.columns.map(column => column.type), rows: found };
    }
    case 'values': {
      const [first = []] = rows.rows;
      if (rows.rows.length !== 1) return severalRows(rows.rows, execution);
      const cells = first.map(cell => valueOfCell(cell, execution));
      return { types: cells.map(each => each.type), rows: [cells.map(each => each.value)] };
    }
    default:
      throw unsupported(`INSERT … ${rows.kind.toUpperCase()} in a function`, line);
  }
}

function valueOfCell(
  expression: Expression,
  { scope, evaluation }: Execution,
): { readonly type: SqlType | undefined; readonly value: Cell } {
  if (expression.node === 'literal' && expression.literal.kind === 'default')
    return { type: undefined, value: DEFAULT };
  if (expression.node === 'literal' && expression.literal.kind === 'null')
    return { type: undefined, value: null };
  const bound = bindExpression(expression, scope);
  return { type: bound.type, value: bound.evaluate([], evaluation) };
}

/** Rows whose cells may differ in type become one query, which finds their common types. */
function severalRows(rows: readonly (readonly Expression[])[], execution: Execution): Given {
  const [first = []] = rows;
  const line = first[0]?.line ?? 1;
  const names = first.map((_, place) => `c${place}`);
  const bound = bindQuery(
    {
      line,
      with: [],
      orderBy: [],
      hints: [],
      body: {
        line,
        body: 'select',
        distinct: false,
        items: [{ line, item: 'star', qualifier: [] }],
        from: [{ line, source: 'values', rows, alias: 'v', columns: names }],
        groupBy: [],
      },
    },
    execution.scope,
  );
  const found: (readonly Cell[])[] = [];
  for (const row of bound.run(execution.evaluation)) if (row !== PAUSE) found.push(row);
  return { types: bound.columns.map(column => column.type), rows: found };
}
