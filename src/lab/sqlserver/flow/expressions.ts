import type { BoundCondition, BoundExpression, Evaluation } from '../query/bound.ts';
import { bindCondition, bindExpression } from '../query/index.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import { assignValue } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import { drive } from './driver.ts';
import type { Runtime } from './runtime.ts';

/** An expression outside a query: of SET, IF, PRINT, an argument of EXECUTE. */

const NO_ROW: readonly Value[] = [];

const simple = new WeakMap<object, boolean>();

/**
 * Whether an expression asks variables and built-in functions only: then it is bound once a frame and computed without a
 * statement around it, because it can neither meet a lock nor see a table change.
 */
export function isSimple(node: Expression | Condition): boolean {
  const known = simple.get(node);
  if (known !== undefined) return known;
  const found = !reaches(node);
  simple.set(node, found);
  return found;
}

function reaches(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(reaches);
  if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return false;
  if ('query' in part || 'body' in part) return true;
  if ('node' in part) {
    if (part.node === 'next-value' || part.node === 'column') return true;
    if (part.node === 'call' && 'name' in part && Array.isArray(part.name) && part.name.length > 1)
      return true;
  }
  return Object.values(part).some(reaches);
}

export function boundExpression(runtime: Runtime, expression: Expression): BoundExpression {
  const { expressions } = runtime.frame;
  const known = expressions.get(expression);
  if (known) return known;
  const bound = bindExpression(expression, runtime.scope);
  if (isSimple(expression)) expressions.set(expression, bound);
  return bound;
}

function boundCondition(runtime: Runtime, condition: Condition): BoundCondition {
  const { conditions } = runtime.frame;
  const known = conditions.get(condition);
  if (known) return known;
  const bound = bindCondition(condition, runtime.scope);
  if (isSimple(condition)) conditions.set(condition, bound);
  return bound;
}

export interface TypedValue {
  /** undefined: the literal NULL. */
  readonly type: SqlType | undefined;
  readonly value: Value;
}

const isNull = (expression: Expression): boolean =>
  expression.node === 'literal' && expression.literal.kind === 'null';

/** The value of an expression, now. */
export function valueNow(runtime: Runtime, expression: Expression): TypedValue | Promise<TypedValue> {
  if (isNull(expression)) return { type: undefined, value: null };
  if (isSimple(expression)) return compute(runtime, expression, runtime.evaluation());
  return drive(runtime, false, ({ evaluation }) => compute(runtime, expression, evaluation));
}

function compute(runtime: Runtime, expression: Expression, evaluation: Evaluation): TypedValue {
  const bound = boundExpression(runtime, expression);
  return { type: bound.type, value: bound.evaluate(NO_ROW, evaluation) };
}

/** The value of an expression as it goes into a variable of a type: what is too long is cut. */
export async function valueAs(runtime: Runtime, expression: Expression, type: SqlType): Promise<Value> {
  const { type: from, value } = await valueNow(runtime, expression);
  return assignValue(value, from, type);
}

export function isTrue(runtime: Runtime, condition: Condition): boolean | Promise<boolean> {
  if (isSimple(condition))
    return boundCondition(runtime, condition).test(NO_ROW, runtime.evaluation()) === true;
  return drive(
    runtime,
    false,
    ({ evaluation }) => boundCondition(runtime, condition).test(NO_ROW, evaluation) === true,
  );
}
