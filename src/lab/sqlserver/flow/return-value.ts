import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import { INT } from '../values/types.ts';
import { valueAs } from './expressions.ts';
import type { Runtime } from './runtime.ts';

/** The status a procedure returns: NULL becomes 0 with a warning (282). */
export async function returnValue(runtime: Runtime, expression: Expression | undefined): Promise<true> {
  const { frame, state } = runtime;
  if (!expression) return true;
  if (frame.kind !== 'procedure')
    throw new SqlError(178, 'A RETURN statement with a return value cannot be used in this context.', {
      severity: 15,
      endsBatch: true,
    });
  const value = await valueAs(runtime, expression, INT);
  if (value === null)
    state.output.message({
      number: 282,
      state: 1,
      severity: 10,
      text: `The '${frame.procedureName}' procedure attempted to return a status of NULL, which is not allowed. A status of 0 will be returned instead.`,
      procedure: frame.procedureName,
      line: frame.line,
      now: false,
    });
  frame.returned = value === null ? 0 : Number(value);
  return true;
}
