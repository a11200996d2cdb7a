import { formatRate } from '../../foundation/units.ts';
import type { EventOf } from '../../journal/events.ts';
import { REACHED } from '../../pace/measured-link.ts';

type Measured = EventOf<'link.measured'>;
export type LinkFigures = Pick<
  Measured,
  'forth' | 'sourceRead' | 'targetWrite' | 'cipher' | 'roundTripMs' | 'heldTo'
>;

export interface Bottleneck {
  readonly bottleneck: Measured['bottleneck'];
  readonly why: string;
}

/** Streams side by side that bring so much more than one: then it was not the line that held the one. */
const GAIN = 1.3;
/** An ssh that keeps this much of a CPU busy waits for nothing else. */
const BUSY = 0.85;
/** Or one that sends this much of what the cipher alone makes. */
const CIPHER_SHARE = 0.8;

/** What holds copies back, from the figures of one measurement: the narrowest of all, and how that is known. Pure. */
export function bottleneckOf({ forth, cipher, roundTripMs, heldTo, ...ends }: LinkFigures): Bottleneck {
  const rate = (streams: (each: number) => boolean): number =>
    Math.max(0, ...forth.filter(each => streams(each.streams)).map(each => each.bytesPerSecond));
  const one = rate(streams => streams === 1);
  const best = rate(() => true);
  if (best === 0) return { bottleneck: 'unknown', why: 'no transfer came to its end' };

  const disks = [
    { bottleneck: 'source-read' as const, name: "the source's disk gives", rate: ends.sourceRead },
    { bottleneck: 'target-write' as const, name: "the target's disk takes", rate: ends.targetWrite },
  ]
    .flatMap(each => (each.rate === undefined ? [] : [{ ...each, rate: each.rate }]))
    .toSorted((a, b) => a.rate - b.rate);
  const [slower] = disks;
  if (slower !== undefined && slower.rate < best)
    return {
      bottleneck: slower.bottleneck,
      why: `${slower.name} ${formatRate(slower.rate)}, the line ${formatRate(best)}`,
    };

  if (heldTo !== undefined && best >= REACHED * heldTo)
    return {
      bottleneck: 'unknown',
      why: `the line gives at least ${formatRate(best)}: more was not tried, because the limit is ${formatRate(heldTo)}`,
    };

  const cpu = forth.find(({ streams }) => streams === 1)?.cpu;
  const isBusy = cpu !== undefined && cpu >= BUSY;
  if (one > 0 && (isBusy || (cipher !== undefined && one >= CIPHER_SHARE * cipher)))
    return {
      bottleneck: 'cpu',
      why: isBusy
        ? `one stream of ${formatRate(one)} keeps ${Math.round(cpu * 100)}% of a CPU busy`
        : `one stream sends ${formatRate(one)}, and a CPU encrypts ${formatRate(cipher ?? 0)}`,
    };

  const most = forth.reduce((a, b) => (b.bytesPerSecond > a.bytesPerSecond ? b : a));
  if (one > 0 && best >= GAIN * one)
    return {
      bottleneck: 'one-stream',
      why: `one stream gets ${formatRate(one)}, ${most.streams} together ${formatRate(best)}${roundTripMs === undefined ? '' : ` (round trip ${Math.round(roundTripMs)} ms)`}`,
    };
  if (one === 0)
    return {
      bottleneck: 'unknown',
      why: `one stream alone did not come to its end; several got ${formatRate(best)}`,
    };
  return {
    bottleneck: 'link',
    why: `one stream gets ${formatRate(one)}, and more of them no more: ${formatRate(best)}`,
  };
}
