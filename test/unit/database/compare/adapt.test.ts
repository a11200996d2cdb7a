import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learned, probeFor, refined, UNKNOWN } from '../../../../src/database/compare/adapt.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const rows = fc.integer({ min: 1, max: 1_000_000 });

describe('how a range is asked about', () => {
  it('is by its sums where nothing is known', () => {
    expect(probeFor(50_000, UNKNOWN, 9)).toEqual({ kind: 'sums' });
  });

  it('is by a list where half of the rows differ, by buckets where a few do', () => {
    expect(probeFor(50_000, { share: 0.5 }, 9)).toEqual({ kind: 'list' });
    expect(probeFor(50_000, { share: 0.01 }, 9).kind).toBe('buckets');
  });

  it('comes to an end: what refines the sums of a range is never its sums', () => {
    fc.assert(
      fc.property(rows, share, fc.integer({ min: 1, max: 200 }), (count, differing, bytes) => {
        const probe = refined(count, { share: differing }, bytes);
        expect(probe.kind).not.toBe('sums');
        if (probe.kind === 'buckets') expect(probe.count).toBeGreaterThan(0);
      }),
    );
  });

  it('learns between nothing and all of the rows, and nothing of an empty range', () => {
    fc.assert(
      fc.property(share, rows, fc.nat(), (before, count, differing) => {
        const { share: after } = learned({ share: before }, count, differing);
        expect(after).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(1);
      }),
    );
    expect(learned({ share: 0.25 }, 0, 0)).toEqual({ share: 0.25 });
  });
});
