import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { PlanInput } from '../../../src/plan/schema.ts';
import type { Step } from '../../../src/step/step.ts';
import { syncSteps } from '../../../src/sync/index.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const HOSTILE = ['-dash', 'new\nline', 'sp ace', "quo'te", '*', '$(touch x)', '\u00fcml', 'back\\slash'];

const SHA256SUM = execFileSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).trim();

type Verify = NonNullable<PlanInput['verify']>;

it('a sample compares a part by contents, says what that is worth, and takes the rest another time', async () => {
  const world = await copied({ share: 0.25 }, 200);
  const verified = await compared(world);
  const total = 200 + HOSTILE.length;
  expect(verified?.mismatches).toEqual([]);
  expect(verified?.sample).toMatchObject({ of: total, unit: 'file', rotation: { round: 0, of: 4 } });
  const first = verified?.sample?.compared ?? 0;
  expect(first).toBeGreaterThan(total / 8);
  expect(first).toBeLessThan(total / 2);
  expect(verified?.filesCompared).toBe(first);
  expect(verified?.sample?.detection).toBeCloseTo(1 - 0.99 ** first, 6);
});

it('damage that neither size nor time tells is found, what changed meanwhile is none, and reading is held back', async () => {
  const world = await copied({ limit: '60 kB/s' }, 0);
  rot(world, 'data/sp ace', 'SP ACE');
  // A write of the source after the pass: its inode says so.
  world.write('data/live', 'LIVE!');
  rmSync(path.join(world.source, 'data/gone'));
  world.tool('sleep', `echo "$1" >> ${world.path('naps')}`);
  const verified = await compared(world);
  expect(verified?.mismatches).toEqual([`contents ${world.source}/data/sp ace`]);
  expect(verified?.livePaths).toContain(`${world.source}/data/live`);
  expect(verified?.sample).toBeUndefined();
  expect(verified?.filesCompared).toBe(HOSTILE.length + 2);
  // 150 kB at 60 kB/s: two whole seconds at the least on either side, whatever the disks could do.
  const naps = readFileSync(world.path('naps'), 'utf8').trimEnd().split('\n');
  expect(naps.filter(seconds => seconds === '1').length).toBeGreaterThanOrEqual(4);
});

it('what a clone has left in an excluded place is no damage, and a file that cannot be read is not called compared', async () => {
  const world = await copied({ limit: '1 GB/s' }, 0, ['lost+found']);
  // As a read error of the disk: the file is there, and its bytes are not.
  world.tool(
    'sha256sum',
    `case $(readlink /proc/self/fd/0) in ${world.source}/data/live) exit 1 ;; esac; exec ${SHA256SUM}`,
  );
  const verified = await compared(world);
  expect(verified?.mismatches).toEqual([`unreadable at the source ${world.source}/data/live`]);
});

it('a halted comparison of contents leaves nothing behind', async () => {
  const world = await copied({ limit: '1 kB/s' }, 0);
  const step = dueStep(world);
  const order = new AbortController();
  const running = world.perform(step, order.signal);
  while ((await world.job('web1-v2-0-sums').status()).state === 'absent')
    await new Promise(resolve => setImmediate(resolve));
  order.abort();
  await expect(running).rejects.toThrow();
  await world.halt(step);
  expect(await world.job('web1-v2-0-sums').status()).toEqual({ state: 'absent' });
  expect(existsSync(world.path('run/miami-to-dallas/web1-v2-0-sums.list'))).toBe(false);
});

/** A machine whose passes have converged. */
async function copied(verify: Verify, files: number, leftOut: string[] = []): Promise<SyncWorld> {
  const world = new SyncWorld({ verify });
  onTestFinished(() => world.dispose());
  for (const step of syncSteps(world.view, 'web1').slice(0, 2)) await world.perform(step);
  for (const place of leftOut) {
    world.write(`${place}/index`, "the source's");
    mkdirSync(path.join(world.replica, place));
    writeFileSync(path.join(world.replica, place, 'index'), "the clone's");
  }
  for (const name of HOSTILE) world.write(`data/${name}`, name);
  for (let index = 0; index < files; index += 1) world.write(`data/f${index}`, `content ${index}`);
  if (files === 0) {
    for (const name of ['live', 'gone']) world.write(`data/${name}`, `${name}!`);
    world.write('data/large', Buffer.alloc(150_000, 7));
  }
  // What is left of a broken transfer is nobody's file.
  mkdirSync(path.join(world.replica, '.rsync-partial'), { recursive: true });
  writeFileSync(path.join(world.replica, '.rsync-partial/part'), 'part');
  while (dueStep(world).id.includes('pass')) await world.perform(dueStep(world));
  return world;
}

function dueStep(world: SyncWorld): Step {
  const step = syncSteps(world.view, 'web1').at(-1);
  if (step === undefined) throw new Error('nothing is due');
  return step;
}

async function compared(world: SyncWorld) {
  const step = dueStep(world);
  expect(step.id).toMatch(/verify/);
  await world.perform(step);
  return world.view.state.machines['web1']?.verified;
}

/** Other contents with the size and the time of before: what only a comparison of contents finds. */
function rot(world: SyncWorld, name: string, content: string): void {
  const file = path.join(world.replica, name);
  writeFileSync(file, content);
  // With its nanoseconds.
  execFileSync('touch', ['-r', path.join(world.source, name), file]);
}
