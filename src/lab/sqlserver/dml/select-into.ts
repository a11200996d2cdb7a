import { tableFromColumns } from '../definition/index.ts';
import { SqlError } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import { PAUSE } from '../query/bound.ts';
import { bindQuery } from '../query/index.ts';
import { Collected } from '../storage/memory.ts';
import type { Name } from '../syntax/names.ts';
import type { QueryBody, QueryExpression } from '../syntax/queries.ts';
import type { Value } from '../values/types.ts';
import { type Change, writtenTo } from './changes.ts';
import { identityNumber, reseedBy } from './identity.ts';
import { writeChanges } from './write.ts';

/** `SELECT … INTO t`: makes the table (2714) and fills it; identity values are those of the source. */
export async function selectInto(query: QueryExpression, execution: Execution): Promise<StatementResult> {
  const { plain, into } = withoutInto(query);
  const bound = bindQuery(plain, execution.scope);
  const rows: (readonly Value[])[] = [];
  const collected = new Collected();
  for (const row of bound.run(execution.evaluation)) {
    if (row === PAUSE) {
      await execution.breathe();
      continue;
    }
    collected.add(row);
    rows.push([...row]);
  }
  const { database, table } = tableFromColumns(into, bound.columns, execution, query.line);
  const target = writtenTo(database, table, undefined, execution);
  const { identity } = target.rules;
  const changes = rows.map((after): Change => {
    if (identity && database.store) {
      const value = after[identity.place] ?? null;
      if (identityNumber(value) !== undefined) reseedBy(database.store, table, identity.column, value, false);
    }
    return { before: undefined, after, rid: -1, source: [] };
  });
  await writeChanges({ target, statement: 'INSERT', changes }, execution);
  return { count: changes.length };
}

/** INTO stands in the leftmost SELECT of a query. */
function withoutInto(query: QueryExpression): { readonly plain: QueryExpression; readonly into: Name } {
  let into: Name | undefined;
  const strip = (body: QueryBody): QueryBody => {
    if (body.body === 'nested') return { ...body, query: { ...body.query, body: strip(body.query.body) } };
    if (body.body !== 'select') return { ...body, left: strip(body.left) };
    const { into: found, ...rest } = body;
    into = found;
    return rest;
  };
  const plain = { ...query, body: strip(query.body) };
  if (into) return { plain, into };
  throw new SqlError(156, "Incorrect syntax near the keyword 'INTO'.", {
    severity: 15,
    line: query.line,
    endsBatch: true,
  });
}
