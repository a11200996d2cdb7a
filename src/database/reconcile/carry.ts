import type { TableColumn } from '../../journal/database-facts.ts';
import { identifier } from '../../remote/sql/quote.ts';
import type { BulkLoad, Cell } from '../../remote/sql/server.ts';
import { canonical, kindOf, restored, typeText, widthOf } from '../compare/canonical.ts';

/**
 * How one value travels from production into a staging table and from there into the copy: exactly, and in few bytes.
 * Whole numbers, texts and binaries go as they are; what a JS number would round goes as a lossless text (facts 9.3).
 */
export interface Carry {
  readonly type: BulkLoad['columns'][number]['type'];
  /** Characters or bytes; absent for max. */
  readonly length?: number;
  /** T-SQL over the column in the source, `t.[Amount]`. */
  readonly read: (value: string) => string;
  /** T-SQL over the staged column that makes the column's own value again. */
  readonly back: (staged: string) => string;
  /** What the driver gives is not always what it takes. */
  readonly cell: (cell: Cell) => Cell;
}

const same = (cell: Cell): Cell => cell;

export function carryOf(column: TableColumn): Carry {
  const type = typeText(column);
  const name = column.type.toLowerCase();
  switch (kindOf(column)) {
    case 'integer': {
      const isBig = name === 'bigint';
      return {
        type: isBig ? 'bigint' : 'int',
        // A bit arrives as a boolean otherwise.
        read: value => (isBig || name === 'int' ? value : `CONVERT(int, ${value})`),
        back: staged => (isBig || name === 'int' ? staged : `CONVERT(${type}, ${staged})`),
        cell: same,
      };
    }
    case 'float':
      // The driver gives the very bits, and JS writes the shortest text that is no other number.
      return { ...texts(32, column), read: value => value, cell: numberText };
    case 'guid':
      return {
        type: 'varbinary',
        length: 16,
        read: value => `CONVERT(varbinary(16), ${value})`,
        back: staged => `CONVERT(uniqueidentifier, ${staged})`,
        cell: same,
      };
    case 'binary':
      return {
        type: 'varbinary',
        ...bounded(name !== 'image' && column.length > 0 ? column.length : 'max'),
        read: value => (name === 'image' ? `CONVERT(varbinary(max), ${value})` : value),
        back: staged => `CONVERT(${type}, ${staged})`,
        cell: same,
      };
    case 'clr':
      return {
        type: 'varbinary',
        read: value => `CONVERT(varbinary(max), ${value})`,
        back: staged => `CONVERT(${type}, ${staged})`,
        cell: same,
      };
    default:
      return texts(widthOf(column), column);
  }
}

const texts = (width: number | 'max', column: TableColumn): Carry => ({
  type: 'nvarchar',
  ...bounded(width),
  read: value => canonical(column, value),
  back: staged => restored(column, staged),
  cell: same,
});

const bounded = (length: number | 'max'): { readonly length?: number } =>
  length === 'max' ? {} : { length };

const numberText = (cell: Cell): Cell =>
  typeof cell === 'number' ? (Object.is(cell, -0) ? '-0.0' : String(cell)) : cell;

/** The column of a staging table: `[c3] nvarchar(41) NULL`. Its collation is no matter: it is never compared as it is. */
export function stagedType({ type, length }: Carry): string {
  if (type === 'int' || type === 'bigint') return type;
  return `${type}(${length ?? 'max'})${type === 'nvarchar' ? ' COLLATE Latin1_General_BIN2' : ''}`;
}

/** Names of staged columns: `[c0]`, `[c1]`; never those of the table, which may be anything. */
export const stagedName = (at: number): string => identifier(`c${at}`);
