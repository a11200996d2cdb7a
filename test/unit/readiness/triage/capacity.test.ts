import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkLimits } from '../../../../src/plan/link-limit.ts';
import { capacityOf, stretchesOf } from '../../../../src/readiness/triage/capacity.ts';
import { HOUR, planOf, T0 } from '../../../support/state.ts';

const stretches = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 50 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map(parts => {
    let at = 0;
    return parts.map(([length, rate], index) => {
      const stretch = { at, rate: index === parts.length - 1 ? rate + 1 : rate };
      at += length * 1000;
      return stretch;
    });
  });

describe('the capacity of the link', () => {
  it('counts bytes over windows and finds the instant again', () => {
    const capacity = capacityOf([
      { at: 0, rate: 10 },
      { at: 10_000, rate: 0 },
      { at: 20_000, rate: 5 },
    ]);
    expect([0, 5000, 10_000, 15_000, 22_000].map(capacity.bytesBy)).toEqual([0, 50, 100, 100, 110]);
    expect([0, 100, 101, 110].map(capacity.timeOf)).toEqual([0, 10_000, 20_200, 22_000]);
    expect(capacity.bytesBy(-1)).toBe(0);
    expect(capacityOf([{ at: 0, rate: 0 }]).timeOf(1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('sends by the time it names exactly what it was asked for', () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 20_000 }), (parts, bytes) => {
        const capacity = capacityOf(parts);
        expect(capacity.bytesBy(capacity.timeOf(bytes))).toBeCloseTo(bytes, 6);
        expect(capacity.withExtra(3).timeOf(bytes)).toBeLessThan(capacity.timeOf(bytes) + 1e-6);
      }),
    );
  });

  it('follows the windows of the plan, across midnight and days', () => {
    const { link } = planOf({
      link: {
        limit: '800 Mbit/s',
        windows: [{ days: ['mon'], from: '08:00', to: '18:00', limit: '200 Mbit/s' }],
      },
    });
    // T0 is a Sunday, noon: a slow window begins 20 hours later.
    const found = stretchesOf(at => linkLimits(link)(at) ?? 0, T0, T0 + 48 * HOUR);
    expect(found).toEqual([
      { at: T0, rate: 100e6 },
      { at: T0 + 20 * HOUR, rate: 25e6 },
      { at: T0 + 30 * HOUR, rate: 100e6 },
    ]);
  });
});
