import { formatDuration } from '../../../foundation/units.ts';
import type { State } from '../../../journal/state.ts';
import type { BareFinding } from '../finding.ts';
import { gapFinding } from './survey.ts';

type Server = NonNullable<State['servers']>[string];

/** What is wrong at a SQL Server, or could not be seen there. */
export const serverFindings = ({ servers = {} }: State): BareFinding[] =>
  Object.entries(servers).flatMap(([key, server]) => [
    ...brokenJobs(key, server),
    ...missingRights(key, server),
    ...gapFinding(key, server.gaps, server.at),
  ]);

function brokenJobs(key: string, { jobs = [], at }: Server): BareFinding[] {
  return jobs
    .filter(({ enabled, lastOutcome }) => enabled && lastOutcome === 'failed')
    .map(({ name, failingSince, schedule }) => ({
      id: `job:${key}:${name}`,
      kind: 'server',
      severity: 'warning',
      subject: key,
      what:
        failingSince === undefined
          ? `the job ${name} failed when it ran last`
          : `the job ${name} has failed for ${formatDuration(at - failingSince)}`,
      why: 'what it was to do has not been done: nobody will look for that at the target',
      evidence: schedule === undefined ? [] : [`its schedule: ${schedule}`],
      next: [
        'read its history in the SQL Server Agent, and mend or disable it',
        'a broken backup or replication job first: the copy must not rest on it',
      ],
      seenAt: at,
    }));
}

function missingRights(key: string, { missingRights: all, at }: Server): BareFinding[] {
  if (all.length === 0) return [];
  return [
    {
      id: `rights:${key}`,
      kind: 'server',
      severity: 'warning',
      subject: key,
      what: `the login lacks ${all.map(({ right }) => right).join(', ')}`,
      why: 'what needs these rights was not looked at',
      evidence: all.map(({ right, unlocks }) => `${right}: ${unlocks}`),
      next: all.map(({ grant }) => grant),
      seenAt: at,
    },
  ];
}
