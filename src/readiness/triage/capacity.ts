/**
 * How many bytes the link takes until an instant: its rate may change with the hour of the day, so that triage counts
 * time by what can be sent in it. Bytes, bytes per second, epoch ms.
 */
export interface Capacity {
  readonly now: number;
  /** Bytes that can be sent from now until then; none for an instant that has passed. */
  bytesBy(at: number): number;
  /** When so many bytes have been sent; infinite where they never are. */
  timeOf(bytes: number): number;
  /** The same link with so much more (or less) at any hour. */
  withExtra(bytesPerSecond: number): Capacity;
}

/** A rate that holds from `at` on. */
export interface Stretch {
  readonly at: number;
  readonly rate: number;
}

/** Windows of the plan begin and end at whole minutes; most at quarters of an hour. */
const LOOK_MS = 5 * 60e3;
/** Beyond this the last rate is taken to hold. */
const MOST_AHEAD_MS = 14 * 24 * 3600e3;

/** The rates from now until then, in as few stretches as they need. */
export function stretchesOf(rateAt: (at: number) => number, now: number, until: number): Stretch[] {
  const found: Stretch[] = [{ at: now, rate: rateAt(now) }];
  const end = Math.min(until, now + MOST_AHEAD_MS);
  // On whole steps of the clock, so that a window that begins at one is met exactly.
  for (let at = (Math.floor(now / LOOK_MS) + 1) * LOOK_MS; at < end; at += LOOK_MS) {
    const rate = rateAt(at);
    if (rate !== found.at(-1)?.rate) found.push({ at, rate });
  }
  return found;
}

/** The first stretch begins now; the last has no end. */
export function capacityOf(stretches: readonly Stretch[]): Capacity {
  const now = stretches[0]?.at ?? 0;
  const parts: { at: number; rate: number; before: number }[] = [];
  let before = 0;
  for (const [index, { at, rate }] of stretches.entries()) {
    const safe = Math.max(0, rate);
    parts.push({ at, rate: safe, before });
    before += (safe * ((stretches[index + 1]?.at ?? at) - at)) / 1000;
  }
  return {
    now,
    bytesBy(at) {
      const part = parts.findLast(each => each.at <= at);
      return part === undefined ? 0 : part.before + (part.rate * (at - part.at)) / 1000;
    },
    timeOf(bytes) {
      if (bytes <= 0) return now;
      const index = parts.findLastIndex(each => each.before < bytes);
      const part = parts[index];
      if (part === undefined || part.rate === 0) return Number.POSITIVE_INFINITY;
      return part.at + ((bytes - part.before) / part.rate) * 1000;
    },
    withExtra: extra => capacityOf(stretches.map(({ at, rate }) => ({ at, rate: rate + extra }))),
  };
}
