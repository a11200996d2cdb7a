import { describe, expect, test } from 'vitest';
import { Rehearsal } from '../support/rehearsal.ts';

describe('faults that heal end in recovery', () => {
  test.each(['link-drop:db1', 'control-drop:web1', 'kill-rsync:db1', 'freeze:web1'])(
    '%s',
    { timeout: 180_000 },
    async fault => {
      await using site = await Rehearsal.prepare(['db1', 'web1']);
      const { code, err, out } = await site.rehearse('--fault', fault);
      expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
      expect(err).toContain(`LAB: fault ${fault.replace(':', ' at ')}`);
      expect(out).toContain('READY 2 of 2');
      expect(await site.differences()).toEqual([]);
    },
  );
});

describe('faults that do not heal end in a clear verdict for one machine, and the others go on', () => {
  test.each([
    ['target-full:db1', 'sync.target-full'],
    ['host-key:web1', 'ssh.host-key-changed'],
  ])('%s', { timeout: 180_000 }, async (fault, code) => {
    await using site = await Rehearsal.prepare(['db1', 'web1']);
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
    await using site = await Rehearsal.prepare(['db1', 'web1']);
    const ran = await site.rehearse('--fault', 'tear:web1');
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' });
    expect(await site.differences()).toEqual([]);
  });
});
