import { LandfallError } from '../../foundation/errors.ts';
import type { DriftItem, Lane, LaneForecast } from '../../journal/database-facts.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { asker } from '../assess/ask.ts';
import { readBackups } from '../assess/backups.ts';
import { type KnownBackup, logPerHour } from '../assess/index.ts';
import { backupsQuestion } from '../assess/questions-database.ts';
import { keptAlign, type MeasuredDrift, measureDrift } from '../drift/index.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import type { AdviceFacts, BackupMeasure } from './facts.ts';
import { adviseLanes } from './lanes.ts';
import { echoStatement, measureLink, sinkStatement } from './link.ts';
import { sampleDifference } from './sample.ts';

export type { AdviceFacts, BackupMeasure, LinkMeasure, SampledDifference } from './facts.ts';
export { adviseLanes } from './lanes.ts';

/** Measures, compares, advises, and takes a lane where nobody has. Writes nothing on any server. */
export const planStage: Stage = {
  id: 'plan',
  title: ({ name }) => `find the lane for the database ${name}`,
  preview: previewOf,
  async done({ state }) {
    const { planned, assessed, lane, ordered } = state;
    if (planned === undefined || assessed === undefined || ordered.plan !== undefined) return false;
    return lane !== undefined && planned.at >= assessed.at;
  },
  run,
};

function previewOf({ name }: Scene): readonly Statement[] {
  return [echoStatement(32), sinkStatement, backupsQuestion('publisher', name).statement];
}

async function run(work: Work): Promise<void> {
  const { name, state, plan, ref, signal, servers } = work;
  const { assessed } = state;
  if (assessed === undefined)
    throw new LandfallError('database.blocked', {
      what: `${name} has not been assessed`,
      why: 'without it nobody knows which lanes are open',
      next: ['assess it first: landfall database assess'],
    });
  const copyName = assessed.clone?.database?.name ?? assessed.subscriber.database?.name;
  work.sample({ text: 'compares the schema of both sides' });
  const drift =
    copyName === undefined
      ? undefined
      : await measureDrift({ servers, ref: { source: ref.source, copy: copyName }, signal });
  work.sample({ text: 'measures the link' });
  const link = await measureLink(work);
  const sample =
    drift === undefined
      ? undefined
      : await sampleDifference(work, assessed.tables, { name: drift.copy.database, catalog: drift.copy });
  const backups = await readBackups(asker(servers.publisher, signal), 'publisher', name);
  const perHour = logPerHour({ backups });
  const facts: AdviceFacts = {
    plan,
    tables: assessed.tables,
    findings: assessed.findings,
    drift: drift?.items ?? [],
    distributorAt: ref.distributorAt,
    link,
    backup: measuredBackup(backups),
    ...(sample === undefined ? {} : { sample }),
    ...(work.linkLimit === undefined ? {} : { linkLimit: work.linkLimit }),
    ...(perHour === undefined ? {} : { logPerHour: perHour }),
    ...(work.deadline === undefined
      ? {}
      : { hoursLeft: (work.deadline.expected - work.clock.now()) / 3_600_000 }),
  };
  const lanes = adviseLanes(facts);
  await work.emit({
    type: 'database.planned',
    database: name,
    lanes,
    drift: driftOf(drift),
    linkBytesPerSecond: Math.min(link.fromPublisher, link.toSubscriber),
    ...(drift === undefined ? {} : { align: keptAlign(drift.align) }),
    ...(sample === undefined ? {} : { sampledDifference: sample.share }),
  });
  await choose(work, lanes);
}

const driftOf = (drift: MeasuredDrift | undefined): DriftItem[] => [...(drift?.items ?? [])];

/** The engineer's word counts, then the plan's, then the advice. A lane that is closed is refused, whoever chose it. */
async function choose(work: Work, lanes: readonly LaneForecast[]): Promise<void> {
  const { name, plan, state } = work;
  const chosen = state.lane?.lane ?? (plan.lane === 'auto' ? undefined : plan.lane);
  if (chosen !== undefined) refuseClosed(name, chosen, lanes, state.lane === undefined);
  if (state.lane !== undefined) return;
  const best = lanes.find(({ verdict }) => verdict === 'recommended');
  const lane = chosen ?? best?.lane;
  if (lane === undefined)
    throw new LandfallError('database.blocked', {
      what: `every lane for ${name} is closed`,
      why: 'the database cannot leave before one of them is opened',
      next: lanes.map(each => `${each.lane}: ${each.why[0] ?? ''}`),
    });
  await work.emit({
    type: 'database.lane-chosen',
    database: name,
    lane,
    reason: chosen === undefined ? (best?.why[0] ?? 'recommended') : 'the plan names it',
  });
}

function refuseClosed(name: string, chosen: Lane, lanes: readonly LaneForecast[], byPlan: boolean): void {
  const forecast = lanes.find(({ lane }) => lane === chosen);
  if (forecast?.verdict !== 'closed') return;
  const open = lanes.filter(({ verdict }) => verdict !== 'closed').map(({ lane }) => lane);
  throw new LandfallError('database.blocked', {
    what: `the lane ${chosen}, which ${byPlan ? 'the plan names' : 'was chosen'} for ${name}, is closed`,
    why: forecast.why[0],
    evidence: forecast.why,
    next: [
      ...forecast.why.slice(0, 1).map(reason => `open it: ${reason}`),
      open.length === 0
        ? 'no other lane is open either'
        : `or take another: lane: ${open.join(', ')}, or lane: auto`,
    ],
  });
}

/** How the last full backup compressed, how quick it was, and how often the log is backed up. */
export function measuredBackup(backups: readonly KnownBackup[]): BackupMeasure {
  const full = backups.find(({ kind }) => kind === 'D');
  const logs = backups.filter(({ kind }) => kind === 'L').slice(0, 25);
  const [newest] = logs;
  const oldest = logs.at(-1);
  const every =
    newest === undefined || oldest === undefined || logs.length < 2
      ? undefined
      : (oldest.minutesAgo - newest.minutesAgo) / (logs.length - 1);
  return {
    // A file as large as its data was written without compression: it tells nothing of what compression would do.
    ...(full?.compressed === undefined || full.compressed >= full.bytes
      ? {}
      : { ratio: full.compressed / full.bytes }),
    ...(full === undefined || full.seconds < 5 ? {} : { rate: full.bytes / full.seconds }),
    ...(every === undefined ? {} : { logEveryMinutes: every }),
  };
}
