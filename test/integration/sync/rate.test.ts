import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../src/foundation/clock.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const worlds: SyncWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

/** Naps end when the test says so. */
class Naps implements Clock {
  #wake: (() => void)[] = [];
  now = systemClock.now;
  monotonic = systemClock.monotonic;
  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wake.push(resolve);
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
  end(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

const FILES = 40;
const SIZE = 200_000;

/** A world whose pass would take minutes, and its first pass, under way with something arrived. */
async function slowPass(): Promise<{ world: SyncWorld; naps: Naps; running: Promise<boolean> }> {
  const world = new SyncWorld({ link: { limit: '800 kbit/s', compress: 'off' } });
  worlds.push(world);
  const naps = new Naps();
  world.clock = naps;
  for (let at = 0; at < FILES; at += 1) world.write(`f${at}`, Buffer.alloc(SIZE, at));
  for (const step of syncSteps(world.view, 'web1').slice(0, 2)) await world.perform(step);
  const step = syncSteps(world.view, 'web1').at(-1);
  if (step === undefined) throw new Error('no pass');
  const running = world.perform(step);
  running.catch(() => undefined);
  while (!readdirSync(world.replica).some(name => /^f\d+$/.test(name)))
    await new Promise(resolve => setImmediate(resolve));
  return { world, naps, running };
}

const throttle = (world: SyncWorld) =>
  world.story.tell({ type: 'link.throttled', bytesPerSecond: 1e9, reason: 'the link is ours' });

const passOf = (world: SyncWorld) => world.story.state.machines['web1']?.passes[0];

describe('a pass whose rate changes', () => {
  it('goes on at the new rate as the same pass, and counts every byte once', async () => {
    const { world, naps, running } = await slowPass();
    throttle(world);
    naps.end();
    await running;
    expect(world.started).toEqual(['web1-p1-0', 'web1-p1-0.2']);
    expect(world.story.events.filter(({ type }) => type === 'pass.started')).toHaveLength(1);
    const run = passOf(world)?.ended?.runs[0];
    expect(run).toMatchObject({ job: 'web1-p1-0', code: 0, totalBytes: FILES * SIZE });
    // A file that was on its way is counted where it was completed.
    expect(run?.literalBytes).toBeGreaterThan((FILES - 2) * SIZE);
    expect(run?.literalBytes).toBeLessThanOrEqual(FILES * SIZE);
    expect(run?.filesTransferred).toBeGreaterThanOrEqual(FILES - 1);
    expect(world.samples.some(({ text }) => text.startsWith('goes on at 1'))).toBe(true);
    expect(world.read('f39')).toHaveLength(SIZE);
    expect(readdirSync(world.path('run/miami-to-dallas')).sort()).toEqual(['path-web1', 'recv']);
    expect([...world.logs.keys()]).toEqual(['web1-p1-0.log']);
  });

  it('is found again by a landfall that died between the two parts', async () => {
    const { world, running } = await slowPass();
    // As a process leaves it that stopped the copy for another rate and died before it went on.
    await world.job('web1-p1-0').stop();
    await expect(running)
      .rejects.toMatchObject({ code: 'sync.link-lost' })
      .catch(() => undefined);
    throttle(world);
    const again = syncSteps(world.view, 'web1').at(-1);
    if (again !== undefined) await world.perform(again);
    const run = passOf(world)?.ended?.runs[0];
    expect(run?.literalBytes).toBeLessThanOrEqual(FILES * SIZE);
    expect(world.read('f39')).toHaveLength(SIZE);
    expect(readdirSync(world.path('run/miami-to-dallas')).sort()).toEqual(['path-web1', 'recv']);
  });

  it('is stopped and removed in all its parts by a pause', async () => {
    const { world, naps, running } = await slowPass();
    // Slower still, so that the second part is under way when the pause comes.
    world.story.tell({ type: 'link.throttled', bytesPerSecond: 20_000 });
    naps.end();
    const second = world.job('web1-p1-0.2');
    while ((await second.status()).state !== 'running') await new Promise(resolve => setImmediate(resolve));
    const step = syncSteps(world.view, 'web1').at(-1);
    if (step !== undefined) await world.halt(step);
    await running.catch(() => undefined);
    for (const id of ['web1-p1-0', 'web1-p1-0.2'])
      expect((await world.job(id).status()).state).toBe('absent');
    expect(passOf(world)?.ended).toBeUndefined();
  });
});

describe('a source that is unmounted at the worst moment', () => {
  it('makes a pass that counts for nothing', async () => {
    const world = new SyncWorld();
    worlds.push(world);
    world.write('a', 'a');
    for (const step of syncSteps(world.view, 'web1').slice(0, 3)) await world.perform(step);
    // The look before the pass still finds it, the one after does not.
    const mounted = world.path('bin/findmnt-before');
    world.tool('findmnt-before', '');
    const rows = JSON.stringify({
      filesystems: [{ target: world.source, source: '/dev/vda1', fstype: 'ext4', uuid: 'u1' }],
    });
    world.tool(
      'findmnt',
      `rm ${mounted} 2>/dev/null && printf '%s' '${rows}' || printf '%s' '{"filesystems":[]}'`,
    );
    const second = syncSteps(world.view, 'web1').at(-1);
    if (second === undefined) throw new Error('no pass');
    await expect(world.perform(second)).rejects.toMatchObject({ code: 'sync.source-suspicious' });
    const state = world.story.state.machines['web1'];
    expect(state?.passes.at(-1)).toMatchObject({ pass: 2 });
    expect(state?.passes.at(-1)?.ended).toBeUndefined();
    expect(readdirSync(path.join(world.replica))).toContain('a');
  });
});
