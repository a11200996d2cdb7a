import { SqlError } from '../errors.ts';
import { incompatible } from './faults.ts';
import { demandImplicit } from './implicit.ts';
import { typeName } from './names.ts';
import { INT, type Length, type SqlType, type TypeKind } from './types.ts';

/** Highest first: the type of lower precedence is converted to the other. */
const PRECEDENCE: readonly TypeKind[] = [
  'sql_variant',
  'xml',
  'datetimeoffset',
  'datetime2',
  'datetime',
  'smalldatetime',
  'date',
  'time',
  'float',
  'real',
  'decimal',
  'numeric',
  'money',
  'smallmoney',
  'bigint',
  'int',
  'smallint',
  'tinyint',
  'bit',
  'ntext',
  'text',
  'image',
  'rowversion',
  'uniqueidentifier',
  'nvarchar',
  'nchar',
  'varchar',
  'char',
  'varbinary',
  'binary',
];

const RANK = new Map(PRECEDENCE.map((kind, rank) => [kind, rank]));

export const rank = (type: SqlType): number => RANK.get(type.kind) ?? PRECEDENCE.length;

const WHOLE: Partial<Record<TypeKind, readonly [precision: number, scale: number]>> = {
  bit: [1, 0],
  tinyint: [3, 0],
  smallint: [5, 0],
  int: [10, 0],
  bigint: [19, 0],
  smallmoney: [10, 4],
  money: [19, 4],
};

/** Precision and scale of an exact number as a decimal; undefined for other types. */
export function asDecimal(type: SqlType): { readonly precision: number; readonly scale: number } | undefined {
  if (type.kind === 'decimal' || type.kind === 'numeric') return type;
  const [precision, scale] = WHOLE[type.kind] ?? [];
  return precision === undefined || scale === undefined ? undefined : { precision, scale };
}

export const isString = (
  type: SqlType,
): type is Extract<SqlType, { kind: 'char' | 'varchar' | 'nchar' | 'nvarchar' }> =>
  type.kind === 'char' || type.kind === 'varchar' || type.kind === 'nchar' || type.kind === 'nvarchar';

export const isBinary = (type: SqlType): type is Extract<SqlType, { kind: 'binary' | 'varbinary' }> =>
  type.kind === 'binary' || type.kind === 'varbinary';

export const isWide = (type: SqlType): boolean => type.kind === 'nchar' || type.kind === 'nvarchar';

const longer = (left: Length, right: Length): Length =>
  left === 'max' || right === 'max' ? 'max' : Math.max(left, right);

const conflict = (left: string, right: string): SqlError =>
  new SqlError(
    468,
    `Cannot resolve the collation conflict between "${right}" and "${left}" in the equal to operation.`,
    { state: 9, endsBatch: true },
  );

/** @throws SqlError 468 for two collations; a literal's gives way before, which is the binder's doing */
export function sameCollation(left: string, right: string): string {
  if (left.toLowerCase() !== right.toLowerCase()) throw conflict(left, right);
  return left;
}

function commonDecimal(left: SqlType, right: SqlType): SqlType {
  const a = asDecimal(left) ?? { precision: 38, scale: 0 };
  const b = asDecimal(right) ?? { precision: 38, scale: 0 };
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const scale = Math.min(Math.max(a.scale, b.scale), 38 - whole);
  const kind = left.kind === 'decimal' && right.kind === 'decimal' ? 'decimal' : 'numeric';
  return { kind, precision: Math.min(38, whole + scale), scale };
}

const cap = (length: Length, limit: number): Length => (length === 'max' ? length : Math.min(length, limit));

function commonStrings(left: SqlType, right: SqlType): SqlType {
  if (isString(left) && isString(right)) {
    const collation = sameCollation(left.collation, right.collation);
    const wide = isWide(left) || isWide(right);
    const fixed = !left.kind.includes('var') && !right.kind.includes('var');
    const length = cap(longer(left.length, right.length), wide ? 4000 : 8000);
    return { kind: wide ? (fixed ? 'nchar' : 'nvarchar') : fixed ? 'char' : 'varchar', length, collation };
  }
  const [text, other] = isString(left) ? [left, right] : [right, left];
  if (!isString(text)) return left;
  const needed = isBinary(other) ? other.length : text.length;
  const wide = isWide(text);
  return {
    kind: wide ? 'nvarchar' : 'varchar',
    length: cap(longer(text.length, needed), wide ? 4000 : 8000),
    collation: text.collation,
  };
}

const scaleOf = (type: SqlType): number => {
  if (type.kind === 'time' || type.kind === 'datetime2' || type.kind === 'datetimeoffset') return type.scale;
  return type.kind === 'datetime' ? 3 : 0;
};

function common(left: SqlType, right: SqlType): SqlType {
  const [high, low] = rank(left) <= rank(right) ? [left, right] : [right, left];
  switch (high.kind) {
    case 'decimal':
    case 'numeric':
      return asDecimal(low) === undefined ? high : commonDecimal(left, right);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return commonStrings(left, right);
    case 'binary':
    case 'varbinary':
      return isBinary(low) ? { kind: high.kind, length: longer(high.length, low.length) } : high;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { kind: high.kind, scale: Math.max(high.scale, scaleOf(low)) };
    default:
      return high;
  }
}

/**
 * The type of CASE, COALESCE, UNION and IN over these types; `undefined` is the literal NULL.
 *
 * @throws SqlError 206, 257 where one has no implicit way to it, 468
 */
export function commonType(types: readonly (SqlType | undefined)[]): SqlType {
  let result: SqlType | undefined;
  for (const type of types) {
    if (type === undefined) continue;
    result = result === undefined ? type : common(result, type);
  }
  if (result === undefined) return INT;
  for (const type of types) if (type !== undefined) demandImplicit(type, result);
  return result;
}

const LARGE: ReadonlySet<TypeKind> = new Set(['text', 'ntext', 'image', 'xml']);

/**
 * The type in which two operands of a comparison meet.
 *
 * @throws SqlError 402 for text, ntext, image and xml, 206, 257, 468; `operator` as `equal to`
 */
export function comparisonType(
  left: SqlType | undefined,
  right: SqlType | undefined,
  operator = 'equal to',
): SqlType {
  for (const type of [left, right]) {
    if (type !== undefined && LARGE.has(type.kind)) {
      throw incompatible(typeName(left ?? type), typeName(right ?? type), operator);
    }
  }
  const type = commonType([left, right]);
  const differ = left !== undefined && right !== undefined && left.kind !== right.kind;
  if (!differ) return type;
  // A text is compared with all the digits it has, not with the scale of the other side.
  if (type.kind === 'datetime2' || type.kind === 'datetimeoffset' || type.kind === 'time') {
    return { ...type, scale: 7 };
  }
  return type;
}
