import { instructionOf } from '../instruction.ts';
import type { Chart } from './chart.ts';

/**
 * A document as data: what is said, not how it looks. Markdown and HTML are printed from the same blocks, so they cannot
 * differ. Texts are plain; every printer escapes them for itself.
 */
export interface Document {
  readonly title: Text;
  /** `runbook`, in a word or two: stands on every printed page. */
  readonly kind: string;
  readonly basis: Basis;
  readonly blocks: readonly Block[];
}

/** What the document rests on, printed on every page. */
export interface Basis {
  readonly evacuation: string;
  readonly marks: readonly string[];
  /** `written 2026-11-22 14:06 UTC · event 70 · plan 4f2a91c3`. */
  readonly line: string;
  /** From when it must not be trusted any more, one sentence. */
  readonly stale: string;
}

/** A part of a line. `code` is shown verbatim, as it is pasted. */
export type Span = string | { readonly kind: 'strong' | 'code'; readonly text: string };
export type Text = string | readonly Span[];

export interface Item {
  readonly text: Text;
  readonly children?: readonly Block[];
}

export interface TableColumn {
  readonly title: string;
  /** Figures stand to the right. */
  readonly right?: boolean;
}

export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3 | 4; readonly text: Text }
  | { readonly kind: 'paragraph'; readonly text: Text }
  /** Beside the text: a mark that nobody may overlook. */
  | { readonly kind: 'warning'; readonly text: Text }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly Item[] }
  | {
      readonly kind: 'table';
      /** What it shows, for those who hear it. */
      readonly caption: string;
      readonly columns: readonly TableColumn[];
      readonly rows: readonly (readonly Text[])[];
    }
  | { readonly kind: 'lines'; readonly language: string; readonly lines: readonly string[] }
  /** A picture of the figures in the table that stands beside it; Markdown leaves it out. */
  | { readonly kind: 'chart'; readonly chart: Chart }
  /** Stays on one printed page where it can. */
  | { readonly kind: 'together'; readonly blocks: readonly Block[] };

export const strong = (text: string): Span => ({ kind: 'strong', text });
export const code = (text: string): Span => ({ kind: 'code', text });

export const heading = (level: 2 | 3 | 4, text: Text): Block => ({ kind: 'heading', level, text });
export const paragraph = (text: Text): Block => ({ kind: 'paragraph', text });
export const warning = (text: Text): Block => ({ kind: 'warning', text });
export const lines = (language: string, all: readonly string[]): Block => ({
  kind: 'lines',
  language,
  lines: all,
});
export const chart = (drawn: Chart): Block => ({ kind: 'chart', chart: drawn });
export const together = (blocks: readonly Block[]): Block => ({ kind: 'together', blocks });

/** One line of a list; `children` stand below it. */
export const item = (text: Text, children: readonly Block[] = []): Item =>
  children.length === 0 ? { text } : { text, children };

/** Nothing at all where there are no items. */
export const list = (items: readonly (Item | Text)[], ordered = false): Block[] =>
  items.length === 0
    ? []
    : [{ kind: 'list', ordered, items: items.map(each => (isItem(each) ? each : { text: each })) }];

export const table = (
  caption: string,
  columns: readonly (string | TableColumn)[],
  rows: readonly (readonly Text[])[],
): Block => ({
  kind: 'table',
  caption,
  columns: columns.map(each => (typeof each === 'string' ? { title: each } : each)),
  rows,
});

const isItem = (each: Item | Text): each is Item => typeof each === 'object' && 'text' in each;

export const spansOf = (text: Text): readonly Span[] => (typeof text === 'string' ? [text] : text);

/** A text without its marks. */
export const plainOf = (text: Text): string =>
  spansOf(text)
    .map(span => (typeof span === 'string' ? span : span.text))
    .join('');

/** Something to do: its words, and its command as it is pasted. */
export function instruction(text: string): Span[] {
  const { lead, command, tail } = instructionOf(text);
  return [lead, ...(command === undefined ? [] : [code(command)]), tail].filter(each => each !== '');
}

/** An instruction behind a word that says what it is for. */
export const told = (word: Span, text: string): Span[] => [word, ': ', ...instruction(text)];
