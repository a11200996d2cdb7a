import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratesBetween } from '../../../../src/inventory/hypervisor/rates.ts';
import type { DiskStats, DomainStats } from '../../../../src/tools/domain-stats.ts';

const disk = (target: string, read: number | undefined, written: number | undefined): DiskStats => ({
  ...{ target, read, written, capacity: 10, allocation: 5 },
});
const running = (...disks: DiskStats[]): DomainStats => ({ state: 'running', disks });

describe('write rates between two readings', () => {
  it('are bytes per second of each disk', () => {
    expect(ratesBetween(running(disk('vda', 0, 1000)), running(disk('vda', 500, 11_000)), 5)).toEqual([
      { device: 'vda', read: 100, written: 2000, seconds: 5 },
    ]);
  });

  it('are unknown of a domain that did not run at both, and where no time went by', () => {
    const on = running(disk('vda', 0, 0));
    expect(ratesBetween(undefined, on, 5)).toBeUndefined();
    expect(ratesBetween(on, { ...on, state: 'shut off' }, 5)).toBeUndefined();
    expect(ratesBetween(on, on, 0)).toBeUndefined();
    expect(ratesBetween(on, on, Number.NaN)).toBeUndefined();
  });

  it('a disk that came in between, or whose counters began anew, has none', () => {
    const before = running(disk('vda', 100, 100), disk('vdb', 0, 0));
    const after = running(
      disk('vda', 5, 5),
      disk('vdb', 10, 10),
      disk('vdc', 1, 1),
      disk('vdd', undefined, 1),
    );
    expect(ratesBetween(before, after, 1)?.map(({ device }) => device)).toEqual(['vdb']);
  });

  it('are never below nothing', () => {
    const reading = fc
      .array(fc.tuple(fc.constantFrom('vda', 'vdb'), fc.nat(), fc.nat()))
      .map(all => running(...all.map(([target, read, written]) => disk(target, read, written))));
    fc.assert(
      fc.property(reading, reading, fc.double({ min: 0.1, max: 100, noNaN: true }), (one, other, seconds) => {
        for (const { read, written } of ratesBetween(one, other, seconds) ?? [])
          expect(Math.min(read, written)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
