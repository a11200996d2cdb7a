import { describe, expect, test } from 'vitest';
import { Rehearsal } from '../support/rehearsal.ts';

const MACHINES = ['app1', 'web1'];

describe.concurrent('faults that heal end in recovery', () => {
  test.each([
    [['link-drop:app1']],
    [['freeze:web1']],
    [['agent-silent:app1']],
    [['kill-rsync:app1', 'control-drop:web1']],
    [['source-reboot:app1', 'sshd-killed:web1']],
  ])('%s', { timeout: 180_000 }, async faults => {
    await using site = await Rehearsal.prepare(MACHINES);
    const { code, err, out } = await site.rehearse(...faults.flatMap(fault => ['--fault', fault]));
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    for (const fault of faults) expect(err).toContain(`lab: fault ${fault.replace(':', ' at ')}`);
    expect(out).toContain('READY 2 of 2');
    expect(await site.differences()).toEqual([]);
  });
});

describe.concurrent('faults that do not heal end in a clear verdict for one machine, and the others go on', () => {
  test.each([
    ['target-full:app1', 'sync.target-full'],
    ['host-key:web1', 'ssh.host-key-changed'],
    ['receiver-key:app1', 'ssh.host-key-changed'],
    ['inodes-full:app1', 'sync.target-full'],
  ])('%s', { timeout: 180_000 }, async (fault, code) => {
    await using site = await Rehearsal.prepare(MACHINES);
    const machine = fault.split(':')[1] ?? '';
    const ran = await site.rehearse('--fault', fault);
    expect(ran.code).toBe(5);
    expect(ran.out).toContain('NOT READY');
    const state = await site.state();
    expect(state.machines[machine]?.failure?.error).toMatchObject({ code });
    expect(state.machines[machine]?.failure?.error.next.length).toBeGreaterThan(0);
    const others = Object.values(state.machines).filter(m => m.name !== machine);
    expect(others.map(m => m.verified?.mismatches)).toEqual(others.map(() => []));
    const status = await site.landfall('status', 'rehearsal-1', '--one-line');
    expect(status.code).toBe(3);
  });

  test('a replica that was changed behind landfall is found and repaired, never called ready before', {
    timeout: 180_000,
  }, async () => {
    await using site = await Rehearsal.prepare(MACHINES);
    const ran = await site.rehearse('--fault', 'tear:web1');
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' });
    expect(await site.differences()).toEqual([]);
  });
});

describe('what only a boot finds', () => {
  test('is told by machine and in its own words, and the machine that nobody neglected is proven', {
    timeout: 300_000,
  }, async () => {
    await using site = await Rehearsal.prepare();
    const faults = [
      'fstab-uuid:app1',
      'no-virtio:app2',
      'nic-renamed:files1',
      'no-grub:mail1',
      'unit-fails:web1',
    ];
    const ran = await site.rehearse(...faults.flatMap(fault => ['--fault', fault]));
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' });
    expect(ran.out).toContain('NOT READY');
    const { machines } = await site.state();
    const reasons = Object.values(machines).map(({ name, proofs }) => [
      name,
      proofs?.at(-1)?.ended?.reason?.kind,
    ]);
    expect(Object.fromEntries(reasons)).toEqual({
      app1: 'emergency-shell',
      app2: 'missing-root',
      db1: undefined,
      files1: 'no-network',
      mail1: 'no-boot-loader',
      web1: 'failed-unit',
    });
    for (const { proofs } of Object.values(machines)) {
      const checks = proofs?.at(-1)?.ended?.checks;
      expect(checks?.find(({ check }) => check === 'untouched')?.verdict).toBe('pass');
    }
    expect(await site.differences()).toEqual([]);
  });
});
