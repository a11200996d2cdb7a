import { counted, formatDuration } from '../../foundation/units.ts';
import type { TableDifference } from '../../journal/database-facts.ts';
import { isOpenItem } from '../../journal/database-words.ts';
import type { DatabaseState } from '../../journal/state.ts';
import type { DatabasePlan, Plan } from '../../plan/schema.ts';
import { own } from '../copy.ts';
import { databaseExposureMs, OBSERVATION_MAX_AGE_MS } from '../database-exposure.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';
import { atPublisher, atSubscriber } from './database-by-hand.ts';
import { followGates } from './database-follow.ts';

/** What every check of a database looks at. */
export interface DatabaseSubject {
  readonly plan: Plan;
  readonly name: string;
  readonly wanted: DatabasePlan;
  /** Absent where the journal knows nothing of this database. */
  readonly database: DatabaseState | undefined;
  readonly now: number;
  /** The earliest credible loss, epoch ms; absent where none is fixed. */
  readonly deadline?: number | undefined;
}

/** Is there a copy, does it follow, and is it equal: silence and old evidence count as no. */
export function databaseGates(subject: DatabaseSubject): GateFacts[] {
  return [
    assessed(subject),
    laneOpen(subject),
    captured(subject),
    replication(subject),
    exposure(subject),
    validated(subject),
    ...followGates(subject),
    productionLog(subject),
    besides(subject),
    noFailure(subject),
  ];
}

const order = ({ plan, name }: DatabaseSubject, verb: string): string =>
  `landfall database ${verb} ${plan.name} ${name}`;

const laneOf = ({ database, wanted }: DatabaseSubject) =>
  database?.lane?.lane ?? (wanted.lane === 'auto' ? undefined : wanted.lane);

const isHandedOver = ({ database }: DatabaseSubject): boolean => database?.handover?.ended !== undefined;

function assessed(subject: DatabaseSubject): GateFacts {
  const { database, now } = subject;
  const facts = database?.assessed;
  return {
    check: 'assessed',
    title: 'Both servers and every table were assessed',
    severity: 'critical',
    verdict: facts === undefined ? 'unproven' : 'pass',
    evidence:
      facts === undefined
        ? ['nobody has asked the servers yet']
        : [
            `${facts.publisher.name}, ${facts.publisher.edition} ${facts.publisher.version}, to ${facts.subscriber.name}, ${facts.subscriber.edition} ${facts.subscriber.version}: ${counted(facts.tables.length, 'table')}, ${ago(facts.at, now)}`,
          ],
    evidenceAt: facts?.at,
    checkByHand: atPublisher(subject, 'SELECT @@SERVERNAME, @@VERSION'),
    remedy: order(subject, 'assess'),
    costOfIgnoring: 'nobody knows whether the database can leave at all',
  };
}

function laneOpen(subject: DatabaseSubject): GateFacts {
  const { database } = subject;
  const lane = laneOf(subject);
  const findings = database?.assessed?.findings ?? [];
  const closing = findings.filter(
    ({ severity, closes }) => severity === 'blocker' && lane !== undefined && closes.includes(lane),
  );
  const forecast = database?.planned?.lanes.find(each => each.lane === lane);
  const allClosed = database?.planned?.lanes.every(({ verdict }) => verdict === 'closed') === true;
  const isClosed = allClosed || forecast?.verdict === 'closed' || closing.length > 0;
  // What follows is not kept from following by what the assessment would say today.
  const isUnderWay = database?.released !== undefined || isHandedOver(subject);
  return {
    check: 'lane',
    title: 'A lane is open for it',
    severity: 'critical',
    verdict: isUnderWay ? 'pass' : isClosed ? 'fail' : lane === undefined ? 'unproven' : 'pass',
    evidence: [
      ...(lane === undefined ? ['no lane is chosen yet'] : [`lane ${lane}`]),
      ...(isUnderWay ? [] : closing.map(({ subject: of, what }) => `${of}: ${what}`)),
      ...(isUnderWay ? [] : forecast?.verdict === 'closed' ? forecast.why : []),
    ],
    evidenceAt: database?.planned?.at,
    remedy: closing.length > 0 ? closing.map(({ remedy }) => remedy) : order(subject, 'plan'),
    costOfIgnoring: 'the database stays at the source site',
  };
}

function captured(subject: DatabaseSubject): GateFacts {
  const { database, now } = subject;
  const since = database?.captured ?? database?.released;
  const isDone = since !== undefined || isHandedOver(subject);
  const tornDown = isDone ? undefined : database?.tornDown;
  return {
    check: 'captured',
    title: 'Every change of production is kept for the copy',
    severity: 'critical',
    verdict: isDone ? 'pass' : tornDown === undefined ? 'unproven' : 'fail',
    evidence: [
      ...(tornDown === undefined ? [] : [`the copy was given up ${ago(tornDown.at, now)}`]),
      isHandedOver(subject)
        ? 'handed over: the copy is the production'
        : since === undefined
          ? 'nothing captures what production commits'
          : `since ${ago(since.at, now)}`,
    ],
    evidenceAt: since?.at,
    checkByHand: atPublisher(
      subject,
      `SELECT name, is_published, log_reuse_wait_desc FROM sys.databases WHERE name = N'${subject.name}'`,
    ),
    remedy: order(subject, 'seed'),
    costOfIgnoring: 'what production commits while the copy is made is lost',
  };
}

function replication(subject: DatabaseSubject): GateFacts {
  const { database, now } = subject;
  const observed = database?.observed;
  const blockers = (observed?.sample.troubles ?? []).filter(({ severity }) => severity === 'blocker');
  const isSilent = observed === undefined || !isRecent(observed.at, now, OBSERVATION_MAX_AGE_MS);
  const done = isHandedOver(subject);
  return {
    check: 'replication',
    title: 'The copy follows production',
    severity: 'critical',
    verdict: done
      ? 'pass'
      : blockers.length > 0
        ? 'fail'
        : database?.released === undefined || isSilent
          ? 'unproven'
          : 'pass',
    evidence: [
      ...(done
        ? ['handed over: the copy is the production']
        : database?.released === undefined
          ? ['the copy does not follow yet']
          : [`released (${database.released.how}) ${ago(database.released.at, now)}`]),
      ...(observed === undefined ? [] : [`looked at ${ago(observed.at, now)}`]),
      ...blockers.flatMap(({ what, evidence }) => [what, ...evidence]),
    ],
    evidenceAt: observed?.at ?? database?.released?.at,
    checkByHand: atSubscriber(subject, 'SELECT TOP (1) id, [at] FROM [landfall].[marker] ORDER BY id DESC'),
    remedy:
      blockers.length > 0
        ? blockers.map(({ remedy }) => remedy)
        : database?.released === undefined
          ? order(subject, 'seed')
          : 'let an engine look after it: landfall run <the plan file>',
    costOfIgnoring: 'the copy grows old, and nobody sees it',
  };
}

function exposure(subject: DatabaseSubject): GateFacts {
  const { plan, wanted, database, now } = subject;
  const rpo = own(plan.tiers, wanted.tier)?.rpo;
  const ms = databaseExposureMs(database, now);
  const done = isHandedOver(subject);
  return {
    check: 'exposure',
    title: 'What would be lost now is within what the tier allows',
    severity: 'critical',
    verdict: done ? 'pass' : ms === undefined || rpo === undefined ? 'unproven' : ms <= rpo ? 'pass' : 'fail',
    evidence: [
      done
        ? 'handed over: nothing is at the source any more that could be lost'
        : ms === undefined
          ? 'no commit of production is proven to be in the copy'
          : `${formatDuration(ms)} of work would be lost now${rpo === undefined ? '' : `; the tier ${wanted.tier} allows ${formatDuration(rpo)}`}`,
    ],
    evidenceAt: database?.observed?.at,
    checkByHand: atSubscriber(
      subject,
      'SELECT DATEDIFF_BIG(ms, MAX([at]), SYSUTCDATETIME()) AS behind_ms FROM [landfall].[marker]',
    ),
    remedy: [order(subject, 'status'), 'let an engine look after it: landfall run <the plan file>'],
    costOfIgnoring: 'more work is lost with the site than was promised',
  };
}

const isDifferent = ({ missing, extra, different }: TableDifference): boolean =>
  missing + extra + different > 0;

function validated(subject: DatabaseSubject): GateFacts {
  const { database, now } = subject;
  const newest = [database?.validated?.exact, database?.validated?.live]
    .filter(each => each !== undefined)
    .filter(each => each.limited !== true)
    .sort((a, b) => b.at - a.at)[0];
  const different = newest?.tables.filter(isDifferent) ?? [];
  const isRestoring = laneOf(subject) === 'log-shipping' && !isHandedOver(subject);
  return {
    check: 'validated',
    title: 'The copy was compared row by row in the last 24 h, and is equal',
    // A database that is being restored cannot be read: its pages are production's own.
    severity: isRestoring ? 'warning' : 'critical',
    verdict:
      newest === undefined || (!isRecent(newest.at, now) && !isHandedOver(subject))
        ? 'unproven'
        : different.length > 0
          ? 'fail'
          : 'pass',
    evidence:
      newest === undefined
        ? [
            isRestoring
              ? 'a copy that restores log backups cannot be read before the hand-over'
              : 'nobody has compared the copy yet',
          ]
        : [
            `compared (${newest.kind}) ${ago(newest.at, now)}: ${counted(newest.tables.length, 'table')}`,
            ...different.map(
              ({ table, missing, extra, different: changed }) =>
                `${table}: ${missing} missing, ${extra} too many, ${changed} different`,
            ),
          ],
    evidenceAt: newest?.at,
    checkByHand: atSubscriber(subject, 'DBCC CHECKDB WITH NO_INFOMSGS, PHYSICAL_ONLY'),
    remedy: different.length > 0 ? `${order(subject, 'validate')} --repair` : order(subject, 'validate'),
    costOfIgnoring: 'nobody knows whether the copy holds what production holds',
  };
}

/** Beyond this share of the log production is about to stop. */
const NEARLY_FULL = 0.95;

function productionLog(subject: DatabaseSubject): GateFacts {
  const sample = subject.database?.observed?.sample;
  const isGrowing = sample?.proposeDrop === true;
  const { logUsedBytes: used, logBytes: all } = sample ?? {};
  const isFull = isGrowing && used !== undefined && all !== undefined && used > all * NEARLY_FULL;
  return {
    check: 'production-log',
    title: "Production's log does not grow because of the copy",
    severity: isFull ? 'critical' : 'warning',
    verdict: sample === undefined ? 'unproven' : isGrowing ? 'fail' : 'pass',
    evidence: [
      sample?.logUsedBytes === undefined
        ? 'nothing is known to hold it back'
        : `${Math.round(sample.logUsedBytes / 1e6)} MB of it are in use`,
    ],
    evidenceAt: subject.database?.observed?.at,
    checkByHand: atPublisher(
      subject,
      `SELECT log_reuse_wait_desc FROM sys.databases WHERE name = N'${subject.name}'`,
    ),
    remedy: [
      'start the log reader, and see why it stood',
      `where the disk runs full first, give the copy up: ${order(subject, 'teardown')} --confirm ${subject.name}`,
    ],
    costOfIgnoring: 'the disk of the log runs full, and production stops',
  };
}

function besides(subject: DatabaseSubject): GateFacts {
  const { database, now, name } = subject;
  const done = database?.besides;
  const open = done?.items.filter(isOpenItem) ?? [];
  const isLockedOut =
    isHandedOver(subject) && open.some(({ kind, status }) => kind === 'login' && status === 'missing');
  return {
    check: 'besides',
    title: 'Logins, users, jobs and settings are at the target, too',
    // Before the hand-over there is time for it; after it somebody cannot log in at production.
    severity: isLockedOut ? 'critical' : 'warning',
    verdict: done === undefined ? 'unproven' : open.length > 0 ? 'fail' : 'pass',
    evidence:
      done === undefined
        ? ['nobody has compared them yet']
        : [
            `${counted(done.items.length, 'item')} compared ${ago(done.at, now)}, ${open.length} to do`,
            ...open.slice(0, 12).map(({ kind, name, what }) => `${kind} ${name}: ${what}`),
          ],
    evidenceAt: done?.at,
    remedy:
      done === undefined
        ? order(subject, 'besides')
        : [
            order(subject, 'besides'),
            `go through the script logs/${name}/${done.script} of the evacuation with a DBA`,
          ],
    costOfIgnoring: 'the copy holds every row, and the application cannot log in',
  };
}

function noFailure({ plan, name, database, now }: DatabaseSubject): GateFacts {
  const failure = database?.failure;
  return {
    check: 'no-failure',
    title: 'No step of it has failed',
    severity: 'critical',
    verdict: database === undefined ? 'unproven' : failure === undefined ? 'pass' : 'fail',
    evidence:
      failure === undefined
        ? ['no failed step is recorded']
        : [
            `${failure.step} ${ago(failure.at, now)}: ${failure.error.what}`,
            ...(failure.error.evidence ?? []),
          ],
    evidenceAt: failure?.at,
    remedy:
      failure === undefined
        ? 'nothing'
        : [...failure.error.next, `then try it again: landfall retry ${plan.name} ${name}`],
    costOfIgnoring: 'the database waits where it failed',
  };
}
