import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LandfallError } from '../../../src/foundation/errors.ts';
import { acquireLock, inspectLock, type Lock, type LockOptions } from '../../../src/journal/lock.ts';
import type { ProcessProbe, Whereabouts } from '../../../src/journal/process-probe.ts';
import { StillClock, tempDir } from './temp.ts';

/** A world of processes that a test decides about: the edge between the lock and the operating system. */
class World implements ProcessProbe {
  readonly living = new Map<number, number>();
  place: Whereabouts = { host: 'jump1', machineId: 'm1', bootId: 'b1', pidNamespace: 'pid:[1]' };
  whereabouts = () => Promise.resolve(this.place);
  look = (pid: number) => {
    const startTicks = this.living.get(pid);
    return Promise.resolve(
      startTicks === undefined ? { exists: false as const } : { exists: true as const, startTicks },
    );
  };
}

async function setting() {
  const directory = await tempDir();
  const world = new World();
  const clock = new StillClock();
  const path = join(directory, 'lock');
  const acquire = async (pid: number, more: Partial<LockOptions> = {}): Promise<Lock> => {
    world.living.set(pid, world.living.get(pid) ?? pid * 10);
    const lock = await acquireLock({
      path,
      owner: { pid, user: 'anna', command: 'landfall run miami.yaml' },
      clock,
      probe: world,
      heartbeatMs: 0,
      ...more,
    });
    onTestFinished(() => lock.release());
    return lock;
  };
  return { directory, world, clock, path, acquire };
}

describe('a lock', () => {
  test('says who holds it, and leaves nothing behind', async () => {
    const { directory, path, acquire, world } = await setting();
    const lock = await acquire(4711);
    expect(lock.takenOver).toBeUndefined();
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      pid: 4711,
      startTicks: 47110,
      host: 'jump1',
      bootId: 'b1',
      user: 'anna',
      command: 'landfall run miami.yaml',
      since: '2026-09-01T12:00:00.000Z',
    });
    expect(await inspectLock(path, world)).toMatchObject({
      record: { pid: 4711 },
      verdict: { holder: 'alive' },
    });
    expect(await readdir(directory)).toEqual(['lock']);
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
    expect(await inspectLock(path, world)).toBeUndefined();
  });

  test('refuses the second with everything that helps to find the first', async () => {
    const { directory, clock, acquire } = await setting();
    const lock = await acquire(4711);
    clock.ms += 90_000;
    await lock.beat();
    clock.ms += 3_000;
    await expect(acquire(5000)).rejects.toMatchObject({
      code: 'state.locked',
      facts: {
        what: 'this evacuation is held by anna on jump1 (pid 4711) since 2026-09-01T12:00:00.000Z',
        evidence: ['command: landfall run miami.yaml', 'last heartbeat: 3.0s ago'],
        next: expect.arrayContaining([expect.stringContaining('kill 4711')]),
      },
    });
    expect(await readdir(directory)).toEqual(['lock']);
    await lock.release();
    await (await acquire(5000)).release();
  });

  test('is not given up to force while its holder is seen to run', async () => {
    const { acquire } = await setting();
    await acquire(4711);
    await expect(acquire(5000, { force: true })).rejects.toMatchObject({ code: 'state.locked' });
  });

  test('of a holder that is gone is taken over, with the reason', async () => {
    const { directory, world, acquire } = await setting();
    await acquire(4711);
    world.living.delete(4711);
    const lock = await acquire(5000);
    expect(lock.takenOver).toEqual({
      from: 'anna@jump1 (pid 4711)',
      reason: 'the holder, pid 4711 on jump1, is no longer running',
    });
    expect(await readdir(directory)).toEqual(['lock']);
  });

  test('of another host is never taken in silence, only by order', async () => {
    const { world, clock, acquire } = await setting();
    const far = await acquire(4711);
    world.place = { host: 'jump2', machineId: 'm2', bootId: 'b2', pidNamespace: 'pid:[1]' };
    clock.ms += 3_600_000;
    await expect(acquire(5000)).rejects.toMatchObject({
      facts: {
        evidence: expect.arrayContaining(['last heartbeat: 1h00m ago']),
        next: ['on jump1: ps -fp 4711', expect.stringContaining('--take-over')],
      },
    });
    const taken = await acquire(5000, { force: true });
    expect(taken.takenOver?.reason).toMatch(
      /anna ordered it with --take-over.*runs on jump1, which cannot be seen/,
    );

    // The other side finds out, once, and does not release what is no longer its own.
    expect(await far.beat()).toBe(false);
    await far.release();
    expect(await taken.beat()).toBe(true);
  });

  test('that cannot be read needs an order, too', async () => {
    const { path, acquire } = await setting();
    await writeFile(path, '');
    await expect(acquire(5000)).rejects.toMatchObject({
      code: 'state.locked',
      facts: { what: expect.stringContaining('cannot be read') },
    });
    expect((await acquire(5000, { force: true })).takenOver?.from).toBe('an unreadable lock');
  });

  test('makes text from its file harmless', async () => {
    const { path, acquire, world } = await setting();
    const lock = await acquire(4711);
    await writeFile(path, `${JSON.stringify({ ...lock.record, user: 'anna\x1b[2J' })}\n`);
    world.living.set(4711, 47110);
    await expect(acquire(5000)).rejects.toMatchObject({
      facts: { what: expect.stringContaining('anna\\x1b[2J on jump1') },
    });
  });

  test('that was deleted is noticed by its holder, who does not delete the next one', async () => {
    const { path, acquire } = await setting();
    const lost: LandfallError[] = [];
    const first = await acquire(4711, { onLost: error => lost.push(error) });
    await rm(path);
    const second = await acquire(5000);
    expect(await first.beat()).toBe(false);
    expect(await first.beat()).toBe(false);
    expect(lost.map(error => [error.code, error.facts.what])).toEqual([
      ['state.locked', 'the lock of this evacuation was lost: anna@jump1 (pid 5000) took it over'],
    ]);
    await first.release();
    expect(await second.beat()).toBe(true);
  });

  test('released twice is released once', async () => {
    const { acquire } = await setting();
    const first = await acquire(4711);
    await first.release();
    const second = await acquire(5000);
    await first.release();
    expect(await second.beat()).toBe(true);
  });

  test('where the directory cannot be written is refused as such', async () => {
    const { directory, acquire } = await setting();
    await expect(acquire(1, { path: join(directory, 'absent', 'lock') })).rejects.toMatchObject({
      code: 'state.unwritable',
    });
  });
});

describe('a race', () => {
  test('for a free lock has one winner', async () => {
    const { directory, acquire } = await setting();
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => acquire(index + 1)));
    const won = outcomes.filter(outcome => outcome.status === 'fulfilled');
    const lost = outcomes.filter(outcome => outcome.status === 'rejected');
    expect(won).toHaveLength(1);
    expect(lost.every(({ reason }) => reason.code === 'state.locked')).toBe(true);
    expect(await readdir(directory)).toEqual(['lock']);
  });

  test('to follow a holder that is gone has one winner, again and again', async () => {
    const { directory, world, acquire } = await setting();
    await acquire(1);
    let holder = 1;
    for (let round = 1; round <= 30; round += 1) {
      world.living.delete(holder);
      const pids = Array.from({ length: 8 }, (_, index) => round * 100 + index);
      const outcomes = await Promise.allSettled(pids.map(pid => acquire(pid)));
      const won = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(won).toHaveLength(1);
      expect(won[0]?.takenOver?.from).toBe(`anna@jump1 (pid ${holder})`);
      holder = won[0]?.record.pid ?? 0;
    }
    expect(await readdir(directory)).toEqual(['lock']);
  });

  test('between release and acquisition never leaves two holders', async () => {
    const { acquire } = await setting();
    let holders = 0;
    let most = 0;
    let turns = 0;
    const contender = async (pid: number): Promise<void> => {
      while (turns < 120) {
        const lock = await acquire(pid).catch(() => undefined);
        if (lock === undefined) continue;
        turns += 1;
        holders += 1;
        most = Math.max(most, holders);
        expect(await lock.beat()).toBe(true);
        holders -= 1;
        await lock.release();
      }
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(contender));
    expect(most).toBe(1);
  });
});

test('a successor that died half-way is followed in its turn', async () => {
  const { directory, path, world, acquire } = await setting();
  const first = await acquire(1);
  // Killed between the claim and the rename: the claim stands, the lock file is still the old one.
  const claim = `${path}.after-${first.record.token}`;
  const heir = { ...first.record, token: '11111111-1111-4111-8111-111111111111', pid: 2, startTicks: 20 };
  await writeFile(claim, `${JSON.stringify(heir)}\n`);
  world.living.delete(1);
  world.living.set(2, 20);
  await expect(acquire(3)).rejects.toMatchObject({ facts: { what: expect.stringContaining('pid 2') } });
  world.living.delete(2);
  const outcomes = await Promise.allSettled([3, 4, 5].map(pid => acquire(pid)));
  const won = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(won.map(lock => lock.takenOver?.from)).toEqual(['anna@jump1 (pid 2)']);
  expect(await readdir(directory)).toEqual(['lock']);
});
