import type { Script } from '../../remote/sql/statement.ts';
import { performScript } from '../perform.ts';
import { cleanSubscriberScript, dropSubscriptionScript } from '../replicate/index.ts';
import { tailScript } from '../shipping/index.ts';
import type { Scene } from '../stage.ts';
import { type Hand, isReplicated, laneOf } from './hand.ts';

/** What ends the following of the copy, publisher's part first. */
export function severScripts(scene: Scene): readonly Script[] {
  if (isReplicated(scene)) return [dropSubscriptionScript(scene), cleanSubscriberScript(scene)];
  return laneOf(scene) === 'log-shipping' ? [tailScript(scene)] : [];
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
