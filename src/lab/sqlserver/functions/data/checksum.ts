import { collation, comparisonKey, isString, type SqlType, type Value } from '../../values/index.ts';
import { define } from '../define.ts';

/**
 * CHECKSUM and BINARY_CHECKSUM: 32 bits, own functions with the traits of SQL Server's: the order of the arguments counts, of a
 * max type only the first 255 characters, of text, ntext, image and xml nothing; CHECKSUM sees texts as their collation does.
 */

const NOTHING: ReadonlySet<string> = new Set(['text', 'ntext', 'image', 'xml']);
const CHARACTERS = 255;
/** What NULL counts. */
const NULL_SUM = 0x7fff_ffff;

/** A hash of a text that depends on every unit and its place. */
export function textSum(text: string): number {
  let sum = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x0100_0193);
  return sum ^ (sum >>> 15);
}

/** The sum of one value; a closure for each type. */
function summing(type: SqlType | undefined, binary: boolean): (value: Value) => number {
  if (type === undefined) return () => NULL_SUM;
  if (isString(type)) {
    const { key } = collation(type.collation);
    const short = type.length === 'max';
    return value => {
      if (typeof value !== 'string') return NULL_SUM;
      const text = short ? value.slice(0, CHARACTERS) : value;
      return textSum(binary ? text : key(text));
    };
  }
  const key = comparisonKey(type);
  return value => {
    if (value === null) return NULL_SUM;
    const found = key(value);
    if (typeof found === 'number' && Number.isInteger(found) && Math.abs(found) < 2 ** 31) return found | 0;
    return textSum(String(found));
  };
}

const SUMS = {
  checksum: new WeakMap<SqlType, (value: Value) => number>(),
  binary_checksum: new WeakMap<SqlType, (value: Value) => number>(),
} as const;

function sumOf(value: Value, type: SqlType | undefined, name: keyof typeof SUMS): number {
  if (type === undefined) return NULL_SUM;
  let sum = SUMS[name].get(type);
  if (sum === undefined) {
    sum = summing(type, name === 'binary_checksum');
    SUMS[name].set(type, sum);
  }
  return sum(value);
}

/** Each value moves the sum of those before it. */
export const combine = (sum: number, next: number): number => (((sum << 4) | (sum >>> 28)) ^ next) | 0;

const checksumOf = (name: keyof typeof SUMS) =>
  define({
    name,
    count: [1, Number.POSITIVE_INFINITY],
    takesNull: true,
    type: { kind: 'int' },
    evaluate: (values, types) => {
      let sum = 0;
      for (let place = 0; place < values.length; place++) {
        const type = types[place];
        if (type !== undefined && NOTHING.has(type.kind)) continue;
        sum = combine(sum, sumOf(values[place] ?? null, type, name));
      }
      return sum;
    },
  });

export const CHECKSUMS = [checksumOf('checksum'), checksumOf('binary_checksum')];
