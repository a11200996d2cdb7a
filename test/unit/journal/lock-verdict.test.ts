import { describe, expect, test } from 'vitest';
import type { LockRecord } from '../../../src/journal/lock-record.ts';
import { canSee, judgeHolder } from '../../../src/journal/lock-verdict.ts';
import type { Whereabouts } from '../../../src/journal/process-probe.ts';

const here: Whereabouts = { host: 'jump1', machineId: 'm1', bootId: 'b1', pidNamespace: 'pid:[1]' };
const record: LockRecord = {
  v: 1,
  token: '00000000-0000-4000-8000-000000000000',
  pid: 4711,
  startTicks: 100,
  host: 'jump1',
  machineId: 'm1',
  bootId: 'b1',
  pidNamespace: 'pid:[1]',
  user: 'anna',
  command: 'landfall run',
  since: '2026-09-01T12:00:00.000Z',
  heartbeat: '2026-09-01T12:00:00.000Z',
};

describe('a holder on this host since the same start', () => {
  test.each([
    [{ exists: true, startTicks: 100 }, { holder: 'alive' }],
    [{ exists: true }, { holder: 'alive' }],
    [{ exists: false }, { holder: 'ended', reason: 'the holder, pid 4711 on jump1, is no longer running' }],
    [
      { exists: true, startTicks: 101 },
      {
        holder: 'ended',
        reason:
          'the holder, pid 4711 on jump1, is no longer running: its number belongs to another process now',
      },
    ],
  ] as const)('seen as %j is %j', (sighting, verdict) => {
    expect(judgeHolder(record, here, sighting)).toEqual(verdict);
  });

  test('is recognised by the boot id even after the host was renamed', () => {
    expect(judgeHolder(record, { ...here, host: 'jump-new' }, { exists: true })).toEqual({ holder: 'alive' });
  });

  test('that wrote down no start ticks is alive as long as its number is', () => {
    const { startTicks, ...vague } = record;
    expect(judgeHolder(vague, here, { exists: true, startTicks: 5 })).toEqual({ holder: 'alive' });
  });
});

test('a restart of the same host ends every holder', () => {
  expect(judgeHolder(record, { ...here, bootId: 'b2' }, { exists: true, startTicks: 100 })).toEqual({
    holder: 'ended',
    reason: 'jump1 was restarted since the holder, pid 4711, took the lock',
  });
});

describe('nobody can tell about a holder', () => {
  const elsewhere: readonly (readonly [string, Partial<Whereabouts>])[] = [
    ['on another host', { host: 'jump2', machineId: 'm2', bootId: 'b2' }],
    ['on another host of the same name', { machineId: 'm2', bootId: 'b2' }],
    ['on a host of the same name without an identity', { machineId: undefined, bootId: 'b2' }],
    ['in another container of this host', { pidNamespace: 'pid:[2]' }],
    ['where boots cannot be told apart', { bootId: undefined }],
  ];
  test.each(elsewhere)('%s', (_where, change) => {
    const there = { ...here, ...change };
    expect(canSee(record, there)).toBe(false);
    // Whatever its number shows here belongs to somebody else.
    expect(judgeHolder(record, there, { exists: false })).toMatchObject({ holder: 'unseen' });
  });
});
