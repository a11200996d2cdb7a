import { formatBytes, formatDuration } from '../../foundation/units.ts';
import {
  type DatabaseFinding,
  type DatabaseTable,
  LANES,
  type Lane,
  type LaneForecast,
} from '../../journal/database-facts.ts';
import { closing } from '../assess/index.ts';
import { fullName } from '../catalog/types.ts';
import type { AdviceFacts } from './facts.ts';
import {
  backupForecast,
  cloneForecast,
  type Forecast,
  shippingForecast,
  snapshotForecast,
  trackingForecast,
} from './forecast.ts';
import { recommended } from './recommend.ts';

/** The lanes with what each costs, leaves out and can lose; one is recommended, unless all are closed. */
export function adviseLanes(facts: AdviceFacts): LaneForecast[] {
  const weighed = LANES.map(lane => weigh(facts, lane));
  const best = recommended(facts, weighed);
  return weighed.map(each =>
    each.lane === best?.lane ? { ...each, verdict: 'recommended', why: [best.reason, ...each.why] } : each,
  );
}

const FORECASTS: Readonly<Record<Lane, (facts: AdviceFacts) => Forecast>> = {
  backup: backupForecast,
  clone: cloneForecast,
  snapshot: snapshotForecast,
  'log-shipping': shippingForecast,
  'change-tracking': trackingForecast,
};

/** Lanes that make the clone's schema equal to production's first. */
const ALIGNED: ReadonlySet<Lane> = new Set(['clone', 'snapshot', 'change-tracking']);

function weigh(facts: AdviceFacts, lane: Lane): LaneForecast {
  const closed = reasons(facts, lane);
  const shape = { lane, leavesOut: leavesOut(facts, lane), canLose: canLose(facts, lane) };
  if (closed.length > 0) return { ...shape, verdict: 'closed', why: closed };
  const { hours, bytes, from } = FORECASTS[lane](facts);
  return {
    ...shape,
    verdict: 'possible',
    bytes,
    why: [...from],
    ...(hours === undefined ? {} : { hours }),
  };
}

/** Why a lane is closed, each with what opens it; empty where it is open. */
export function reasons({ findings, drift }: AdviceFacts, lane: Lane): string[] {
  const found = closing(findings, lane).map(({ what, remedy }) => `${what}: ${remedy}`);
  if (!ALIGNED.has(lane)) return found;
  const refused = drift.filter(({ severity, aligned }) => severity === 'blocker' && !aligned);
  return [
    ...found,
    ...refused
      .slice(0, 5)
      .map(({ subject, what }) => `${subject}: ${what}: align it by hand, where what it holds may be lost`),
    ...(refused.length > 5 ? [`and ${refused.length - 5} more of its schema`] : []),
  ];
}

const named = (tables: readonly DatabaseTable[]): string =>
  tables.length <= 4
    ? tables.map(fullName).join(', ')
    : `${tables.slice(0, 3).map(fullName).join(', ')} and ${tables.length - 3} more`;

function leavesOut({ tables, findings }: AdviceFacts, lane: Lane): string[] {
  const left: string[] = [];
  const by = (how: DatabaseTable['carriedBy']): DatabaseTable[] =>
    tables.filter(({ carriedBy }) => carriedBy === how);
  const [reload, none, compared] = [by('reload'), by('none'), by('change-tracking')];
  const bytes = formatBytes(reload.reduce((sum, each) => sum + each.bytes, 0));
  if (lane === 'log-shipping') {
    left.push('the copy cannot be read, compared or validated before the hand-over');
    if (has(findings, 'no-way-back-by-restore'))
      left.push('after the hand-over there is no way back by a restore: the target is newer');
    return left;
  }
  if (none.length > 0) left.push(`rows of ${named(none)} do not travel at all`);
  if (reload.length > 0)
    left.push(
      `${named(reload)} (${bytes}) ${reload.length === 1 ? 'is' : 'are'} copied whole inside the freeze`,
    );
  if (lane !== 'change-tracking' && compared.length > 0)
    left.push(`${named(compared)} cannot be published: compared again inside the freeze`);
  if (lane !== 'backup')
    left.push('users, permissions, sequences and triggers come by script, not with the rows');
  if (lane === 'clone' || lane === 'snapshot') left.push('rowversion values are made anew at the copy');
  return left;
}

const has = (findings: readonly DatabaseFinding[], code: string): boolean =>
  findings.some(each => each.code === code);

function canLose({ distributorAt, backup }: AdviceFacts, lane: Lane): string {
  if (lane === 'log-shipping') {
    const every = backup?.logEveryMinutes;
    return `everything since the last log backup that has arrived${every === undefined ? '' : `; log backups are made every ${formatDuration(every * 60_000)} now`}`;
  }
  if (lane === 'change-tracking')
    return 'everything since the last round, and a round that has not ended: minutes';
  return distributorAt === 'publisher'
    ? 'what the distributor at the source has not delivered: seconds while agents keep up, everything queued when they stand still'
    : 'what the Log Reader has not shipped to the target: seconds while it keeps up';
}
