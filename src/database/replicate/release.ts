import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { writeMarker, writeMarkerStatement } from '../monitor/marker.ts';
import { holds, isPerformed } from '../perform.ts';
import { areHeld, holdObjects } from '../reconcile/hold.ts';
import { holdStatements } from '../reconcile/hold-statements.ts';
import { refuseForeignCopy } from '../reconcile/refusals.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { agentJob } from './agent-phrases.ts';
import { laneOf } from './capture-script.ts';
import { explained } from './classified.ts';
import { perform } from './performing.ts';
import { inDistribution, publisherId, statementsOf } from './phrases.ts';
import { beginningOf, copyScript, deliverScript, releaseScript } from './release-script.ts';
import { isForeign, readSituation } from './situation.ts';
import { type Beginning, isSnapshotBegun, startSnapshot, subscriptionStatement } from './subscription.ts';

const LANES = ['backup', 'clone', 'snapshot'] as const;

/** Where a server does not let a plain publication begin at an LSN, or has lost what came after it. */
const REFUSES_LSN = new Set([14052, 21399]);

const parked = (scene: Scene): Statement =>
  subscriptionStatement(
    scene,
    'replication support only',
    'a subscription that begins now, its agent parked (only where the server refuses to begin at the LSN)',
  );

/** Delivers what was captured. Emits database.released. */
export const releaseStage: Stage = {
  id: 'release',
  title: ({ name, ref }) => `deliver what was captured of ${name} to ${ref.copy}`,
  preview(scene) {
    const lane = laneOf(scene);
    return [
      ...holdStatements(scene),
      ...statementsOf(releaseScript(scene)),
      ...(lane === 'clone' ? [parked(scene)] : []),
      ...(lane === 'snapshot' ? [startSnapshot(scene)] : []),
      writeMarkerStatement(scene.ref),
    ];
  },
  async done(work) {
    if (work.state.released === undefined) return false;
    const lane = laneOf(work);
    // What only the overlap needs is taken back by the catch-up; the clean-up of others is theirs.
    const passing = new Set(['profile/forgiving', 'cleanup-on']);
    const lasting = deliverScript(work, beginningOf(lane)).deeds.filter(({ id }) => !passing.has(id));
    if (!(await isPerformed({ title: '', deeds: lasting }, work))) return false;
    return lane !== 'snapshot' || holds(work.servers, isSnapshotBegun(work), work.signal);
  },
  async run(work) {
    releaseScript(work);
    const { name, servers, signal } = work;
    const lane = LANES.find(each => each === laneOf(work)) ?? 'clone';
    refuseUnpinned(work, lane);
    // Replication's own snapshot empties the tables that it fills.
    if (lane === 'snapshot' && (await readSubscription(work)) === undefined) await refuseForeignCopy(work);
    if (!(await areHeld(work))) await holdObjects(work);
    await perform(work, copyScript(work));
    const how = await subscribe(work, lane);
    if (lane === 'snapshot' && !(await holds(servers, isSnapshotBegun(work), signal)))
      await servers.publisher.run(startSnapshot(work), { signal });
    const marker = await writeMarker(work, signal);
    await work.emit({ type: 'database.released', database: name, lane, how, marker });
  },
};

function refuseUnpinned({ name, state }: Work, lane: string): void {
  if (lane === 'snapshot') return;
  const { pinned } = state;
  if (lane === 'backup' ? pinned !== undefined : pinned?.marker?.lsn !== undefined) return;
  throw new LandfallError('database.not-captured', {
    what: `nobody knows from where on changes of ${name} have to be delivered`,
    why: 'a subscription that begins too late loses changes, and nothing would say so',
    next: [
      lane === 'backup'
        ? 'landfall database seed: backup and restore'
        : 'landfall database reconcile: pins production again',
    ],
  });
}

/** @returns how the subscription begins, in SQL Server's words */
async function subscribe(work: Work, lane: string): Promise<string> {
  const before = await readSubscription(work);
  const beginning = before?.type === PARKED ? 'replication support only' : beginningOf(lane);
  if (before?.type === PARKED) refuseBefore(work, before.begins);
  const script = deliverScript(work, beginning);
  const situation = await readSituation(work);
  // The clean-up of a distributor that others use too was never stopped.
  const deeds = script.deeds.filter(({ id }) => id !== 'cleanup-on' || !isForeign(situation));
  try {
    await perform(work, { ...script, deeds });
  } catch (error) {
    if (beginning === 'initialize from lsn' && refusesLsn(error)) await park(work);
    throw error;
  }
  return beginning === 'replication support only' ? 'parked agent' : wordFor(beginning);
}

const wordFor = (beginning: Beginning): string => (beginning === 'automatic' ? 'snapshot' : beginning);

const refusesLsn = (error: unknown): boolean =>
  error instanceof LandfallError && numbersOf(error).some(number => REFUSES_LSN.has(number));

/** From now on everything is queued; what is older is in no copy yet, so production is pinned and reconciled once more. */
async function park(work: Work): Promise<never> {
  const statement = parked(work);
  try {
    await work.servers.publisher.run(statement, { signal: work.signal });
  } catch (error) {
    throw error instanceof LandfallError ? explained(error) : error;
  }
  throw pinAgain(
    work,
    'the server refused a subscription that begins at the pinned marker; one that begins now is parked',
  );
}

const pinAgain = ({ name, ref }: Work, what: string): LandfallError =>
  new LandfallError('database.not-captured', {
    what,
    why: `what committed in ${ref.source} before it is delivered by nobody: the copy has to have it`,
    next: [
      `landfall database reconcile ${name}: pins production again and brings what differs, which is little now`,
      'then the same command again: the parked agent is started',
    ],
  });

/** nosync_type of `replication support only`. */
const PARKED = 1;

const subscriptionRow = z.object({ type: z.number(), begins: z.string() });

const readStatement = ({ ref }: Scene): Statement => ({
  on: 'distributor',
  database: 'master',
  title: 'ask from where on the subscription delivers',
  effect: 'reads',
  text: `${publisherId(inDistribution(ref, 'MSreplservers'), ref.publisher)}SELECT MAX(CONVERT(int, s.nosync_type)) AS type, CONVERT(varchar(22), MIN(s.subscription_seqno), 1) AS begins
FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a JOIN ${inDistribution(ref, 'MSsubscriptions')} AS s ON s.agent_id = a.id
WHERE ${agentJob(ref)} HAVING COUNT(*) > 0;`,
});

async function readSubscription(work: Work): Promise<z.infer<typeof subscriptionRow> | undefined> {
  const [row] = await work.servers.distributor.ask(readStatement(work), subscriptionRow, {
    signal: work.signal,
  });
  return row;
}

/** A pin from before the parked subscription leaves a gap. */
function refuseBefore(work: Work, begins: string): void {
  const pinned = work.state.pinned?.marker?.lsn;
  if (pinned !== undefined && pinned.toUpperCase() >= begins.toUpperCase().slice(0, 22)) return;
  throw pinAgain(work, 'production was pinned before the parked subscription began');
}
