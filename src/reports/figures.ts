import type { Status } from './shape.ts';

/** The symbols of plain text. Which set fits the terminal is decided where the terminal is known. */
export interface Figures {
  readonly ok: string;
  readonly busy: string;
  readonly warn: string;
  readonly bad: string;
  readonly unknown: string;
  readonly delta: string;
  readonly rule: string;
  readonly dot: string;
  readonly ellipsis: string;
}

export const UNICODE_FIGURES: Figures = {
  ok: '✔',
  busy: '…',
  warn: '▲',
  bad: '✖',
  unknown: '?',
  delta: 'Δ',
  rule: '─',
  dot: '·',
  ellipsis: '…',
};

/** For terminals, fonts and logs that know nothing but ASCII. */
export const ASCII_FIGURES: Figures = {
  ok: '+',
  busy: '.',
  warn: '!',
  bad: 'x',
  unknown: '?',
  delta: 'd',
  rule: '-',
  dot: '|',
  ellipsis: '~',
};

export const figureOf = (figures: Figures, kind: Status['kind']): string => figures[kind];
