import { afterEach, describe, expect, test } from 'vitest';
import { standbyStep } from '../../../../src/build/index.ts';
import type { Deed } from '../../../../src/cutover/deed.ts';
import { bringUpDeed, commitDeed, powerOffDeed, quietDeed } from '../../../../src/cutover/machine/index.ts';
import type { Step } from '../../../../src/step/step.ts';
import { CutoverWorld } from '../../../support/cutover-world.ts';

/**
 * Landfall may die at any moment: before a change of the world, or after something is on record. Whatever the moment,
 * going on ends where an undisturbed run ends, and taking back ends where it began.
 */

let worlds: CutoverWorld[] = [];
afterEach(() => {
  for (const world of worlds) world.dispose();
  worlds = [];
});

const never = new AbortController().signal;
const KILLED = 'landfall was killed';

async function worldOf(before: readonly Deed[]): Promise<CutoverWorld> {
  const world = new CutoverWorld();
  worlds.push(world);
  const held = standbyStep(world.story.plan, 'web1');
  await held.run(world.context(held), never);
  world.story.tell({
    type: 'cutover.begun',
    ...{ rehearse: false, dark: false, planHash: 'x', confirmed: 'miami-to-dallas', open: [] },
  });
  for (const deed of before) await go(world, deed, 'run');
  return world;
}

const stepOf = (deed: Deed, way: 'run' | 'undo'): Step => {
  const part = way === 'run' ? deed : deed.undo;
  if (part === undefined) throw new Error('nothing to take back');
  return {
    ...{ id: 'cutover/web1/x', phase: 'cutover', subject: 'web1', title: 'x', needs: [], resources: [] },
    preview: view => part.preview(view),
    done: (context, signal) => part.done(context, signal),
    run: async (context, signal) => {
      if (!(await part.done(context, signal))) await part.run(context, signal);
    },
  };
};

/** How many moments there were to die in; `at` dies in that one. */
async function go(world: CutoverWorld, deed: Deed, way: 'run' | 'undo', at = -1): Promise<number> {
  let moments = 0;
  const moment = (): void => {
    moments += 1;
    if (moments - 1 === at) throw new Error(KILLED);
  };
  world.site.beforeChange = moment;
  const step = stepOf(deed, way);
  try {
    await step.run(world.context(step, moment), never);
  } finally {
    world.site.beforeChange = () => {};
  }
  return moments;
}

const killed = (work: Promise<unknown>) => expect(work).rejects.toThrow(KILLED);
const machineOf = (world: CutoverWorld) => world.story.state.cutover?.machines['web1'] ?? {};

const DEEDS: ReadonlyArray<readonly [string, Deed, readonly Deed[]]> = [
  ['quiet', quietDeed('web1'), []],
  ['power-off', powerOffDeed('web1'), []],
  ['bring-up', bringUpDeed('web1'), [powerOffDeed('web1')]],
];

describe.each(DEEDS)('%s, cut off at any moment', (_, deed, before) => {
  test('goes on to the same end', async () => {
    const whole = await worldOf(before);
    const moments = await go(whole, deed, 'run');
    expect(moments).toBeGreaterThan(2);
    for (let at = 0; at < moments; at += 1) {
      const world = await worldOf(before);
      await killed(go(world, deed, 'run', at));
      await go(world, deed, 'run');
      expect(world.facts, `killed at ${at}`).toEqual(whole.facts);
      expect(Object.keys(machineOf(world)).sort()).toEqual(Object.keys(machineOf(whole)).sort());
    }
  });

  test('is taken back to where it began', async () => {
    const moments = await go(await worldOf(before), deed, 'run');
    for (let at = 0; at <= moments; at += 1) {
      const world = await worldOf(before);
      const [facts, known] = [world.facts, Object.keys(machineOf(world))];
      if (at < moments) await killed(go(world, deed, 'run', at));
      else await go(world, deed, 'run');
      await go(world, deed, 'undo');
      expect(world.facts, `killed at ${at}`).toEqual(facts);
      expect(Object.keys(machineOf(world))).toEqual(known);
    }
  });

  test('is taken back even where taking back is cut off', async () => {
    const whole = await worldOf(before);
    const { facts } = whole;
    await go(whole, deed, 'run');
    const moments = await go(whole, deed, 'undo');
    for (let at = 0; at < moments; at += 1) {
      const world = await worldOf([...before, deed]);
      await killed(go(world, deed, 'undo', at));
      await go(world, deed, 'undo');
      expect(world.facts, `killed at ${at}`).toEqual(facts);
    }
  });
});

test('commit, cut off at any moment, goes on to the same end', async () => {
  const before = [powerOffDeed('web1'), bringUpDeed('web1')];
  const whole = await worldOf(before);
  const moments = await go(whole, commitDeed('web1'), 'run');
  for (let at = 0; at < moments; at += 1) {
    const world = await worldOf(before);
    await killed(go(world, commitDeed('web1'), 'run', at));
    await go(world, commitDeed('web1'), 'run');
    expect(world.facts, `killed at ${at}`).toEqual(whole.facts);
    expect(machineOf(world).committedAt).toBeDefined();
  }
});
