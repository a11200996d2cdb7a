import type { Deed, Script } from '../../remote/sql/statement.ts';
import { holds, performScript } from '../perform.ts';
import { cleanSubscriberScript, dropSubscriptionScript } from '../replicate/index.ts';
import { tailScript } from '../shipping/index.ts';
import type { Scene, Work } from '../stage.ts';
import { type Hand, isReplicated, laneOf } from './hand.ts';

/** What ends the following of the copy, publisher's part first. */
export function severScripts(scene: Scene): readonly Script[] {
  if (isReplicated(scene)) return [dropSubscriptionScript(scene), cleanSubscriberScript(scene)];
  return laneOf(scene) === 'log-shipping' ? [openScript(scene)] : [];
}

/** The tail of production's log, taken and restored: production is closed by it, and can still be given back. */
export function tailDeeds(scene: Scene): readonly Deed[] {
  return laneOf(scene) === 'log-shipping' ? tailScript(scene).deeds.slice(0, -1) : [];
}

/** What makes a database of the copy that takes no further log. */
const openScript = (scene: Scene): Script => {
  const { title, deeds } = tailScript(scene);
  return { title, deeds: deeds.slice(-1) };
};

/** Production that gave its tail away is RESTORING: it cannot be frozen, and need not be. */
export async function isTailTaken(work: Work): Promise<boolean> {
  const [first] = tailDeeds(work);
  return first !== undefined && holds(work.servers, first.done, work.signal);
}

/** Told before anything is severed: what the journal says of it is how a later run knows that it was decided. */
export const decision: Hand = {
  id: 'point-of-no-return',
  title: 'from here on the copy is the production',
  before: true,
  preview: () => [],
  async run({ name, state, ref }) {
    const order = state.ordered.handover;
    return {
      evidence: [
        `${order?.by ?? 'somebody'} typed ${order?.confirmed ?? name}${order?.reason === undefined ? '' : `: ${order.reason}`}`,
        `all proofs hold; ${ref.copy} on ${ref.subscriber} takes over from ${ref.source} on ${ref.publisher}`,
      ],
    };
  },
};

export const sever: Hand = {
  id: 'sever',
  title: 'the copy stands by itself',
  before: false,
  preview: scene => severScripts(scene).flatMap(({ deeds }) => deeds.map(({ statement }) => statement)),
  async run(work) {
    const done: string[] = [];
    for (const script of severScripts(work)) {
      await performScript(script, {
        ...work,
        onDeed: (deed, at, of) => work.sample({ text: deed.statement.title, fraction: at / of }),
      });
      done.push(...script.deeds.map(({ statement }) => statement.title));
    }
    return done.length === 0
      ? {
          skipped: true,
          evidence: ['nothing ties the copy to production in this lane: rounds are made by landfall alone'],
        }
      : { evidence: done };
  },
};
