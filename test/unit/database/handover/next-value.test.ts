import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GAP, isBeyond, nextValue, rangeOf } from '../../../../src/database/handover/next-value.ts';

const INT = rangeOf('int', 10);

describe('the next value of a counter', () => {
  it('lies behind what production gave, what the copy holds, and a gap', () => {
    const next = (last: bigint | undefined, top: bigint | undefined, increment = 1n) =>
      nextValue({
        ...INT,
        ...(last === undefined ? {} : { last }),
        ...(top === undefined ? {} : { top }),
        increment,
        gap: GAP,
      })?.value;
    expect(next(500n, 480n)).toBe(1500n);
    expect(next(480n, 500n)).toBe(1500n);
    expect(next(undefined, 500n)).toBe(1500n);
    expect(next(500n, undefined, 10n)).toBe(10_500n);
    expect(next(-5n, -7n, -1n)).toBe(-1007n);
    // Never used on either side: its seed is right as it is.
    expect(next(undefined, undefined)).toBeUndefined();
  });

  it('shares the rest of a type that is nearly used up', () => {
    const tiny = { ...rangeOf('tinyint', 3), increment: 1n, gap: GAP };
    expect(nextValue({ ...tiny, last: 200n })).toEqual({ value: 227n, narrow: true });
    expect(nextValue({ ...tiny, last: 255n })).toEqual({ value: 255n, narrow: true });
  });

  it('is in the range, never before what was given, on the same grid, and the same when asked again', () => {
    const type = fc.constantFrom('tinyint', 'smallint', 'int', 'bigint', 'decimal');
    fc.assert(
      fc.property(
        type,
        fc.bigInt(),
        fc.bigInt(),
        fc.bigInt({ min: -50n, max: 50n }),
        (of, a, b, increment) => {
          fc.pre(increment !== 0n);
          const range = rangeOf(of, 18);
          const span = range.maximum - range.minimum + 1n;
          const inside = (value: bigint): bigint => range.minimum + (((value % span) + span) % span);
          const [last, top] = [inside(a), inside(b)];
          const next = nextValue({ ...range, last, top, increment, gap: GAP });
          if (next === undefined) throw new Error('there is one');
          expect(next.value >= range.minimum && next.value <= range.maximum).toBe(true);
          expect(isBeyond(next.value, last, increment) && isBeyond(next.value, top, increment)).toBe(true);
          const base = isBeyond(last, top, increment) ? last : top;
          expect((next.value - base) % increment).toBe(0n);
          expect(nextValue({ ...range, last, top, increment, gap: GAP })).toEqual(next);
          if (!next.narrow)
            expect(isBeyond(next.value + increment, base + increment * GAP, increment)).toBe(true);
        },
      ),
    );
  });
});
