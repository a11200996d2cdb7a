import type { Catalog, TableName } from '../catalog/types.ts';

/** How names of a database are told apart. */
export type Keying = (name: string) => string;

/** Names that differ in case only are one name, unless the collation says otherwise. */
export const keyingOf = ({ collation }: Pick<Catalog, 'collation'>): Keying =>
  /_CS_|_BIN/i.test(collation) ? name => name : name => name.toLowerCase();

export const shown = ({ schema, name }: TableName): string => `${schema}.${name}`;

/** An expression without the parentheses around it, blanks outside of literals and names brought down to one. */
export function normalExpression(text: string): string {
  const pieces = text.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|[^'"[]+|['"[]/g) ?? [];
  let normal = pieces
    .map(piece => (/^['"[]./.test(piece) ? piece : piece.replace(/\s+/g, ' ').toLowerCase()))
    .join('')
    .trim();
  while (isEnclosed(normal)) normal = normal.slice(1, -1).trim();
  return normal;
}

function isEnclosed(text: string): boolean {
  if (!text.startsWith('(') || !text.endsWith(')')) return false;
  let depth = 0;
  let quote = '';
  for (let place = 0; place < text.length; place++) {
    const character = text.charAt(place);
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '[') quote = ']';
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0 && place < text.length - 1) return false;
    }
  }
  return depth === 0;
}

export const sameExpression = (left: string | undefined, right: string | undefined): boolean =>
  left === undefined || right === undefined
    ? left === right
    : normalExpression(left) === normalExpression(right);

/** True where the text has the name as a word of its own; texts in comments and literals count, to be on the safe side. */
export function mentions(text: string, name: string): boolean {
  const lower = text.toLowerCase();
  const wanted = name.toLowerCase();
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    const before = lower.charAt(at - 1);
    const after = lower.charAt(at + wanted.length);
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

const WORD = /[\p{L}\p{N}_@#$]/u;

/** The words of a text in lower case, as `mentions` tells them apart. */
export const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{N}_@#$]+/gu));

/** By key: what both have, what only one has, in the order of the left and then of the right. */
export interface Paired<T> {
  readonly both: readonly (readonly [T, T])[];
  readonly onlyLeft: readonly T[];
  readonly onlyRight: readonly T[];
}

export function paired<T>(left: readonly T[], right: readonly T[], keyOf: (one: T) => string): Paired<T> {
  const there = new Map(right.map(one => [keyOf(one), one]));
  const both: (readonly [T, T])[] = [];
  const onlyLeft: T[] = [];
  for (const one of left) {
    const key = keyOf(one);
    const other = there.get(key);
    if (other === undefined) onlyLeft.push(one);
    else both.push([one, other]);
    there.delete(key);
  }
  return { both, onlyLeft, onlyRight: [...there.values()] };
}

/** Left and right that are alike and have no partner yet: what was only renamed. */
export function matched<T>(
  { both, onlyLeft, onlyRight }: Paired<T>,
  isAlike: (left: T, right: T) => boolean,
): Paired<T> & { readonly renamed: readonly (readonly [T, T])[] } {
  const rest = [...onlyRight];
  const renamed: (readonly [T, T])[] = [];
  const missing = onlyLeft.filter(left => {
    const at = rest.findIndex(right => isAlike(left, right));
    const found = rest[at];
    if (found === undefined) return true;
    rest.splice(at, 1);
    renamed.push([left, found]);
    return false;
  });
  return { both, onlyLeft: missing, onlyRight: rest, renamed };
}
