import { LandfallError } from '../../foundation/errors.ts';
import { recordedQuestion } from '../handover/freeze-script.ts';
import { holds, isPerformed } from '../perform.ts';
import { unpinStage } from '../reconcile/pin.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { untrackStage } from '../tracking/stages.ts';
import { laneOf } from './capture-script.ts';
import { readMade } from './made.ts';
import { perform } from './performing.ts';
import { statementsOf } from './phrases.ts';
import { dueOf, teardownScript } from './teardown-script.ts';

/** The order of a teardown says whether the publisher is still there, or the hand-over that found it gone. */
const isDark = ({ state }: Scene): boolean =>
  state.ordered['teardown']?.dark === true || state.handover?.dark === true;

/** Lanes whose copy can be asked at any time: in the others it may be RESTORING, or not there yet. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(['clone', 'snapshot', 'change-tracking']);

/** What other rooms left: the database snapshot, change tracking, also of a lane that was chosen before. */
const othersOf = (scene: Scene): readonly Stage[] => {
  if (isDark(scene)) return [];
  return ALWAYS_OPEN.has(laneOf(scene)) ? [unpinStage, untrackStage] : [unpinStage];
};

/** What landfall made for a database is removed, what it changed is given back. Emits database.torn-down. */
export const teardownStage: Stage = {
  id: 'teardown',
  title: scene =>
    isDark(scene)
      ? `remove what replication left in ${scene.ref.copy}`
      : `give production of ${scene.name} back as it was found`,
  preview: scene => [
    ...othersOf(scene).flatMap(stage => stage.preview(scene)),
    ...statementsOf(teardownScript(scene, { dark: isDark(scene) })),
  ],
  async done(work) {
    const { captured, released, tornDown, ordered } = work.state;
    if (captured !== undefined || released !== undefined) return false;
    // Told once, and nothing was made since: a publisher that is gone is not asked for ever.
    if (tornDown !== undefined && ordered['teardown'] === undefined) return true;
    for (const stage of othersOf(work)) if (!(await stage.done(work))) return false;
    return isPerformed(await dueScript(work), work);
  },
  async run(work) {
    await refuseFrozen(work);
    const script = await dueScript(work);
    const removed: string[] = [];
    for (const stage of othersOf(work)) {
      if (await stage.done(work)) continue;
      await stage.run(work);
      removed.push(stage.title(work));
    }
    for (const deed of script.deeds) {
      if (await holds(work.servers, deed.done, work.signal)) continue;
      await perform(work, { title: script.title, deeds: [deed] });
      removed.push(deed.statement.title);
    }
    await work.emit({ type: 'database.torn-down', database: work.name, removed });
  },
};

/** Production whose users are locked out is not as it was found; what a thaw needs must not go. */
async function refuseFrozen(work: Work): Promise<void> {
  const { servers, name, ref, signal, state } = work;
  if (isDark(work) || state.handover?.ended !== undefined) return;
  if (!(await holds(servers, recordedQuestion(work), signal))) return;
  throw new LandfallError('database.blocked', {
    what: `${ref.source} on ${ref.publisher} is frozen by a hand-over that has not ended`,
    why: 'a teardown would leave its users locked out, and say that production is as it was found',
    where: { host: servers.publisher.label },
    next: [`landfall database thaw PLAN ${name}: its users come in again`, 'then order the teardown again'],
  });
}

async function dueScript(work: Work) {
  const dark = isDark(work);
  const script = teardownScript(work, { dark });
  if (dark) return script;
  const { servers, ref, signal } = work;
  return dueOf(script, await readMade(servers.publisher, 'publisher', ref.source, signal));
}
