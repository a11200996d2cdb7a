import type { View } from '../../step/step.ts';
import { finishes, rowsOf, sequenceOf } from './rows.ts';
import { saversOf } from './savers.ts';
import { jobsOf, situationOf } from './situation.ts';
import { choose } from './solve.ts';
import type { Triage, TriageRow, TriageVerdict } from './types.ts';

export type * from './types.ts';

/** Who makes it by the earliest loss. Pure; `now` in epoch ms. */
export function triageOf(view: View, now: number): Triage {
  const situation = situationOf(view, now);
  const jobs = jobsOf(situation);
  const { saved, exact } = choose(jobs);
  const { order, all } = sequenceOf(jobs, saved);
  const rows = rowsOf(situation, { jobs, saved, order, finishes: finishes(situation, all) });
  const { deadlineAt, expectedAt, rate, until } = situation;
  const mode = view.state.evacuation?.mode?.mode;
  return {
    ...(deadlineAt === undefined ? {} : { deadlineAt }),
    ...(expectedAt === undefined ? {} : { expectedAt }),
    ...(rate === undefined ? {} : { rate: rate.now }),
    rows,
    order,
    savers:
      until === undefined
        ? []
        : saversOf(situation, { jobs, saved, ...(mode === undefined ? {} : { mode }) }),
    line: lineOf(rows),
    exact,
  };
}

const WORDS: ReadonlyArray<readonly [TriageVerdict, (count: number) => string]> = [
  ['will-make-it', count => (count === 1 ? '1 makes it' : `${count} make it`)],
  ['at-risk', count => `${count} at risk`],
  ['cannot', count => `${count} cannot`],
  ['cannot-say', count => `${count} nobody can say`],
];

function lineOf(rows: readonly TriageRow[]): string {
  const parts = WORDS.flatMap(([verdict, words]) => {
    const count = rows.filter(row => row.verdict === verdict).length;
    return count === 0 ? [] : [words(count)];
  });
  return parts.length === 0 ? 'nothing leaves' : parts.join(' · ');
}
