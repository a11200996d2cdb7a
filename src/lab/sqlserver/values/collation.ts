import { SqlError } from '../errors.ts';
import { decode1252, encodable1252, encode1252 } from './code-page.ts';
import { ASCII_PRIMARY, dictionaryKey } from './weights.ts';

/** How text of a collation compares, and which code page its varchar has. */
export interface Collation {
  readonly name: string;
  /** 1252, or 65001 for the UTF-8 collations. */
  readonly codePage: 1252 | 65001;
  /** LCID, flags, version and sort id as TDS sends them. */
  readonly wire: Uint8Array;
  readonly lcid: number;
  readonly caseSensitive: boolean;
  readonly accentSensitive: boolean;
  /** BIN or BIN2: by code units. */
  readonly binary: boolean;
  /** LEN, SUBSTRING and their kin count a surrogate pair as one. */
  readonly supplementary: boolean;
  /** Trailing blanks do not count. */
  compare(left: string, right: string): number;
  /** Equal keys are equal values; compared by UTF-8 bytes (or by code units) they sort as `compare` does. */
  key(text: string): string;
  /** Text of the same length in which equal characters are the same unit: for LIKE, CHARINDEX, REPLACE. */
  fold(text: string): string;
  /** What varchar keeps of the text: characters without a place in the code page become '?' or their best fit. */
  encodable(text: string): string;
  /** Bytes of the text in the code page. */
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
  byteLength(text: string): number;
}

const LATIN = 0x0409;
const IGNORE_KANA_AND_WIDTH = 0xc0;
const IGNORE_CASE = 0x10;
const IGNORE_ACCENT = 0x20;
const BIN = 0x01;
const BIN2 = 0x02;
const UTF8 = 0x04;
const VERSION_100 = 0x20;

/** Sort ids of the collations that come from before Windows collations. */
const SQL_COLLATIONS: Readonly<Record<string, number>> = {
  SQL_Latin1_General_CP1_CS_AS: 51,
  SQL_Latin1_General_CP1_CI_AS: 52,
  SQL_Latin1_General_CP1_CI_AI: 54,
};

const NAMES: readonly string[] = [
  ...Object.keys(SQL_COLLATIONS),
  ...['Latin1_General', 'Latin1_General_100'].flatMap(family =>
    ['CI_AS', 'CS_AS', 'CI_AI', 'CS_AI', 'CI_AS_KS_WS', 'CS_AS_KS_WS', 'BIN', 'BIN2'].map(
      kind => `${family}_${kind}`,
    ),
  ),
  ...['CI_AS_SC', 'CS_AS_SC', 'CI_AI_SC', 'CI_AS_SC_UTF8', 'CS_AS_SC_UTF8', 'CI_AI_SC_UTF8', 'BIN2_UTF8'].map(
    kind => `Latin1_General_100_${kind}`,
  ),
];

/** Length of the text without its trailing blanks. */
export const trimmedLength = (text: string): number => {
  let length = text.length;
  while (length > 0 && text.charCodeAt(length - 1) === 32) length--;
  return length;
};

/** The text as comparisons see it. */
export const trimmed = (text: string): string => {
  const length = trimmedLength(text);
  return length === text.length ? text : text.slice(0, length);
};

const ESCAPED = /[\u0000\u0001\ud7ff-\uffff]/;

/** Code-unit order as UTF-8 order, and nothing that SQLite's text would lose (NUL, single surrogates). */
const binaryKey = (text: string): string => {
  const short = trimmed(text);
  if (!ESCAPED.test(short)) return short;
  let key = '';
  for (let index = 0; index < short.length; index++) {
    const code = short.charCodeAt(index);
    if (code < 2) key += String.fromCharCode(1, 1 + code);
    else if (code < 0xd7ff) key += short.charAt(index);
    else key += String.fromCharCode(0xd7ff, 0x100 + code - 0xd7ff);
  }
  return key;
};

const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const binaryCompare = (left: string, right: string): number => order(trimmed(left), trimmed(right));

const ASCII = /^[\u0000-\u007f]*$/;

const dictionaryCompare = (accents: boolean, cases: boolean): ((left: string, right: string) => number) => {
  return (left, right) => {
    if (left === right) return 0;
    const leftLength = trimmedLength(left);
    const rightLength = trimmedLength(right);
    const common = Math.min(leftLength, rightLength);
    let tie = 0;
    for (let index = 0; index < common; index++) {
      const a = left.charCodeAt(index);
      const b = right.charCodeAt(index);
      if (a > 127 || b > 127) {
        return order(
          dictionaryKey(trimmed(left), accents, cases),
          dictionaryKey(trimmed(right), accents, cases),
        );
      }
      if (a === b) continue;
      const difference = (ASCII_PRIMARY[a] ?? 0) - (ASCII_PRIMARY[b] ?? 0);
      if (difference !== 0) return difference;
      if (tie === 0) tie = b - a;
    }
    if (leftLength !== rightLength) {
      const rest = leftLength > rightLength ? left : right;
      // What follows may be a combining mark, which counts less than the case before it.
      if (rest.charCodeAt(common) <= 127) return leftLength - rightLength;
      return order(
        dictionaryKey(trimmed(left), accents, cases),
        dictionaryKey(trimmed(right), accents, cases),
      );
    }
    return cases ? tie : 0;
  };
};

const asciiKeys = new Uint16Array(256);
const asciiBytes = Buffer.from(asciiKeys.buffer);

/** Sort key of ASCII text, the usual case; undefined where it is not. */
const asciiKey = (text: string, length: number, cases: boolean): string | undefined => {
  if (length > asciiKeys.length) return undefined;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127 || (cases && code >= 65 && code <= 90)) return undefined;
    asciiKeys[index] = ASCII_PRIMARY[code] ?? 0;
  }
  return asciiBytes.toString('utf16le', 0, length * 2);
};

const foldUnit = (accents: boolean, cases: boolean): ((unit: string) => string) => {
  const cache = new Map<string, string>();
  const compute = (unit: string): string => {
    let folded = unit.normalize('NFC');
    if (folded.length !== 1) folded = unit;
    if (!accents) {
      const base = folded.normalize('NFD').charAt(0);
      if (!/\p{M}/u.test(base)) folded = base;
    }
    if (cases) return folded;
    const lower = folded.toLowerCase();
    return lower.length === 1 ? lower : folded;
  };
  return unit => {
    let folded = cache.get(unit);
    if (folded === undefined) {
      folded = compute(unit);
      cache.set(unit, folded);
    }
    return folded;
  };
};

const dictionaryFold = (accents: boolean, cases: boolean): ((text: string) => string) => {
  const unit = foldUnit(accents, cases);
  return text => {
    if (ASCII.test(text)) return cases ? text : text.toLowerCase();
    let folded = '';
    for (let index = 0; index < text.length; index++) folded += unit(text.charAt(index));
    return folded;
  };
};

const build = (name: string): Collation => {
  const binary = /_BIN2?(_|$)/.test(name);
  const caseSensitive = binary || name.includes('_CS_');
  const accentSensitive = binary || !/_AI(_|$)/.test(name);
  const utf8 = name.endsWith('_UTF8');
  const version = name.includes('_100_') ? VERSION_100 : 0;
  const flags = binary
    ? 0
    : (name.includes('_KS_WS') ? 0 : IGNORE_KANA_AND_WIDTH) |
      (caseSensitive ? 0 : IGNORE_CASE) |
      (accentSensitive ? 0 : IGNORE_ACCENT);
  const form = !binary ? 0 : name.includes('_BIN2') ? BIN2 : BIN;
  const key = (text: string): string => {
    const length = trimmedLength(text);
    return (
      asciiKey(text, length, caseSensitive) ??
      dictionaryKey(length === text.length ? text : text.slice(0, length), accentSensitive, caseSensitive)
    );
  };
  return {
    name,
    codePage: utf8 ? 65001 : 1252,
    wire: Uint8Array.of(
      LATIN & 0xff,
      LATIN >> 8,
      flags,
      version | form | (utf8 ? UTF8 : 0),
      SQL_COLLATIONS[name] ?? 0,
    ),
    lcid: LATIN,
    caseSensitive,
    accentSensitive,
    binary,
    supplementary: name.includes('_SC') || utf8,
    compare: binary ? binaryCompare : dictionaryCompare(accentSensitive, caseSensitive),
    key: binary ? binaryKey : key,
    fold: binary ? text => text : dictionaryFold(accentSensitive, caseSensitive),
    encodable: utf8 ? text => text.toWellFormed() : encodable1252,
    encode: utf8 ? text => Buffer.from(text, 'utf8') : encode1252,
    decode: utf8 ? bytes => Buffer.from(bytes).toString('utf8') : decode1252,
    byteLength: utf8 ? text => Buffer.byteLength(text, 'utf8') : text => text.length,
  };
};

const collations = new Map<string, Collation>(NAMES.map(name => [name.toLowerCase(), build(name)]));

/**
 * The collation of a name, in any case; `database_default` is the caller's.
 *
 * @throws SqlError 448
 */
export function collation(name: string): Collation {
  const found = collations.get(name) ?? collations.get(name.toLowerCase());
  if (found !== undefined) return found;
  throw new SqlError(448, `Invalid collation '${name}'.`, { endsBatch: true });
}

export const collationNames = (): readonly string[] => NAMES;
