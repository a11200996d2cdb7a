import { randomBytes } from 'node:crypto';
import { cpSync } from 'node:fs';
import { expect, test } from 'vitest';
import { syncSteps } from '../../../src/sync/index.ts';
import { SyncWorld } from '../../support/sync-world.ts';

const MEBIBYTE = 1024 * 1024;

test('the way home sends what differs from the old disk, not what is on it already', async () => {
  const world = new SyncWorld({ failback_of: 'miami-to-dallas' });
  try {
    const database = randomBytes(4 * MEBIBYTE);
    world.write('usr/lib/library.so', randomBytes(3 * MEBIBYTE));
    world.write('srv/db/pages', database);
    world.write('etc/hostname', 'web1\n');
    // The new copy is seeded from the old disk, which is as the machine was when it left.
    cpSync(world.source, world.replica, { recursive: true, preserveTimestamps: true });
    // Then it lived at the other site: a page of the database was written, a file came.
    database.fill(7, 2 * MEBIBYTE, 2 * MEBIBYTE + 8192);
    world.write('srv/db/pages', database);
    world.write('srv/orders/2026-09-01', 'placed in Dallas\n');

    for (const step of syncSteps(world.view, 'web1').slice(0, 3)) await world.perform(step);
    const [pass] = world.story.state.machines['web1']?.passes ?? [];
    const [run] = pass?.ended?.runs ?? [];
    expect(run?.totalBytes).toBeGreaterThan(7 * MEBIBYTE);
    expect(run?.literalBytes).toBeGreaterThan(8192);
    // A page of the database with rsync's blocks around it, and one small file.
    expect(run?.literalBytes).toBeLessThan(64 * 1024);
    expect(run?.sentBytes).toBeLessThan(128 * 1024);
    expect(world.read('srv/orders/2026-09-01')).toBe('placed in Dallas\n');
    expect(world.read('srv/db/pages')).toBe(database.toString('utf8'));
  } finally {
    world.dispose();
  }
});
