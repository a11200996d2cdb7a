import type { IToken } from 'chevrotain';
import type { Condition, Expression } from '../expressions.ts';

type Binary = Extract<Expression, { node: 'binary' }>;

const operatorOf = (image: string): Binary['operator'] => {
  switch (image) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '&':
    case '|':
    case '^':
      return image;
    default:
      throw new TypeError(`no operator: ${image}`);
  }
};

const binds = (operator: Binary['operator']): number =>
  operator === '*' || operator === '/' || operator === '%' ? 2 : 1;

const combine = (token: IToken, left: Expression, right: Expression): Expression => ({
  line: token.startLine ?? 1,
  node: 'binary',
  operator: operatorOf(token.image),
  left,
  right,
});

/** `*`, `/` and `%` bind tighter than `+`, `-`, `&`, `|` and `^`; equals go from left to right. */
export const arithmeticTree = (
  first: Expression,
  operators: readonly IToken[],
  operands: readonly Expression[],
): Expression => {
  let sum = first;
  let pending: { token: IToken; value: Expression } | undefined;
  operators.forEach((token, index) => {
    const operand = operands[index];
    if (operand === undefined) return;
    if (binds(operatorOf(token.image)) === 2) {
      if (pending === undefined) sum = combine(token, sum, operand);
      else pending = { token: pending.token, value: combine(token, pending.value, operand) };
    } else {
      if (pending !== undefined) sum = combine(pending.token, sum, pending.value);
      pending = { token, value: operand };
    }
  });
  return pending === undefined ? sum : combine(pending.token, sum, pending.value);
};

/** Signs before a value; the nearest binds first. */
export const signed = (signs: readonly IToken[], value: Expression): Expression => {
  return signs.reduceRight<Expression>((operand, sign) => {
    const operator = sign.image === '-' ? '-' : sign.image === '~' ? '~' : '+';
    return { line: sign.startLine ?? 1, node: 'unary', operator, operand };
  }, value);
};

/** A long chain of AND or OR as a balanced tree: the order of evaluation is not promised, the depth is. */
export const balanced = (
  condition: 'and' | 'or',
  terms: readonly Condition[],
  from = 0,
  to = terms.length,
): Condition => {
  const first = terms[from];
  if (first === undefined) throw new TypeError('no terms');
  if (to - from === 1) return first;
  if (to - from <= 8) {
    let left = first;
    for (let at = from + 1; at < to; at += 1) {
      const right = terms[at];
      if (right !== undefined) left = { line: left.line, condition, left, right };
    }
    return left;
  }
  const middle = (from + to) >> 1;
  const left = balanced(condition, terms, from, middle);
  return { line: left.line, condition, left, right: balanced(condition, terms, middle, to) };
};
