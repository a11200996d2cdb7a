import { expect, test } from 'vitest';
import type { Event } from '../../src/journal/events.ts';
import { eventOf, Rehearsal } from '../support/rehearsal.ts';

/** A rehearsal with its database: seeded from the clone and in sync at the end, whatever happened on the way. */

const MOMENTS: readonly [name: string, type: Event['type'], count: number][] = [
  ['while it is captured', 'database.lane-chosen', 1],
  ['while the clone is reconciled', 'reconcile.table', 5],
  ['while the copy catches up', 'database.released', 1],
];

async function inSync(site: Rehearsal): Promise<void> {
  const { databases } = await site.state();
  const copy = databases['Loans'];
  expect(copy?.failure).toBeUndefined();
  expect(copy?.lane?.lane).toBe('clone');
  expect(copy?.released).toBeDefined();
  expect(copy?.observed?.sample.proven).toBeDefined();
  expect(copy?.observed?.sample.troubles.filter(({ severity }) => severity === 'blocker')).toEqual([]);
  const tables = copy?.validated?.live?.tables ?? [];
  expect(tables.length).toBeGreaterThan(30);
  expect(tables.filter(({ missing, extra, different }) => missing + extra + different > 0)).toEqual([]);
}

test('the database is seeded from its clone while writers write, and is in sync at the end', {
  timeout: 240_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1'], { database: true });
  const { code, out, err } = await site.rehearse();
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('READY 2 of 2');
  expect(out).toContain('Loans in sync  (SQL Server double)');
  await inSync(site);
  // Every statement is in the command log, and no password is in anything that landfall wrote.
  expect(await site.journal()).not.toContain('Landfall.lab.1');

  const status = await site.landfall('database', 'status', 'rehearsal-1', '--json');
  expect(JSON.parse(status.out)).toMatchObject({
    databases: [{ name: 'Loans', lane: 'clone', double: true }],
  });

  const validated = await site.landfall('database', 'validate', site.plan, 'Loans');
  expect({ code: validated.code, err: validated.code === 0 ? '' : validated.err }).toEqual({
    code: 0,
    err: '',
  });
  expect(validated.out).toContain('Loans: the copy is equal to production');
});

test.each(MOMENTS)(
  'kill -9 %s: it goes on, and is in sync at the end',
  {
    timeout: 240_000,
  },
  async (_name, type, count) => {
    await using site = await Rehearsal.prepare(['web1'], { database: true });
    const first = site.startRehearse('--json');
    await eventOf(first, type, count);
    first.kill('SIGKILL');
    expect(await first).toMatchObject({ signal: 'SIGKILL' });

    const second = await site.rehearse();
    expect({ code: second.code, err: second.code === 0 ? '' : second.err }).toEqual({ code: 0, err: '' });
    await inSync(site);
  },
);
