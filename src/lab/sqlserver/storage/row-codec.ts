import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Column, Table } from '../catalog/schema.ts';
import { storageKey } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import {
  isOffsetTime,
  isVariant,
  offsetTimeFromText,
  variantFromText,
  variantToText,
} from './value-codec.ts';

/**
 * How values lie in SQLite. Integers that a JavaScript number holds are read as numbers; a physical table into which a
 * greater one was written is marked `wide`, and all its integers are read as bigint from then on: much slower to read, so
 * only where it must be. In the same way `odd` marks a table with text that is not well-formed Unicode: SQLite's UTF-8 can
 * not hold a lone surrogate, such text lies there as UTF-16 bytes.
 */
export interface Marks {
  wide: boolean;
  odd: boolean;
}

type Form = 'number' | 'float' | 'integer' | 'digits' | 'text' | 'bytes' | 'offset' | 'variant';

function formOf(type: SqlType): Form {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'date':
    case 'time':
    case 'datetime':
    case 'smalldatetime':
      return 'number';
    case 'float':
    case 'real':
      return 'float';
    case 'bigint':
    case 'money':
    case 'smallmoney':
    case 'datetime2':
      return 'integer';
    case 'decimal':
    case 'numeric':
      return type.precision <= 18 ? 'integer' : 'digits';
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return 'bytes';
    case 'datetimeoffset':
      return 'offset';
    case 'sql_variant':
      return 'variant';
    default:
      return 'text';
  }
}

/** Declared type in SQLite; without one a value stays what it was bound as. */
export function affinity(type: SqlType): string {
  const form = formOf(type);
  return form === 'number' || form === 'integer' ? ' INTEGER' : '';
}

/** SQLite's own order is the type's order; all others are indexed by their `storageKey`. */
export function ordersNatively(type: SqlType): boolean {
  const form = formOf(type);
  return form === 'number' || form === 'integer' || form === 'float';
}

/** No column of SQLite's: computed whenever it is read. */
export function isVirtual(column: Column): boolean {
  return column.computed !== undefined && !column.computed.persisted;
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export function encoder(type: SqlType, marks: Marks): (value: Value) => SQLInputValue {
  switch (formOf(type)) {
    case 'integer':
      return value => {
        if (typeof value === 'bigint') {
          if (value > SAFE || value < -SAFE) marks.wide = true;
          return value;
        }
        return plain(value);
      };
    case 'text':
      return value => {
        if (typeof value !== 'string' || value.isWellFormed()) return plain(value);
        marks.odd = true;
        return Buffer.from(value, 'utf16le');
      };
    case 'digits':
      return value => (typeof value === 'bigint' ? value.toString() : plain(value));
    case 'offset':
      return value => (isOffsetTime(value) ? `${value.ticks} ${value.offset}` : plain(value));
    case 'variant':
      return value => {
        // JSON writes a lone surrogate as an escape.
        return isVariant(value) ? variantToText(value) : plain(value);
      };
    default:
      return plain;
  }
}

function plain(value: Value): SQLInputValue {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  throw new TypeError(`a value of another type than its column's: ${JSON.stringify(Object.keys(value))}`);
}

type Decode = (value: SQLOutputValue) => Value;

/** undefined where what SQLite gives is the value. */
function decoder(type: SqlType, marks: Marks): Decode | undefined {
  switch (formOf(type)) {
    case 'number':
      return marks.wide ? value => (typeof value === 'bigint' ? Number(value) : value) : undefined;
    case 'integer':
      return value => (typeof value === 'number' ? BigInt(value) : value);
    case 'digits':
      return value => (value === null ? null : BigInt(String(value)));
    case 'text':
      return marks.odd ? utf16 : undefined;
    case 'offset':
      return value => (typeof value === 'string' ? offsetTimeFromText(value) : value);
    case 'variant':
      return value => (value === null ? null : variantFromText(String(value)));
    default:
      return undefined;
  }
}

function utf16(value: SQLOutputValue): Value {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf16le') : value;
}

/** The marks are those of the table at this moment; a reader of an older moment loses nothing by newer ones. */
export function rowDecoder(columns: readonly Column[], marks: Marks): (row: SQLOutputValue[]) => Value[] {
  const places: number[] = [];
  const decodes: Decode[] = [];
  columns.forEach((column, place) => {
    const decode = decoder(column.type, marks);
    if (!decode) return;
    places.push(place);
    decodes.push(decode);
  });
  if (places.length === 0) return row => row;
  return row => {
    const values: Value[] = row;
    for (let n = 0; n < places.length; n++) {
      const place = places[n] ?? 0;
      const value = row[place];
      if (value !== null && value !== undefined) values[place] = decodes[n]?.(value) ?? null;
    }
    return values;
  };
}

export function shadowEncoder(type: SqlType): (value: Value) => SQLInputValue {
  if (ordersNatively(type)) return plain;
  const key = storageKey(type);
  return value => (value === null ? null : key(value));
}

/** Columns that have a place in SQLite, in the table's order. */
export function storedColumns(table: Table): readonly Column[] {
  return table.columns.filter(column => !isVirtual(column));
}

/** A literal for DEFAULT; undefined for text with NUL, which no literal can hold. */
export function sqlLiteral(value: SQLInputValue): string | undefined {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return value.includes('\0') ? undefined : `'${value.replaceAll("'", "''")}'`;
  if (typeof value === 'object') {
    return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) return value.toExponential();
  return String(value);
}
