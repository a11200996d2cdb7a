import { LandfallError } from '../../foundation/errors.ts';
import { formatScript } from '../../remote/sql/script.ts';
import type { Deed, Role, Script, Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import { captureScript } from '../replicate/index.ts';
import { identityDeeds, pushAgentDeed, subscriptionDeeds } from '../replicate/subscription.ts';
import type { Scene } from '../stage.ts';

/** Two releases on, replication between them is refused (facts 2.2). */
const MAJORS_APART = 2;

/** The scene as it is after the hand-over: the copy publishes, the old production subscribes. */
function mirrored(scene: Scene): Scene {
  const { ref, plan, state } = scene;
  const third = ref.distributorAt === 'distributor';
  const turned: DatabaseRef = {
    ...ref,
    source: ref.copy,
    copy: ref.source,
    publisher: ref.subscriber,
    subscriber: ref.publisher,
    publication: `${ref.publication}_back`,
    // The distributor is never older than its publisher: the new production distributes for itself.
    distributorAt: third ? 'distributor' : 'publisher',
    distributor: third ? ref.distributor : ref.subscriber,
  };
  const { assessed, pinned, captured, ...rest } = state;
  return {
    ...scene,
    ref: turned,
    plan: { ...plan, publisher: plan.subscriber, subscriber: plan.publisher },
    state: {
      ...rest,
      // Both sides are equal at that instant: nothing is seeded, as with a clone that was reconciled.
      lane: { lane: 'clone', reason: 'failback', at: 0, by: 'landfall' },
      ...(assessed === undefined
        ? {}
        : {
            assessed: {
              ...assessed,
              publisher: assessed.subscriber,
              subscriber: assessed.publisher,
              distributor: third ? assessed.distributor : assessed.subscriber,
            },
          }),
    },
  };
}

/** Why there is no way back by replication; empty where there is one. */
export function failbackBlockers({ state, ref }: Pick<Scene, 'state' | 'ref'>): string[] {
  const facts = state.assessed;
  if (facts === undefined) return ['the servers were not assessed: landfall database assess'];
  const { publisher, subscriber, distributor } = facts;
  const found: string[] = [];
  if (!subscriber.publishes) found.push(`${subscriber.name} cannot publish (${subscriber.edition})`);
  if (Math.abs(subscriber.major - publisher.major) > MAJORS_APART)
    found.push(
      `${publisher.name} (version ${publisher.major}) is more than two releases from ${subscriber.name} (version ${subscriber.major}): it cannot subscribe`,
    );
  if (ref.distributorAt === 'distributor' && distributor.major < subscriber.major)
    found.push(
      `the distributor ${distributor.name} (version ${distributor.major}) is older than the new publisher (version ${subscriber.major})`,
    );
  return found;
}

/** Roles are named after who is who today: the new publisher is the subscriber of this evacuation. */
const TURNED: Readonly<Record<Role, Role>> = {
  publisher: 'subscriber',
  subscriber: 'publisher',
  distributor: 'distributor',
};

/**
 * The copy publishes to the old production. Right only while both sides are equal and nobody writes: after the hand-over has
 * proved that, and before the copy's users come in. Prepared and kept; landfall never runs it.
 */
export function reverseScript(scene: Scene): Script {
  const blockers = failbackBlockers(scene);
  const title = `Failback: ${scene.ref.copy} on ${scene.ref.subscriber} publishes to ${scene.ref.source} on ${scene.ref.publisher}`;
  if (blockers.length > 0) return { title: `${title}: impossible, ${blockers.join('; ')}`, deeds: [] };
  const back = mirrored(scene);
  const third = scene.ref.distributorAt === 'distributor';
  const turn = (statement: Statement): Statement => ({
    ...statement,
    on: statement.on === 'distributor' && !third ? 'subscriber' : TURNED[statement.on],
  });
  try {
    const deeds: Deed[] = [
      ...captureScript(back).deeds,
      ...subscriptionDeeds(back, 'replication support only'),
      ...identityDeeds(back),
      pushAgentDeed(back),
    ];
    return {
      title,
      deeds: deeds.map(({ id, statement, done }) => ({ id, statement: turn(statement), done: turn(done) })),
    };
  } catch (thrown) {
    if (!(thrown instanceof LandfallError) || thrown.code === 'bug') throw thrown;
    return { title: `${title}: impossible, ${thrown.facts.what}`, deeds: [] };
  }
}

/** For a DBA, with what has to hold before the first line is run. */
export const reverseText = (scene: Scene): string =>
  [
    '-- Prepared by landfall, never run by it.',
    '-- Run it after the hand-over has proved both sides equal, before anybody writes to the copy: then nothing is missed.',
    '-- Before: landfall database teardown takes the old publication off; the old production stays frozen for its users.',
    '-- What is @declared in a comment is given by whoever runs it; a password is made up, the same in both places.',
    '-- Until the first write on the copy, the way back is simpler: landfall database thaw.',
    formatScript(reverseScript(scene)),
  ].join('\n');
