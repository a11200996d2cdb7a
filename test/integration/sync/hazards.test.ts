import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LandfallError } from '../../../src/foundation/errors.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { machinePlan, planOf } from '../../support/state.ts';
import { rsyncPath, SyncWorld } from '../../support/sync-world.ts';

/** What once went wrong, or would have: each test is named after what would have been lost. */

const worlds: SyncWorld[] = [];

function newWorld(...options: ConstructorParameters<typeof SyncWorld>): SyncWorld {
  const world = new SyncWorld(...options);
  worlds.push(world);
  return world;
}

afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

async function runAll(world: SyncWorld): Promise<string[]> {
  const ran: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    const before = ran.length;
    for (const step of syncSteps(world.view, 'web1')) if (await world.perform(step)) ran.push(step.id);
    if (ran.length === before) return ran;
  }
  throw new Error(`no end: ${ran.join(', ')}`);
}

const due = (world: SyncWorld) => {
  const step = syncSteps(world.view, 'web1')[2];
  if (step === undefined) throw new Error('nothing is due');
  return step;
};

const verifiedGate = (world: SyncWorld) =>
  gatesOf(world.view, Date.now()).find(gate => gate.id === 'machine/web1/verified');

async function failure(promise: Promise<unknown>): Promise<LandfallError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof LandfallError) return error;
  throw new Error(`no such failure: ${String(error)}`);
}

describe('a file system of the source that was unmounted', () => {
  it('does not empty its replica, and two empty directories are not called equal', async () => {
    const world = newWorld();
    for (const name of ['a', 'b', 'c']) world.write(name, name);
    await runAll(world);
    // umount: below the mount point there is an empty directory.
    renameSync(path.join(world.source), world.path('unmounted'));
    world.write('.keep', '');
    rmSync(path.join(world.source, '.keep'));
    world.mount();
    world.story.tell({ type: 'pass.requested', machine: 'web1', reason: 'the next round' });

    const error = await failure(world.perform(due(world)));

    expect(error.code).toBe('sync.source-suspicious');
    expect(error.message).toContain('no longer mounted');
    expect(world.read('a')).toBe('a');
    expect(world.started.filter(job => job.startsWith('web1-p3'))).toEqual([]);
  });

  it('or whose place another file system took is not read either', async () => {
    const world = newWorld();
    world.write('a', 'a');
    await runAll(world);
    world.mount(world.source, 'another-uuid');
    world.story.tell({ type: 'pass.requested', machine: 'web1', reason: 'the next round' });
    expect((await failure(world.perform(due(world)))).code).toBe('sync.source-suspicious');
  });
});

describe('a plan that stopped excluding a path', () => {
  const plan = (world: SyncWorld, ...exclude: string[]) =>
    planOf({
      machines: { web1: machinePlan({ exclude }) },
      name: world.story.plan.name,
      passes: { small: '1 B' },
    });

  it('does not take a comparison that left the path out for one that looked at it', async () => {
    const world = newWorld();
    world.write('kept', 'k');
    world.write('data/precious', 'p');
    world.replan(plan(world, path.join(world.source, 'data')));
    for (const step of syncSteps(world.view, 'web1').slice(0, 2)) await world.perform(step);
    await world.perform(due(world));
    await world.perform(due(world));
    const verification = due(world);
    expect(verification.id).toBe('sync/web1/verify-2');
    // It ends on the source; the process dies before it can record the end.
    world.forgetful = true;
    await failure(world.perform(verification));
    world.forgetful = false;
    expect((await world.job('web1-v2-0').status()).state).toBe('ended');

    world.replan(plan(world));
    await runAll(world);

    expect(world.read('data/precious')).toBe('p');
    expect(verifiedGate(world)).toMatchObject({ verdict: 'pass' });
  });

  it('is not called verified before the path was copied and compared', async () => {
    const world = newWorld();
    world.write('kept', 'k');
    world.write('data/precious', 'p');
    world.replan(plan(world, path.join(world.source, 'data')));
    await runAll(world);
    expect(existsSync(path.join(world.replica, 'data'))).toBe(false);
    expect(verifiedGate(world)).toMatchObject({ verdict: 'pass' });

    world.replan(plan(world));
    expect(verifiedGate(world)).toMatchObject({ verdict: 'unproven' });
    const ran = await runAll(world);

    expect(ran).toEqual(['sync/web1/pass-3', 'sync/web1/verify-3']);
    expect(world.read('data/precious')).toBe('p');
    expect(verifiedGate(world)).toMatchObject({ verdict: 'pass' });
    expect(await runAll(world)).toEqual([]);
  });
});

describe('a replica that was made anew', () => {
  it('is copied and compared again', async () => {
    const world = newWorld();
    world.write('a', 'a');
    await runAll(world);
    rmSync(path.join(world.replica, 'a'));
    world.story.tell({ type: 'replica.created', machine: 'web1', volumes: [] });
    expect(await runAll(world)).toEqual(['sync/web1/pass-3', 'sync/web1/pass-4', 'sync/web1/verify-4']);
    expect(readFileSync(path.join(world.replica, 'a'), 'utf8')).toBe('a');
  });
});

describe('rsync that could not copy everything and does not say what', () => {
  it('has neither converged nor compared', async () => {
    const world = newWorld();
    world.write('a', 'a');
    world.tool('rsync', `${rsyncPath()} "$@"; code=$?; [ "$code" -ne 0 ] || exit 23; exit "$code"`);
    await runAll(world);
    expect(verifiedGate(world)?.verdict).not.toBe('pass');
  });
});
