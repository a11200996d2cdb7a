import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import type { Marker } from '../../journal/database-facts.ts';
import type { Script } from '../../remote/sql/statement.ts';
import { writeMarker, writeMarkerStatement } from '../monitor/marker.ts';
import { holds, isPerformed } from '../perform.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { awaited, hasArrived } from './arrival.ts';
import { laneOf } from './capture-script.ts';
import {
  absorbedDeed,
  agentStartedDeed,
  agentStoppedDeed,
  PROBE,
  probeArrived,
  probeAtCopy,
  probeAtSource,
  strictDeed,
  uniqueOnDeed,
} from './overlap.ts';
import { perform, type RunValues } from './performing.ts';
import { statementsOf } from './phrases.ts';

/** What the overlap needed is taken back: between stop and start the agent delivers nothing. */
export const catchUpScript = (scene: Scene): Script => ({
  title: `The overlap of ${scene.ref.copy} is absorbed: indexes and profile as they were`,
  deeds:
    laneOf(scene) === 'clone'
      ? [
          agentStoppedDeed(scene),
          uniqueOnDeed(scene),
          strictDeed(scene),
          absorbedDeed(scene),
          agentStartedDeed(scene),
        ]
      : [],
});

/** Until the marker that was written after the release is at the copy, and nothing is forgiven any more. */
export const catchUpStage: Stage = {
  id: 'catch-up',
  title: ({ name, ref }) => `wait until ${ref.copy} has what ${name} had when delivery began`,
  preview: scene =>
    laneOf(scene) === 'clone'
      ? [
          writeMarkerStatement(scene.ref),
          probeAtCopy(scene),
          probeAtSource(scene),
          ...statementsOf(catchUpScript(scene)),
        ]
      : [],
  async done(work) {
    const { released } = work.state;
    if (released?.marker === undefined || !(await hasArrived(work, released.marker))) return false;
    // The agent is stopped for a moment only: whether it stood then does not count.
    const lasting = catchUpScript(work).deeds.filter(({ id }) => id !== 'agent/stopped');
    return isPerformed({ title: '', deeds: lasting }, work);
  },
  async run(work) {
    const marker = work.state.released?.marker;
    if (marker === undefined)
      throw new LandfallError('database.not-captured', {
        what: `${work.ref.copy} is not being delivered to`,
        next: [`landfall database replicate ${work.name}`],
      });
    // One that was cut off may have left it stopped.
    if (laneOf(work) === 'clone') await perform(work, { title: '', deeds: [agentStartedDeed(work)] });
    await awaited(work, `wait for marker ${marker.id} at the copy`, () => hasArrived(work, marker));
    if (laneOf(work) !== 'clone') return;
    if (!(await holds(work.servers, absorbedDeed(work).done, work.signal))) await probe(work, marker);
    await takeBack(work);
  },
};

const doneRow = z.object({ done: z.boolean() });

async function takeBack(work: Work): Promise<void> {
  const script = catchUpScript(work);
  const absorbed = await holds(work.servers, absorbedDeed(work).done, work.signal);
  // Cut off behind the last change: the agent only has to run.
  const deeds = absorbed ? script.deeds.filter(({ id }) => id !== 'agent/stopped') : script.deeds;
  await perform(work, { ...script, deeds });
}

/** Every row was compared after the release, and none differs: whatever was passed over is there. */
function isComparedSince({ state }: Work): boolean {
  const { validated, released } = state;
  const live = validated?.live;
  if (live === undefined || released === undefined || live.startedAt < released.at) return false;
  if (live.limited === true) return false;
  return live.tables.every(({ missing, extra, different }) => missing + extra + different === 0);
}

/**
 * Tries out whether this build passes over one command or the whole transaction with it.
 *
 * @throws LandfallError database.differs where whole transactions were passed over
 */
async function probe(work: Work, { id }: Marker): Promise<void> {
  const { servers, signal } = work;
  const parameters: RunValues = { [PROBE]: { type: 'bigint', value: (-2n * BigInt(id)).toString() } };
  await servers.subscriber.run(probeAtCopy(work), { signal, parameters });
  await servers.publisher.run(probeAtSource(work), { signal, parameters });
  const behind = await writeMarker(work, signal);
  await awaited(work, 'try out what this build passes over', () => hasArrived(work, behind));
  const [row] = await servers.subscriber.ask(probeArrived(work), doneRow, { signal, parameters });
  if (row?.done === true || isComparedSince(work)) return;
  throw new LandfallError('database.differs', {
    what: `this build of SQL Server passes over whole transactions, not single commands: ${work.ref.copy} may lack rows`,
    why: 'transactions of the overlap that also wrote new rows are not at the copy',
    where: { host: work.ref.subscriber },
    next: [
      `landfall database validate ${work.name} --repair: compares every row while production writes`,
      'then run the same command again',
    ],
  });
}
