import { convertValue, textOf, typeText } from '../values/index.ts';
import { nvarchar, type SqlType, type Value } from '../values/types.ts';
import { hex } from './places.ts';

/**
 * A value as a literal that a procedure's argument takes and that gives the very same value there: exact digits for decimals
 * and money, 17 digits for floats, text with 100 ns for times.
 */
export function literal(value: Value, type: SqlType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return `${value}`;
    case 'decimal':
    case 'numeric':
      return textOf(value, type);
    case 'money':
    case 'smallmoney':
      // A decimal: the lowest amount has no constant of its own, as $ is read before the sign is.
      return scaled(value, 4);
    case 'float':
    case 'real':
      return exponent(Number(value));
    case 'datetime':
    case 'smalldatetime':
      // The default style of these has no seconds; this one is read the same under every DATEFORMAT.
      return `'${convertValue(value, type, nvarchar(30), 126)}'`;
    case 'sql_variant':
      return variant(value);
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return value instanceof Uint8Array ? hex(value) : 'NULL';
    default:
      return `N'${textOf(value, type).replaceAll("'", "''")}'`;
  }
}

/** With its own type, which a plain constant would not always have. */
function variant(value: Value): string {
  if (value === null || typeof value !== 'object' || !('type' in value)) return 'NULL';
  return `CONVERT(${typeText(value.type)},${literal(value.value, value.type)})`;
}

/** `1.5E0`: a literal without an exponent would be a decimal. */
function exponent(value: number): string {
  return value.toExponential().replace('e', 'E');
}

function scaled(value: Value, scale: number): string {
  const units = typeof value === 'bigint' ? value : 0n;
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
