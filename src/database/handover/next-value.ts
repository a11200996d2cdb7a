/** From which value identities and sequences go on, so that nothing that production gave out is given out again. */

export interface Counter {
  /** What production gave last; absent where it was never used or cannot be asked. */
  readonly last?: bigint;
  /** The outermost value in the copy's rows, in the direction of counting; absent without rows. */
  readonly top?: bigint;
  readonly increment: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint;
  /** How many values are left out. */
  readonly gap: bigint;
}

export interface Next {
  readonly value: bigint;
  /** Where the type has no room for the whole gap: the rest of its values is shared out by half. */
  readonly narrow: boolean;
}

const farthest = (up: boolean, values: readonly bigint[]): bigint | undefined =>
  values.reduce<bigint | undefined>(
    (far, value) => (far === undefined || (up ? value > far : value < far) ? value : far),
    undefined,
  );

/**
 * The value to be taken as given last. Whether a server then goes on with it or behind it differs with what the table has
 * seen: neither collides. Undefined where nothing was ever given out: the first value is right as it is. The gap does not
 * count from what the copy's own counter says, so that a second attempt arrives at the same value.
 */
export function nextValue({ last, top, increment, minimum, maximum, gap }: Counter): Next | undefined {
  const up = increment > 0n;
  const known = [last, top].filter(value => value !== undefined);
  const base = farthest(up, known);
  if (base === undefined || increment === 0n) return undefined;
  const step = up ? increment : -increment;
  const room = (up ? maximum - base : base - minimum) / step;
  const half = room / 2n;
  const steps = gap <= half ? gap : half < 0n ? 0n : half;
  return { value: up ? base + steps * step : base - steps * step, narrow: steps < gap };
}

/** True where the counter stands there or beyond: it is never set back. */
export const isBeyond = (current: bigint, value: bigint, increment: bigint): boolean =>
  increment > 0n ? current >= value : current <= value;

/** The range of an identity's type; decimals have as many digits as they were declared with. */
export function rangeOf(
  type: string,
  precision: number,
): { readonly minimum: bigint; readonly maximum: bigint } {
  switch (type) {
    case 'tinyint':
      return { minimum: 0n, maximum: 255n };
    case 'smallint':
      return { minimum: -(2n ** 15n), maximum: 2n ** 15n - 1n };
    case 'int':
      return { minimum: -(2n ** 31n), maximum: 2n ** 31n - 1n };
    case 'bigint':
      return { minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n };
    default: {
      const maximum = 10n ** BigInt(precision) - 1n;
      return { minimum: -maximum, maximum };
    }
  }
}

/** Values left out: production's last transactions may have taken some that were rolled back, and caches hold more. */
export const GAP = 1_000n;
/** Nobody can be asked any more: hours of growth. */
export const DARK_GAP = 1_000_000n;
