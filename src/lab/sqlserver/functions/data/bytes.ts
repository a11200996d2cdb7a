import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SqlError, unsupported } from '../../errors.ts';
import type { Instance } from '../../server/instance.ts';
import {
  guidText,
  isBinary,
  isString,
  type SqlType,
  UNIQUEIDENTIFIER,
  type Value,
  varbinary,
} from '../../values/index.ts';
import { imageOf } from '../../values/to-bytes.ts';
import { badArgument, bytesArgument, textArgument } from '../arguments.ts';
import { define } from '../define.ts';

/** Hashes, compression and new identifiers. */

const ALGORITHMS: Readonly<Record<string, string>> = {
  md5: 'md5',
  sha: 'sha1',
  sha1: 'sha1',
  sha2_256: 'sha256',
  sha2_512: 'sha512',
};

/** The bytes of a text or a binary; other types are refused by 8116. */
function demandBytes(type: SqlType | undefined, place: number, name: string): void {
  if (type === undefined || isString(type) || isBinary(type)) return;
  throw badArgument(type, place, name);
}

/** Texts are bytes only by an explicit conversion, so they are read here by hand. */
function contentOf(value: Value, type: SqlType | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' && (type?.kind === 'nvarchar' || type?.kind === 'nchar'))
    return Buffer.from(value, 'utf16le');
  if (typeof value === 'string' && type !== undefined && isString(type))
    return imageOf(type, 0, 'varbinary')(value);
  return bytesArgument(value, type) ?? new Uint8Array();
}

const LONGEST = 8000;

const scratch = Buffer.alloc(2 * LONGEST);

/** The same until the next call: rows are hashed by the million, and a buffer for each costs as much as its hash. */
function transient(value: Value, type: SqlType | undefined): Uint8Array {
  if (typeof value !== 'string' || type?.kind !== 'nvarchar' || value.length > LONGEST)
    return contentOf(value, type);
  return scratch.subarray(0, scratch.write(value, 'utf16le'));
}

const hashbytes = define({
  name: 'hashbytes',
  count: 2,
  type: ([, type]) => {
    demandBytes(type, 2, 'hashbytes');
    return varbinary(8000);
  },
  evaluate: ([name = null, value = null], types, context) => {
    const algorithm = (textArgument(name, types[0]) ?? '').toLowerCase();
    if (algorithm === 'md2' || algorithm === 'md4')
      throw unsupported(`HASHBYTES with ${algorithm.toUpperCase()}`);
    const known = ALGORITHMS[algorithm];
    if (known === undefined) return null;
    const content = transient(value, types[1]);
    if (content.length > LONGEST && context.instance.product.release < 2016) {
      throw new SqlError(8152, 'String or binary data would be truncated.', { state: 10 });
    }
    return hash(known, content, 'buffer');
  },
});

const compress = define({
  name: 'compress',
  count: 1,
  since: 2016,
  type: ([type]) => {
    demandBytes(type, 1, 'compress');
    return varbinary('max');
  },
  evaluate: ([value = null], [type]) => gzipSync(contentOf(value, type)),
});

const decompress = define({
  name: 'decompress',
  count: 1,
  since: 2016,
  type: ([type]) => {
    if (type !== undefined && !isBinary(type)) throw badArgument(type, 1, 'decompress');
    return varbinary('max');
  },
  evaluate: ([value = null]) => {
    if (!(value instanceof Uint8Array)) return null;
    try {
      return gunzipSync(value);
    } catch {
      throw unsupported('DECOMPRESS of what is no gzip stream');
    }
  },
});

const newid = define({
  name: 'newid',
  count: 0,
  type: UNIQUEIDENTIFIER,
  evaluate: (_values, _types, context) => {
    const bytes = Uint8Array.from(context.instance.random.bytes(16));
    // Version 4, variant 1; the first three groups are little-endian.
    bytes[7] = ((bytes[7] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    return guidText(bytes);
  },
});

const sequences = new WeakMap<Instance, { readonly node: Uint8Array; next: number }>();

/** Grows in SQL Server's order of uniqueidentifier: the node is the same, the first group counts. */
const newsequentialid = define({
  name: 'newsequentialid',
  count: 0,
  type: UNIQUEIDENTIFIER,
  evaluate: (_values, _types, { instance }) => {
    let sequence = sequences.get(instance);
    if (sequence === undefined) {
      sequence = { node: Uint8Array.from(instance.random.bytes(10)), next: 0 };
      sequences.set(instance, sequence);
    }
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, sequence.next++);
    bytes.set(sequence.node.subarray(0, 2), 4);
    view.setUint16(6, 0x11ee);
    bytes.set(sequence.node.subarray(2), 8);
    return guidText(bytes);
  },
});

export const BYTES = [hashbytes, compress, decompress, newid, newsequentialid];
