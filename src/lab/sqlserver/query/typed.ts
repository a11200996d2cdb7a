import { SqlError } from '../errors.ts';
import { implicitConverter, type SqlType, typeName, type Value } from '../values/index.ts';
import type { BoundExpression, Evaluation, Row } from './bound.ts';

/** A bound expression with what binding alone needs to know of it. */
export interface Typed extends BoundExpression {
  /** The literal NULL: it takes the type of what stands beside it. */
  readonly untyped: boolean;
  /** How strongly its collation holds; text alone has one. */
  readonly label: Label;
  /** Value of a constant. */
  readonly value: Value | undefined;
  /** Slot of the row it is read from, where it is nothing but a column of the query's own row. */
  readonly slot: number | undefined;
  readonly identity?: boolean;
}

/** Collation precedence: a literal or variable gives way to a column, a column to COLLATE; `none` is a conflict of columns. */
export type Label = 'default' | 'implicit' | 'none' | 'explicit';

export type Compute = (row: Row, context: Evaluation) => Value;

export const typeOf = (expression: Typed): SqlType | undefined =>
  expression.untyped ? undefined : expression.type;

const TEXT = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'text', 'ntext']);
export const isText = (type: SqlType): type is Extract<SqlType, { collation: string }> => TEXT.has(type.kind);
const NUMBERS = new Set([
  'bit',
  'tinyint',
  'smallint',
  'int',
  'float',
  'real',
  'date',
  'time',
  'datetime',
  'smalldatetime',
]);
/** Held as a JavaScript number that orders as the value does. */
export const isNumber = (type: SqlType): boolean => NUMBERS.has(type.kind);
export const isBig = (type: SqlType): boolean =>
  ['bigint', 'decimal', 'numeric', 'money', 'smallmoney', 'datetime2'].includes(type.kind);
/** text, ntext, image: neither compared nor sorted nor grouped. */
export const isLob = (type: SqlType): boolean => ['text', 'ntext', 'image'].includes(type.kind);

export function computed(
  type: SqlType,
  evaluate: Compute,
  options: { readonly nullable?: boolean; readonly label?: Label; readonly identity?: boolean } = {},
): Typed {
  return {
    type,
    nullable: options.nullable ?? true,
    constant: false,
    evaluate,
    untyped: false,
    label: options.label ?? 'default',
    value: undefined,
    slot: undefined,
    ...(options.identity === true ? { identity: true } : {}),
  };
}

export function constant(type: SqlType, value: Value, label: Label = 'default', untyped = false): Typed {
  return {
    type,
    nullable: value === null,
    constant: true,
    evaluate: () => value,
    untyped,
    label,
    value,
    slot: undefined,
  };
}

/** The literal NULL, or what is known to be NULL whatever the rows hold. */
export const nothing = (type: SqlType = { kind: 'int' }): Typed => constant(type, null, 'default', true);

/** A column of the query's own row (depth 0) or of a row around it. */
export function column(
  type: SqlType,
  depth: number,
  slot: number,
  options: { readonly nullable: boolean; readonly identity?: boolean; readonly label?: Label },
): Typed {
  return {
    type,
    nullable: options.nullable,
    constant: false,
    evaluate: reader(depth, slot),
    untyped: false,
    label: options.label ?? (isText(type) ? 'implicit' : 'default'),
    value: undefined,
    slot: depth === 0 ? slot : undefined,
    identity: options.identity ?? false,
  };
}

export function reader(depth: number, slot: number): Compute {
  if (depth === 0) return row => row[slot] ?? null;
  if (depth === 1) return (_row, context) => context.outer?.row[slot] ?? null;
  return (_row, context) => {
    let outer = context.outer;
    for (let left = depth - 1; left > 0; left -= 1) outer = outer?.outer;
    return outer?.row[slot] ?? null;
  };
}

/** What is computed from constants alone is computed once; where that fails it fails when a row asks for it. */
export function folded(expression: Typed, ...operands: readonly Typed[]): Typed {
  if (!operands.every(operand => operand.constant)) return expression;
  try {
    const value = NOWHERE(expression.evaluate);
    return { ...constant(expression.type, value, expression.label), untyped: expression.untyped };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return expression;
  }
}

/** Constants ask nothing of the statement that runs, so that there is none to give them. */
const NOWHERE = (evaluate: Compute): Value => {
  const nowhere = new Proxy(Object.create(null), {
    get(_target, name) {
      throw new TypeError(`a constant asked for ${String(name)}`);
    },
  });
  return evaluate([], nowhere);
};

/** Strings of one code unit width convert without a change of what is held. */
const SAME: readonly (readonly string[])[] = [
  ['bit', 'tinyint', 'smallint', 'int', 'float'],
  ['char', 'varchar', 'nvarchar', 'text', 'ntext'],
];

/** Is a value of `from` the same in memory as a value of `to`, whatever it is? */
export function holdsAlike(from: SqlType, to: SqlType): boolean {
  if (from.kind === to.kind) {
    if ('scale' in from && 'scale' in to && from.scale !== to.scale) return false;
    if ('precision' in from && 'precision' in to && from.precision > to.precision) return false;
    if ('length' in from && 'length' in to) return fits(from.length, to.length) && padless(to);
    return true;
  }
  for (const family of SAME) {
    const wide = family.indexOf(to.kind);
    const narrow = family.indexOf(from.kind);
    if (narrow < 0 || wide < narrow) continue;
    if ('length' in from && 'length' in to) return fits(from.length, to.length) && padless(to);
    return true;
  }
  return false;
}

const padless = (type: SqlType): boolean => !['char', 'nchar', 'binary'].includes(type.kind);
const fits = (from: number | 'max', to: number | 'max'): boolean =>
  to === 'max' || (from !== 'max' && from <= to);

/** The implicit conversion that SQL Server would put here; errors 206 and 257 come while binding. */
export function convert(expression: Typed, to: SqlType): Typed {
  if (expression.untyped) return { ...nothing(to), untyped: true };
  if (holdsAlike(expression.type, to)) return { ...expression, type: to };
  const apply = implicitConverter(expression.type, to);
  const evaluate = expression.evaluate;
  const result: Typed = {
    ...expression,
    type: to,
    slot: undefined,
    identity: false,
    evaluate: (row, context) => {
      const value = evaluate(row, context);
      return value === null ? null : apply(value);
    },
  };
  return expression.constant ? folded({ ...result, constant: false, value: undefined }, expression) : result;
}

/** A constant of a type that is known, else the type's name for an error. */
export const named = (expression: Typed): string => (expression.untyped ? 'NULL' : typeName(expression.type));

/** Of several operands: the strongest label, and the collation that goes with it. */
export function collationOf(
  operands: readonly Typed[],
  fallback: string,
  line: number,
): {
  readonly label: Label;
  readonly collation: string;
  readonly conflict: readonly [string, string] | undefined;
} {
  let label: Label = 'default';
  let name = fallback;
  let conflict: readonly [string, string] | undefined;
  for (const operand of operands) {
    if (operand.untyped || !isText(operand.type)) continue;
    const own = operand.type.collation;
    if (operand.label === 'explicit') {
      if (label === 'explicit' && own !== name)
        throw new SqlError(
          449,
          `Collation conflict caused by collate clauses with different collation '${name}' and '${own}'.`,
          { line, endsBatch: true },
        );
      label = 'explicit';
      name = own;
      conflict = undefined;
    } else if (label === 'explicit') continue;
    else if (operand.label === 'none') {
      label = 'none';
      conflict ??= [own, own];
    } else if (operand.label === 'implicit') {
      if (label === 'implicit' && own !== name) {
        conflict = [name, own];
        label = 'none';
      } else if (label !== 'none') {
        label = 'implicit';
        name = own;
      }
    }
  }
  return { label, collation: name, conflict };
}

export function collationConflict(left: string, right: string, operation: string, line: number): SqlError {
  return new SqlError(
    468,
    `Cannot resolve the collation conflict between "${left}" and "${right}" in the ${operation} operation.`,
    { line, endsBatch: true },
  );
}

/** The same text type under another collation. */
export const withCollation = (type: SqlType, name: string): SqlType =>
  isText(type) && type.collation !== name ? { ...type, collation: name } : type;
