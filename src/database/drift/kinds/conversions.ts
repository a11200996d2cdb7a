import { identifier } from '../../../remote/sql/quote.ts';
import { systemTypeText, typeText } from '../../catalog/type-text.ts';
import type { Column } from '../../catalog/types.ts';

const INTEGERS = ['bit', 'tinyint', 'smallint', 'int', 'bigint'];
const DECIMALS: ReadonlySet<string> = new Set(['decimal', 'numeric']);
const FRACTIONS: ReadonlySet<string> = new Set(['time', 'datetime2', 'datetimeoffset']);
const PAIRS: ReadonlySet<string> = new Set(['smallmoney/money', 'real/float', 'date/datetime2']);
const NARROW: ReadonlySet<string> = new Set(['char', 'varchar']);
const WIDE: ReadonlySet<string> = new Set(['nchar', 'nvarchar']);
const BINARY: ReadonlySet<string> = new Set(['binary', 'varbinary']);

/** Within a family ALTER COLUMN converts; across families it may be refused before it has seen a row (206, 257). */
const FAMILIES: readonly (readonly string[])[] = [
  [...INTEGERS, 'decimal', 'numeric', 'money', 'smallmoney', 'float', 'real'],
  ['char', 'varchar', 'nchar', 'nvarchar'],
  ['binary', 'varbinary'],
  ['date', 'datetime', 'smalldatetime', 'datetime2', 'datetimeoffset'],
  ['time'],
  ['uniqueidentifier'],
];

export const sameType = (left: Column, right: Column): boolean =>
  typeText(left).toLowerCase() === typeText(right).toLowerCase() &&
  systemTypeText(left) === systemTypeText(right);

/** Refused by ALTER COLUMN whatever is to change about them. */
const FROZEN: ReadonlySet<string> = new Set(['text', 'ntext', 'image']);

/** False where the column can only be changed by making it again. */
export const isAlterable = (from: Column, to: Column): boolean =>
  (sameType(from, to) && !FROZEN.has(from.type)) ||
  FAMILIES.some(family => family.includes(from.type) && family.includes(to.type));

export const isIndexable = ({ type, length }: Column): boolean =>
  length !== -1 && FAMILIES.some(family => family.includes(type));

const characters = ({ type, length }: Column): number =>
  length === -1 ? Number.POSITIVE_INFINITY : WIDE.has(type) ? length / 2 : length;

/** True where every value of `from` is a value of `to`: the type is wider or the same. */
export function holdsAll(to: Column, from: Column): boolean {
  if (INTEGERS.includes(from.type) && INTEGERS.includes(to.type))
    return INTEGERS.indexOf(to.type) >= INTEGERS.indexOf(from.type);
  if (DECIMALS.has(from.type) && DECIMALS.has(to.type))
    return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
  if (from.type === to.type) {
    if (FRACTIONS.has(to.type)) return to.scale >= from.scale;
    return characters(to) >= characters(from);
  }
  const isText =
    (NARROW.has(from.type) || WIDE.has(from.type)) &&
    (WIDE.has(to.type) || (NARROW.has(from.type) && NARROW.has(to.type)));
  if (isText || (BINARY.has(from.type) && BINARY.has(to.type))) return characters(to) >= characters(from);
  return PAIRS.has(`${from.type}/${to.type}`);
}

/** Growth that SQL Server grants under an index: a variable length, and nothing else. */
export const onlyGrows = (to: Column, from: Column): boolean =>
  from.type === to.type &&
  ['varchar', 'nvarchar', 'varbinary'].includes(to.type) &&
  to.nullable === from.nullable &&
  to.collation === from.collation &&
  characters(to) >= characters(from);

/**
 * A condition that holds for the rows that would lose something, or be refused, if the column became as wanted;
 * undefined where none can.
 */
export function losing(to: Column, from: Column): string | undefined {
  const name = identifier(from.name);
  const conditions: string[] = [];
  if (!to.nullable && from.nullable) conditions.push(`${name} IS NULL`);
  if (!holdsAll(to, from)) conditions.push(notHeld(name, to, from));
  else if (losesCharacters(to, from))
    conditions.push(
      `CONVERT(varbinary(max), CONVERT(nvarchar(max), ${name})) <> CONVERT(varbinary(max), CONVERT(nvarchar(max), ${name} COLLATE ${to.collation}))`,
    );
  return conditions.length === 0 ? undefined : conditions.join(' OR ');
}

/** Another collation of a one-byte type may bring another code page. */
const losesCharacters = (to: Column, from: Column): boolean =>
  NARROW.has(to.type) &&
  NARROW.has(from.type) &&
  to.collation !== from.collation &&
  to.collation !== undefined;

function notHeld(name: string, to: Column, from: Column): string {
  const wanted = systemTypeText(to);
  const isSized = NARROW.has(to.type) || WIDE.has(to.type) || BINARY.has(to.type);
  if (from.type === to.type && isSized) return `DATALENGTH(${name}) > ${to.length}`;
  return `${name} IS NOT NULL AND (TRY_CONVERT(${wanted}, ${name}) IS NULL OR TRY_CONVERT(${systemTypeText(from)}, TRY_CONVERT(${wanted}, ${name})) <> ${name})`;
}

/** For a title: `nvarchar(120) NOT NULL`. */
export const typeWords = (column: Column): string =>
  `${typeText(column)} ${column.nullable ? 'NULL' : 'NOT NULL'}`;
