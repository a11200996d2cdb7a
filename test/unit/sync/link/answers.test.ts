import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCipher, readDisk, readRoom, readRun, readTrip } from '../../../../src/sync/link/answers.ts';

const AT = 1_700_000_000_000;

describe('what a measurement prints', () => {
  it('is summed over streams, from the first byte to the last, with what each ssh took of a CPU', () => {
    const text = [
      `run 1000000 ${AT} ${AT + 1000}`,
      '0m0.000000s 0m0.000000s',
      '0m0.200000s 0m0.100000s',
      `run 3000000 ${AT + 200} ${AT + 2000}`,
      '0m0.010s 0m0.000s',
      '0m0.190s 0m0.100s',
      '',
    ].join('\n');
    expect(readRun(text, 2)).toEqual({
      ...{ streams: 2, bytes: 4_000_000, ms: 2000, bytesPerSecond: 2_000_000, cpu: 0.15 },
    });
  });

  it('is nothing where a stream is missing, no byte came, or a clock has no fine seconds', () => {
    expect(readRun(`run 5 ${AT} ${AT + 10}\n`, 4)).toBeUndefined();
    expect(readRun(`run 0 ${AT} ${AT + 10}\n`, 1)).toBeUndefined();
    expect(readRun(`run 5 ${AT} ${AT}\n`, 1)).toBeUndefined();
    expect(readRun('run 5 1700 1700\n', 1)).toBeUndefined();
    expect(readDisk('dd: failed to open\n')).toBeUndefined();
  });

  it('tells the room that was too little, the shortest trip, and the cipher', () => {
    expect(readRoom('room 1048576\n')).toBe(1024 ** 3);
    expect(readTrip('trip 61500000\ntrip 60240000\n')).toBe(60.2);
    expect(readTrip('trip -20000\n')).toBe(0);
    expect(readTrip('')).toBeUndefined();
    // As OpenSSL 3.0.19 on Debian 12 printed it.
    expect(readCipher('+H:16384\n+F:25:AES-128-GCM:4784674133.33\n')).toBe(4_784_674_133);
    expect(readCipher('speed: Option -bytes unknown\n')).toBeUndefined();
  });

  it('never throws, whatever a host says', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 4 }), (text, streams) => {
        const run = readRun(text, streams);
        if (run !== undefined) expect(run.bytesPerSecond).toBeGreaterThan(0);
        for (const figure of [readDisk(text), readRoom(text), readTrip(text), readCipher(text)])
          if (figure !== undefined) expect(Number.isFinite(figure)).toBe(true);
      }),
    );
  });
});
