import { converter, nvarchar, type SqlType, textOf, type Value } from '../values/index.ts';

/** Text of a value as FOR JSON and FOR XML write it, before anything is escaped. */
export function rendered(value: Value, type: SqlType): string {
  if (value === null) return '';
  switch (type.kind) {
    case 'float':
      return scientific(Number(value), 15);
    case 'real':
      return scientific(Number(value), 7);
    case 'date':
      return moment(value, type, 23);
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
      return moment(value, type, 126).replace(/\.0+$/, '');
    case 'datetimeoffset':
      return moment(value, type, 126)
        .replace(/\.0+(?=[+-]|Z|$)/, '')
        .replace(/\+00:00$/, 'Z');
    case 'time':
      return textOf(value, type).replace(/\.0+$/, '');
    case 'money':
    case 'smallmoney':
      return typeof value === 'bigint' ? fixed(value, 4) : '';
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : '';
    case 'sql_variant':
      return typeof value === 'object' && 'type' in value ? rendered(value.value, value.type) : '';
    default:
      return textOf(value, type);
  }
}

/** The type that a value really has: that inside a sql_variant. */
export const innerType = (value: Value, type: SqlType): SqlType =>
  type.kind === 'sql_variant' && typeof value === 'object' && value !== null && 'type' in value
    ? value.type
    : type;

function moment(value: Value, type: SqlType, style: number): string {
  const text = converter(type, nvarchar(50), style)(value);
  return typeof text === 'string' ? text : '';
}

/** `1.500000000000000e+000`. */
function scientific(value: number, digits: number): string {
  const [mantissa = '0', exponent = '+0'] = value.toExponential(digits).split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${mantissa}e${sign}${exponent.replace(/^[+-]/, '').padStart(3, '0')}`;
}

function fixed(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** What a client gets in one row of FOR JSON and FOR XML. */
const CHUNK = 2033;

export function* chunks(text: string): Iterable<readonly Value[]> {
  for (let at = 0; at < text.length; at += CHUNK) yield [text.slice(at, at + CHUNK)];
}
