import { holds, isPerformed } from '../perform.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { readMade } from './made.ts';
import { perform } from './performing.ts';
import { statementsOf } from './phrases.ts';
import { dueOf, teardownScript } from './teardown-script.ts';

/** The order of a teardown says whether the publisher is still there. */
const isDark = ({ state }: Scene): boolean => state.ordered['teardown']?.dark === true;

/** What landfall made for a database is removed, what it changed is given back. Emits database.torn-down. */
export const teardownStage: Stage = {
  id: 'teardown',
  title: scene =>
    isDark(scene)
      ? `remove what replication left in ${scene.ref.copy}`
      : `give production of ${scene.name} back as it was found`,
  preview: scene => statementsOf(teardownScript(scene, { dark: isDark(scene) })),
  async done(work) {
    if (work.state.captured !== undefined || work.state.released !== undefined) return false;
    return isPerformed(await dueScript(work), work);
  },
  async run(work) {
    const script = await dueScript(work);
    const removed: string[] = [];
    for (const deed of script.deeds) {
      if (await holds(work.servers, deed.done, work.signal)) continue;
      await perform(work, { title: script.title, deeds: [deed] });
      removed.push(deed.statement.title);
    }
    await work.emit({ type: 'database.torn-down', database: work.name, removed });
  },
};

async function dueScript(work: Work) {
  const dark = isDark(work);
  const script = teardownScript(work, { dark });
  if (dark) return script;
  const { servers, ref, signal } = work;
  return dueOf(script, await readMade(servers.publisher, 'publisher', ref.source, signal));
}
