import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { homeFacts } from '../../../src/checklist/home.ts';
import { failbackPlan, homeName } from '../../../src/plan/failback.ts';
import { parsePlan } from '../../../src/plan/load.ts';
import type { Plan } from '../../../src/plan/schema.ts';
import { planOf, Story } from '../../support/state.ts';
import { changed, NOW, SOUND, sound } from './sound-plan.ts';

const example = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../plans', name), 'utf8');

function home(text: string, facts: Parameters<typeof failbackPlan>[0]['facts'] = {}): Plan {
  const result = parsePlan(failbackPlan({ text, facts }), { file: 'home.yaml', now: NOW });
  if (!result.ok)
    throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return result.plan;
}

describe('the plan of the way home', () => {
  test.each(['miami-to-dallas.yaml', 'minimal.yaml', 'staging-rehearsal.yaml'])(
    'of %s passes the check, and everything has changed its side',
    name => {
      const text = example(name);
      const there = parsePlan(text, { file: name, now: NOW });
      if (!there.ok) throw new Error('the example is not sound');
      const { plan } = there;
      const back = home(text);
      expect(back.failback_of).toBe(plan.name);
      expect(Object.keys(back.machines)).toEqual(Object.keys(plan.machines));
      for (const [site, { role }] of Object.entries(plan.sites))
        expect(back.sites[site]?.role).toBe(role === 'source' ? 'target' : 'source');
      for (const [machine, { source, target }] of Object.entries(plan.machines)) {
        const wanted = back.machines[machine];
        expect(wanted?.source.hypervisor).toBe(target.hypervisor);
        expect(wanted?.target).toMatchObject({ hypervisor: source.hypervisor, address: source.address });
        expect(back.images[wanted?.target.image ?? '']?.hypervisor).toBe(source.hypervisor);
      }
      expect(back.dns.map(({ from, to }) => [to, from])).toEqual(plan.dns.map(({ from, to }) => [from, to]));
      expect({ tiers: back.tiers, passes: back.passes, link: back.link }).toEqual({
        tiers: plan.tiers,
        passes: plan.passes,
        link: plan.link,
      });
    },
  );

  test('a domain whose name ends a comment or a command is neither a line of the plan nor one of a shell', () => {
    const oldDomain = 'web1\nmachines: {}\n#; virsh destroy db1';
    const text = failbackPlan({ text: SOUND, facts: { web1: { oldDomain } } });
    expect(text.split('\n').filter(line => line.startsWith('machines:'))).toHaveLength(1);
    expect(text).toContain(`virsh undefine '`);
    expect(home(SOUND, { web1: { oldDomain } }).machines).toHaveProperty('web1');
  });

  test('who moved a machine moves it home, where it has to or was told to; else landfall decides anew', () => {
    const machine = (words: string) => changed(['  web1:\n', `  web1:\n${words}`]);
    expect(failbackPlan({ text: SOUND, facts: {} })).not.toContain('mover:');
    expect(home(machine('    mover: files\n')).machines['web1']?.mover).toBe('files');
    const blocks = machine('    mover: blocks\n');
    expect(home(blocks).machines['web1']?.mover).toBe('blocks');
    expect(failbackPlan({ text: blocks, facts: {} })).toMatch(/mover: blocks {2}# CHECK: every disk/);
  });

  test('a machine that nobody logs in to stays one', () => {
    const text = changed(['address: 10.10.4.51 }', 'address: 10.10.4.51, login: false }']);
    const back = home(text).machines['web1'];
    expect([back?.source.login, back?.mover]).toEqual([false, 'blocks']);
  });

  test('networks turn round', () => {
    const { networks } = home(SOUND);
    expect(networks['mia-servers']?.replaces).toBe('dal-servers');
    expect(networks['dal-servers']?.replaces).toBeUndefined();
  });

  test('a home network that the plan never named is named after libvirt’s', () => {
    const text = changed(
      ['  mia-servers: { site: miami, libvirt: servers, cidr: 10.10.4.0/24 }\n', ''],
      [', replaces: mia-servers', ''],
    );
    const { networks, machines } = home(text, { web1: { network: 'br-srv' }, db1: { network: 'br-srv' } });
    expect(machines['web1']?.target.network).toBe('miami-br-srv');
    expect(networks['miami-br-srv']).toMatchObject({
      site: 'miami',
      libvirt: 'br-srv',
      replaces: 'dal-servers',
    });
  });

  test('what the journal knows stands in it: domain, address, old disk', () => {
    const { machines, images } = home(SOUND, {
      web1: {
        domain: 'web1-prod',
        address: '10.20.4.99',
        pool: 'vms',
        volume: 'web1.img',
        oldDomain: 'web1-prod',
      },
    });
    expect(machines['web1']?.source).toMatchObject({ domain: 'web1-prod', address: '10.20.4.99' });
    expect(machines['web1']?.target.pool).toBe('vms');
    expect(images['web1-old']).toMatchObject({ pool: 'vms', volume: 'web1.img' });
    const text = failbackPlan({
      text: SOUND,
      facts: { web1: { address: '10.20.4.99', volume: 'web1.img' } },
    });
    expect(
      text.split('\n').filter(line => line.includes('CHECK: where web1') || line.includes('web1-old.volume')),
    ).toEqual([]);
    expect(text).toContain('CHECK: where db1 answers now');
  });

  test('the old production becomes the clone, and who waits for it waits for its name there', () => {
    const { databases, machines } = home(example('miami-to-dallas.yaml'));
    expect(databases['Orders_Dev']).toMatchObject({
      publisher: { address: '10.20.4.61' },
      subscriber: { address: '10.10.4.61', database: 'Orders' },
      lane: 'clone',
      clone: { database: 'Orders' },
    });
    expect(machines['app1']?.after).toEqual(['db1', 'Orders_Dev']);
  });

  test('twice home is where it began', () => {
    const first = sound(SOUND);
    const again = home(failbackPlan({ text: SOUND, facts: {} }));
    expect(again.sites).toEqual(first.sites);
    expect(again.networks).toEqual(first.networks);
    expect(again.machines['web1']?.source.hypervisor).toBe(first.machines['web1']?.source.hypervisor);
  });

  test('names stay names, however long', () => {
    expect(homeName('storm')).toBe('storm-home');
    expect(homeName('a'.repeat(63))).toHaveLength(63);
    expect(homeName(`${'a'.repeat(57)}-bbbbb`)).toBe(`${'a'.repeat(57)}-home`);
  });

  test('what is no plan is refused', () => {
    expect(() => failbackPlan({ text: '- a\n', facts: {} })).toThrow(/cannot be read/);
  });
});

describe('what the journal knows for it', () => {
  test('the pool that holds the first disk, the standby, and where it answers', () => {
    const story = new Story(planOf())
      .begin()
      .tell({
        type: 'hypervisor.observed',
        ...{ hypervisor: 'mia-kvm1', version: '9', cpus: 1, memory: 1, hostId: 'a', networks: [] },
        pools: {
          other: { capacity: 1, available: 1, path: '/poo' },
          vms: { capacity: 1, available: 1, path: '/pool/' },
        },
      })
      .observe('web1')
      .build('web1')
      .tell(
        {
          type: 'cutover.begun',
          ...{ rehearse: false, dark: false, planHash: 'h', confirmed: 'miami-to-dallas', open: [] },
        },
        { type: 'cutover.standby-started', machine: 'web1', domain: 'web1', address: '10.30.0.77' },
      );
    expect(homeFacts(story.plan, story.state)['web1']).toEqual({
      ...{ domain: 'web1', oldDomain: 'web1', address: '10.30.0.77' },
      ...{ pool: 'vms', volume: 'web1.qcow2', network: 'servers' },
    });
    expect(homeFacts(story.plan, new Story().begin().state)['web1']).toMatchObject({ pool: undefined });
  });
});
