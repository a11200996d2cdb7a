import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { isOpenItem } from '../../journal/database-facts.ts';
import { readCatalog } from '../catalog/read.ts';
import { databaseTables } from '../catalog/tables.ts';
import { fullName } from '../catalog/types.ts';
import {
  type Drained,
  drainedStatements,
  observe,
  observeStatements,
  proveDrained,
} from '../monitor/index.ts';
import { performScript, serverOf } from '../perform.ts';
import { shipLogsStage, shippingRound } from '../shipping/index.ts';
import type { Scene, Work } from '../stage.ts';
import {
  followStatements,
  reloadedTables,
  reloadStatements,
  reloadTables,
  trackedTables,
  trackingRound,
} from '../tracking/index.ts';
import { tablesToCompare, validateStage, validateWhole } from '../validate/index.ts';
import { wakeStatements } from './agents.ts';
import { recoverScript } from './freeze-script.ts';
import { type Hand, isDark, isReplicated, laneOf } from './hand.ts';
import { isTailTaken, tailDeeds } from './sever.ts';

/** A comparison with writers running says less the older it is; the exact one inside the freeze decides. */
const FRESH_MS = 3_600_000;

export const preconditions: Hand = {
  id: 'preconditions',
  title: 'the copy follows, is validated, and a home is made for its users',
  before: true,
  preview: observeStatements,
  async run(work) {
    const sample = await observe(work);
    const { state, clock } = work;
    const missing: string[] = [];
    const evidence: string[] = [];
    const require = (holds: boolean, yes: string, no: string): void => {
      (holds ? evidence : missing).push(holds ? yes : no);
    };
    require(state.released !==
      undefined, `the copy follows: ${state.released?.how}`, 'the copy does not follow yet: landfall database seed');
    for (const { code, what, remedy } of sample.troubles.filter(({ severity }) => severity === 'blocker'))
      missing.push(`${code}: ${what}; ${remedy}`);
    if (sample.proven !== undefined)
      evidence.push(
        `marker ${sample.proven.id} of ${new Date(sample.proven.at).toISOString()} is at the copy`,
      );
    if (laneOf(work) !== 'log-shipping') {
      // The newest: an exact one of an attempt that was given up says nothing of what was repaired since.
      const [live] = [state.validated?.exact, state.validated?.live]
        .filter(each => each !== undefined)
        .filter(each => each.limited !== true)
        .sort((one, other) => other.startedAt - one.startedAt);
      const differs = (live?.tables ?? []).filter(({ differingRanges }) => differingRanges > 0);
      require(live !== undefined &&
        differs.length === 0, 'the last comparison found both sides equal', live === undefined
        ? 'nothing was compared yet: landfall database validate'
        : `${differs.length} tables differ: landfall database validate`);
      if (live !== undefined && clock.now() - live.startedAt > FRESH_MS)
        evidence.push(
          `that was ${Math.round((clock.now() - live.startedAt) / 60_000)} minutes ago; it is made again inside the freeze`,
        );
    }
    if (laneOf(work) !== 'log-shipping')
      for (const table of await newTables(work))
        missing.push(
          `${table} was made on production after the assessment: it does not travel; landfall database assess, then seed`,
        );
    const { besides } = state;
    require(besides !==
      undefined, 'what replication does not bring was compared', 'what replication does not bring was not compared: landfall database besides');
    const open = (besides?.items ?? []).filter(isOpenItem);
    if (open.length > 0)
      evidence.push(
        `${open.length} of it are open: ${open.filter(({ scripted }) => scripted).length} are made on the way, ${open.filter(({ status }) => status === 'by-hand').length} by hand`,
      );
    if (missing.length === 0) return { evidence };
    throw new LandfallError('database.blocked', {
      what: `the hand-over of ${work.name} cannot begin`,
      why: 'nothing was frozen: production goes on as it is',
      evidence: missing,
      next: ['mend these, then order the hand-over again'],
    });
  },
};

/** Tables that have a key and cannot be articles follow by rounds, beside replication. */
const followsByRounds = (scene: Scene): boolean => isReplicated(scene) && trackedTables(scene).length > 0;

/** An idle agent says so once a minute; an error that the gate made is behind the second attempt. */
const ATTEMPTS = 3;
const ATTEMPT_MS = 90_000;

async function proven(work: Work): Promise<Drained> {
  for (let attempt = 1; ; attempt += 1) {
    for (const statement of wakeStatements(work))
      await serverOf(work.servers, statement).run(statement, { signal: work.signal });
    const proof = await proveDrained(work, { patienceMs: ATTEMPT_MS });
    if (proof.drained || attempt === ATTEMPTS) return proof;
    work.sample({ text: `not yet: ${proof.missing[0] ?? 'nothing is known'}` });
  }
}

export const drained: Hand = {
  id: 'drained',
  title: 'everything that was committed has arrived',
  before: true,
  preview: scene =>
    laneOf(scene) === 'log-shipping'
      ? [...shipLogsStage.preview(scene), ...tailDeeds(scene).map(({ statement }) => statement)]
      : [
          ...(reloadedTables(scene).length === 0 ? [] : reloadStatements(scene)),
          ...(followsByRounds(scene) ? followStatements(scene) : []),
          ...wakeStatements(scene),
          ...drainedStatements(scene),
        ],
  async run(work) {
    const evidence: string[] = [];
    if (laneOf(work) === 'log-shipping') {
      if (!(await isTailTaken(work))) {
        work.sample({ text: 'the last round of log shipping before the tail' });
        const { lastLsn, files } = await shippingRound(work);
        evidence.push(`${files.length} log backups restored, up to LSN ${lastLsn}`);
      }
      await performScript({ title: 'the tail of the log', deeds: tailDeeds(work) }, work);
    } else if (reloadedTables(work).length > 0) {
      work.sample({ text: 'tables without a key are loaded whole' });
      const { rows } = await reloadTables(work);
      evidence.push(
        `${reloadedTables(work).length} tables that no change can be followed of, loaded whole inside the freeze: ${rows} rows`,
      );
    }
    if (followsByRounds(work)) {
      work.sample({ text: 'the last round of change tracking' });
      const { rows, version } = await trackingRound(work);
      evidence.push(`the last round of change tracking brought ${rows} changes, up to version ${version}`);
    }
    const proof = await proven(work);
    if (proof.drained) return { evidence: [...evidence, ...proof.evidence] };
    throw new LandfallError('database.not-drained', {
      what: `not everything that was committed on ${work.ref.source} has arrived`,
      why: 'what has not arrived would be lost by handing over now',
      evidence: proof.missing,
      next: [
        'production stays frozen: order the hand-over again, it asks again',
        'landfall database thaw gives up and lets writers in',
      ],
    });
  },
};

export const validated: Hand = {
  id: 'validated',
  title: 'both sides are equal, row by row, while nobody writes',
  before: true,
  preview: scene => (laneOf(scene) === 'log-shipping' ? [] : validateStage.preview(scene)),
  async run(work) {
    if (laneOf(work) === 'log-shipping')
      return {
        skipped: true,
        evidence: [
          'the copy is made of production’s own log: it is compared by its LSN, and cannot be read before its recovery',
        ],
      };
    const begun = work.clock.now();
    await refuseNewTables(work);
    await validateWhole(work);
    const newest = work.state.validated?.exact;
    // A comparison that took production for open says nothing of an instant.
    const said = newest !== undefined && newest.startedAt >= begun ? newest : undefined;
    const differs = (said?.tables ?? []).filter(each => each.differingRanges > 0);
    const compared = new Set(said?.tables.map(({ table }) => table.toLowerCase()));
    const left = tablesToCompare(work, 'exact', undefined)
      .map(fullName)
      .filter(table => !compared.has(table.toLowerCase()));
    if (said !== undefined && said.limited !== true && differs.length + left.length === 0)
      return {
        evidence: [
          `${said.tables.length} tables with ${said.tables.reduce((sum, { rows }) => sum + rows, 0)} rows are equal, row by row`,
        ],
      };
    throw new LandfallError('database.differs', {
      what:
        said === undefined
          ? `${work.name} was not compared exactly: production is not closed to its users`
          : differs.length > 0
            ? `${differs.length} tables of ${work.name} differ from the copy`
            : `${left.length} tables of ${work.name} were not compared`,
      why: 'the copy is not what production was',
      evidence: [
        ...differs.map(
          ({ table, missing, extra, different }) =>
            `${table}: ${missing} missing, ${extra} too many, ${different} different`,
        ),
        ...left.map(table => `${table}: not compared`),
      ],
      next: [
        'landfall database thaw lets writers in again',
        'landfall database validate --repair mends the copy; then order the hand-over again',
      ],
    });
  },
};

/** A table that was made since the assessment is in no publication and in no comparison: its rows would be lost unseen. */
async function newTables({ servers, ref, signal, state }: Work): Promise<string[]> {
  const known = new Set((state.assessed?.tables ?? []).map(table => fullName(table).toLowerCase()));
  const now = databaseTables(await readCatalog(servers.publisher, 'publisher', ref.source, signal));
  return now
    .map(fullName)
    .filter(table => !known.has(table.toLowerCase()))
    .map(table => harmless(table));
}

async function refuseNewTables(work: Work): Promise<void> {
  const { servers, name } = work;
  const made = await newTables(work);
  if (made.length === 0) return;
  throw new LandfallError('database.differs', {
    what: `production has ${made.length} tables that the assessment did not know`,
    why: 'no lane carries them and no comparison covers them: their rows would be lost',
    where: { host: servers.publisher.label },
    evidence: made.slice(0, 20),
    next: [
      'landfall database thaw lets writers in again',
      `landfall database assess, and plan, know them then; a published copy of ${name} is seeded again with them`,
    ],
  });
}

/** Gives production back after its tail of the log was taken and the copy was not opened. */
export async function recoverProduction(work: Work): Promise<void> {
  if (laneOf(work) === 'log-shipping' && !isDark(work)) await performScript(recoverScript(work), work);
}

export const recoverStatements = (scene: Scene) =>
  laneOf(scene) === 'log-shipping' ? recoverScript(scene).deeds.map(({ statement }) => statement) : [];
