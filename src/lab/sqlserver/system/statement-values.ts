import type { Execution } from '../flow/execution.ts';
import { PAUSE, type Row } from '../query/bound.ts';
import { bindExpression, bindQuery } from '../query/index.ts';
import type { Option } from '../syntax/administration.ts';
import type { Expression } from '../syntax/expressions.ts';
import { parseBatch } from '../syntax/parse.ts';
import { textOf } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';

/** The value of an expression that stands outside of any query. */
export function computed(
  execution: Execution,
  expression: Expression,
): { readonly type: SqlType; readonly value: Value } {
  const bound = bindExpression(expression, execution.scope);
  return { type: bound.type, value: bound.evaluate([], execution.evaluation) };
}

/** A name or a text: `dbo`, `[dbo]`, `'dbo'`, `@name`; names of several parts as they were written. */
export function nameOf(execution: Execution, expression: Expression): string | null {
  if (expression.node === 'column') return expression.name.join('.');
  const { type, value } = computed(execution, expression);
  return value === null ? null : textOf(value, type);
}

const isOptions = (value: Option['value']): value is readonly Option[] => Array.isArray(value);

/** What an option was set to, as text; undefined where it was not given. */
export function optionText(
  execution: Execution,
  options: readonly Option[],
  name: string,
): string | undefined {
  const value = options.find(option => option.name === name)?.value;
  if (value === undefined || isOptions(value)) return undefined;
  return typeof value === 'string' ? value : (nameOf(execution, value) ?? undefined);
}

/** ON or OFF. */
export function optionSwitch(
  execution: Execution,
  options: readonly Option[],
  name: string,
): boolean | undefined {
  const text = optionText(execution, options, name)?.toUpperCase();
  return text === undefined ? undefined : text === 'ON';
}

/** Bytes of an option such as SID = 0x…. */
export function optionBytes(
  execution: Execution,
  options: readonly Option[],
  name: string,
): Uint8Array | undefined {
  const value = options.find(option => option.name === name)?.value;
  if (value === undefined || isOptions(value)) return undefined;
  if (typeof value === 'string')
    return /^0x(?:[0-9a-f]{2})*$/i.test(value) ? Buffer.from(value.slice(2), 'hex') : undefined;
  const found = computed(execution, value).value;
  return found instanceof Uint8Array ? found : undefined;
}

/** Rows of a query that the double itself writes; it sees what the statement's transaction sees. */
export function* rowsOf(execution: Execution, text: string): Iterable<Row> {
  const [statement] = parseBatch(text);
  if (statement?.statement !== 'select') throw new Error(`not a query: ${text}`);
  for (const row of bindQuery(statement.query, execution.scope).run(execution.evaluation))
    if (row !== PAUSE) yield row;
}
