import { literal } from '../../remote/sql/quote.ts';
import type { Job, JobSchedule, JobStep, ServerFacts } from './facts.ts';
import { byHand, type Finding, find, key, missing, type Saying, same } from './wanted.ts';

/** Jobs and operators of SQL Server Agent. Jobs are made disabled: two sites must not run the same job. */
export function compareJobs(
  source: ServerFacts,
  copy: ServerFacts,
  databases: { readonly source: string; readonly copy: string },
): Finding[] {
  const jobs = source.jobs.map((job): Finding => {
    const there = find(copy.jobs, job.name);
    const inCopy: Job = {
      ...job,
      steps: job.steps.map(step =>
        key(step.database) === key(databases.source) ? { ...step, database: databases.copy } : step,
      ),
    };
    const half = there !== undefined && !there.targeted && !there.enabled;
    if (there === undefined || half) {
      if (job.steps.some(({ proxy }) => proxy !== ''))
        return byHand(
          'job',
          job.name,
          'one of its steps runs under a proxy, which needs a credential: make that first, then the job',
          `-- script it on the publisher: EXEC msdb.dbo.sp_help_job @job_name = ${literal(job.name)};`,
        );
      return missing('job', job.name, 'is made, disabled', [
        ...(half ? [{ phrase: 'dropJob', values: { job: job.name } } as const] : []),
        ...sayingsOf(inCopy, copy),
      ]);
    }
    if (shape(there) === shape(inCopy))
      return same(
        'job',
        job.name,
        there.enabled ? 'as on the publisher, and enabled there' : 'as on the publisher, disabled',
      );
    return byHand(
      'job',
      job.name,
      'a job of this name does something else there',
      `-- compare: SELECT step_id, step_name, command FROM msdb.dbo.sysjobsteps WHERE job_id = (SELECT job_id FROM msdb.dbo.sysjobs WHERE name = ${literal(job.name)});`,
    );
  });
  const operators = source.operators.map(({ name, enabled, email }) =>
    find(copy.operators, name) === undefined
      ? missing('operator', name, 'is made', [
          { phrase: 'operator', values: { name, enabled: enabled ? 1 : 0, email } },
        ])
      : same('operator', name),
  );
  return [...operators, ...jobs];
}

/** What a job does, without whether it does it now. */
const shape = ({ steps, schedules }: Job): string =>
  JSON.stringify([
    steps.map(({ id, name, subsystem, command, database }) => [id, name, subsystem, command, key(database)]),
    schedules.map(({ name, type, interval, startTime }) => [name, type, interval, startTime]).sort(),
  ]);

const KNOWN_CATEGORY = '[Uncategorized (Local)]';

function sayingsOf(job: Job, copy: ServerFacts): Saying[] {
  const { name } = job;
  // A category or an owner that is not there would fail the whole job.
  const owner = find(copy.logins, job.owner) === undefined ? 'sa' : job.owner;
  return [
    {
      phrase: 'job',
      values: {
        ...{ job: name, description: job.description, start: job.startStep, owner },
        category: job.category === 'Database Maintenance' ? job.category : KNOWN_CATEGORY,
      },
    },
    ...job.steps.map(step => stepSaying(name, step)),
    ...job.schedules.map(schedule => scheduleSaying(name, schedule)),
    ...(job.notifyEmail > 0 && job.operator !== ''
      ? [
          {
            phrase: 'jobNotify',
            values: { job: name, level: job.notifyEmail, operator: job.operator },
          } as const,
        ]
      : []),
    { phrase: 'jobServer', values: { job: name } },
  ];
}

const stepSaying = (job: string, { id, proxy: _none, ...step }: JobStep): Saying => ({
  phrase: 'jobStep',
  values: { job, step: id, ...step },
});

const scheduleSaying = (job: string, { enabled, ...schedule }: JobSchedule): Saying => ({
  phrase: 'jobSchedule',
  values: { job, ...schedule, enabled: enabled ? 1 : 0 },
});
