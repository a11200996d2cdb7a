import { SqlError } from '../errors.ts';
import { type Condition, isQuery } from '../syntax/expressions.ts';
import { collation, comparisonKey, like, nvarchar, type SqlType, typeName } from '../values/index.ts';
import type { Binding } from './binding.ts';
import type { BoundCondition, Evaluation, Row, Truth } from './bound.ts';
import { comparable, comparing, distinctFrom } from './comparisons.ts';
import { agreeing, bindValue } from './expressions.ts';
import { bindExists, bindInQuery, bindQuantified } from './subqueries.ts';
import { constant, convert, isText, type Typed } from './typed.ts';

type Test = (row: Row, context: Evaluation) => Truth;

/** A condition as a closure of three truth values. */
export function bindTest(condition: Condition, binding: Binding): BoundCondition {
  return { test: bindTruth(condition, binding) };
}

function bindTruth(condition: Condition, binding: Binding): Test {
  switch (condition.condition) {
    case 'and':
      return and(bindTruth(condition.left, binding), bindTruth(condition.right, binding));
    case 'or':
      return or(bindTruth(condition.left, binding), bindTruth(condition.right, binding));
    case 'not':
      return not(bindTruth(condition.operand, binding));
    case 'compare':
      return comparing(
        condition.operator,
        bindValue(condition.left, binding),
        bindValue(condition.right, binding),
        binding,
        condition.line,
      );
    case 'quantified':
      return bindQuantified(condition, binding);
    case 'between': {
      const operand = bindValue(condition.operand, binding);
      const low = comparing('>=', operand, bindValue(condition.low, binding), binding, condition.line);
      const high = comparing('<=', operand, bindValue(condition.high, binding), binding, condition.line);
      return condition.negated ? not(and(low, high)) : and(low, high);
    }
    case 'in': {
      const test = isQuery(condition.list)
        ? bindInQuery(condition.operand, condition.list, binding, condition.line)
        : bindList(condition, condition.list, binding);
      return condition.negated ? not(test) : test;
    }
    case 'like': {
      const test = bindLike(condition, binding);
      return condition.negated ? not(test) : test;
    }
    case 'null': {
      const { evaluate } = bindValue(condition.operand, binding);
      return condition.negated
        ? (row, context) => evaluate(row, context) !== null
        : (row, context) => evaluate(row, context) === null;
    }
    case 'distinct': {
      const left = bindValue(condition.left, binding);
      const right = bindValue(condition.right, binding);
      const test = distinctFrom(left, right, binding, condition.line);
      return condition.negated ? not(test) : test;
    }
    case 'exists':
      return bindExists(condition.query, binding);
    case 'updated':
      return bindUpdated(condition.column, binding);
  }
}

export const and =
  (left: Test, right: Test): Test =>
  (row, context) => {
    const first = left(row, context);
    if (first === false) return false;
    const second = right(row, context);
    return second === false ? false : first === null || second === null ? null : true;
  };

export const or =
  (left: Test, right: Test): Test =>
  (row, context) => {
    const first = left(row, context);
    if (first === true) return true;
    const second = right(row, context);
    return second === true ? true : first === null || second === null ? null : false;
  };

export const not =
  (operand: Test): Test =>
  (row, context) => {
    const truth = operand(row, context);
    return truth === null ? null : !truth;
  };

type In = Extract<Condition, { condition: 'in' }>;

/** IN with a list; constants of one type are one look into a set. */
function bindList(condition: In, list: readonly Parameters<typeof bindValue>[0][], binding: Binding): Test {
  const operand = bindValue(condition.operand, binding);
  const items = list.map(item => bindValue(item, binding));
  const set = constants(operand, items, binding, condition.line);
  if (set !== undefined) return set;
  const tests = items.map(item => comparing('=', operand, item, binding, condition.line));
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (row, context) => {
    let unknown = false;
    for (const test of tests) {
      const truth = test(row, context);
      if (truth === true) return true;
      if (truth === null) unknown = true;
    }
    return unknown ? null : false;
  };
}

/** From so many constants on they are looked up and not compared one by one. */
const MANY = 4;

function constants(
  operand: Typed,
  items: readonly Typed[],
  binding: Binding,
  line: number,
): Test | undefined {
  if (items.length < MANY || !items.every(item => item.constant)) return undefined;
  const known = items.filter(item => item.value !== null);
  const pairs = known.map(item => comparable(operand, item, binding, line, 'equal to'));
  const [first] = pairs;
  if (first === undefined || pairs.some(pair => !alike(pair.type, first.type))) return undefined;
  const key = comparisonKey(first.type);
  const keys = new Set<string | number | bigint>();
  for (const { right } of pairs) {
    if (right.value === undefined || right.value === null) return undefined;
    keys.add(key(right.value));
  }
  const unknown = known.length < items.length;
  const evaluate = first.left.evaluate;
  return (row, context) => {
    const value = evaluate(row, context);
    if (value === null) return null;
    return keys.has(key(value)) ? true : unknown ? null : false;
  };
}

/** Values of both types have the same keys. */
const alike = (left: SqlType, right: SqlType): boolean =>
  left.kind === right.kind && ('scale' in left ? left.scale : 0) === ('scale' in right ? right.scale : 0);

type Like = Extract<Condition, { condition: 'like' }>;

function bindLike(condition: Like, binding: Binding): Test {
  const [operand, pattern] = agreeing(
    [
      likeText(bindValue(condition.operand, binding), 1, condition.line),
      likeText(bindValue(condition.pattern, binding), 2, condition.line),
    ],
    'like',
    binding,
    condition.line,
  );
  if (operand === undefined || pattern === undefined) return () => null;
  const escaping = condition.escape === undefined ? undefined : bindValue(condition.escape, binding);
  const rules = collation(isText(operand.type) ? operand.type.collation : binding.scope.database.collation);
  const unicode = operand.type.kind.startsWith('n') || pattern.type.kind.startsWith('n');
  const escapeOf = (row: Row, context: Evaluation): string | undefined | null => {
    if (escaping === undefined) return undefined;
    const value = escaping.evaluate(row, context);
    if (value === null) return null;
    if (typeof value !== 'string' || value.length !== 1)
      throw new SqlError(
        506,
        `The invalid escape character "${String(value)}" was specified in a LIKE predicate.`,
      );
    return value;
  };
  const evaluate = operand.evaluate;
  let last:
    | {
        readonly pattern: string;
        readonly escape: string | undefined;
        readonly match: (text: string) => boolean;
      }
    | undefined;
  return (row, context) => {
    const text = evaluate(row, context);
    const wanted = pattern.evaluate(row, context);
    if (typeof text !== 'string' || typeof wanted !== 'string') return null;
    const character = escapeOf(row, context);
    if (character === null) return null;
    if (last === undefined || last.pattern !== wanted || last.escape !== character)
      last = { pattern: wanted, escape: character, match: like(wanted, character, rules, unicode) };
    return last.match(text);
  };
}

function likeText(operand: Typed, place: number, line: number): Typed {
  if (operand.untyped) return constant(nvarchar(1), null);
  if (isText(operand.type)) return operand;
  if (['image', 'xml', 'sql_variant', 'varbinary', 'binary', 'rowversion'].includes(operand.type.kind))
    throw new SqlError(
      8116,
      `Argument data type ${typeName(operand.type)} is invalid for argument ${place} of like function.`,
      { line, endsBatch: true },
    );
  return convert(operand, nvarchar(4000));
}

/** UPDATE(column) in a trigger: the trigger's table is that of `inserted`. */
function bindUpdated(name: string, binding: Binding): Test {
  const table = binding.scope.rowSet('inserted');
  const column = table?.columns.find(own => own.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) throw new SqlError(207, `Invalid column name '${name}'.`, { endsBatch: true });
  return (_row, context) => context.session.updatedColumns?.has(column.id) ?? false;
}
