import type { TableColumn } from '../../journal/database-facts.ts';
import { identifier } from '../../remote/sql/quote.ts';
import type { BulkLoad } from '../../remote/sql/server.ts';
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
}

export function carryOf(column: TableColumn): Carry {
  const type = typeText(column);
  const name = column.type.toLowerCase();
  switch (kindOf(column)) {
    case 'integer': {
      const own = name === 'bigint' || name === 'bit' || name === 'tinyint' ? name : 'int';
      return {
        type: own,
        read: value => (own === name ? value : `CONVERT(int, ${value})`),
        back: staged => (own === name ? staged : `CONVERT(${type}, ${staged})`),
      };
    }
    case 'float':
      // A float is eight bytes to the driver, too: the very bits.
      return {
        type: 'float',
        read: value => value,
        back: staged => (type === 'float(53)' ? staged : `CONVERT(${type}, ${staged})`),
      };
    case 'guid':
      return bytes(16, 'uniqueidentifier');
    case 'time':
      return bytes(TIME_BYTES[name] ?? 10, type);
    case 'money':
    case 'decimal':
      return texts('varchar', widthOf(column), column);
    case 'binary':
      return {
        type: 'varbinary',
        ...bounded(name !== 'image' && column.length > 0 ? column.length : 'max'),
        read: value => (name === 'image' ? `CONVERT(varbinary(max), ${value})` : value),
        back: staged => `CONVERT(${type}, ${staged})`,
      };
    case 'clr':
      return {
        type: 'varbinary',
        read: value => `CONVERT(varbinary(max), ${value})`,
        back: staged => `CONVERT(${type}, ${staged})`,
      };
    default:
      return texts('nvarchar', widthOf(column), column);
  }
}

/** Bytes of a moment as SQL Server converts it: the types that have a scale begin with it. */
const TIME_BYTES: Readonly<Record<string, number>> = {
  date: 3,
  smalldatetime: 4,
  time: 6,
  datetime: 8,
  datetime2: 9,
  datetimeoffset: 11,
};

const bytes = (length: number, type: string): Carry => ({
  type: 'varbinary',
  length,
  read: value => `CONVERT(varbinary(${length}), ${value})`,
  back: staged => `CONVERT(${type}, ${staged})`,
});

const texts = (type: 'varchar' | 'nvarchar', width: number | 'max', column: TableColumn): Carry => ({
  type,
  ...bounded(width),
  read: value => canonical(column, value, type),
  back: staged => restored(column, staged),
});

const bounded = (length: number | 'max'): { readonly length?: number } =>
  length === 'max' ? {} : { length };

/** The column of a staging table: `[c3] varchar(41) NULL`. Its collation is no matter: it is never compared as it is. */
export function stagedType({ type, length }: Pick<Carry, 'type' | 'length'>): string {
  switch (type) {
    case 'nvarchar':
    case 'varchar':
      return `${type}(${length ?? 'max'}) COLLATE Latin1_General_BIN2`;
    case 'varbinary':
      return `${type}(${length ?? 'max'})`;
    default:
      return type;
  }
}

/** Names of staged columns: `[c0]`, `[c1]`; never those of the table, which may be anything. */
export const stagedName = (at: number): string => identifier(`c${at}`);
