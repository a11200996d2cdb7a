import { SqlError } from '../../errors.ts';

/** JSON as text with places, so that fragments and numbers come out as they were written. */

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

export interface JsonNode {
  readonly kind: JsonKind;
  readonly start: number;
  readonly end: number;
}

export interface JsonMember {
  /** Decoded; of an array the index. */
  readonly key: string;
  readonly value: JsonNode;
}

export const malformed = (text: string, at: number): SqlError =>
  new SqlError(
    13_609,
    `JSON text is not properly formatted. Unexpected character '${text.charAt(at) || '.'}' is found at position ${at}.`,
    { state: 4 },
  );

const BLANK = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const DEEPEST = 128;

const ending = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
};

const skip = (text: string, at: number): number => ending(BLANK, text, at);

/** The value that begins at a place, checked to its end. */
function node(text: string, at: number, depth: number): JsonNode {
  const first = text.charAt(at);
  if (first === '{' || first === '[') return container(text, at, depth);
  if (first === '"') {
    const end = ending(STRING, text, at);
    if (end < 0) throw malformed(text, at);
    return { kind: 'string', start: at, end };
  }
  const word = ending(WORD, text, at);
  if (word >= 0) {
    return { kind: first === 't' ? 'true' : first === 'f' ? 'false' : 'null', start: at, end: word };
  }
  const end = ending(NUMBER, text, at);
  if (end < 0) throw malformed(text, at);
  return { kind: 'number', start: at, end };
}

function container(text: string, at: number, depth: number): JsonNode {
  if (depth > DEEPEST) throw malformed(text, at);
  let end = at;
  for (const member of walk(text, at, depth)) end = member.value.end;
  const close = skip(text, end === at ? at + 1 : end);
  return { kind: text.charAt(at) === '{' ? 'object' : 'array', start: at, end: close + 1 };
}

/** Members of the object or array that begins at a place; stops behind the closing bracket. */
function* walk(text: string, start: number, depth: number): Generator<JsonMember> {
  const object = text.charAt(start) === '{';
  const close = object ? '}' : ']';
  let at = skip(text, start + 1);
  if (text.charAt(at) === close) return;
  for (let index = 0; ; index++) {
    let key = String(index);
    if (object) {
      const end = ending(STRING, text, at);
      if (end < 0) throw malformed(text, at);
      key = decode(text.slice(at, end));
      at = skip(text, end);
      if (text.charAt(at) !== ':') throw malformed(text, at);
      at = skip(text, at + 1);
    }
    const value = node(text, at, depth + 1);
    yield { key, value };
    at = skip(text, value.end);
    if (text.charAt(at) === close) return;
    if (text.charAt(at) !== ',') throw malformed(text, at);
    at = skip(text, at + 1);
  }
}

/** A JSON string with its quotes as the text that it means. */
export function decode(quoted: string): string {
  const parsed: unknown = JSON.parse(quoted);
  return typeof parsed === 'string' ? parsed : '';
}

/** @throws SqlError 13609 */
export function parseJson(text: string): JsonNode {
  const at = skip(text, 0);
  const root = node(text, at, 0);
  const rest = skip(text, root.end);
  if (rest < text.length) throw malformed(text, rest);
  return root;
}

export const members = (text: string, parent: JsonNode): Iterable<JsonMember> =>
  parent.kind === 'object' || parent.kind === 'array' ? walk(text, parent.start, 0) : [];

/** The text of a scalar; null for JSON's null. */
export function scalarText(text: string, value: JsonNode): string | null {
  const raw = text.slice(value.start, value.end);
  if (value.kind === 'null') return null;
  return value.kind === 'string' ? decode(raw) : raw;
}
