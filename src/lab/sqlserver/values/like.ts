import { SqlError } from '../errors.ts';
import { type Collation, trimmed } from './collation.ts';

type Token =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'unit'; readonly unit: string }
  | { readonly kind: 'set'; readonly holds: (unit: string) => boolean };

interface Member {
  readonly low: string;
  readonly high: string;
}

/** undefined for a pattern that matches nothing: an open bracket, an escape at the end. */
function tokens(pattern: string, escaping: string | undefined, collation: Collation): Token[] | undefined {
  const result: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    const unit = pattern.charAt(at++);
    if (unit === escaping) {
      if (at >= pattern.length) return undefined;
      result.push({ kind: 'unit', unit: collation.fold(pattern.charAt(at++)) });
    } else if (unit === '%') {
      if (result.at(-1)?.kind !== 'any') result.push({ kind: 'any' });
    } else if (unit === '_') {
      result.push({ kind: 'one' });
    } else if (unit === '[') {
      const set = bracket(pattern, at, escaping, collation);
      if (set === undefined) return undefined;
      result.push({ kind: 'set', holds: set.holds });
      at = set.end;
    } else {
      result.push({ kind: 'unit', unit: collation.fold(unit) });
    }
  }
  return result;
}

function bracket(
  pattern: string,
  start: number,
  escaping: string | undefined,
  collation: Collation,
): { holds: (unit: string) => boolean; end: number } | undefined {
  let at = start;
  const negated = pattern.charAt(at) === '^';
  if (negated) at++;
  const members: Member[] = [];
  while (at < pattern.length && pattern.charAt(at) !== ']') {
    if (pattern.charAt(at) === escaping) at++;
    const low = pattern.charAt(at++);
    if (pattern.charAt(at) === '-' && at + 1 < pattern.length && pattern.charAt(at + 1) !== ']') {
      at++;
      if (pattern.charAt(at) === escaping) at++;
      members.push({ low, high: pattern.charAt(at++) });
    } else {
      members.push({ low, high: low });
    }
  }
  if (at >= pattern.length) return undefined;
  const singles = new Set(members.filter(m => m.low === m.high).map(m => collation.fold(m.low)));
  const ranges = members
    .filter(m => m.low !== m.high)
    .map(m => ({ low: collation.key(m.low), high: collation.key(m.high) }));
  const holds = (unit: string): boolean => {
    if (singles.has(unit)) return true;
    if (ranges.length === 0) return false;
    const key = collation.key(unit);
    return ranges.some(range => key >= range.low && key <= range.high);
  };
  return { holds: negated ? unit => !holds(unit) : holds, end: at + 1 };
}

const fits = (token: Token, unit: string): boolean =>
  token.kind === 'unit'
    ? token.unit === unit
    : token.kind === 'one' || (token.kind === 'set' && token.holds(unit));

/** Where the tokens match from `start` on: the end of the match, or -1; `whole` asks for a match up to the end. */
function match(list: readonly Token[], text: string, start: number): boolean {
  let token = 0;
  let at = start;
  let starToken = -1;
  let starAt = 0;
  while (at < text.length) {
    const current = list[token];
    if (current?.kind === 'any') {
      starToken = token++;
      starAt = at;
    } else if (current !== undefined && fits(current, text.charAt(at))) {
      token++;
      at++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (list[token]?.kind === 'any') token++;
  return token === list.length;
}

/**
 * LIKE under a collation. Trailing blanks of the text count for nchar and nvarchar only.
 *
 * @throws SqlError 506 for an escape that is not one character
 */
export function like(
  pattern: string,
  escaping: string | undefined,
  collation: Collation,
  unicode = true,
): (text: string) => boolean {
  if (escaping !== undefined && escaping.length !== 1) {
    throw new SqlError(506, `The invalid escape character "${escaping}" was specified in a LIKE predicate.`);
  }
  const list = tokens(pattern, escaping, collation);
  if (list === undefined) return () => false;
  const plain = (text: string): boolean => match(list, collation.fold(text), 0);
  if (unicode) return plain;
  return text => plain(text) || (text.endsWith(' ') && plain(trimmed(text)));
}

/** PATINDEX: the first place from 1 where the pattern matches, 0 where it does not. */
export function patternIndex(pattern: string, collation: Collation): (text: string) => number {
  const leading = pattern.startsWith('%');
  const list = tokens(leading ? pattern.slice(1) : pattern, undefined, collation);
  if (list === undefined) return () => 0;
  return text => {
    const folded = collation.fold(text);
    const last = leading ? folded.length : 0;
    for (let start = 0; start <= last; start++) if (match(list, folded, start)) return start + 1;
    return 0;
  };
}
