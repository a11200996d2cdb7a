import { formatDuration } from '../../foundation/units.ts';
import { OBSERVATION_MAX_AGE_MS } from '../database-exposure.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import type { DatabaseSubject } from './database.ts';
import { atPublisher } from './database-by-hand.ts';

/** Whether what carries the changes runs, keeps them long enough, and makes it before the storm. */
export function followGates(subject: DatabaseSubject): GateFacts[] {
  return [agents(subject), retention(subject), inTime(subject)];
}

const RUNS: ReadonlySet<string> = new Set(['starting', 'working', 'idle']);

function agents(subject: DatabaseSubject): GateFacts {
  const { database, now } = subject;
  const observed = database?.observed;
  const hops = observed?.sample.hops ?? [];
  const isOver = database?.handover?.ended !== undefined;
  const isSilent = observed === undefined || !isRecent(observed.at, now, OBSERVATION_MAX_AGE_MS);
  const unknown = hops.filter(({ state }) => state === 'unknown');
  const retrying = hops.filter(({ state }) => state === 'retrying');
  const down = hops.filter(({ state }) => !RUNS.has(state) && state !== 'unknown' && state !== 'retrying');
  return {
    check: 'agents',
    title: 'The agents that carry the changes run',
    // An agent that retries may get through by itself; one that stands does not.
    severity: down.length === 0 && retrying.length > 0 ? 'warning' : 'critical',
    verdict: isOver
      ? 'pass'
      : isSilent
        ? 'unproven'
        : down.length + retrying.length > 0
          ? 'fail'
          : unknown.length > 0
            ? 'unproven'
            : 'pass',
    evidence: [
      isOver
        ? 'handed over: nothing is to be carried any more'
        : observed === undefined
          ? 'nobody has looked at them yet'
          : `looked at ${ago(observed.at, now)}`,
      ...hops.map(({ name, agent, state, said }) =>
        [`${name} ${agent}: ${state}`, ...(said === undefined || RUNS.has(state) ? [] : [said])].join(', '),
      ),
      ...(observed !== undefined && hops.length === 0
        ? ['this lane has no agents: landfall carries them']
        : []),
    ],
    evidenceAt: observed?.at,
    checkByHand: atPublisher(subject, 'EXEC msdb.dbo.sp_help_jobactivity'),
    remedy:
      down.length + retrying.length > 0
        ? [
            ...down.map(({ agent }) => `start the job ${agent}, and read its history for why it stood`),
            ...retrying.map(({ agent }) => `read the history of the job ${agent} for what it fails at`),
          ]
        : 'let an engine look after it: landfall run <the plan file>',
    costOfIgnoring: 'changes pile up at the publisher, and the copy grows old',
  };
}

/** A subscription that expires before the storm has to be seeded anew, in the middle of it. */
const EXPIRES_SOON_MS = 24 * 3600e3;

function retention({ database, now, deadline }: DatabaseSubject): GateFacts {
  const observed = database?.observed;
  const hours = observed?.sample.expiresInHours;
  const left =
    hours === undefined || observed === undefined ? undefined : hours * 3600e3 - (now - observed.at);
  const isOver = database?.handover?.ended !== undefined;
  const isGone = left !== undefined && left <= 0;
  const tooEarly = left !== undefined && deadline !== undefined && deadline > now && now + left < deadline;
  const isShort = left !== undefined && (left < EXPIRES_SOON_MS || tooEarly);
  return {
    check: 'retention',
    title: 'The queue of changes is kept long enough',
    severity: isGone && !isOver ? 'critical' : 'warning',
    verdict: isOver ? 'pass' : observed === undefined ? 'unproven' : isShort ? 'fail' : 'pass',
    evidence: [
      left === undefined
        ? 'nothing is known that expires'
        : isGone
          ? 'the subscription has expired'
          : `without delivery the subscription expires in ${formatDuration(left)}`,
      ...(tooEarly && !isGone && !isOver
        ? [
            'that is before the earliest loss of the source: a delivery that stands for so long costs a new seed',
          ]
        : []),
    ],
    evidenceAt: observed?.at,
    remedy: 'raise max_distretention of the distribution database, and see why nothing is delivered',
    costOfIgnoring: 'what is queued is thrown away, and the copy has to be seeded anew',
  };
}

/** Forecasts of a seed are rough: it must fit this many times into the time left. */
const SAFETY = 1.5;

function inTime({ plan, name, database, now, deadline }: DatabaseSubject): GateFacts {
  const isThere = database?.released !== undefined || database?.handover?.ended !== undefined;
  const lane = database?.lane?.lane;
  const hours = database?.planned?.lanes.find(each => each.lane === lane)?.hours;
  const left = deadline === undefined ? undefined : deadline - now;
  const begun = database?.captured?.at;
  const need =
    hours === undefined ? undefined : Math.max(0, hours * 3600e3 - (begun === undefined ? 0 : now - begun));
  const isLate = left !== undefined && (left <= 0 || (need !== undefined && need * SAFETY > left));
  return {
    check: 'in-time',
    title: 'It makes it before the earliest credible loss of the source',
    severity: isLate && !isThere ? 'critical' : 'warning',
    verdict: isThere
      ? 'pass'
      : isLate
        ? 'fail'
        : left === undefined || need === undefined
          ? 'unproven'
          : 'pass',
    evidence: [
      isThere
        ? 'the copy follows: what comes later only makes it fresher'
        : need === undefined
          ? 'how long its seed takes has not been forecast'
          : `its seed is forecast to take ${formatDuration(need)} more`,
      ...(left === undefined
        ? ['no deadline is fixed yet']
        : [left > 0 ? `${formatDuration(left)} are left` : 'the earliest credible loss has passed']),
    ],
    evidenceAt: database?.planned?.at,
    remedy: [
      `see what each lane would take: landfall database plan ${plan.name} ${name}`,
      `and what would save it: landfall triage ${plan.name}`,
    ],
    costOfIgnoring: 'the storm comes first, and the database stays behind',
  };
}
