import { rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { exposureOf } from '../../../src/readiness/exposure.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const worlds: SyncWorld[] = [];

afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

/** A copied and verified tree. */
async function copied(): Promise<SyncWorld> {
  const world = new SyncWorld();
  worlds.push(world);
  world.write('etc/hosts', '127.0.0.1 localhost\n');
  world.write('var/old', Buffer.alloc(40_000, 1));
  world.write('var/gone', 'soon deleted');
  world.write('srv/data', Buffer.alloc(100_000, 2));
  for (let round = 0; round < 6; round += 1) await runDue(world);
  return world;
}

async function runDue(world: SyncWorld): Promise<string[]> {
  const ran: string[] = [];
  for (const step of syncSteps(world.view, 'web1')) if (await world.perform(step)) ran.push(step.id);
  return ran;
}

async function measured(world: SyncWorld) {
  world.story.tell({ type: 'exposure.requested', machine: 'web1' });
  expect(await runDue(world)).toEqual(['sync/web1/measure']);
  return world.story.state.machines['web1']?.measured;
}

describe('measuring what the next pass would bring', () => {
  it('finds nothing where nothing was written', async () => {
    const world = await copied();
    expect(await measured(world)).toMatchObject({ files: 0, bytes: 0, deletions: 0 });
    expect(exposureOf(world.view, 'web1', world.story.now).bytes).toBe(0);
    expect(exposureOf(world.view, 'web1', world.story.now + 3600e3).bytes).not.toBe(0);
  });

  it('counts to the byte, copies nothing, and the next pass brings just that', async () => {
    const world = await copied();
    const sizes = [1, 1000, 77_777, 3];
    for (const [index, size] of sizes.entries()) world.write(`new/file-${index}`, Buffer.alloc(size, 5));
    world.write('srv/data', Buffer.alloc(100_001, 2));
    rmSync(path.join(world.source, 'var/gone'));

    const found = await measured(world);

    expect(found).toMatchObject({ files: 5, bytes: 78_781 + 100_001, deletions: 1 });
    expect(() => world.read('new/file-1')).toThrow(/ENOENT/);
    const at = found?.startedAt ?? 0;
    expect(exposureOf(world.view, 'web1', at)).toMatchObject({ bytes: 178_782, measuredAt: at });

    world.story.tell({ type: 'pass.requested', machine: 'web1', reason: 'now' });
    await runDue(world);
    const pass = world.story.state.machines['web1']?.passes.at(-1)?.ended?.runs[0];
    expect(pass).toMatchObject({ filesTransferred: 5, transferredBytes: 178_782, filesDeleted: 1 });
    expect(await measuredAgain(world)).toMatchObject({ files: 0, bytes: 0, deletions: 0 });
  });

  it('counts anew each time it is asked, also after one that was left behind', async () => {
    const world = await copied();
    world.write('a', 'four');
    expect(await measured(world)).toMatchObject({ bytes: 4 });
    world.write('b', 'and six more');
    utimesSync(path.join(world.source, 'a'), new Date(0), new Date(0));
    world.forgetful = true;
    world.story.tell({ type: 'exposure.requested', machine: 'web1' });
    await runDue(world).catch(() => undefined);
    world.forgetful = false;
    world.write('c', 'x');
    expect(await runDue(world)).toEqual(['sync/web1/measure']);
    expect(world.story.state.machines['web1']?.measured).toMatchObject({ files: 3, bytes: 17 });
  });

  it('is no step without an order, nor before there is a copy', () => {
    const world = new SyncWorld();
    worlds.push(world);
    const ids = (): string[] => syncSteps(world.view, 'web1').map(({ id }) => id);
    expect(ids()).not.toContain('sync/web1/measure');
    world.story.tell({ type: 'exposure.requested', machine: 'web1' });
    expect(ids()).not.toContain('sync/web1/measure');
  });
});

async function measuredAgain(world: SyncWorld) {
  for (let round = 0; round < 4; round += 1) await runDue(world);
  return measured(world);
}
