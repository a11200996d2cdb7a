import { describe, expect, it } from 'vitest';
import type { Tone } from '../../../src/tui/text/line.ts';
import { THEMES, type ThemeName, themeOf } from '../../../src/tui/theme.ts';

type Rgb = readonly [number, number, number];

const rgbOf = (hex: string): Rgb => {
  const part = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return [part(1), part(3), part(5)];
};

const linear = (value: number): number => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** Relative luminance of WCAG 2. */
const luminance = ([r, g, b]: Rgb): number => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);

const contrast = (a: Rgb, b: Rgb): number => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

/** What eyes without one kind of cone see: the matrices of Viénot, Brettel and Mollon (1999), on linear RGB. */
const BLIND = {
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
} as const;

/** CIE 1976 L*a*b* (D65) of linear RGB. */
function lab(rgb: readonly number[]): number[] {
  const [r = 0, g = 0, b = 0] = rgb.map(each => Math.max(0, each));
  const f = (t: number): number => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function seenBy(kind: keyof typeof BLIND, rgb: Rgb): number[] {
  const light = rgb.map(linear);
  return lab(
    BLIND[kind].map(row => row.reduce<number>((sum, factor, index) => sum + factor * (light[index] ?? 0), 0)),
  );
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((each, index) => each - (b[index] ?? 0)));

const GROUND: Readonly<Record<Exclude<ThemeName, 'none'>, Rgb>> = {
  dark: [0, 0, 0],
  light: [255, 255, 255],
  'colour-blind': [0, 0, 0],
};
const STATES: readonly Tone[] = ['good', 'warn', 'bad', 'busy', 'unknown'];
const colourOf = (theme: ThemeName, tone: Tone): Rgb => rgbOf(themeOf(theme)[tone].color ?? '');

describe.each(['dark', 'light', 'colour-blind'] as const)('the theme %s', theme => {
  it.each([...STATES, 'accent'] as const)('has %s in a colour that is read on its ground', tone => {
    expect(contrast(colourOf(theme, tone), GROUND[theme])).toBeGreaterThanOrEqual(4.5);
  });

  it('has what matters less paler, but readable', () => {
    expect(contrast(colourOf(theme, 'muted'), GROUND[theme])).toBeGreaterThanOrEqual(3);
  });

  it('has no two states in one colour', () => {
    expect(new Set(STATES.map(tone => themeOf(theme)[tone].color)).size).toBe(STATES.length);
  });
});

describe('the palette for colour-blind eyes', () => {
  it.each(['protanopia', 'deuteranopia'] as const)('keeps good, warn and bad apart with %s', kind => {
    const seen = (tone: Tone): number[] => seenBy(kind, colourOf('colour-blind', tone));
    for (const [a, b] of [
      ['good', 'warn'],
      ['good', 'bad'],
      ['warn', 'bad'],
      ['busy', 'bad'],
      ['good', 'busy'],
    ] as const) {
      // Ten is where two colours side by side are told apart at a glance.
      expect(distance(seen(a), seen(b)), `${a} and ${b}`).toBeGreaterThan(10);
    }
  });

  it('is kinder to them than the common one', () => {
    const apart = (theme: ThemeName): number =>
      distance(
        seenBy('deuteranopia', colourOf(theme, 'good')),
        seenBy('deuteranopia', colourOf(theme, 'bad')),
      );
    expect(apart('colour-blind')).toBeGreaterThan(apart('dark'));
  });
});

describe('the theme without colours', () => {
  it('has none', () => {
    expect(Object.values(themeOf('none')).filter(style => style.color !== undefined)).toEqual([]);
  });

  it('is one of those that T goes through', () => {
    expect(THEMES).toContain('none');
  });
});
