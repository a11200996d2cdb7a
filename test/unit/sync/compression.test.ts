import { describe, expect, it } from 'vitest';
import { chooseCompression, parseSample } from '../../../src/sync/movers/files/compression.ts';
import { streamRate } from '../../../src/sync/movers/files/streams.ts';
import { parseRoundTrip } from '../../../src/sync/movers/files/survey.ts';

const MIB = 1024 ** 2;
const sample = (zstd: number, seconds: number) => {
  const found = parseSample(
    `sample ${8 * MIB}\nnone ${8 * MIB} 50000000\nzstd ${zstd} ${Math.round(seconds * 1e9)}\nodd 1 1\n`,
  );
  if (found === undefined) throw new Error('not read');
  return found;
};

describe('compression', () => {
  it('is taken where more arrives with it', () => {
    expect(chooseCompression(sample(4 * MIB, 0.07), 50e6)).toMatchObject({
      choice: 'zstd',
      compressedBytes: 4 * MIB,
      bytesPerSecond: 100e6,
    });
  });

  it('is left where nothing shrinks, where the link is faster than the processor, and for a hair', () => {
    expect(chooseCompression(sample(8 * MIB, 0.07), 50e6)).toMatchObject({
      choice: 'none',
      bytesPerSecond: 50e6,
    });
    expect(chooseCompression(sample(4 * MIB, 0.5), 250e6)).toMatchObject({ choice: 'none' });
    expect(chooseCompression(sample(Math.round(7.7 * MIB), 0.06), 50e6).why).toContain('hardly more');
  });

  it('is not guessed from half an answer', () => {
    for (const text of ['', 'sample 0\nnone 1 1\n', 'sample 100\nzstd 1 1\n', 'rsync: error\n'])
      expect(parseSample(text)).toBeUndefined();
  });
});

describe('the distance', () => {
  it('is the least of the later answers', () => {
    expect(parseRoundTrip('90000\n31000\n30500\n32000\n')).toBe(30.5);
    expect(parseRoundTrip('90000\n')).toBeUndefined();
    expect(parseRoundTrip('date: bad\n')).toBeUndefined();
  });

  it('holds one stream down by the window of OpenSSH', () => {
    expect(streamRate(30) / MIB).toBeCloseTo(56.7, 1);
    expect(streamRate(1)).toBe(250e6);
    expect(streamRate(undefined)).toBe(250e6);
  });
});
