import { expect, it, onTestFinished } from 'vitest';
import type { Step } from '../../../src/step/step.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const dueStep = (world: SyncWorld): Step => {
  const step = syncSteps(world.view, 'web1').at(-1);
  if (step === undefined) throw new Error('nothing is due');
  return step;
};

async function opened(): Promise<SyncWorld> {
  const world = new SyncWorld();
  onTestFinished(() => world.dispose());
  for (const step of syncSteps(world.view, 'web1').slice(0, 2)) await world.perform(step);
  return world;
}

/** Lets the step begin its job, then stops it as a pause does. */
async function paused(world: SyncWorld, step: Step, job: string): Promise<void> {
  const order = new AbortController();
  const running = world.perform(step, order.signal);
  while ((await world.job(job).status()).state === 'absent')
    await new Promise(resolve => setImmediate(resolve));
  order.abort();
  await expect(running).rejects.toThrow();
  await world.halt(step);
}

it('a halted pass leaves nothing on the source and begins again under its number', async () => {
  const world = await opened();
  world.write('a', 'a');
  const step = dueStep(world);
  expect(step.id).toBe('sync/web1/pass-1');
  await paused(world, step, 'web1-p1-0');
  expect(await world.job('web1-p1-0').status()).toEqual({ state: 'absent' });
  // Twice does no harm: an engine that starts while it is paused asks once more.
  await world.halt(step);

  world.write('b', 'b');
  const again = dueStep(world);
  expect(again.id).toBe('sync/web1/pass-1');
  await world.perform(again);
  expect(world.started.filter(id => id === 'web1-p1-0')).toHaveLength(2);
  const begun = world.story.events.filter(event => event.type === 'pass.started');
  expect(begun.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual([
    'full: the first copy',
    'full: the first copy',
  ]);
  const [pass] = world.view.state.machines['web1']?.passes ?? [];
  expect(pass?.ended?.startedAt).toBe(begun[1]?.at);
  expect(pass?.judged?.verdict).toBe('first');
  expect(world.read('b')).toBe('b');
});

it('a halted comparison leaves nothing on the source and is made as a whole later', async () => {
  const world = await opened();
  world.write('a', 'a');
  while (dueStep(world).id.includes('pass')) await world.perform(dueStep(world));
  const step = dueStep(world);
  const pass = /verify-(\d+)$/.exec(step.id)?.[1];
  await paused(world, step, `web1-v${pass}-0`);
  expect(await world.job(`web1-v${pass}-0`).status()).toEqual({ state: 'absent' });
  expect(world.view.state.machines['web1']?.verified).toBeUndefined();
  await world.perform(dueStep(world));
  expect(world.view.state.machines['web1']?.verified).toMatchObject({ pass: Number(pass), mismatches: [] });
});
