import { collation, type SqlType, typeFacts, type Value } from '../../values/index.ts';
import { counted, countType, isWideType, stringType, textArgument } from '../arguments.ts';
import { define } from '../define.ts';

const trailing = / +$/;

/** Characters without the blanks at the end; of binaries the bytes. */
const len = define({
  name: 'len',
  count: 1,
  type: ([type]) => {
    if (type?.kind !== 'varbinary' && type?.kind !== 'binary') stringType(type, 1, 'len');
    return countType(type);
  },
  evaluate: ([value = null], [type]) => {
    const bytes = value instanceof Uint8Array;
    const text = bytes ? Buffer.from(value).toString('latin1') : (textArgument(value, type) ?? '');
    const short = text.replace(trailing, '');
    const pairs = type !== undefined && 'collation' in type && collation(type.collation).supplementary;
    return counted(pairs ? Array.from(short).length : short.length, type);
  },
});

/** Bytes that a value takes. */
export function dataLength(value: Value, type: SqlType): number {
  if (value === null) return 0;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'string' && type.kind !== 'uniqueidentifier') {
    if (isWideType(type) || type.kind === 'xml') return value.length * 2;
    return 'collation' in type ? collation(type.collation).byteLength(value) : value.length;
  }
  if (typeof value === 'object' && 'type' in value) return dataLength(value.value, value.type);
  return typeFacts(type).maxLength;
}

const datalength = define({
  name: 'datalength',
  count: 1,
  type: ([type]) => countType(type),
  evaluate: ([value = null], [type]) => (type === undefined ? null : counted(dataLength(value, type), type)),
});

const ascii = define({
  name: 'ascii',
  count: 1,
  type: { kind: 'int' },
  evaluate: ([value = null], [type]) => {
    const text = textArgument(value, type) ?? '';
    const page = collation(stringType(type, 1, 'ascii').collation);
    return text === '' ? null : (page.encode(page.encodable(text.slice(0, 1)))[0] ?? null);
  },
});

const unicode = define({
  name: 'unicode',
  count: 1,
  type: { kind: 'int' },
  evaluate: ([value = null], [type]) => {
    const text = textArgument(value, type) ?? '';
    if (text === '') return null;
    const pairs = collation(stringType(type, 1, 'unicode').collation).supplementary;
    return (pairs ? text.codePointAt(0) : text.charCodeAt(0)) ?? null;
  },
});

export const LENGTHS = [len, datalength, ascii, unicode];
