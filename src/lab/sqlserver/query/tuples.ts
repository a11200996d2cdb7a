import type { Condition } from '../syntax/expressions.ts';
import { type Bound, type BoundColumn, limitsOf } from './access.ts';
import type { Binding } from './binding.ts';
import { canonical } from './canonical.ts';
import type { Leaf, Names } from './names.ts';

/** `(a, b) > (x, y)` as it has to be written in T-SQL. */
export interface Tuple {
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly columns: readonly number[];
  readonly values: readonly Bound[];
}

/** `a > x OR (a = x AND (b > y OR …))`: the form of paging over several columns. */
export function tupleOf(
  condition: Condition,
  columns: readonly BoundColumn[],
  leaf: Leaf,
  inside: Names,
  outside: Binding,
): Tuple | undefined {
  if (condition.condition === 'compare') {
    const [limit] = limitsOf(condition, columns, leaf, inside, outside);
    if (limit === undefined || limit.operator === '=' || limit.operator === '<>' || limit.operator === 'in')
      return undefined;
    return { operator: limit.operator, columns: [limit.column], values: limit.values };
  }
  if (condition.condition !== 'or') return undefined;
  for (const [first, second] of [
    [condition.left, condition.right],
    [condition.right, condition.left],
  ] as const) {
    if (first.condition !== 'compare' || second.condition !== 'and') continue;
    const head = tupleOf(first, columns, leaf, inside, outside);
    if (head === undefined || (head.operator !== '<' && head.operator !== '>')) continue;
    for (const [equal, rest] of [
      [second.left, second.right],
      [second.right, second.left],
    ] as const) {
      if (equal.condition !== 'compare' || equal.operator !== '=') continue;
      const [same] = limitsOf(equal, columns, leaf, inside, outside);
      if (same?.column !== head.columns[0] || !sameSides(first, equal, inside)) continue;
      const tail = tupleOf(rest, columns, leaf, inside, outside);
      // What is behind may be anything: the first column lies beyond its bound or on it.
      if (tail?.operator.charAt(0) !== head.operator) return { ...head, operator: `${head.operator}=` };
      return {
        operator: tail.operator,
        columns: [...head.columns, ...tail.columns],
        values: [...head.values, ...tail.values],
      };
    }
  }
  return undefined;
}

type Compare = Extract<Condition, { condition: 'compare' }>;
function sameSides(left: Compare, right: Compare, names: Names): boolean {
  const sides = (compare: Compare): string =>
    [canonical(compare.left, names), canonical(compare.right, names)].sort().join('=');
  return sides(left) === sides(right);
}
