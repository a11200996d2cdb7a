import { keyColumns } from '../catalog/find.ts';
import type { Check, Column, Index, Table } from '../catalog/schema.ts';
import type { BoundCondition, Evaluation, Row, Truth } from '../query/bound.ts';
import { bindCondition, bindExpression, rowSources } from '../query/index.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import { parseCondition, parseExpression } from '../syntax/parse.ts';
import { assigner } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import { nullRefused, type StatementWord, type TableNames } from './faults.ts';
import { homeScope } from './home-scope.ts';

/** What a table asks of its rows, bound once. */
export interface Rules {
  readonly table: Table;
  readonly names: TableNames;
  readonly width: number;
  readonly computed: readonly Computed[];
  /** A computed column that is not persisted is NULL in the store. */
  readonly virtual: readonly number[];
  readonly required: readonly { readonly place: number; readonly name: string }[];
  readonly checks: readonly BoundCheck[];
  readonly uniques: readonly Unique[];
  readonly identity: { readonly place: number; readonly column: Column } | undefined;
  /** Place of the rowversion, -1 without one. */
  readonly rowVersion: number;
  /** Value for a column that a statement does not name. */
  readonly defaults: readonly ((context: Evaluation) => Value)[];
}

interface Computed {
  readonly place: number;
  readonly evaluate: (row: Row, context: Evaluation) => Value;
}

export interface BoundCheck {
  readonly check: Check;
  readonly test: (row: Row, context: Evaluation) => Truth;
}

export interface Unique {
  readonly index: Index;
  readonly places: readonly number[];
  readonly columns: readonly Column[];
  /** Of a filtered index: only rows that satisfy it are in it. */
  readonly filter: BoundCondition | undefined;
}

const known = new WeakMap<Table, { readonly scope: Database; readonly rules: Rules }>();

export function rulesOf(table: Table, database: Database, names: TableNames, scope: Scope): Rules {
  const cached = known.get(table);
  if (cached?.scope === database) return cached.rules;
  const rules = bindRules(table, database, names, scope);
  known.set(table, { scope: database, rules });
  return rules;
}

function bindRules(table: Table, database: Database, names: TableNames, scope: Scope): Rules {
  const home = homeScope(scope, database);
  const sources = rowSources([{ alias: table.name, table, database }], home);
  const condition = (text: string) => bindCondition(parsedCondition(text), home, sources);
  const identityPlace = table.columns.findIndex(column => column.identity);
  const identity = table.columns[identityPlace];
  const computed: Computed[] = [];
  table.columns.forEach((column, place) => {
    if (!column.computed) return;
    const bound = bindExpression(parsedExpression(column.computed.text), home, sources);
    const assign = assigner(bound.type, column.type);
    computed.push({ place, evaluate: (row, context) => assign(bound.evaluate(row, context)) });
  });
  return {
    table,
    names,
    width: table.columns.length,
    computed,
    virtual: table.columns.flatMap((column, place) =>
      column.computed && !column.computed.persisted ? [place] : [],
    ),
    required: table.columns.flatMap((column, place) =>
      column.nullable || (column.computed && !column.computed.persisted)
        ? []
        : [{ place, name: column.name }],
    ),
    checks: table.checks
      .filter(check => !check.disabled)
      .map(check => ({ check, test: condition(check.text).test })),
    uniques: table.indexes
      .filter(index => index.unique && !index.disabled)
      .map(index => {
        const places = keyColumns(index).map(id => table.columns.findIndex(column => column.id === id));
        return {
          index,
          places,
          columns: places.flatMap(place => table.columns[place] ?? []),
          filter: index.filter === undefined ? undefined : condition(index.filter),
        };
      }),
    identity: identity && { place: identityPlace, column: identity },
    rowVersion: table.columns.findIndex(column => column.type.kind === 'rowversion'),
    defaults: table.columns.map(column => defaultOf(column, home)),
  };
}

const NOTHING = (): Value => null;

function defaultOf(column: Column, scope: Scope): (context: Evaluation) => Value {
  if (!column.default) return NOTHING;
  const expression = parsedExpression(column.default.text);
  if (isNull(expression)) return NOTHING;
  const bound = bindExpression(expression, scope);
  const assign = assigner(bound.type, column.type);
  if (!bound.constant) return context => assign(bound.evaluate([], context));
  let value: Value | undefined;
  return context => {
    if (value === undefined) value = assign(bound.evaluate([], context));
    return value;
  };
}

export const isNull = (expression: Expression): boolean =>
  expression.node === 'literal' && expression.literal.kind === 'null';

export const isDefault = (expression: Expression): boolean =>
  expression.node === 'literal' && expression.literal.kind === 'default';

/** Fills in the computed columns of a row. */
export function compute(rules: Rules, row: Value[], context: Evaluation): void {
  for (const { place, evaluate } of rules.computed) row[place] = evaluate(row, context);
}

/** A row as it was read from the store, with its virtual columns. */
export function completed(rules: Rules, values: readonly Value[], context: Evaluation): readonly Value[] {
  if (rules.virtual.length === 0) return values;
  const row = [...values];
  compute(rules, row, context);
  return row;
}

/** A row as the store keeps it. */
export function stored(rules: Rules, row: readonly Value[]): readonly Value[] {
  if (rules.virtual.length === 0) return row;
  const copy = [...row];
  for (const place of rules.virtual) copy[place] = null;
  return copy;
}

/** @throws SqlError 515 */
export function requireValues(rules: Rules, row: readonly Value[], statement: StatementWord): void {
  for (const { place, name } of rules.required)
    if (row[place] === null) throw nullRefused(rules.names, name, statement);
}

const MOST_TEXTS = 5000;
const expressions = new Map<string, Expression>();
const conditions = new Map<string, Condition>();

const parsedExpression = (text: string): Expression => remembered(expressions, text, parseExpression);
export const parsedCondition = (text: string): Condition => remembered(conditions, text, parseCondition);

function remembered<T>(known: Map<string, T>, text: string, parse: (text: string) => T): T {
  let parsed = known.get(text);
  if (parsed === undefined) {
    parsed = parse(text);
    if (known.size >= MOST_TEXTS) known.clear();
    known.set(text, parsed);
  }
  return parsed;
}
