import { XMLValidator } from 'fast-xml-parser';
import { SqlError } from '../errors.ts';
import { isString } from './precedence.ts';
import { imageOf } from './to-bytes.ts';
import type { SqlType, Value } from './types.ts';

/** xml is kept as text: checked to be well-formed, without its declaration, otherwise as it came. */

const DECLARATION = /^\s*<\?xml\s[^>]*\?>\s*/;

/** Several elements and bare text are xml too, so a root is put around them for the check. */
function checked(text: string): string {
  const content = text.replace(DECLARATION, '');
  const valid = XMLValidator.validate(`<r>${content}</r>`);
  if (valid === true) return content;
  const { line, col, msg } = valid.err;
  throw new SqlError(9400, `XML parsing: line ${line}, character ${col}, ${msg.toLowerCase()}`);
}

/** @throws SqlError 9400 for what is not well-formed */
export function toXml(from: SqlType): (value: Value) => Value {
  if (isString(from)) return value => (typeof value === 'string' ? checked(value) : null);
  const image = imageOf(from, 0, 'xml');
  return value => {
    const bytes = image(value);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
    return checked(wide ? text.toString('utf16le').slice(1) : text.toString('utf8'));
  };
}
