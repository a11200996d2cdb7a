import type { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import type { SqlServerSurvey } from '../../journal/facts-site.ts';
import { instantOfRun } from './instants.ts';
import type { jobsQuestion, schedulesQuestion } from './questions-server.ts';
import { scheduleWords } from './schedule-words.ts';

export type JobRow = z.infer<ReturnType<typeof jobsQuestion>['row']>;
export type JobScheduleRow = z.infer<ReturnType<typeof schedulesQuestion>['row']>;
export type SurveyedJob = NonNullable<SqlServerSurvey['jobs']>[number];

/** sysjobservers.last_run_outcome; 5 is a job that never ran. */
const OUTCOMES: ReadonlyMap<number, NonNullable<SurveyedJob['lastOutcome']>> = new Map([
  [0, 'failed'],
  [1, 'succeeded'],
  [3, 'cancelled'],
]);

/**
 * Jobs as the survey tells them. Where msdb has kept no failure of a job whose last outcome is one, it fails at least
 * since it ran last. `agentRuns` false: what was under way when SQL Server Agent died is not running.
 */
export function jobsOf(
  rows: readonly JobRow[],
  schedules: readonly JobScheduleRow[],
  { offset, agentRuns }: { readonly offset: number; readonly agentRuns: boolean | undefined },
): SurveyedJob[] {
  const byJob = Map.groupBy(schedules, ({ job }) => job);
  return rows.map(row => {
    const when = (byJob.get(row.name) ?? []).map(scheduleWords).join('; ');
    const lastRunAt = instantOfRun(row.run_date ?? 0, row.run_time ?? 0, offset);
    const isRunning = row.running && agentRuns !== false;
    const lastOutcome = isRunning
      ? 'running'
      : ((lastRunAt === undefined ? undefined : OUTCOMES.get(row.outcome ?? 5)) ?? 'unknown');
    const failingSince =
      instantOfRun(row.failed_date ?? 0, row.failed_time ?? 0, offset) ??
      (lastOutcome === 'failed' ? lastRunAt : undefined);
    const isFailing = failingSince !== undefined && row.outcome === 0;
    return {
      name: harmless(row.name),
      enabled: row.enabled,
      lastOutcome,
      ...(when === '' ? {} : { schedule: when }),
      ...(lastRunAt === undefined ? {} : { lastRunAt }),
      ...(isFailing ? { failingSince } : {}),
    };
  });
}
