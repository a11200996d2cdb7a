import { isAlias, isMap, isScalar, isSeq, Lexer, type Node, type Pair, type YAMLMap } from 'yaml';
import { blockLines, flowText, type PlanValue, valueAt, withValue } from './edit-value.ts';
import type { PathKey, PlanPath } from './finding.ts';
import { keyText } from './locate.ts';
import type { Syntax } from './syntax.ts';

/**
 * Edits that touch nothing but their own place: the places come from the YAML parser, the text around them stays
 * byte for byte. Printing the parsed document would keep comments, too, but lose every alignment and line break that
 * a person chose. Undefined where a place has no such edit (its caller then prints the document).
 */

export interface Ground {
  readonly text: string;
  readonly syntax: Syntax;
  readonly plain: PlanValue;
}

/** Writes a value at a path, whatever is there now. */
export function setInText(ground: Ground, path: PlanPath, value: PlanValue): string | undefined {
  const { map, depth } = walk(ground, path);
  const key = path[depth];
  if (map === undefined || key === undefined) return undefined;
  // Lists, aliases, and what a merge key brings are written anew as a whole, at the nearest key.
  const inner =
    depth === path.length - 1
      ? value
      : withValue(valueAt(ground.plain, path.slice(0, depth + 1)), path.slice(depth + 1), value);
  if (inner === undefined) return undefined;
  const own = pairIn(map, key);
  return own === undefined ? addPair(ground, map, key, inner) : replaceValue(ground, own, inner);
}

/** What becomes of comments inside what is taken out; comments above it always stay. */
export type InnerComments = 'keep' | 'drop';

/** Takes a key out with what it holds. */
export function removeFromText(ground: Ground, path: PlanPath, inner: InnerComments): string | undefined {
  const { map, depth } = walk(ground, path);
  const key = path[depth];
  if (map === undefined || key === undefined) return undefined;
  if (depth < path.length - 1) {
    const prefix = path.slice(0, depth + 1);
    const whole = withValue(valueAt(ground.plain, prefix), path.slice(depth + 1), undefined);
    return whole === undefined ? undefined : setInText(ground, prefix, whole);
  }
  const pair = pairIn(map, key);
  if (pair === undefined) return undefined;
  if (map.flow === true) return removeFromFlow(ground, map, pair);
  if (map.items.length === 1) {
    return path.length === 1 ? undefined : setInText(ground, path.slice(0, -1), {});
  }
  const { text } = ground;
  const start = lineStart(text, startOf(pair.key));
  if (text.slice(start, startOf(pair.key)).trim() !== '') return undefined;
  const [from, to] = withGap(text, start, endOfPair(text, pair), pair === map.items[0]);
  if (inner === 'drop') return text.slice(0, from) + text.slice(to);
  const kept = remarks(text, start, to, text.slice(start, startOf(pair.key)));
  return kept === '' ? text.slice(0, from) + text.slice(to) : text.slice(0, start) + kept + text.slice(to);
}

/** Every comment of a text, with its `#`, in order. */
export function commentsOf(text: string): { readonly offset: number; readonly text: string }[] {
  const found: { offset: number; text: string }[] = [];
  let offset = 0;
  let content = false;
  for (const lexeme of new Lexer().lex(text)) {
    // The lexer's own marks are not in the text; the one before content tells that a "#" is no comment.
    if (/^[\u0002\u0018\u001f]$/.test(lexeme)) {
      content = lexeme === '\u001f';
      continue;
    }
    if (lexeme.startsWith('#') && !content) found.push({ offset, text: lexeme.trimEnd() });
    content = false;
    offset += lexeme.length;
  }
  return found;
}

/** Follows a path through the mappings that are written there: the last of them, and how far that is. */
function walk(ground: Ground, path: PlanPath): { readonly map: YAMLMap | undefined; readonly depth: number } {
  const root = ground.syntax.document?.contents;
  let map = isMap(root) ? root : undefined;
  for (const [depth, key] of path.entries()) {
    const inner = map === undefined ? undefined : pairIn(map, key)?.value;
    if (depth === path.length - 1 || !isMap(inner)) return { map, depth };
    map = inner;
  }
  return { map, depth: path.length };
}

const pairIn = (map: YAMLMap, key: PathKey): Pair | undefined =>
  map.items.findLast(pair => keyText(pair) === String(key));

const rangeOf = (node: unknown): Node['range'] | undefined =>
  typeof node === 'object' && node !== null && 'range' in node ? (node as Node).range : undefined; // Only nodes have ranges.
const startOf = (node: unknown): number => rangeOf(node)?.[0] ?? 0;

const lineStart = (text: string, offset: number): number => text.lastIndexOf('\n', offset - 1) + 1;

/** The place after the line break of the line that an offset is in; the offset itself where a line begins there. */
function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

const eolOf = (text: string): string => (/\r\n/.test(text) ? '\r\n' : '\n');

const isEmptyNode = (node: unknown): boolean =>
  node === null || node === undefined || (isScalar(node) && node.value === null && node.source === '');

/** The place behind the colon of a key. */
function afterColon(text: string, pair: Pair): number {
  const end = rangeOf(pair.key)?.[1] ?? 0;
  return text.indexOf(':', end) + 1;
}

/** The place behind the last character of a node's own text; comments after it do not belong to it. */
function endOfNode(text: string, node: unknown): number {
  const range = rangeOf(node);
  if (range === undefined || range === null) return 0;
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined ? range[1] : endOfValue(text, last);
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1);
    return last === undefined || isEmptyNode(last) ? range[1] : endOfNode(text, last);
  }
  return range[1];
}

const endOfValue = (text: string, pair: Pair): number =>
  isEmptyNode(pair.value) ? afterColon(text, pair) : endOfNode(text, pair.value);

/** The beginning of the line after the last one of a pair of a block. */
const endOfPair = (text: string, pair: Pair): number => lineEnd(text, endOfValue(text, pair));

/** Of two empty lines around what is removed one goes as well; and the one below what was the first of its block. */
function withGap(text: string, start: number, end: number, isFirst: boolean): [start: number, end: number] {
  const before = lineStart(text, start - 1);
  const after = lineEnd(text, end + 1);
  const gapBefore = start > 0 && text.slice(before, start).trim() === '';
  const gapAfter = text.slice(end, after).trim() === '';
  if (gapBefore && gapAfter) return [before, end];
  return isFirst && gapAfter && end < text.length ? [start, after] : [start, end];
}

/** The comments of a part of the text, each on a line of its own. */
function remarks(text: string, start: number, end: number, indent: string): string {
  return commentsOf(text)
    .filter(({ offset }) => offset >= start && offset < end)
    .map(comment => `${indent}${comment.text}${eolOf(text)}`)
    .join('');
}

function replaceValue({ text }: Ground, pair: Pair, value: PlanValue): string {
  const colon = afterColon(text, pair);
  const { value: node } = pair;
  if (isEmptyNode(node)) {
    const written = ` ${flowText(value)}`;
    return text.slice(0, colon) + written + filledIn(keepColumn(text.slice(colon), written.length));
  }
  const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true;
  const start = isBlock ? colon : startOf(node);
  const end = isBlock ? endOfNode(text, node) : (rangeOf(node)?.[1] ?? start);
  const trimmed = start + text.slice(start, end).trimEnd().length;
  const from = lineStart(text, startOf(pair.key));
  const indent = /^ */.exec(text.slice(from))?.[0] ?? '';
  const kept = isAlias(node) ? '' : remarks(text, start, trimmed, indent);
  const written = `${isBlock ? ' ' : ''}${flowText(value)}`;
  const rest = keepColumn(text.slice(trimmed), written.length - (trimmed - start));
  return text.slice(0, from) + kept + text.slice(from, start) + written + rest;
}

/** A comment that follows on the line stays in its column, where the value before it leaves room. */
const keepColumn = (rest: string, longer: number): string =>
  rest.replace(/^ +(?=#)/, gap => ' '.repeat(Math.max(1, gap.length - longer)));

/** What was asked for in a plan that landfall wrote is there now. */
const filledIn = (rest: string): string => rest.replace(/^( *# )FILL IN: /, '$1');

function addPair(ground: Ground, map: YAMLMap, key: PathKey, value: PlanValue): string | undefined {
  const { text } = ground;
  const last = map.items.at(-1);
  if (map.flow === true) {
    const written = flowText({ [key]: value }).slice(2, -2);
    if (last === undefined) {
      const [start, end] = rangeOf(map) ?? [0, 0];
      return `${text.slice(0, start)}{ ${written} }${text.slice(end)}`;
    }
    const end = endOfValue(text, last);
    return `${text.slice(0, end)}, ${written}${text.slice(end)}`;
  }
  const first = map.items[0];
  if (last === undefined || first === undefined) return undefined;
  const indent = ' '.repeat(startOf(first.key) - lineStart(text, startOf(first.key)));
  return insertLines(text, endOfPair(text, last), blockLines(key, value, indent));
}

/** Puts whole lines in front of the line that begins at an offset. */
function insertLines(text: string, offset: number, lines: readonly string[]): string {
  const eol = eolOf(text);
  const before = text.slice(0, offset);
  const gap = before === '' || before.endsWith('\n') ? '' : eol;
  return before + gap + lines.map(line => line + eol).join('') + text.slice(offset);
}

function removeFromFlow({ text }: Ground, map: YAMLMap, pair: Pair): string {
  const at = map.items.indexOf(pair);
  const [start, end] = rangeOf(map) ?? [0, 0];
  const next = map.items[at + 1];
  const previous = map.items[at - 1];
  if (previous !== undefined)
    return text.slice(0, endOfValue(text, previous)) + text.slice(endOfValue(text, pair));
  if (next !== undefined) return text.slice(0, startOf(pair.key)) + text.slice(startOf(next.key));
  return `${text.slice(0, start)}{}${text.slice(end)}`;
}

/**
 * A text with an entry in a section that is a block: at its place in the alphabet, with an empty line before it where
 * the others have one. The lines of the entry are indented by two. Undefined where the section is no such block.
 */
export function insertEntry(
  { text, syntax }: Ground,
  section: string,
  name: string,
  lines: readonly string[],
): string | undefined {
  const root = syntax.document?.contents;
  const map = isMap(root) ? pairIn(root, section)?.value : undefined;
  if (!isMap(map) || map.flow === true) return undefined;
  const [first, second] = map.items;
  if (first === undefined) return undefined;
  const start = lineStart(text, startOf(first.key));
  const indent = ' '.repeat(startOf(first.key) - start);
  const entry = lines.map(line => indent + line.slice(2));
  const next = second === undefined ? undefined : lineStart(text, startOf(second.key));
  const isSpaced = next === undefined || isBlank(text, lineStart(text, next - 1));
  const before = map.items.findLast(pair => keyText(pair) < name);
  // A comment above the first entry speaks of that entry, and must not come to stand above another.
  if (before === undefined && !/^\s*#/.test(text.slice(lineStart(text, start - 1), start))) {
    return insertLines(text, start, isSpaced ? [...entry, ''] : entry);
  }
  const offset = afterRemarks(text, endOfPair(text, before ?? map.items.at(-1) ?? first));
  return insertLines(text, offset, isSpaced ? ['', ...entry] : entry);
}

/** Comments directly below an entry, with an empty line after them, belong to it; others to what comes next. */
function afterRemarks(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && /^[ \t]*#/.test(text.slice(end, lineEnd(text, end + 1)))) {
    end = lineEnd(text, end + 1);
  }
  return isBlank(text, end) ? end : offset;
}

const isBlank = (text: string, offset: number): boolean =>
  text.slice(offset, lineEnd(text, offset + 1)).trim() === '';
