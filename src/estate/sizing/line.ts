import type { State } from '../../journal/state.ts';
import { measuredLink } from '../../pace/measured-link.ts';
import { effectiveRate, metricsOf } from '../../pace/metrics.ts';
import { recentOf } from '../../pace/recent.ts';
import { linkLimit } from '../../plan/link-limit.ts';
import type { View } from '../../step/step.ts';
import type { Sizing } from './shape.ts';

export type Line = NonNullable<Sizing['link']>;

/**
 * The line that sizes are counted with: as measured, never above what plan or throttle allow at `now` (epoch ms);
 * otherwise that limit, otherwise the best that passes got. Undefined where there is none of it: then nobody can say.
 */
export function lineOf({ plan, state }: View, now: number): Line | undefined {
  const limit = state.evacuation?.throttle?.bytesPerSecond ?? linkLimit(plan.link, now);
  const measured = measuredLink(state, now);
  // One that was held to a limit and reached it says nothing against another limit.
  if (measured !== undefined && !(measured.atLeast === true && limit !== undefined)) {
    const within = (rate: number): number => Math.min(rate, limit ?? rate);
    const { bytesPerSecond, oneStream, at, bottleneck } = measured;
    return {
      bytesPerSecond: within(bytesPerSecond),
      ...(oneStream === undefined ? {} : { oneStream: within(oneStream) }),
      ...(limit !== undefined && limit < bytesPerSecond
        ? { from: 'plan' }
        : { from: 'measured', bottleneck }),
      at,
    };
  }
  if (limit !== undefined) return { bytesPerSecond: limit, from: 'plan' };
  const passes = bestOfPasses(state);
  return passes === undefined ? undefined : { ...passes, from: 'passes' };
}

/** Passes of several machines share the line: what one of them got is the least that it gives. */
function bestOfPasses({ machines }: State): { bytesPerSecond: number; at: number } | undefined {
  return Object.values(machines)
    .flatMap(({ passes }) => {
      const ended = metricsOf(recentOf(passes));
      const [last, bytesPerSecond] = [ended.at(-1), effectiveRate(ended)];
      return last === undefined || bytesPerSecond === undefined
        ? []
        : [{ bytesPerSecond, at: last.startedAt + last.ms }];
    })
    .toSorted((a, b) => b.bytesPerSecond - a.bytesPerSecond)[0];
}
