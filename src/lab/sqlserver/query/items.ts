import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { SelectItem } from '../syntax/queries.ts';
import { assigner, type SqlType, type Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import type { Evaluation, Row } from './bound.ts';
import { binary, bindValue } from './expressions.ts';
import { isPrefix, type LeafColumn } from './names.ts';
import { requireOneNextValue } from './specials.ts';
import { column as columnOf, computed, type Typed, typeOf } from './typed.ts';

/** One column of a select list. */
export interface Item {
  readonly name: string;
  readonly value: Typed;
  /** As written, undefined for a column of `*`. */
  readonly expression: Expression | undefined;
  /** Has a name of its own by AS. */
  readonly aliased: boolean;
  /** `@v = …`. */
  readonly variable: string | undefined;
}

const MOST_ITEMS = 4096;

/** The select list with `*` taken apart. */
export function bindSelectItems(items: readonly SelectItem[], binding: Binding): readonly Item[] {
  requireOneNextValue(items);
  const bound = items.flatMap(item => bindItem(item, binding));
  if (bound.length > MOST_ITEMS)
    throw new SqlError(
      1056,
      `The number of elements in the select list exceeds the maximum allowed number of ${MOST_ITEMS} elements.`,
      { severity: 15, line: items[0]?.line ?? 0, endsBatch: true },
    );
  const assigning = bound.filter(item => item.variable !== undefined).length;
  if (assigning > 0 && assigning < bound.length)
    throw new SqlError(
      141,
      'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
      { severity: 15, line: items[0]?.line ?? 0, endsBatch: true },
    );
  return bound;
}

function bindItem(item: SelectItem, binding: Binding): readonly Item[] {
  switch (item.item) {
    case 'expression': {
      const { expression, alias } = item;
      const value = bindValue(expression, binding);
      const own = expression.node === 'column' ? (expression.name.at(-1) ?? '') : '';
      return [{ name: alias ?? own, value, expression, aliased: alias !== undefined, variable: undefined }];
    }
    case 'star':
      return star(item.qualifier, binding, item.line);
    case 'assign':
      return [assignment(item, binding)];
  }
}

function star(qualifier: readonly string[], binding: Binding, line: number): readonly Item[] {
  const names = binding.names;
  const leaves = (names?.leaves ?? []).filter(
    leaf => qualifier.length === 0 || (names !== undefined && isPrefix(names, qualifier, leaf)),
  );
  if (leaves.length === 0) {
    if (qualifier.length === 0)
      throw new SqlError(263, 'Must specify table to select from.', { line, endsBatch: true });
    throw new SqlError(
      107,
      `The column prefix '${qualifier.join('.')}' does not match with a table name or alias name used in the query.`,
      { severity: 15, line, endsBatch: true },
    );
  }
  return leaves.flatMap(leaf =>
    leaf.columns.map((column, at): Item => {
      names?.used.add(leaf);
      leaf.needed?.add(at);
      const source = leaf.first + at;
      const slot = names?.grouped === undefined ? source : names.grouped(source, column, leaf);
      return {
        name: column.name,
        value: columnOf(column.type, 0, slot, {
          nullable: column.nullable || leaf.optional === true,
          identity: column.identity,
        }),
        expression: undefined,
        aliased: false,
        variable: undefined,
      };
    }),
  );
}

function assignment(item: Extract<SelectItem, { item: 'assign' }>, binding: Binding): Item {
  const { variable, operator, line } = item;
  const type = binding.scope.variable(variable);
  if (type === undefined)
    throw new SqlError(137, `Must declare the scalar variable "${variable}".`, {
      severity: 15,
      line,
      endsBatch: true,
    });
  const given = bindValue(item.expression, binding);
  const value =
    operator === '=' ? given : binary(compound(operator), variableOf(variable, type), given, binding, line);
  const into = assigner(typeOf(value), type);
  return {
    name: '',
    value: computed(type, (row, context) => {
      const raw = value.evaluate(row, context);
      return raw === null ? null : into(raw);
    }),
    expression: item.expression,
    aliased: false,
    variable: variable.toLowerCase(),
  };
}

type Assign = Extract<SelectItem, { item: 'assign' }>['operator'];
type Binary = Extract<Expression, { node: 'binary' }>['operator'];
const COMPOUND: Readonly<Record<Exclude<Assign, '='>, Binary>> = {
  '+=': '+',
  '-=': '-',
  '*=': '*',
  '/=': '/',
  '%=': '%',
  '&=': '&',
  '|=': '|',
  '^=': '^',
};
const compound = (operator: Exclude<Assign, '='>): Binary => COMPOUND[operator];

const variableOf = (name: string, type: SqlType): Typed => {
  const key = name.toLowerCase();
  return computed(type, (_row, context) => context.variables.get(key) ?? null);
};

/** The columns that a query shows. */
export const columnsOf = (items: readonly Item[]): readonly LeafColumn[] =>
  items.map(item => ({
    name: item.name,
    type: item.value.type,
    nullable: item.value.nullable,
    identity: item.value.identity ?? false,
    ...(item.value.label === 'none' ? { noCollation: true } : {}),
  }));

/** The values of a select list; rows that are shown as they are are given as they are. */
export function projection(items: readonly Item[], width: number): (row: Row, context: Evaluation) => Row {
  const slots = items.map(item => item.value.slot);
  if (slots.length === width && slots.every((slot, at) => slot === at)) return row => row;
  if (slots.every(slot => slot !== undefined)) {
    const places = slots.flatMap(slot => slot ?? []);
    return row => {
      const result: Value[] = new Array(places.length);
      for (let at = 0; at < places.length; at += 1) result[at] = row[places[at] ?? 0] ?? null;
      return result;
    };
  }
  const evaluates = items.map(item => item.value.evaluate);
  return (row, context) => {
    const result: Value[] = new Array(evaluates.length);
    for (let at = 0; at < evaluates.length; at += 1) result[at] = evaluates[at]?.(row, context) ?? null;
    return result;
  };
}
