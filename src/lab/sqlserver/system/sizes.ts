import type { Table } from '../catalog/schema.ts';
import type { Database } from '../server/instance.ts';
import type { SqlType } from '../values/types.ts';

/** Pages of 8 KB that the database's data or log takes; at least what model would give it. */
export function sizeInPages(database: Database, type: 'ROWS' | 'LOG'): number {
  const size = database.store?.size();
  const bytes = type === 'ROWS' ? size?.data : size?.log;
  return Math.max(1024, Math.ceil((bytes ?? 0) / 8192));
}

/** Rows of a table as of now; those of a database snapshot are its source's of that moment, which only a scan would tell. */
export function rowCount(database: Database, table: Table): number {
  return (database.store ?? database.snapshotOf?.store)?.rowCount(table) ?? 0;
}

/** Pages that so many rows would take in SQL Server, from the declared widths with variable columns half full. */
export function tablePages(table: Table, rows: number): number {
  if (rows === 0) return 0;
  const width = 10 + table.columns.reduce((sum, column) => sum + columnBytes(column.type), 0);
  return Math.max(1, Math.ceil((rows * Math.min(width, 8060)) / 8096));
}

/** Bytes of one index row. */
export function indexPages(table: Table, columns: readonly number[], rows: number): number {
  if (rows === 0) return 0;
  const width =
    12 +
    table.columns
      .filter(column => columns.includes(column.id))
      .reduce((sum, column) => sum + columnBytes(column.type), 0);
  return Math.max(1, Math.ceil((rows * width) / 8096));
}

function columnBytes(type: SqlType): number {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
      return 1;
    case 'smallint':
      return 2;
    case 'int':
    case 'real':
    case 'smallmoney':
    case 'smalldatetime':
      return 4;
    case 'date':
      return 3;
    case 'decimal':
    case 'numeric':
      return type.precision <= 9 ? 5 : type.precision <= 19 ? 9 : type.precision <= 28 ? 13 : 17;
    case 'uniqueidentifier':
      return 16;
    case 'char':
    case 'binary':
      return type.length === 'max' ? 24 : type.length;
    case 'nchar':
      return type.length === 'max' ? 24 : type.length * 2;
    case 'varchar':
    case 'varbinary':
      return type.length === 'max' ? 24 : 2 + Math.ceil(type.length / 2);
    case 'nvarchar':
      return type.length === 'max' ? 24 : 2 + type.length;
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
      return 16;
    case 'datetimeoffset':
      return 10;
    default:
      return 8;
  }
}

/** Is the column kept outside the row: `lob_used_page_count`, `lob_data_space_id`. */
export const isLob = (type: SqlType): boolean =>
  type.kind === 'text' ||
  type.kind === 'ntext' ||
  type.kind === 'image' ||
  type.kind === 'xml' ||
  ('length' in type && type.length === 'max');
