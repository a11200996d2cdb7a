import type { Index, Table } from '../catalog/schema.ts';
import type { Condition } from '../syntax/expressions.ts';
import { comparisonKey } from '../values/index.ts';
import { type Access, accessBy, limitsOf } from './access.ts';
import type { Binding } from './binding.ts';
import type { Evaluation, Row } from './bound.ts';
import { comparable } from './comparisons.ts';
import { and, bindTest } from './conditions.ts';
import { bindValue } from './expressions.ts';
import type { From, Tree } from './from.ts';
import { apply, filter, join, type Key, type KeyOf, type Operator, type Test } from './joins.ts';
import { leafOperator, lookupRows } from './leaves.ts';
import { namesOf } from './names.ts';
import { type Tuple, tupleOf } from './tuples.ts';

/** An order that the first leaf may give by one of its indexes: places of its columns. */
export type WantedOrder = readonly { readonly column: number; readonly descending: boolean }[];

interface Planned {
  readonly operator: Operator;
  /** The rows come in the wanted order. */
  readonly ordered: boolean;
}

type Of<K extends Tree['kind']> = Extract<Tree, { kind: K }>;

/** Condition cut at its ANDs. */
export function conjuncts(condition: Condition | undefined): readonly Condition[] {
  if (condition === undefined) return [];
  return condition.condition === 'and'
    ? [...conjuncts(condition.left), ...conjuncts(condition.right)]
    : [condition];
}

/** How a tree of sources is read under the conditions that lie on it. */
export function plan(tree: Tree, pushed: readonly Condition[], from: From, order?: WantedOrder): Planned {
  switch (tree.kind) {
    case 'leaf':
      return planLeaf(tree, pushed, from, order);
    case 'join':
      return planJoin(tree, pushed, from, order);
    case 'apply':
      return planApply(tree, pushed, from, order);
  }
}

/** Which leaves a condition asks for, and the condition over the rows of the tree. */
function bound(
  condition: Condition,
  tree: Tree,
  from: From,
  place: Binding['place'] = 'where',
): { test: Test; uses: ReadonlySet<number> } {
  const binding = from.slice(tree.lo, tree.hi, tree.lateral, place);
  const { test } = bindTest(condition, binding);
  const leaves = binding.names?.leaves ?? [];
  const uses = new Set<number>();
  for (const leaf of binding.names?.used ?? []) uses.add(tree.lo + leaves.indexOf(leaf));
  return { test, uses };
}

function testOf(
  conditions: readonly Condition[],
  tree: Tree,
  from: From,
  place: Binding['place'] = 'where',
): Test | undefined {
  let result: Test | undefined;
  for (const condition of conditions) {
    const { test } = bound(condition, tree, from, place);
    result = result === undefined ? test : and(result, test);
  }
  return result;
}

const within = (uses: ReadonlySet<number>, tree: Tree): boolean => {
  for (const use of uses) if (use < tree.lo || use >= tree.hi) return false;
  return true;
};

function planLeaf(
  tree: Of<'leaf'>,
  pushed: readonly Condition[],
  from: From,
  order: WantedOrder | undefined,
): Planned {
  const { source } = tree;
  const test = testOf(pushed, tree, from);
  const inside = from.names(tree.lo, tree.hi, tree.lateral);
  const leaf = inside.leaves[0];
  const outside: Binding = {
    ...from.binding,
    names: namesOf([], { parent: tree.lateral, caseSensitive: from.caseSensitive, reach: from.reach }),
    place: 'where',
  };
  // Behind APPLY another row lies around than the one the limits were bound under.
  const given = tree.lateral === from.parent ? (from.limits.get(tree.lo) ?? []) : [];
  if (leaf === undefined)
    return { operator: leafOperator(source, { pushed, tree, from, test, outside }), ordered: false };
  const columns = source.origin.kind === 'stored' ? source.origin.table.columns : leaf.columns;
  const limits = [
    ...given,
    ...pushed.flatMap(condition => limitsOf(condition, columns, leaf, inside, outside)),
  ];
  if (source.origin.kind === 'rows') {
    const rows =
      limits.length === 0
        ? undefined
        : source.origin.narrowed?.(limits.map(limit => ({ item: limit.column, limit })));
    const narrow = rows === undefined ? source : { ...source, origin: { ...source.origin, rows } };
    return { operator: leafOperator(narrow, { pushed, tree, from, test, outside }), ordered: false };
  }
  const { table } = source.origin;
  const tuples = pushed.flatMap(condition => tupleOf(condition, columns, leaf, inside, outside) ?? []);
  const choice = choose(table, limits, tuples, order);
  return {
    operator: leafOperator(source, {
      pushed,
      tree,
      from,
      test,
      outside,
      ...(choice === undefined
        ? {}
        : { access: choice.access, index: choice.index, reverse: choice.reverse }),
    }),
    ordered: choice?.ordered ?? false,
  };
}

interface Choice {
  readonly index: Index;
  readonly access: Access | undefined;
  readonly ordered: boolean;
  readonly reverse: boolean;
  readonly score: number;
}

/** The index that leaves least to read; one that gives the order as well is worth more than a range. */
function choose(
  table: Table,
  limits: Parameters<typeof accessBy>[2],
  tuples: readonly Tuple[],
  order: WantedOrder | undefined,
): Choice | undefined {
  let best: Choice | undefined;
  for (const index of table.indexes) {
    if (index.disabled || index.filter !== undefined) continue;
    const access = accessBy(index, table, limits, tuples);
    const given =
      order === undefined || order.length === 0 ? undefined : givesOrder(index, table, order, access);
    if (access === undefined && given === undefined) continue;
    const score =
      (access?.unique === true ? 100 : 0) +
      (access?.fixed ?? 0) * 10 +
      (access?.bounded === true ? (access.single ? 5 : 8) : 0) +
      (given === undefined ? 0 : 7) +
      (index.clustered ? 1 : 0);
    if (best === undefined || score > best.score)
      best = { index, access, ordered: given !== undefined, reverse: given === 'reverse', score };
  }
  return best;
}

function givesOrder(
  index: Index,
  table: Table,
  order: WantedOrder,
  access: Access | undefined,
): 'forward' | 'reverse' | undefined {
  if (access !== undefined && !access.single) return undefined;
  const keys = index.columns
    .filter(column => !column.included)
    .map(key => ({
      column: table.columns.findIndex(column => column.id === key.column),
      descending: key.descending,
    }));
  const fixed = new Set(keys.slice(0, access?.fixed ?? 0).map(key => key.column));
  let at = 0;
  let reverse: boolean | undefined;
  for (const item of order) {
    if (fixed.has(item.column)) continue;
    while (at < keys.length && fixed.has(keys[at]?.column ?? -1)) at += 1;
    const key = keys[at];
    if (key === undefined) return index.unique ? (reverse === true ? 'reverse' : 'forward') : undefined;
    if (key.column !== item.column) return undefined;
    const turned = key.descending !== item.descending;
    if (reverse !== undefined && reverse !== turned) return undefined;
    reverse = turned;
    at += 1;
  }
  return reverse === true ? 'reverse' : 'forward';
}

function planJoin(
  tree: Of<'join'>,
  pushed: readonly Condition[],
  from: From,
  order: WantedOrder | undefined,
): Planned {
  const keepLeft = tree.join === 'left' || tree.join === 'full';
  const keepRight = tree.join === 'right' || tree.join === 'full';
  const on = conjuncts(tree.on);
  const above: Condition[] = [];
  const toLeft: Condition[] = [];
  const toRight: Condition[] = [];
  const here: { readonly condition: Condition; readonly test: Test }[] = [];
  for (const condition of pushed) {
    const { uses, test } = bound(condition, tree, from);
    if (within(uses, tree.left) && !keepRight) toLeft.push(condition);
    else if (within(uses, tree.right) && !keepLeft) toRight.push(condition);
    else if (keepLeft || keepRight) above.push(condition);
    else here.push({ condition, test });
  }
  for (const condition of on) {
    const { uses, test } = bound(condition, tree, from, 'on');
    if (within(uses, tree.left) && !keepLeft && !(uses.size === 0 && keepRight)) toLeft.push(condition);
    else if (within(uses, tree.right) && !keepRight) toRight.push(condition);
    else here.push({ condition, test });
  }
  const left = plan(tree.left, toLeft, from, keepRight ? undefined : order);
  const right = plan(tree.right, toRight, from);
  const equal: { readonly left: KeyOf; readonly right: KeyOf }[] = [];
  const residual: Test[] = [];
  for (const { condition, test } of here) {
    const keys = equality(condition, tree, from);
    if (keys === undefined) residual.push(test);
    else equal.push(keys);
  }
  const operator = join({
    left: left.operator,
    right: right.operator,
    keepLeft,
    keepRight,
    keys:
      equal.length === 0
        ? undefined
        : { left: whole(equal.map(key => key.left)), right: whole(equal.map(key => key.right)) },
    residual: all(residual),
    condition: all(here.map(one => one.test)),
    lookup: keepRight
      ? undefined
      : lookupOf(tree, [...here.map(one => one.condition), ...toRight], toRight, from),
    ordered: left.ordered,
  });
  return { operator: filter(operator, testOf(above, tree, from)), ordered: left.ordered && !keepRight };
}

function all(tests: readonly Test[]): Test | undefined {
  let result: Test | undefined;
  for (const test of tests) result = result === undefined ? test : and(result, test);
  return result;
}

/** `left expression = right expression`, each side over its own rows. */
function equality(
  condition: Condition,
  tree: Of<'join'>,
  from: From,
): { left: KeyOf; right: KeyOf } | undefined {
  if (condition.condition !== 'compare' || condition.operator !== '=') return undefined;
  const sides = [condition.left, condition.right].map(expression => {
    const binding = from.slice(tree.lo, tree.hi, tree.lateral, 'on');
    bindValue(expression, binding);
    const leaves = binding.names?.leaves ?? [];
    return {
      expression,
      uses: new Set([...(binding.names?.used ?? [])].map(leaf => tree.lo + leaves.indexOf(leaf))),
    };
  });
  const [first, second] = sides;
  if (first === undefined || second === undefined || first.uses.size === 0 || second.uses.size === 0)
    return undefined;
  const straight = within(first.uses, tree.left) && within(second.uses, tree.right);
  const crossed = within(first.uses, tree.right) && within(second.uses, tree.left);
  if (!straight && !crossed) return undefined;
  const [ofLeft, ofRight] = straight ? [first, second] : [second, first];
  const leftBinding = from.slice(tree.left.lo, tree.left.hi, tree.lateral, 'on');
  const rightBinding = from.slice(tree.right.lo, tree.right.hi, tree.lateral, 'on');
  const { left, right, type } = comparable(
    bindValue(ofLeft.expression, leftBinding),
    bindValue(ofRight.expression, rightBinding),
    leftBinding,
    condition.line,
    'equal to',
  );
  const key = comparisonKey(type);
  const keyOf =
    (evaluate: typeof left.evaluate): KeyOf =>
    (row, context) => {
      const value = evaluate(row, context);
      return value === null ? undefined : key(value);
    };
  return { left: keyOf(left.evaluate), right: keyOf(right.evaluate) };
}

/** One key of several: their parts cannot run into one another. */
export function whole(keys: readonly KeyOf[]): KeyOf {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return only;
  return (row, context) => {
    let text = '';
    for (const key of keys) {
      const part = key(row, context);
      if (part === undefined) return undefined;
      text += joined(part);
    }
    return text;
  };
}

export const joined = (part: Key): string =>
  typeof part === 'string' ? `s${part.length}:${part}` : `${typeof part === 'number' ? 'n' : 'b'}${part};`;

/** Rows of the right leaf by one of its indexes, for a row of the left. */
function lookupOf(
  tree: Of<'join'>,
  conditions: readonly Condition[],
  own: readonly Condition[],
  from: From,
): ((row: Row, context: Evaluation) => Iterable<Row>) | undefined {
  const { right } = tree;
  if (right.kind !== 'leaf' || right.source.origin.kind !== 'stored') return undefined;
  const { table } = right.source.origin;
  const inside = from.names(tree.lo, tree.hi, tree.lateral);
  const leaf = inside.leaves[right.lo - tree.lo];
  const outside = from.slice(tree.left.lo, tree.left.hi, tree.lateral, 'on');
  if (leaf === undefined) return undefined;
  const limits = conditions.flatMap(condition => limitsOf(condition, table.columns, leaf, inside, outside));
  const choice = choose(table, limits, [], undefined);
  const access = choice?.access;
  if (access === undefined || access.fixed === 0) return undefined;
  return lookupRows(right.source, access, testOf(own, right, from));
}

function planApply(
  tree: Of<'apply'>,
  pushed: readonly Condition[],
  from: From,
  order: WantedOrder | undefined,
): Planned {
  const toLeft: Condition[] = [];
  const above: Condition[] = [];
  for (const condition of pushed)
    (within(bound(condition, tree, from).uses, tree.left) ? toLeft : above).push(condition);
  const left = plan(tree.left, toLeft, from, order);
  const right = plan(tree.right, [], from);
  return {
    operator: filter(apply(left.operator, right.operator, tree.outer), testOf(above, tree, from)),
    ordered: left.ordered,
  };
}
