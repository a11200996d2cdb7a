import type { Tone } from './line.ts';

/** Every symbol of the screens, for terminals that know Unicode and for those that do not. */
export interface Glyphs {
  /** False where the terminal shows nothing but ASCII: the frame then replaces whatever else texts bring along. */
  readonly unicode: boolean;
  readonly ok: string;
  readonly warn: string;
  readonly bad: string;
  readonly busy: string;
  readonly unknown: string;
  /** Waits for somebody's word. */
  readonly held: string;
  readonly rule: string;
  readonly doubleRule: string;
  readonly column: string;
  readonly cursor: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly delta: string;
  readonly arrow: string;
  readonly filled: string;
  readonly empty: string;
  readonly up: string;
  readonly down: string;
  readonly checked: string;
  readonly unchecked: string;
  /** Eight heights of a bar, lowest first. */
  readonly bars: readonly string[];
}

const UNICODE: Glyphs = {
  unicode: true,
  ok: '✔',
  warn: '▲',
  bad: '✖',
  busy: '…',
  unknown: '?',
  held: '‖',
  rule: '─',
  doubleRule: '━',
  column: '│',
  cursor: '›',
  dot: '·',
  ellipsis: '…',
  delta: 'Δ',
  arrow: '→',
  filled: '█',
  empty: '░',
  up: '↑',
  down: '↓',
  checked: '[✔]',
  unchecked: '[ ]',
  bars: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

const ASCII: Glyphs = {
  unicode: false,
  ok: '+',
  warn: '!',
  bad: 'x',
  busy: '~',
  unknown: '?',
  held: '=',
  rule: '-',
  doubleRule: '=',
  column: '|',
  cursor: '>',
  dot: '-',
  ellipsis: '~',
  delta: 'D',
  arrow: '->',
  filled: '#',
  empty: '.',
  up: '^',
  down: 'v',
  checked: '[x]',
  unchecked: '[ ]',
  bars: ['_', '.', '-', '~', '=', '+', '*', '#'],
};

/** Symbols that a screen reader would spell out; the word that stands beside each says it already. */
const SPOKEN: Glyphs = {
  ...UNICODE,
  ok: '',
  warn: '',
  bad: '',
  busy: '',
  unknown: '',
  held: '',
  rule: '',
  doubleRule: '',
  column: '',
  cursor: '',
  dot: '',
  ellipsis: '...',
  delta: 'delta',
  arrow: 'to',
  filled: '',
  empty: '',
  up: 'up',
  down: 'down',
  checked: 'done:',
  unchecked: 'open:',
  bars: [],
};

export const glyphsFor = (unicode: boolean): Glyphs => (unicode ? UNICODE : ASCII);

export const spokenGlyphs = (): Glyphs => SPOKEN;

export type StatusKind = 'ok' | 'busy' | 'warn' | 'bad' | 'unknown';

export const toneOf = (kind: StatusKind): Tone =>
  (({ ok: 'good', busy: 'busy', warn: 'warn', bad: 'bad', unknown: 'unknown' }) as const)[kind];
