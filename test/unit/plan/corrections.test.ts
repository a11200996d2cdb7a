import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration, parseRate, parseSize } from '../../../src/foundation/units.ts';
import { correction } from '../../../src/plan/corrections.ts';
import { schemaAt } from '../../../src/plan/json-schema.ts';

const RATE = schemaAt(['link', 'limit']);
const SIZE = schemaAt(['passes', 'small']);
const DURATION = schemaAt(['tiers', 'normal', 'rpo']);
const WHEN = schemaAt(['deadline', 'earliest']);
const TIME = schemaAt(['link', 'windows', 0, 'from']);
const NAME = schemaAt(['name']);
const ADDRESS = schemaAt(['hypervisors', 'a', 'address']);

describe('corrections', () => {
  it.each([
    ['800mbit', 'write 800 Mbit/s'],
    ['800 Mbps', 'write 800 Mbit/s (bits) or 800 MB/s (bytes)'],
    ['100 MBps', 'write 100 MB/s'],
    ['1gbit/s', 'write 1 Gbit/s'],
    ['1.5 Gbits/sec', 'write 1.5 Gbit/s'],
    ['0,5 gbit', 'write 0.5 Gbit/s'],
    ['90 mib/s', 'write 90 MiB/s'],
    ['64 KIB/s', 'write 64 KiB/s'],
    ['800', 'write 800 Mbit/s or 800 MB/s: bits and bytes differ by eight'],
    ['fast', undefined],
  ])('rate %s', (written, wanted) => {
    expect(correction(written, RATE)).toBe(wanted);
  });

  it.each([
    ['64mb', 'write 64 MB'],
    ['64 mib', 'write 64 MiB'],
    ['50 gigabytes', 'write 50 GB'],
    ['1,000 MB', 'write 1000 MB'],
    ['64', 'write 64 MiB, 64 GB or the like'],
    ['much', undefined],
  ])('size %s', (written, wanted) => {
    expect(correction(written, SIZE)).toBe(wanted);
  });

  it.each([
    ['15 minutes', 'write 15m'],
    ['1.5h', 'write 1h30m'],
    ['2 hours 30 min', 'write 2h30m'],
    ['2 hours and 30 minutes', 'write 2h30m'],
    ['1 week', 'write 7d'],
    ['90', 'write 90s, 90m or 90h'],
    ['', 'write 1h30m or the like'],
    ['soon', undefined],
    ['1 fortnight', undefined],
  ])('duration %s', (written, wanted) => {
    expect(correction(written, DURATION)).toBe(wanted);
  });

  it.each([
    ['3 days', 'write in 3d'],
    ['in 4 days', 'write in 4d'],
    ['2026-11-26 06:00 -05:00', 'write 2026-11-26T06:00-05:00'],
    ['2026-11-26 06:00:00Z', 'write 2026-11-26T06:00:00Z'],
  ])('moment %s', (written, wanted) => {
    expect(correction(written, WHEN)).toBe(wanted);
  });

  it.each([
    ['8:00', 'write 08:00'],
    ['8', 'write 08:00'],
    ['6pm', 'write 18:00'],
    ['12:30 AM', 'write 00:30'],
    ['24:00', 'write 00:00'],
    ['800', 'write 08:00'],
    ['25:00', 'write a time from 00:00 to 23:59'],
  ])('time %s', (written, wanted) => {
    expect(correction(written, TIME)).toBe(wanted);
  });

  it.each([
    ['Web_1', 'write web-1'],
    ['-web-', 'write web'],
    ['東京', undefined],
  ])('name %s', (written, wanted) => {
    expect(correction(written, NAME)).toBe(wanted);
  });

  it.each([
    ['root@10.0.0.1', 'write 10.0.0.1'],
    [
      'ssh://ops@kvm1.example.com:2222',
      'write address: kvm1.example.com and, as a key of its own, port: 2222',
    ],
    [' kvm1 ', 'write kvm1'],
    ['[2001:db8::1]', 'write 2001:db8::1'],
  ])('address %s', (written, wanted) => {
    expect(correction(written, ADDRESS)).toBe(wanted);
  });

  it('never throws, and what it proposes for a unit is accepted by the parser of that unit', () => {
    const words = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9.,]{1,6} ?[kKmMgGtT]?[iI]?([bB]|[bB]it|bits|byte|bytes)?(\/s|ps)?$/),
      fc.stringMatching(/^[0-9.]{1,5} ?(s|sec|min|minutes|h|hours|d|days|w)( ?[0-9]{1,3} ?(m|min))?$/),
    );
    fc.assert(
      fc.property(words, written => {
        const simple = (text: string | undefined): string | undefined =>
          text !== undefined && /^write [\d.]+ ?\S+$/.test(text) ? text.slice(6) : undefined;
        const rate = simple(correction(written, RATE));
        if (rate !== undefined) expect(parseRate(rate)).toBeDefined();
        const size = simple(correction(written, SIZE));
        if (size !== undefined) expect(parseSize(size)).toBeDefined();
        const duration = simple(correction(written, DURATION));
        if (duration !== undefined && !/[,]/.test(duration)) expect(parseDuration(duration)).toBeDefined();
      }),
    );
  });
});
