import type { Tone } from './text/line.ts';

/** Colours by meaning. A theme without colours is complete: symbols and words carry everything. */
export const THEMES = ['dark', 'light', 'colour-blind', 'none'] as const;
export type ThemeName = (typeof THEMES)[number];

/** What Ink's Text takes. */
export interface Style {
  readonly color?: string;
  readonly bold?: boolean;
  readonly dimColor?: boolean;
}

export type Theme = Readonly<Record<Tone, Style>>;

/** Exact shades rather than the sixteen names: what a terminal calls red may be unreadable on its own background. */
const dark: Theme = {
  plain: {},
  muted: { color: '#9a9a9a' },
  good: { color: '#5fd75f' },
  warn: { color: '#ffd75f' },
  bad: { color: '#ff6b6b', bold: true },
  busy: { color: '#5fd7d7' },
  unknown: { color: '#d7a6ff' },
  accent: { color: '#5fafff', bold: true },
  title: { bold: true },
};

/** Darker shades: the bright ones vanish on white. */
const light: Theme = {
  ...dark,
  muted: { color: '#5f5f5f' },
  good: { color: '#006400' },
  warn: { color: '#8a5a00' },
  bad: { color: '#b00000', bold: true },
  busy: { color: '#005f87' },
  unknown: { color: '#6a0dad' },
  accent: { color: '#003f8a', bold: true },
};

/** The palette of Okabe and Ito: its colours stay apart for every common kind of colour blindness. */
const colourBlind: Theme = {
  ...dark,
  good: { color: '#56b4e9' },
  warn: { color: '#e69f00' },
  bad: { color: '#d55e00', bold: true },
  busy: { color: '#f0e442' },
  unknown: { color: '#cc79a7' },
  accent: { color: '#9fd4f5', bold: true },
};

const none: Theme = {
  plain: {},
  muted: {},
  good: {},
  warn: {},
  bad: { bold: true },
  busy: {},
  unknown: {},
  accent: { bold: true },
  title: { bold: true },
};

export const themeOf = (name: ThemeName): Theme => ({ dark, light, 'colour-blind': colourBlind, none })[name];
