import type { CellColour } from '../../test/support/terminal-screen.ts';

/** The one place for the colours of pictures: a dark terminal whose sixteen colours keep 4.5:1 on its background. */
export const PALETTE = {
  background: '#10151c',
  border: '#2b3644',
  foreground: '#d7dee8',
  /** ANSI 0 to 15: black, red, green, yellow, blue, magenta, cyan, white, then the bright ones. */
  ansi: [
    '#1c2430',
    '#f2777a',
    '#7fd18b',
    '#e8bf6a',
    '#7aa7f0',
    '#cf9bea',
    '#62cbd8',
    '#cfd6e0',
    '#8996a8',
    '#ff9a94',
    '#a1e8ab',
    '#f7d58b',
    '#9fc3ff',
    '#e2b8f7',
    '#8ce4ee',
    '#f4f7fb',
  ],
} as const;

const CUBE = [0, 95, 135, 175, 215, 255];

/** `role` decides what 'default' is. Indices 16 to 231 are the 6×6×6 cube of xterm, 232 to 255 its greys. */
export function hex(colour: CellColour, role: 'foreground' | 'background'): string {
  if (colour === 'default') return PALETTE[role];
  if (typeof colour === 'string') return colour;
  const named = PALETTE.ansi[colour];
  if (named !== undefined) return named;
  if (colour >= 232) return channels([0, 0, 0].map(() => 8 + (colour - 232) * 10));
  const place = colour - 16;
  return channels(
    [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map(step => CUBE[step] ?? 0),
  );
}

function channels(values: readonly number[]): string {
  return `#${values.map(value => value.toString(16).padStart(2, '0')).join('')}`;
}
