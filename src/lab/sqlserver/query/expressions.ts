import { SqlError } from '../errors.ts';
import { type Expression, isCondition } from '../syntax/expressions.ts';
import {
  arithmetic,
  arithmeticType,
  collation as collationNamed,
  converter,
  integerAsDecimal,
  invert,
  literalValue,
  negate,
  resolveType,
  type SqlType,
  tryConvert,
  typeName,
  type Value,
} from '../values/index.ts';
import type { Binding } from './binding.ts';
import { bindCall } from './calls.ts';
import { canonical } from './canonical.ts';
import { bindCase } from './cases.ts';
import { findColumn, findParameter } from './names.ts';
import { atTimeZone, nextValue } from './specials.ts';
import { bindScalarQuery } from './subqueries.ts';
import {
  collationConflict,
  collationOf,
  column,
  computed,
  constant,
  convert,
  folded,
  isText,
  named,
  nothing,
  type Typed,
  typeOf,
  withCollation,
} from './typed.ts';

/** An expression with its types known and its conversions in place; an error of its types is one of its line. */
export function bindValue(expression: Expression, binding: Binding): Typed {
  try {
    return bindNode(expression, binding);
  } catch (error) {
    if (error instanceof SqlError) error.line ??= expression.line;
    throw error;
  }
}

function bindNode(expression: Expression, binding: Binding): Typed {
  const key = keyOf(expression, binding);
  if (key !== undefined) return key;
  switch (expression.node) {
    case 'literal':
      return bindLiteral(expression, binding);
    case 'column':
      return bindColumn(expression, binding);
    case 'variable':
      return bindVariable(expression, binding);
    case 'global':
      return bindGlobal(expression, binding);
    case 'pseudo':
      return bindPseudo(expression, binding);
    case 'unary':
      return bindUnary(expression, binding);
    case 'binary':
      return bindBinary(expression, binding);
    case 'case':
      return bindCase(
        expression.whens.map(when =>
          isCondition(when.when)
            ? { condition: when.when, result: when.then }
            : {
                condition: {
                  condition: 'compare' as const,
                  operator: '=' as const,
                  left: expression.operand ?? when.when,
                  right: when.when,
                  line: expression.line,
                },
                result: when.then,
              },
        ),
        expression.otherwise,
        binding,
        expression.line,
      );
    case 'cast':
      return bindCast(expression, binding);
    case 'call':
      return bindCall(expression, binding);
    case 'scalar':
      return bindScalarQuery(expression.query, binding);
    case 'collate':
      return bindCollate(expression, binding);
    case 'at-time-zone':
      return atTimeZone(
        bindValue(expression.operand, binding),
        bindValue(expression.zone, binding),
        expression.line,
      );
    case 'next-value':
      return nextValue(expression.sequence, binding, expression.line);
  }
}

/** Behind GROUP BY an expression that is written like a key is that key. */
function keyOf(expression: Expression, binding: Binding): Typed | undefined {
  const grouping = binding.grouping;
  if (grouping === undefined || grouping.keys.length === 0) return undefined;
  if (expression.node === 'literal' || expression.node === 'variable' || expression.node === 'global')
    return undefined;
  const own = canonical(expression, grouping.inside.names);
  return grouping.keys.find(key => key.canonical === own)?.key;
}

type Of<N extends Expression['node']> = Extract<Expression, { node: N }>;

function bindLiteral(expression: Of<'literal'>, binding: Binding): Typed {
  if (expression.literal.kind === 'null') return nothing();
  if (expression.literal.kind === 'default')
    throw new SqlError(156, "Incorrect syntax near the keyword 'DEFAULT'.", {
      severity: 15,
      line: expression.line,
      endsBatch: true,
    });
  const { type, value } = literalValue(expression.literal, binding.scope.database.collation);
  return type === undefined ? nothing() : constant(type, value);
}

function bindColumn(expression: Of<'column'>, binding: Binding): Typed {
  const found = findColumn(binding.names, expression.name, expression.line);
  return column(found.column.type, found.depth, found.slot, {
    nullable: found.column.nullable || found.leaf.optional === true,
    identity: found.column.identity,
    ...(found.column.noCollation === true ? { label: 'none' as const } : {}),
  });
}

function bindVariable(expression: Of<'variable'>, binding: Binding): Typed {
  const name = expression.name.toLowerCase();
  const parameter = findParameter(binding.names, name);
  const undeclared = (): SqlError =>
    new SqlError(137, `Must declare the scalar variable "${expression.name}".`, {
      severity: 15,
      line: expression.line,
      endsBatch: true,
    });
  if (parameter !== undefined) {
    if (parameter.parameter === undefined) throw undeclared();
    return column(parameter.parameter.type, parameter.depth, parameter.parameter.slot, {
      nullable: true,
      label: 'default',
    });
  }
  const type = binding.scope.variable(expression.name);
  if (type === undefined) throw undeclared();
  return computed(type, (_row, context) => context.variables.get(name) ?? null);
}

function bindGlobal(expression: Of<'global'>, binding: Binding): Typed {
  const name = expression.name.toLowerCase();
  const global = binding.scope.instance.system.functions.globals.get(name);
  if (global === undefined)
    throw new SqlError(137, `Must declare the scalar variable "${expression.name}".`, {
      severity: 15,
      line: expression.line,
      endsBatch: true,
    });
  return computed(global.type, (_row, context) => global.value(context));
}

function bindPseudo(expression: Of<'pseudo'>, binding: Binding): Typed {
  const { name, line } = expression;
  if (name === '$action') return bindColumn({ node: 'column', name: ['$action'], line }, binding);
  for (const leaf of binding.names?.leaves ?? []) {
    const at = leaf.columns.findIndex(own => (name === '$identity' ? own.identity : own.rowguid === true));
    const own = leaf.columns[at];
    if (own !== undefined) return bindColumn({ node: 'column', name: [leaf.alias, own.name], line }, binding);
  }
  throw new SqlError(207, `Invalid column name '${name}'.`, { line, endsBatch: true });
}

function bindUnary(expression: Of<'unary'>, binding: Binding): Typed {
  const operand = bindValue(expression.operand, binding);
  if (operand.untyped) return operand;
  if (expression.operator === '+') return { ...operand, slot: undefined };
  const { type, apply } = expression.operator === '-' ? negate(operand.type) : invert(operand.type);
  const evaluate = operand.evaluate;
  const result = computed(
    type,
    (row, context) => {
      const value = evaluate(row, context);
      return value === null ? null : apply(value);
    },
    { nullable: operand.nullable },
  );
  return folded(result, operand);
}

function bindBinary(expression: Of<'binary'>, binding: Binding): Typed {
  const left = bindValue(expression.left, binding);
  const right = bindValue(expression.right, binding);
  return binary(
    expression.operator,
    exactBeside(left, right, expression.left),
    exactBeside(right, left, expression.right),
    binding,
    expression.line,
  );
}

/** An integer literal beside a decimal has only the digits that it has: `1.0 / 3` has six after the point. */
function exactBeside(own: Typed, other: Typed, written: Expression): Typed {
  const literal = written.node === 'unary' ? written.operand : written;
  if (literal.node !== 'literal' || own.untyped || own.type.kind !== 'int' || typeof own.value !== 'number')
    return own;
  if (other.untyped || (other.type.kind !== 'decimal' && other.type.kind !== 'numeric')) return own;
  return constant(integerAsDecimal(own.value), BigInt(own.value));
}

/** Arithmetic, concatenation and bit operations. */
export function binary(
  operator: Of<'binary'>['operator'],
  left: Typed,
  right: Typed,
  binding: Binding,
  line: number,
): Typed {
  if (operator === '+' && isString(left) && isString(right)) return concatenation(left, right, binding, line);
  const type = arithmeticType(operator, typeOf(left), typeOf(right));
  if (left.untyped || right.untyped) return { ...nothing(type), untyped: false };
  const apply = arithmetic(operator, left.type, right.type, type);
  const first = left.evaluate;
  const second = right.evaluate;
  const result = computed(
    type,
    (row, context) => {
      const a = first(row, context);
      if (a === null) return null;
      const b = second(row, context);
      return b === null ? null : apply(a, b);
    },
    { nullable: true },
  );
  return folded(result, left, right);
}

const isString = (operand: Typed): boolean => !operand.untyped && isText(operand.type);

function concatenation(left: Typed, right: Typed, binding: Binding, line: number): Typed {
  const { label, collation, conflict } = collationOf([left, right], binding.scope.database.collation, line);
  const name = conflict?.[0] ?? collation;
  const [a, b] = [withCollation(left.type, name), withCollation(right.type, name)];
  const type = arithmeticType('+', a, b);
  if (!isText(type) || type.kind === 'text' || type.kind === 'ntext')
    throw new SqlError(
      402,
      `The data types ${named(left)} and ${named(right)} are incompatible in the add operator.`,
      { line, endsBatch: true },
    );
  const first = left.evaluate;
  const second = right.evaluate;
  const apply = arithmetic('+', a, b, type);
  const result = computed(
    { ...type, collation: name },
    (row, context) => {
      const x = first(row, context);
      const y = second(row, context);
      if (x === null || y === null) {
        if (context.session?.options.concatNullYieldsNull === false) return x ?? y;
        return null;
      }
      return apply(x, y);
    },
    { label, nullable: left.nullable || right.nullable },
  );
  return left.constant && right.constant && left.value !== null && right.value !== null
    ? folded(result, left, right)
    : result;
}

function bindCast(expression: Of<'cast'>, binding: Binding): Typed {
  const operand = bindValue(expression.operand, binding);
  const type = castType(expression, operand, binding);
  const label = isText(type) ? (isString(operand) ? operand.label : 'default') : 'default';
  const style = expression.style === undefined ? undefined : bindValue(expression.style, binding);
  const from = typeOf(operand);
  const evaluate = operand.evaluate;
  const options = { nullable: operand.nullable || expression.trying, label };
  const apply = (value: Value, number: number | undefined): Value =>
    expression.trying ? tryConvert(value, from, type, number) : converter(from, type, number)(value);
  if (style === undefined || style.constant) {
    const number = styleOf(style?.value ?? null);
    if (style !== undefined && number === undefined) return constant(type, null);
    if (expression.trying) converter(from, type, number);
    const convert = expression.trying
      ? (value: Value): Value => tryConvert(value, from, type, number)
      : converter(from, type, number);
    const fixed = expression.operand.node === 'variable' ? lastKept(convert) : convert;
    return folded(
      computed(
        type,
        (row, context) => {
          const value = evaluate(row, context);
          return value === null ? null : fixed(value);
        },
        options,
      ),
      operand,
    );
  }
  const styling = style.evaluate;
  return computed(
    type,
    (row, context) => {
      const value = evaluate(row, context);
      const number = styleOf(styling(row, context));
      return value === null || number === undefined ? null : apply(value, number);
    },
    options,
  );
}

/** A variable is the same for row after row: what was made of it the last time is made again only of another value. */
function lastKept(convert: (value: Value) => Value): (value: Value) => Value {
  let last: { readonly from: Value; readonly to: Value } | undefined;
  return value => {
    if (last === undefined || last.from !== value) last = { from: value, to: convert(value) };
    return last.to;
  };
}

const styleOf = (value: Value): number | undefined => (value === null ? undefined : Number(value));

/** A built-in type or an alias type of the database; a string keeps its collation through CAST. */
function castType(expression: Of<'cast'>, operand: Typed, binding: Binding): SqlType {
  const collation =
    isString(operand) && isText(operand.type) ? operand.type.collation : binding.scope.database.collation;
  const { name } = expression.type;
  const own = resolveType(castLength(expression.type), collation);
  if (own !== undefined) return own;
  const catalog = binding.scope.catalogOf(binding.scope.database);
  const wanted = (name.at(-1) ?? '').toLowerCase();
  for (const type of catalog.types.values())
    if (type.name.toLowerCase() === wanted && type.base !== undefined) return type.base;
  throw new SqlError(243, `Type ${name.at(-1) ?? ''} is not a defined system type.`, {
    line: expression.line,
    endsBatch: true,
  });
}

const THIRTY = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary']);
/** Without a length CAST and CONVERT mean 30. */
const castLength = (type: Of<'cast'>['type']): Of<'cast'>['type'] =>
  type.arguments.length === 0 && type.name.length === 1 && THIRTY.has((type.name[0] ?? '').toLowerCase())
    ? { ...type, arguments: [30] }
    : type;

function bindCollate(expression: Of<'collate'>, binding: Binding): Typed {
  const operand = bindValue(expression.operand, binding);
  const fallback = binding.scope.database.collation;
  const wanted = expression.collation.toLowerCase() === 'database_default' ? fallback : expression.collation;
  const name = collationNamed(wanted).name;
  if (operand.untyped) return operand;
  if (!isText(operand.type))
    throw new SqlError(447, `Expression type ${typeName(operand.type)} is invalid for COLLATE clause.`, {
      line: expression.line,
      endsBatch: true,
    });
  return {
    ...convert(operand, operand.type),
    type: withCollation(operand.type, name),
    label: 'explicit',
    slot: operand.slot,
  };
}

/** Text that several operands share has one collation, or the comparison of them is refused (468). */
export function agreeing(
  operands: readonly Typed[],
  operation: string,
  binding: Binding,
  line: number,
): readonly Typed[] {
  const { collation, conflict } = collationOf(operands, binding.scope.database.collation, line);
  if (conflict !== undefined) throw collationConflict(conflict[0], conflict[1], operation, line);
  return operands.map(operand =>
    isString(operand) ? { ...operand, type: withCollation(operand.type, collation) } : operand,
  );
}
