import { SqlError } from '../../errors.ts';
import { isBinary, type Length, type SqlType, type Value, varbinary } from '../../values/index.ts';
import { bytesArgument, collationOf, intArgument, sized, stringType, textArgument } from '../arguments.ts';
import { type Constants, define, type Types } from '../define.ts';

/** Parts of a text or of a binary. */

const wide = (type: SqlType): boolean => type.kind === 'nvarchar';

const least = (length: Length, constant: Value | undefined): Length => {
  if (typeof constant !== 'number' || constant < 1) return length;
  if (length === 'max') return length;
  return Math.min(length, constant);
};

/** Type of a piece of the first argument, of a length that is an argument too. */
const pieceType = (name: string, place: number) => (types: Types, constants: Constants) => {
  const [type] = types;
  if (type !== undefined && isBinary(type) && name === 'substring') {
    return varbinary(least(type.length, constants[place]));
  }
  if (type?.kind === 'image') return varbinary('max');
  if (type?.kind === 'text' || type?.kind === 'ntext') {
    return sized(type.kind === 'ntext', 'max', type.collation);
  }
  const text = stringType(type, 1, name);
  return sized(wide(text), least(text.length, constants[place]), text.collation);
};

const invalidLength = (name: string): SqlError =>
  new SqlError(537, `Invalid length parameter passed to the LEFT or SUBSTRING function.`, {
    state: name === 'left' ? 2 : 3,
  });

const invalidRight = (): SqlError =>
  new SqlError(536, 'Invalid length parameter passed to the RIGHT function.', { state: 1 });

/** The units of a text: surrogate pairs are one where the collation says so. */
const unitsOf = (text: string, types: Types): readonly string[] | undefined =>
  collationOf(types).supplementary && /[\ud800-\udfff]/.test(text) ? Array.from(text) : undefined;

const slice = (text: string, from: number, to: number, types: Types): string => {
  const units = unitsOf(text, types);
  return units === undefined ? text.slice(from, to) : units.slice(from, to).join('');
};

const left = define({
  name: 'left',
  count: 2,
  type: pieceType('left', 1),
  evaluate: ([value = null, count = null], types) => {
    const length = intArgument(count, types[1]) ?? 0;
    if (length < 0) throw invalidLength('left');
    return slice(textArgument(value, types[0]) ?? '', 0, length, types);
  },
});

const right = define({
  name: 'right',
  count: 2,
  type: pieceType('right', 1),
  evaluate: ([value = null, count = null], types) => {
    const length = intArgument(count, types[1]) ?? 0;
    if (length < 0) throw invalidRight();
    const text = textArgument(value, types[0]) ?? '';
    const units = unitsOf(text, types);
    if (units !== undefined) return units.slice(Math.max(0, units.length - length)).join('');
    return text.slice(Math.max(0, text.length - length));
  },
});

const substring = define({
  name: 'substring',
  count: 3,
  type: pieceType('substring', 2),
  evaluate: ([value = null, start = null, count = null], types) => {
    const from = (intArgument(start, types[1]) ?? 1) - 1;
    const length = intArgument(count, types[2]) ?? 0;
    if (length < 0) throw invalidLength('substring');
    const end = Math.max(0, from + length);
    const begin = Math.max(0, from);
    if (value instanceof Uint8Array) return (bytesArgument(value, types[0]) ?? value).slice(begin, end);
    return slice(textArgument(value, types[0]) ?? '', begin, Math.max(begin, end), types);
  },
});

const stuff = define({
  name: 'stuff',
  count: 4,
  takesNull: true,
  type: ([type, , , inserted]) => {
    const text = stringType(type, 1, 'stuff');
    const other = stringType(inserted, 4, 'stuff');
    const length: Length =
      text.length === 'max' || other.length === 'max' ? 'max' : text.length + other.length;
    return sized(wide(text) || wide(other), length, text.collation);
  },
  evaluate: ([value = null, start = null, count = null, inserted = null], types) => {
    const text = textArgument(value, types[0]);
    const from = intArgument(start, types[1]);
    const length = intArgument(count, types[2]);
    if (text === null || from === null || length === null) return null;
    if (from < 1 || length < 0 || from > text.length) return null;
    return text.slice(0, from - 1) + (textArgument(inserted, types[3]) ?? '') + text.slice(from - 1 + length);
  },
});

export const PIECES = [left, right, substring, stuff];
