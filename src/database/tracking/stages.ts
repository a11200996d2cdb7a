import type { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { TableDifference } from '../../journal/database-facts.ts';
import { isNewer, writeMarker, writeMarkerStatement } from '../monitor/marker.ts';
import { isPerformed, performScript } from '../perform.ts';
import { progressName } from '../reconcile/names.ts';
import { refuseForeignCopy } from '../reconcile/refusals.ts';
import { requireSameBytes } from '../reconcile/same-bytes.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { type Copied, copyTable, readStates } from './copy.ts';
import { copiedTables, copyStatements } from './copy-statements.ts';
import { holdWhereNot } from './hold.ts';
import { performPatiently } from './patience.ts';
import { isOf, momentRow } from './round.ts';
import { followStatements, trackingRound } from './rounds.ts';
import { momentStatement, tracked } from './statements.ts';
import { trackScript } from './track-script.ts';
import { untrackScript } from './untrack-script.ts';

const statementsOf = (script: ReturnType<typeof trackScript>) =>
  script.deeds.map(({ statement }) => statement);

/** Change tracking and SNAPSHOT isolation on the publisher; what was off before is recorded there. */
export const trackStage: Stage = {
  id: 'track',
  title: ({ ref }) => `track the changes of ${ref.source}`,
  preview: scene => [...statementsOf(trackScript(scene)), writeMarkerStatement(scene.ref)],
  done: async work => work.state.captured !== undefined && (await isPerformed(trackScript(work), work)),
  async run(work) {
    await performPatiently(trackScript(work), work);
    const marker = await writeMarker(work, work.signal);
    await work.emit({ type: 'database.captured', database: work.name, lane: 'change-tracking', marker });
  },
};

/** The first copy of every tracked table, with the version from which its rounds go on. */
export const copyStage: Stage = {
  id: 'copy',
  title: ({ ref }) => `make the tables of ${ref.copy} equal to ${ref.source}: only rows that differ travel`,
  preview: copyStatements,
  async done(work) {
    if (work.state.pinned?.lane !== 'change-tracking' || work.state.reconcile?.ended === undefined)
      return false;
    return (await uncopied(work)).length === 0;
  },
  run: copyAll,
};

/** Tables whose first copy is not whole, or is of another database. */
async function uncopied(work: Work) {
  const publisher = (await momentNow(work)).publisher;
  const states = await readStates(work);
  return copiedTables(work).filter(({ table }) => {
    const state = states.find(each => isOf(each, tracked(table, 0)));
    return state?.copied !== true || state.publisher !== publisher;
  });
}

async function momentNow(work: Work): Promise<z.infer<typeof momentRow> & { readonly version: string }> {
  const [moment] = await work.servers.publisher.ask(momentStatement(work), momentRow, {
    signal: work.signal,
  });
  if (moment?.version == null)
    throw new LandfallError('database.not-captured', {
      what: `${work.ref.source} does not track its changes`,
      where: { host: work.servers.publisher.label },
      next: ['run the same command again: tracking comes before the copy'],
    });
  return { ...moment, version: moment.version };
}

async function copyAll(work: Work): Promise<void> {
  await refuseForeignCopy(work);
  await requireSameBytes(work);
  await holdWhereNot(work);
  const moment = await momentNow(work);
  const tables = await uncopied(work);
  const source = `change tracking version ${moment.version}`;
  const run = (work.state.reconcile?.run ?? 0) + 1;
  const rows = tables.reduce((sum, { table }) => sum + table.rows, 0);
  const begun = work.clock.monotonic();
  await work.emit({ type: 'database.pinned', database: work.name, lane: 'change-tracking', source });
  await work.emit({
    type: 'reconcile.started',
    database: work.name,
    run,
    source,
    tables: tables.length,
    rows,
  });
  const totals = { rows: 0, repaired: 0, bytes: 0 };
  for (const numbered of tables) {
    work.signal.throwIfAborted();
    const name = progressName(numbered.table);
    const copied = await copyTable(work, numbered, run, done =>
      work.sample({
        text: `copy ${name}: ${done} rows compared`,
        ...(rows > 0 ? { fraction: Math.min(1, (totals.rows + done) / rows) } : {}),
      }),
    );
    const { inserted, updated, deleted } = copied.counts;
    totals.rows += copied.counts.rows;
    totals.repaired += inserted + updated + deleted;
    totals.bytes += copied.bytes;
    await work.emit({
      type: 'reconcile.table',
      database: work.name,
      ...{ run, compared: differenceOf(name, copied), inserted, updated, deleted },
      ...{ bytes: copied.bytes, ms: copied.ms },
    });
  }
  await work.emit({
    type: 'reconcile.ended',
    database: work.name,
    ...{ run, tables: tables.length, ...totals, ms: Math.round(work.clock.monotonic() - begun) },
  });
}

const differenceOf = (table: string, { counts, examples }: Copied): TableDifference => ({
  table,
  rows: counts.rows,
  ranges: counts.ranges,
  differingRanges: counts.differing,
  missing: counts.inserted,
  extra: counts.deleted,
  different: counts.updated,
  examples: [...examples],
});

const ROUNDS = 20;

/** Rounds until one brings the marker that was written before it; from then on the copy follows. */
export const followStage: Stage = {
  id: 'follow',
  title: ({ ref }) => `let ${ref.copy} follow ${ref.source} by rounds of change tracking`,
  preview: scene => [writeMarkerStatement(scene.ref), ...followStatements(scene)],
  done: work => Promise.resolve(work.state.released?.lane === 'change-tracking'),
  async run(work) {
    const marker = await writeMarker(work, work.signal);
    for (let at = 0; at < ROUNDS; at += 1) {
      const round = await trackingRound(work);
      if (round.marker === undefined || isNewer(marker, round.marker) || round.again.length > 0) continue;
      await work.emit({
        type: 'database.released',
        ...{
          database: work.name,
          lane: 'change-tracking',
          how: 'change tracking rounds',
          marker: round.marker,
        },
      });
      return;
    }
    throw new LandfallError('database.not-drained', {
      what: `${ROUNDS} rounds did not bring marker ${marker.id} to ${work.ref.copy}`,
      where: { host: work.servers.subscriber.label },
      next: ['look at the troubles: landfall database status', 'run the same command again'],
    });
  },
};

/** Turns off what landfall turned on, and nothing else. */
export const untrackStage: Stage = {
  id: 'untrack',
  title: ({ ref }) => `stop tracking the changes of ${ref.source}, where landfall began it`,
  preview: scene => statementsOf(untrackScript(scene)),
  done: work => isPerformed(untrackScript(work), work),
  run: work => performScript(untrackScript(work), work),
};

export const untrackStatements = (scene: Scene) => statementsOf(untrackScript(scene));
