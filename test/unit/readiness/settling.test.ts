import { describe, expect, it } from 'vitest';
import type { PeerFacts } from '../../../src/journal/facts-survey.ts';
import { gatesOfMachine } from '../../../src/readiness/gates.ts';
import { HOUR, planOf, Story } from '../../support/state.ts';

const out = (address: string, port: number): PeerFacts => ({
  ...{ direction: 'out', protocol: 'tcp', address, port, seen: 1 },
});
const seeing = (...peers: PeerFacts[]): Story =>
  new Story(planOf()).begin().tell({ type: 'peers.sampled', machine: 'web1', samples: 1, seconds: 0, peers });
const gatesOf = (story: Story) => gatesOfMachine(story.view, 'web1', story.now);
const settling = (story: Story) => gatesOf(story).filter(({ check }) => check.startsWith('depends-'));

describe('what a machine depends on, as gates', () => {
  it('stands in the way where it goes down with the source site, and warns elsewhere', () => {
    const gates = settling(seeing(out('10.20.0.77', 389), out('10.99.0.3', 25)));
    expect(gates.map(({ id, severity, verdict }) => `${id} ${severity} ${verdict}`)).toEqual([
      'machine/web1/depends-10.20.0.77-389 critical fail',
      'machine/web1/depends-10.99.0.3-25 warning fail',
    ]);
  });

  it('is accepted for one address and port, not for the next', () => {
    const story = seeing(out('10.20.0.77', 389), out('10.20.0.77', 636));
    const gate = 'machine/web1/depends-10.20.0.77-389';
    story.tell({ type: 'gate.waived', gate, reason: 'goes with it', until: story.now + HOUR });
    expect(settling(story).map(({ waiver }) => waiver?.standing)).toEqual(['in-force', undefined]);
  });

  it('is at most twelve gates; the last one holds the rest, and is as bad as the worst of it', () => {
    const peers = Array.from({ length: 30 }, (_, index) => out('10.20.0.77', 1000 + index));
    const gates = settling(seeing(...peers));
    expect(gates).toHaveLength(12);
    expect(gates.at(-1)).toMatchObject({ check: 'depends-more', severity: 'critical' });
    expect(gates.at(-1)?.evidence).toHaveLength(19);
  });

  it('says so where it was seen too long ago', () => {
    const story = seeing(out('10.20.0.77', 389)).wait(72 * HOUR);
    expect(settling(story)[0]?.evidence.at(-1)).toContain('stale');
  });

  it('a share of fstab whose server the plan knows to outlive the source is no reason to be red a second time', () => {
    const fstab = [
      { line: 1, spec: '10.20.0.77:/export', mountpoint: '/srv', type: 'nfs4', options: ['defaults'] },
    ];
    const gate = (after_loss: 'stays' | 'lost') => {
      const plan = planOf({ external: { nas: { at: ['10.20.0.77'], after_loss } } });
      const story = new Story(plan).begin().observe('web1', { fstab });
      return gatesOf(story).find(({ check }) => check === 'dependencies')?.verdict;
    };
    expect([gate('stays'), gate('lost')]).toEqual(['pass', 'fail']);
  });
});
