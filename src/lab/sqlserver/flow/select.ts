import { selectInto } from '../dml/index.ts';
import { unsupported } from '../errors.ts';
import { type BoundQuery, type Evaluation, PAUSE } from '../query/bound.ts';
import { bindQuery } from '../query/index.ts';
import { LockWait } from '../storage/store.ts';
import type { QueryExpression, QuerySpecification } from '../syntax/queries.ts';
import type { Statement } from '../syntax/statements.ts';
import type { Value } from '../values/types.ts';
import { drive } from './driver.ts';
import type { Runtime } from './runtime.ts';
import { beginImplicitly, done, finish } from './statement-end.ts';
import { Transfer } from './transfer.ts';

/** Rows that go to the client together: few enough to be soon there, many enough to cost little each. */
const ROWS_AT_ONCE = 256;

export async function runSelect(
  runtime: Runtime,
  statement: Extract<Statement, { statement: 'select' }>,
): Promise<void> {
  const { query } = statement;
  const specification = firstSpecification(query);
  if (specification.from.length > 0) beginImplicitly(runtime);
  if (specification.into) {
    const result = await drive(runtime, true, ({ execution }) => selectInto(query, execution));
    return finish(runtime, result);
  }
  // A lock may be met in the middle: rows that are on their way already are not sent again.
  const sent: Sent = { columns: false, rows: 0, assigns: false };
  const count = await drive(
    runtime,
    false,
    ({ evaluation }) => stream(runtime, bindQuery(query, runtime.scope), evaluation, sent),
    () => sent.rows > 0,
  );
  runtime.state.rowCount = count;
  if (sent.assigns) return;
  done(runtime, count, true);
  await runtime.state.output.ready();
}

/** The leftmost SELECT of a query: INTO and assignments stand there. */
export function firstSpecification(query: QueryExpression): QuerySpecification {
  let { body } = query;
  for (;;) {
    if (body.body === 'select') return body;
    body = body.body === 'nested' ? body.query.body : body.left;
  }
}

interface Sent {
  /** It sets variables and sends nothing. */
  assigns: boolean;
  columns: boolean;
  rows: number;
}

async function stream(
  runtime: Runtime,
  bound: BoundQuery,
  evaluation: Evaluation,
  sent: Sent,
): Promise<number> {
  const { state } = runtime;
  if (state.options.rowCount > 0) throw unsupported('SET ROWCOUNT');
  sent.assigns = bound.assigns;
  let skip = sent.rows;
  let count = 0;
  let block: (readonly Value[])[] = [];
  const flush = (): void => {
    if (sent.assigns) return;
    if (!sent.columns) {
      state.output.columns(bound.columns);
      sent.columns = true;
    }
    if (block.length === 0) return;
    state.output.rows(block);
    sent.rows += block.length;
    block = [];
  };
  try {
    for (const row of bound.run(evaluation)) {
      if (row === PAUSE) {
        if (state.signal.aborted) throw new Transfer('cancelled');
        await runtime.turn();
        continue;
      }
      count += 1;
      if (skip > 0) {
        skip -= 1;
        continue;
      }
      if (bound.assigns) continue;
      block.push(row);
      if (block.length < ROWS_AT_ONCE) continue;
      flush();
      const wait = state.output.ready();
      if (wait !== undefined) await wait;
      if (state.signal.aborted) throw new Transfer('cancelled');
      await runtime.turn();
    }
  } catch (failure) {
    if (!(failure instanceof LockWait)) flush();
    throw failure;
  }
  flush();
  return count;
}
