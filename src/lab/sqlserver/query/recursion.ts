import { SqlError } from '../errors.ts';
import type { QueryBody, QueryExpression } from '../syntax/queries.ts';
import type { Binding, CommonTables, Recursion } from './binding.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { memo } from './evaluation.ts';
import { hold, sizeOf } from './memory.ts';
import { renamed } from './origins.ts';
import { bindBody, type InnerQuery } from './query.ts';

/** Does a body name a table that is called so? */
export function namesItself(value: unknown, name: string): boolean {
  if (Array.isArray(value)) return value.some(item => namesItself(item, name));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if ('source' in value && value.source === 'table' && 'name' in value && Array.isArray(value.name))
    return value.name.length === 1 && String(value.name[0]).toLowerCase() === name;
  return Object.values(value).some(item => namesItself(item, name));
}

/** A recursive common table expression: the anchor, then the other part over the rows of the round before. */
export function recursive(query: QueryExpression, binding: Binding, self: CommonTables): InnerQuery {
  const { body } = query;
  const fault = (number: number, text: string): SqlError =>
    new SqlError(number, text, { line: query.line, endsBatch: true });
  if (body.body !== 'union-all') {
    if (body.body === 'select')
      throw fault(246, `No anchor member was specified for recursive query "${self.table.name}".`);
    throw fault(
      252,
      `Recursive common table expression '${self.table.name}' does not contain a top-level UNION ALL operator.`,
    );
  }
  if (namesItself(body.left, self.name)) return severalParts(query, binding, self, fault);
  return rounds(body.left, [body.right], binding, self, fault);
}

type Fault = (number: number, text: string) => SqlError;

/** `anchor UNION ALL part UNION ALL part` is read from the left: the anchor is the first that does not name itself. */
function severalParts(
  query: QueryExpression,
  binding: Binding,
  self: CommonTables,
  fault: Fault,
): InnerQuery {
  const parts: QueryBody[] = [];
  let body: QueryBody = query.body;
  while (body.body === 'union-all' && namesItself(body.left, self.name)) {
    parts.unshift(body.right);
    body = body.left;
  }
  if (body.body !== 'union-all')
    throw fault(246, `No anchor member was specified for recursive query "${self.table.name}".`);
  parts.unshift(body.right);
  return rounds(body.left, parts, binding, self, fault);
}

function rounds(
  anchorBody: QueryBody,
  parts: readonly QueryBody[],
  binding: Binding,
  self: CommonTables,
  fault: Fault,
): InnerQuery {
  const anchor = bindBody(anchorBody, binding);
  const columns = renamed(anchor.columns, self.table.columns, self.table.name, 1).map(column => ({
    ...column,
    nullable: true,
    identity: false,
  }));
  const working = memo<readonly Row[]>();
  const recursion: Recursion = { columns, rows: context => working.get(context) ?? [], used: 0 };
  const inside: Binding = {
    ...binding,
    tables: { ...self, table: { ...self.table, columns: [] }, before: binding.tables, recursion },
  };
  const bound = parts.map(part => bindBody(part, inside));
  for (const part of bound) {
    if (part.columns.length !== columns.length)
      throw fault(
        205,
        'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
      );
    for (const [at, column] of columns.entries()) {
      const other = part.columns[at];
      if (other !== undefined && !sameType(column.type, other.type))
        throw fault(
          240,
          `Types don't match between the anchor and the recursive part in column "${column.name}" of recursive query "${self.table.name}".`,
        );
    }
  }
  function* rows(context: Evaluation): Rows {
    let held = hold(context);
    let round: Row[] = [];
    for (const row of anchor.rows(context)) {
      if (row !== PAUSE) {
        held.need(sizeOf(row));
        round.push(row);
      }
      yield row;
    }
    let depth = 0;
    while (round.length > 0) {
      const next: Row[] = [];
      const holding = hold(context);
      const before = round;
      for (const part of bound) {
        working.set(context, before);
        for (const row of part.rows(context)) {
          if (row === PAUSE) {
            yield PAUSE;
            working.set(context, before);
            continue;
          }
          if (self.limit > 0 && depth >= self.limit)
            throw new SqlError(
              530,
              `The statement terminated. The maximum recursion ${self.limit} has been exhausted before statement completion.`,
            );
          holding.need(sizeOf(row));
          next.push(row);
        }
      }
      yield* next;
      held.free();
      held = holding;
      round = next;
      depth += 1;
    }
  }
  return {
    columns,
    assigns: false,
    get reach() {
      return Math.max(anchor.reach, ...bound.map(part => part.reach));
    },
    rows,
  };
}

/** Lengths and precisions have to agree too. */
function sameType(left: object, right: object): boolean {
  const bare = (type: object): string => JSON.stringify({ ...type, collation: undefined });
  return bare(left) === bare(right);
}
