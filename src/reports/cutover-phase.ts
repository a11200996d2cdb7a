import { formatDuration } from '../foundation/units.ts';
import type { CutoverState } from '../journal/state.ts';

/** Where a cutover is, as short as the status has room for. */
export interface CutoverReport {
  readonly phase: 'running' | 'aborting' | 'rolled-back' | 'final' | 'committed';
  readonly dark: boolean;
  readonly rehearse: boolean;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** Items that are done or were skipped. */
  readonly behind: number;
}

export function cutoverReport(cutover: CutoverState | undefined): CutoverReport | undefined {
  if (cutover === undefined) return undefined;
  const { dark, rehearse, startedAt, items, ended } = cutover;
  return {
    phase: phaseOf(cutover),
    dark,
    rehearse,
    startedAt,
    ...(ended === undefined ? {} : { endedAt: ended.at }),
    behind: Object.values(items).filter(({ outcome }) => outcome === 'done' || outcome === 'skipped').length,
  };
}

function phaseOf({ ended, aborted, noReturn }: CutoverState): CutoverReport['phase'] {
  if (ended !== undefined) return ended.outcome;
  if (aborted !== undefined) return 'aborting';
  return noReturn === undefined ? 'running' : 'final';
}

/** Still under way: nothing else on the status is as urgent. */
export const isLive = ({ phase }: Pick<CutoverReport, 'phase'>): boolean =>
  phase === 'running' || phase === 'aborting' || phase === 'final';

/** `cutover under way for 12m04s`. */
export function cutoverWords(
  { phase, dark, rehearse, startedAt, endedAt }: CutoverReport,
  now: number,
): string {
  const what = `${rehearse ? 'rehearsed cutover' : 'cutover'}${dark ? ' in the dark' : ''}`;
  const since = formatDuration(Math.max(0, (endedAt ?? now) - startedAt));
  switch (phase) {
    case 'running':
      return `${what} under way for ${since}`;
    case 'aborting':
      return `${what} ABORTED, being taken back`;
    case 'final':
      return `${what} past the point of no return, under way for ${since}`;
    case 'rolled-back':
      return `${what} aborted, everything is back as it was`;
    case 'committed':
      return `${what} complete, in ${since}`;
  }
}

/** The evacuation has reached its end: its gates speak of what was before. */
export const isOver = (cutover: Pick<CutoverReport, 'phase'> | undefined): boolean =>
  cutover?.phase === 'committed';

/** The verdict of an evacuation that is over. */
export const overWords = (subjects: number, lost: readonly string[]): string =>
  `CUT OVER ${subjects} of ${subjects} · the copies are production · lost: ${lost.length === 0 ? 'nothing known' : lost.join('; ')}`;
