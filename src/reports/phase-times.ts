import type { State } from '../journal/state.ts';

/** How long the steps of a phase took, retries and waiting between attempts among them; durations in ms. */
export interface PhaseTime {
  readonly phase: string;
  readonly steps: number;
  readonly failed: number;
  readonly totalMs: number;
  readonly longest?: { readonly step: string; readonly ms: number };
}

/** Phases in the order in which their first steps began. */
export function phaseTimes({ steps, olderSteps = {} }: Pick<State, 'steps' | 'olderSteps'>): PhaseTime[] {
  const ended = Object.values(steps).filter(each => each.endedAt !== undefined);
  ended.sort((a, b) => a.startedAt - b.startedAt);
  return [...Map.groupBy(ended, each => each.phase)].map(([phase, group]) => {
    const older = Object.hasOwn(olderSteps, phase) ? olderSteps[phase] : undefined;
    const times = group.map(({ id, startedAt, endedAt }) => ({
      step: id,
      ms: Math.max(0, (endedAt ?? startedAt) - startedAt),
    }));
    const longest = times.reduce<(typeof times)[number] | undefined>(
      (most, each) => (most === undefined || each.ms > most.ms ? each : most),
      undefined,
    );
    return {
      phase,
      steps: group.length + (older?.count ?? 0),
      failed: group.filter(each => each.status === 'failed').length,
      totalMs: times.reduce((sum, each) => sum + each.ms, older?.ms ?? 0),
      ...(longest === undefined ? {} : { longest }),
    };
  });
}
