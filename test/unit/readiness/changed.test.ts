import { describe, expect, it } from 'vitest';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { verdictOf } from '../../../src/readiness/verdict.ts';
import { inSync, ORDERS } from '../../support/databases.ts';
import { guestFacts, machinePlan, planOf, Story } from '../../support/state.ts';

/** Whatever a gate rests on may change after its evidence was taken: stories of what turns back to unproven, and what not. */

const ready = (): Story => new Story().begin().ready('web1').wait(1000);
const accepted = (story: Story, changed?: string[]): Story =>
  story.tell({
    ...{ type: 'plan.accepted', planHash: 'sha256:other', diff: '+ x' },
    ...(changed === undefined ? {} : { changed }),
  });

const gates = (story: Story): Gate[] => gatesOf(story.view, story.now);
const gate = (story: Story, check: string): Gate => {
  const found = gates(story).find(each => each.check === check);
  if (found === undefined) throw new Error(`no gate ${check}`);
  return found;
};
/** The checks that were met before, and are not any more. */
const shaken = (before: Story, after: Story): string[] => {
  const met = new Set(gates(before).flatMap(({ id, verdict }) => (verdict === 'pass' ? [id] : [])));
  return gates(after).flatMap(({ id, verdict, check }) =>
    met.has(id) && verdict !== 'pass' ? [`${check} ${verdict}`] : [],
  );
};
const overall = (story: Story): string => verdictOf(gates(story)).overall;

describe('an accepted plan', () => {
  it('that changed nothing of a machine shakes nothing', () => {
    expect(shaken(ready(), accepted(ready(), []))).toEqual([]);
    expect(shaken(ready(), accepted(ready(), ['machine/app1/target']))).toEqual([]);
  });

  it('that moves the source makes all that was learned from it unproven', () => {
    const after = accepted(ready(), ['machine/web1/source']);
    expect(shaken(ready(), after)).toEqual(
      [
        ...['inventory', 'identity', 'drift', 'first-pass', 'converged', 'verified', 'verification-recent'],
        ...['last-pass-clean', 'consistency', 'boot-proof'],
      ].map(check => `${check} unproven`),
    );
    expect(gate(after, 'inventory').evidence[0]).toContain('where the source is');
    expect(overall(after)).toBe('unproven');
  });

  it('that moves the target makes target, standby and copies unproven, not the inventory', () => {
    const found = shaken(ready(), accepted(ready(), ['machine/web1/target']));
    expect(found).toContain('built unproven');
    expect(found).toContain('standby unproven');
    expect(found).toContain('verified unproven');
    expect(found).not.toContain('inventory unproven');
  });

  it('that adds a check makes the proof unproven, and a new proof makes it good', () => {
    const after = accepted(ready(), ['machine/web1/proof']);
    expect(shaken(ready(), after)).toEqual(['boot-proof unproven']);
    expect(gate(after, 'boot-proof').remedy).toContain('landfall prove');
    expect(gate(after.wait(1000).prove('web1'), 'boot-proof').verdict).toBe('pass');
  });

  it('of an older journal, which does not say what it changed, may have changed anything', () => {
    expect(shaken(ready(), accepted(ready()))).toContain('boot-proof unproven');
    expect(shaken(ready(), accepted(ready()))).toContain('inventory unproven');
  });

  it('before the evidence was taken shakes nothing', () => {
    const story = accepted(new Story().begin(), ['machine/web1/source', 'machine/web1/target']);
    expect(overall(story.wait(1000).ready('web1'))).toBe('ready');
  });

  it('that names other servers makes a database unproven', () => {
    const plan = planOf({ databases: { Orders: ORDERS } });
    const story = (): Story => inSync(new Story(plan).begin()).wait(1000);
    const found = shaken(story(), accepted(story(), ['database/Orders/servers']));
    expect(found).toEqual(
      ['assessed', 'captured', 'replication', 'exposure', 'validated', 'agents'].map(
        check => `${check} unproven`,
      ),
    );
  });
});

describe('a source that changed since it was proved', () => {
  const fs = guestFacts().fileSystems;

  it.each([
    ['a kernel', { kernel: '6.1.0-20-amd64' }, 'kernel 6.1.0-20-amd64'],
    [
      'a line of fstab',
      {
        fstab: [{ line: 1, spec: '//nas/x', mountpoint: '/x', type: 'cifs', options: ['password=hunter2'] }],
      },
      'fstab: //nas/x /x',
    ],
    ['a file system', { fileSystems: [...fs, ...fs.map(each => ({ ...each, mountpoint: '/srv' }))] }, '/srv'],
  ])('by %s: the proof is unproven and says so', (_name, guest, words) => {
    const story = ready().observe('web1', guest);
    expect(gate(story, 'boot-proof')).toMatchObject({ verdict: 'unproven' });
    expect(gate(story, 'boot-proof').evidence[0]).toContain(words);
    expect(JSON.stringify(gates(story))).not.toContain('hunter2');
  });

  it('by what comes and goes without a new boot: the proof holds', () => {
    const story = ready().observe('web1', {
      services: ['nginx.service'],
      sockets: [{ protocol: 'udp', address: '0.0.0.0', port: 40_001 }],
    });
    expect(gate(story, 'boot-proof').verdict).toBe('pass');
  });

  it('by a standby that was defined anew', () => {
    const story = ready().tell({
      ...{ type: 'standby.defined', machine: 'web1', hypervisor: 'dal-kvm1', domain: 'web1', uuid: 'u' },
      ...{ changes: [], digest: 'sha256:another' },
    });
    expect(gate(story, 'boot-proof').evidence[0]).toContain('standby was defined anew');
    expect(overall(story)).toBe('unproven');
  });
});

describe('a replica that was made anew', () => {
  const story = (): Story => ready().build('web1');

  it('has no pass and no proof: all that spoke of the old one is unproven', () => {
    const found = shaken(ready(), story());
    for (const check of ['first-pass', 'converged', 'verified', 'boot-proof', 'consistency'])
      expect(found).toContain(`${check} unproven`);
    expect(overall(story())).not.toBe('ready');
  });

  it('is ready again after passes, a comparison and a proof of its own', () => {
    const again = story().pass('web1', 3, { kind: 'full' }).pass('web1', 4).verify('web1', 4).prove('web1');
    expect(overall(again.lookAround())).toBe('ready');
  });
});

it('what a machine waits for shakes it too, and the gate says for whom', () => {
  const plan = planOf({ machines: { web1: machinePlan({ after: ['db1'] }), db1: machinePlan() } });
  const story = new Story(plan).begin().ready('db1').ready('web1');
  const before = gatesOf(story.view, story.now).find(({ id }) => id === 'machine/web1/dependencies');
  expect(before?.verdict).toBe('pass');
  story.build('db1');
  const after = gatesOf(story.view, story.now).find(({ id }) => id === 'machine/web1/dependencies');
  expect(after?.verdict).toBe('unproven');
  expect(after?.evidence[0]).toContain('after db1: the replica was made anew');
});
