import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBitRate,
  formatBytes,
  formatDuration,
  formatRate,
  parseDuration,
  parseRate,
  parseSize,
} from '../../../src/foundation/units.ts';

describe('parseSize', () => {
  it.each([
    ['0 B', 0],
    ['64 MiB', 67_108_864],
    ['64MiB', 67_108_864],
    ['1.5 GB', 1.5e9],
    ['50 GB', 50e9],
    ['2 TiB', 2 * 1024 ** 4],
    [' 7 kB ', 7000],
    ['64 mib', undefined],
    ['64', undefined],
    ['-1 MB', undefined],
    ['1e3 MB', undefined],
    ['MB', undefined],
    ['', undefined],
  ])('%j', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it('gives back what was written, in every unit', () => {
    const units = {
      B: 1,
      kB: 1e3,
      MB: 1e6,
      GB: 1e9,
      TB: 1e12,
      KiB: 1024,
      MiB: 1024 ** 2,
      GiB: 1024 ** 3,
      TiB: 1024 ** 4,
    };
    fc.assert(
      fc.property(fc.nat(9999), fc.constantFrom(...Object.entries(units)), (count, [unit, scale]) => {
        expect(parseSize(`${count} ${unit}`)).toBe(count * scale);
      }),
    );
  });
});

describe('parseRate', () => {
  it.each([
    ['800 Mbit/s', 100e6],
    ['1 Gbit/s', 125e6],
    ['8 kbit/s', 1000],
    ['100 MB/s', 100e6],
    ['1 MiB/s', 1_048_576],
    ['800 mbit/s', undefined],
    ['800 Mbit', undefined],
    ['800', undefined],
  ])('%j is bytes per second', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  it('bits are an eighth of bytes, in every scale', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('k', 'M', 'G'), (count, scale) => {
        expect(parseRate(`${count * 8} ${scale}bit/s`) ?? 0).toBe(parseRate(`${count} ${scale}B/s`));
      }),
    );
  });
});

describe('parseDuration', () => {
  it.each([
    ['3d4h', 273_600_000],
    ['1h30m', 5_400_000],
    ['90m', 5_400_000],
    ['15s', 15_000],
    ['0s', 0],
    ['1d 2h 3m 4s', 93_784_000],
    ['', undefined],
    ['  ', undefined],
    ['4h3d', undefined],
    ['1.5h', undefined],
    ['1h1h', undefined],
    ['-1h', undefined],
    ['1 h', undefined],
  ])('%j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it('gives back what was written', () => {
    const part = fc.nat(999);
    fc.assert(
      fc.property(part, part, part, part, (d, h, m, s) => {
        expect(parseDuration(`${d}d${h}h${m}m${s}s`)).toBe((((d * 24 + h) * 60 + m) * 60 + s) * 1000);
      }),
    );
  });
});

describe('what is shown', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1.9e9, '1.90 GB'],
    [212e6, '212 MB'],
    [38.04e6, '38.0 MB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [9.994e6, '9.99 MB'],
    [9.996e6, '10.0 MB'],
    [2e18, '2000 PB'],
  ])('%d bytes', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('rates in bytes and in bits', () => {
    expect(formatRate(42e6)).toBe('42.0 MB/s');
    expect(formatBitRate(92.75e6)).toBe('742 Mbit/s');
    expect(formatBitRate(125e6)).toBe('1.00 Gbit/s');
    expect(formatBitRate(1000)).toBe('8 kbit/s');
  });

  it.each([
    [0, '0.0s'],
    [400, '0.4s'],
    [9_940, '9.9s'],
    [9_960, '10s'],
    [12_000, '12s'],
    [59_600, '1m00s'],
    [130_000, '2m10s'],
    [11_040_000, '3h04m'],
    [(3 * 24 + 4) * 3600_000, '3d 04h'],
    [-130_000, '-2m10s'],
    [Number.POSITIVE_INFINITY, 'never'],
    [Number.NaN, 'never'],
  ])('%d ms', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('what formatBytes shows is a size within half a percent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9e14 }), bytes => {
        const back = parseSize(formatBytes(bytes)) ?? Number.NaN;
        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(bytes * 0.005 + 0.5);
      }),
    );
  });
});
