import { styleText } from 'node:util';

/** Meaning first, colour second: every mark is also a word. */
export interface Style {
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
  strong(text: string): string;
  readonly marks: {
    readonly good: string;
    readonly warn: string;
    readonly bad: string;
    readonly busy: string;
  };
}

type Format = Parameters<typeof styleText>[0];

export function createStyle(colour: boolean, unicode: boolean): Style {
  const paint = (format: Format) => (text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return {
    good: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
    dim: paint('dim'),
    strong: paint('bold'),
    marks: unicode
      ? { good: '✔', warn: '▲', bad: '✖', busy: '…' }
      : { good: '[ok]', warn: '[!]', bad: '[x]', busy: '...' },
  };
}
