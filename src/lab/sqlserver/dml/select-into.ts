import { tableFromColumns } from '../definition/index.ts';
import { SqlError } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import { PAUSE } from '../query/bound.ts';
import { bindQuery } from '../query/index.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import type { Value } from '../values/types.ts';
import { type Change, writtenTo } from './changes.ts';
import { identityNumber, reseedBy } from './identity.ts';
import { writeChanges } from './write.ts';

/** `SELECT … INTO t`: makes the table (2714) and fills it; identity values are those of the source. */
export async function selectInto(query: QueryExpression, execution: Execution): Promise<StatementResult> {
  const { body } = query;
  if (body.body !== 'select' || !body.into)
    throw new SqlError(156, "Incorrect syntax near the keyword 'INTO'.", {
      severity: 15,
      line: query.line,
      endsBatch: true,
    });
  const { into, ...plain } = body;
  const bound = bindQuery({ ...query, body: plain }, execution.scope);
  const rows: (readonly Value[])[] = [];
  for (const row of bound.run(execution.evaluation)) {
    if (row === PAUSE) await execution.breathe();
    else rows.push([...row]);
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
