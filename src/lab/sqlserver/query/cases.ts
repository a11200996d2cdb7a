import { SqlError } from '../errors.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import { commonType, type SqlType } from '../values/index.ts';
import type { Binding } from './binding.ts';
import { bindTest } from './conditions.ts';
import { bindValue } from './expressions.ts';
import {
  collationOf,
  computed,
  convert,
  isText,
  nothing,
  type Typed,
  typeOf,
  withCollation,
} from './typed.ts';

/** CASE, IIF, COALESCE, NULLIF and CHOOSE are one thing: the first branch whose condition holds, and no other is computed. */
export function bindCase(
  whens: readonly { readonly condition: Condition; readonly result: Expression }[],
  otherwise: Expression | undefined,
  binding: Binding,
  line: number,
): Typed {
  const tests = whens.map(when => bindTest(when.condition, binding).test);
  const values = whens.map(when => bindValue(when.result, binding));
  const rest = otherwise === undefined ? nothing() : bindValue(otherwise, binding);
  const branches = [...values, rest];
  if (branches.every(branch => branch.untyped)) {
    if (whens.length > 0 && otherwise !== undefined)
      throw new SqlError(
        8133,
        'At least one of the result expressions in a CASE specification must be an expression other than the NULL constant.',
        {
          line,
          endsBatch: true,
        },
      );
    return nothing();
  }
  const { type, label, converted } = merged(branches, binding, line);
  const last = converted.at(-1) ?? nothing();
  const thens = converted.slice(0, -1).map(branch => branch.evaluate);
  const nullable = branches.some(branch => branch.nullable);
  if (tests.length === 1) {
    const [test, then] = [tests[0], thens[0]];
    if (test !== undefined && then !== undefined)
      return computed(
        type,
        (row, context) => (test(row, context) === true ? then(row, context) : last.evaluate(row, context)),
        { nullable, label },
      );
  }
  return computed(
    type,
    (row, context) => {
      for (let at = 0; at < tests.length; at += 1)
        if (tests[at]?.(row, context) === true) return thens[at]?.(row, context) ?? null;
      return last.evaluate(row, context);
    },
    { nullable, label },
  );
}

/** The first value that is not NULL. */
export function bindCoalesce(operands: readonly Expression[], binding: Binding, line: number): Typed {
  const values = operands.map(operand => bindValue(operand, binding));
  if (values.every(value => value.untyped))
    throw new SqlError(
      4127,
      'At least one of the arguments to COALESCE must be an expression that is not the NULL constant.',
      {
        line,
        endsBatch: true,
      },
    );
  const { type, label, converted } = merged(values, binding, line);
  const list = converted.map(value => value.evaluate);
  return computed(
    type,
    (row, context) => {
      for (const evaluate of list) {
        const value = evaluate(row, context);
        if (value !== null) return value;
      }
      return null;
    },
    { nullable: values.every(value => value.nullable), label },
  );
}

export function bindChoose(operands: readonly Expression[], binding: Binding, line: number): Typed {
  const [first, ...others] = operands.map(operand => bindValue(operand, binding));
  if (first === undefined) return nothing();
  const index = convert(first, { kind: 'int' });
  const { type, label, converted } = merged(others, binding, line);
  return computed(
    type,
    (row, context) => {
      const place = index.evaluate(row, context);
      return typeof place === 'number' ? (converted[place - 1]?.evaluate(row, context) ?? null) : null;
    },
    { label },
  );
}

/** Branches in the type they share; text under the collation that wins. */
export function merged(
  branches: readonly Typed[],
  binding: Binding,
  line: number,
): { readonly type: SqlType; readonly label: Typed['label']; readonly converted: readonly Typed[] } {
  const { label, collation, conflict } = collationOf(branches, binding.scope.database.collation, line);
  const name = conflict?.[0] ?? collation;
  const agreed = branches.map(branch =>
    isText(branch.type) && !branch.untyped ? { ...branch, type: withCollation(branch.type, name) } : branch,
  );
  const type = withCollation(commonType(agreed.map(typeOf)), name);
  return { type, label, converted: agreed.map(branch => convert(branch, type)) };
}
