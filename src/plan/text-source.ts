import { isUtf8 } from 'node:buffer';
import { LineCounter } from 'yaml';
import { type Finding, fault } from './finding.ts';

/** A plan is a page or two; what is larger is some other file. */
export const MAX_PLAN_BYTES = 1024 * 1024;

/** Line and column from 1; the column counts UTF-16 units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface DecodedText {
  readonly text: string;
  /** Non-empty where the text must not go to the YAML parser. */
  readonly findings: readonly Finding[];
}

/** Bytes as text without a byte order mark, refused where they are no UTF-8 text of a bearable size. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_PLAN_BYTES) {
    return refused('the file is larger than 1 MiB, and no plan is', 'is this the right file?');
  }
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0xfe, 0xff)) {
    return refused('the file is UTF-16; a plan is UTF-8', 'save it as UTF-8 and try again');
  }
  // One is a slip of an editor; several are an image, an archive, a program.
  if (bytes.indexOf(0) !== bytes.lastIndexOf(0)) {
    return refused('this is not a text file', 'is this the right file? A plan is YAML, in UTF-8');
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  if (isUtf8(bytes)) return { text, findings: controlCharacters(text) };
  const { offset, byte } = firstBadByte(bytes);
  return {
    text,
    findings: [
      fault([], 'the file is not UTF-8 from here on', {
        offset,
        value: `byte 0x${byte.toString(16)}`,
        suggestion: 'save it as UTF-8 (it looks like Latin-1 or Windows-1252)',
      }),
    ],
  };
}

const startsWith = (bytes: Uint8Array, first: number, second: number): boolean =>
  bytes[0] === first && bytes[1] === second;

const refused = (message: string, suggestion: string): DecodedText => ({
  text: '',
  findings: [fault([], message, { offset: 0, suggestion })],
});

/** The first replacement character that does not stand in the file itself marks the first byte that is wrong. */
function firstBadByte(bytes: Uint8Array): { offset: number; byte: number } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const skipped = text.startsWith('\uFEFF') ? 1 : 0;
  let at = 0;
  let from = 0;
  for (let index = text.indexOf('\uFFFD'); index >= 0; index = text.indexOf('\uFFFD', index + 1)) {
    at += Buffer.byteLength(text.slice(from, index));
    if (bytes[at] !== 0xef || bytes[at + 1] !== 0xbf || bytes[at + 2] !== 0xbd) {
      return { offset: index - skipped, byte: bytes[at] ?? 0 };
    }
    at += 3;
    from = index + 1;
  }
  return { offset: 0, byte: bytes[0] ?? 0 };
}

/** What no editor shows and YAML forbids: NUL, escape, a carriage return on its own. */
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]|\r(?!\n)/g;

/** The first few tell it all. */
const MOST_CONTROL_CHARACTERS = 3;

function controlCharacters(text: string): Finding[] {
  const findings: Finding[] = [];
  for (const match of text.matchAll(CONTROL)) {
    const code = match[0].charCodeAt(0);
    findings.push(
      fault([], `a control character (${CONTROL_NAMES.get(code) ?? 'invisible'}) stands here`, {
        offset: match.index,
        value: match[0],
        suggestion: 'remove it; a plan is plain text',
      }),
    );
    if (findings.length === MOST_CONTROL_CHARACTERS) break;
  }
  return findings;
}

const CONTROL_NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'NUL'],
  [0x07, 'bell'],
  [0x08, 'backspace'],
  [0x0d, 'carriage return without line feed'],
  [0x1b, 'escape'],
  [0x7f, 'delete'],
]);

/** Turns offsets of the text into positions; an offset outside the text is the nearest one inside. */
export function positionsIn(text: string): (offset: number) => Position {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let index = text.indexOf('\n'); index >= 0; index = text.indexOf('\n', index + 1)) {
    lines.addNewLine(index + 1);
  }
  return offset => {
    const { line, col } = lines.linePos(Math.min(Math.max(0, offset), text.length));
    return { line, column: col };
  };
}
