import { qualified } from '../../remote/sql/quote.ts';
import type { Column } from './types.ts';

type Typed = Pick<Column, 'type' | 'length' | 'precision' | 'scale' | 'userType' | 'xmlCollection'>;

/** Types whose length counts bytes, and those that take two bytes a character. */
const BYTES: ReadonlySet<string> = new Set(['char', 'varchar', 'binary', 'varbinary']);
const WIDE: ReadonlySet<string> = new Set(['nchar', 'nvarchar']);
const EXACT: ReadonlySet<string> = new Set(['decimal', 'numeric']);
const SCALED: ReadonlySet<string> = new Set(['time', 'datetime2', 'datetimeoffset']);
const ASSEMBLED: ReadonlySet<string> = new Set(['hierarchyid', 'geometry', 'geography']);

/** The system type as T-SQL declares it: `nvarchar(50)`, `decimal(19,4)`, `datetime2(7)`, `rowversion`. */
export function systemTypeText(column: Typed): string {
  const { type, length, precision, scale } = column;
  if (type === 'timestamp') return 'rowversion';
  if (BYTES.has(type)) return `${type}(${length === -1 ? 'max' : length})`;
  if (WIDE.has(type)) return `${type}(${length === -1 ? 'max' : length / 2})`;
  if (EXACT.has(type)) return `${type}(${precision},${scale})`;
  if (SCALED.has(type)) return `${type}(${scale})`;
  // sys.columns gives 24 and 53, whatever float(n) was written.
  if (type === 'float' || type === 'real') return type;
  // A vector keeps eight bytes of its own and four for each dimension.
  if (type === 'vector') return `vector(${(length - 8) / 4})`;
  if (type === 'xml' && column.xmlCollection !== undefined)
    return `xml(${qualified(column.xmlCollection.schema, column.xmlCollection.name)})`;
  return type;
}

/** The type as the column was declared: its alias type where it has one. */
export const typeText = (column: Typed): string =>
  column.userType === undefined
    ? systemTypeText(column)
    : qualified(column.userType.schema, column.userType.name);

/** True for what the server brings itself: no alias and no assembly of the database's own. */
export const isSystemType = (column: Typed): boolean =>
  column.userType === undefined || ASSEMBLED.has(column.type);
