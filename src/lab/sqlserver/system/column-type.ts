import { DEFAULT_COLLATION, type Length, type SqlType } from '../values/types.ts';

/** The type of a column or parameter as the documentation of the system's objects writes it: `nvarchar(60)`, `numeric(25,0)`. */
export function parseColumnType(text: string): SqlType {
  const found = /^([a-z0-9_]+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(text);
  const [, name = '', first, second] = found ?? [];
  const length: Length = first === 'max' ? 'max' : Number(first ?? 1);
  switch (name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'money':
    case 'real':
    case 'float':
    case 'datetime':
    case 'smalldatetime':
    case 'date':
    case 'uniqueidentifier':
    case 'sql_variant':
    case 'xml':
    case 'image':
      return { kind: name };
    case 'sysname':
      return { kind: 'nvarchar', length: 128, collation: DEFAULT_COLLATION };
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return { kind: name, length, collation: DEFAULT_COLLATION };
    case 'text':
    case 'ntext':
      return { kind: name, collation: DEFAULT_COLLATION };
    case 'binary':
    case 'varbinary':
      return { kind: name, length };
    case 'decimal':
    case 'numeric':
      return { kind: name, precision: Number(first), scale: Number(second ?? 0) };
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { kind: name, scale: Number(first ?? 7) };
    default:
      throw new Error(`not a type: ${text}`);
  }
}
