import type { TableColumn } from '../../journal/database-facts.ts';
import { identifier } from '../../remote/sql/quote.ts';
import { variantBack, variantText } from './variant.ts';

/**
 * Every value as a text from which the very same value can be made again (facts 5.3). NULL stays NULL. Texts of
 * characters are nvarchar on both sides, so that two code pages do not make one value two.
 */

/** What a column is to the comparison; aliases of one type are one kind. */
export type Kind =
  | 'integer'
  | 'decimal'
  | 'money'
  | 'float'
  | 'time'
  | 'binary'
  | 'guid'
  | 'text'
  | 'xml'
  | 'variant'
  | 'clr';

const KINDS: Readonly<Record<string, Kind>> = {
  bit: 'integer',
  tinyint: 'integer',
  smallint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  numeric: 'decimal',
  money: 'money',
  smallmoney: 'money',
  float: 'float',
  real: 'float',
  date: 'time',
  time: 'time',
  smalldatetime: 'time',
  datetime: 'time',
  datetime2: 'time',
  datetimeoffset: 'time',
  binary: 'binary',
  varbinary: 'binary',
  timestamp: 'binary',
  rowversion: 'binary',
  image: 'binary',
  uniqueidentifier: 'guid',
  char: 'text',
  varchar: 'text',
  nchar: 'text',
  nvarchar: 'text',
  sysname: 'text',
  text: 'text',
  ntext: 'text',
  json: 'text',
  xml: 'xml',
  sql_variant: 'variant',
};

/** Types that are not SQL Server's own are CLR types: hierarchyid, geometry, geography, an application's. */
export const kindOf = (column: TableColumn): Kind => KINDS[column.type.toLowerCase()] ?? 'clr';

/** Longest canonical text in characters; `max` where it has no bound that matters. */
export function widthOf(column: TableColumn): number | 'max' {
  switch (kindOf(column)) {
    case 'integer':
      return 20;
    case 'decimal':
      return 41;
    case 'money':
      return 22;
    case 'float':
      return 32;
    case 'time':
      return 34;
    case 'guid':
      return 36;
    case 'binary':
      return bounded(column, 2 * column.length + 2);
    case 'text':
      return bounded(column, isWide(column) ? column.length / 2 : column.length);
    default:
      return 'max';
  }
}

/** The column of the table that the comparison's statements call t. */
export const ofTable = ({ name }: TableColumn): string => `t.${identifier(name)}`;

export const isWide = ({ type }: TableColumn): boolean => /^(n|sysname)/i.test(type);

const bounded = ({ type, length }: TableColumn, characters: number): number | 'max' =>
  length <= 0 || /^(text|ntext|image|json)$/i.test(type) || characters > 4_000 ? 'max' : characters;

/**
 * The value as nvarchar; `value` is T-SQL, by default the column itself. What is ASCII by nature may be asked for as
 * varchar: half the bytes on the wire.
 */
export function canonical(
  column: TableColumn,
  value: string = identifier(column.name),
  texts: 'nvarchar' | 'varchar' = 'nvarchar',
): string {
  const type = `${texts}(${widthOf(column)})`;
  switch (kindOf(column)) {
    case 'integer':
    case 'decimal':
    case 'guid':
    case 'text':
      return `CONVERT(${type}, ${value})`;
    case 'money':
      return `CONVERT(${type}, ${value}, 2)`;
    case 'float':
      return `CONVERT(${type}, ${value}, 3)`;
    case 'time':
      return `CONVERT(${type}, ${value}, 121)`;
    case 'binary':
      return /^image$/i.test(column.type)
        ? `CONVERT(${type}, CONVERT(varbinary(max), ${value}), 1)`
        : `CONVERT(${type}, ${value}, 1)`;
    case 'xml':
      return `CONVERT(${type}, ${value})`;
    case 'clr':
      return `CONVERT(${type}, CONVERT(varbinary(max), ${value}), 1)`;
    case 'variant':
      return variantText(value);
  }
}

/** The column's own type as T-SQL: `decimal(19, 4)`. */
export function typeText({ type, length, precision, scale }: TableColumn): string {
  const name = type.toLowerCase();
  switch (name) {
    case 'decimal':
    case 'numeric':
      return `${name}(${precision}, ${scale})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${name}(${scale})`;
    case 'float':
      return `float(${precision > 0 ? precision : 53})`;
    case 'binary':
    case 'varbinary':
    case 'char':
    case 'varchar':
      return `${name}(${length <= 0 ? 'max' : length})`;
    case 'nchar':
    case 'nvarchar':
      return `${name}(${length <= 0 ? 'max' : length / 2})`;
    case 'rowversion':
    case 'timestamp':
      return 'binary(8)';
    default:
      return /^[a-z_0-9]+$/.test(name) ? name : identifier(type);
  }
}

/**
 * The way back: T-SQL that makes the column's value of its canonical text. A varchar is made in the code page of its
 * column, not in the database's.
 */
export function restored(column: TableColumn, text: string): string {
  const type = typeText(column);
  switch (kindOf(column)) {
    case 'time':
      return `CONVERT(${type}, ${text}, 121)`;
    case 'binary':
      return /^image$/i.test(column.type)
        ? `CONVERT(image, CONVERT(varbinary(max), ${text}, 1))`
        : `CONVERT(${type}, ${text}, 1)`;
    case 'clr':
      return `CONVERT(${type}, CONVERT(varbinary(max), ${text}, 1))`;
    case 'xml':
      // Style 1 keeps white space that means nothing to XML: the text must come back as it was.
      return `CONVERT(xml, ${text}, 1)`;
    case 'variant':
      return variantBack(text);
    case 'text': {
      if (column.collation === undefined) return `CONVERT(${type}, ${text})`;
      return isWide(column)
        ? `CONVERT(${type}, ${text}) COLLATE ${column.collation}`
        : `CONVERT(${type}, ${text} COLLATE ${column.collation})`;
    }
    default:
      return `CONVERT(${type}, ${text})`;
  }
}
