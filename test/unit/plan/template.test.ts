import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { scalar } from '../../../src/plan/scalar.ts';
import { type NewPlan, newPlan, planLine } from '../../../src/plan/template.ts';
import { briefly, problemsOf, sound } from './sound-plan.ts';

const full: NewPlan = {
  name: 'storm',
  schema: './plan.schema.json',
  about: ['Written by a test.'],
  deadline: { earliest: 'in 3d4h', expected: 'in 4d6h', reason: 'a storm: "category 4"' },
  sshConfig: 'ssh_config',
  source: {
    name: 'miami',
    location: 'Miami, FL',
    hypervisors: [{ name: 'kvm1-miami', address: 'kvm1.miami.example', note: '16 CPUs' }],
  },
  target: { name: 'dallas', hypervisors: [{ name: 'kvm1-dallas', address: '10.20.0.11' }] },
  networks: [
    { name: 'mia-servers', site: 'miami', libvirt: 'br0', cidr: '10.10.4.0/24' },
    { name: 'dal-servers', site: 'dallas', libvirt: 'br0', cidr: '10.20.4.0/24', replaces: 'mia-servers' },
  ],
  images: [
    {
      name: 'debian-12',
      hypervisor: 'kvm1-dallas',
      pool: 'default',
      volume: 'debian-12.qcow2',
      note: '3 GB',
    },
  ],
  machines: [
    {
      name: 'db1',
      note: '4 CPUs',
      tier: 'critical',
      source: { hypervisor: 'kvm1-miami', domain: 'DB_1', address: '10.10.4.21' },
      target: {
        hypervisor: 'kvm1-dallas',
        image: 'debian-12',
        network: 'dal-servers',
        address: '10.20.4.21',
      },
    },
    {
      name: 'web1',
      tier: 'normal',
      after: ['db1'],
      source: { hypervisor: 'kvm1-miami', address: 'web1' },
      target: {
        hypervisor: 'kvm1-dallas',
        image: 'debian-12',
        network: 'dal-servers',
        pool: 'fast',
        address: '10.20.4.51',
        port: 2222,
      },
    },
  ],
  leftOut: [{ name: 'old-test', why: 'shut off' }],
};

describe('the text of a first plan', () => {
  test('is sound, and says what it was told', () => {
    const plan = sound(newPlan(full));
    expect(problemsOf(newPlan(full))).toEqual([]);
    expect(plan.ssh.config).toBe('ssh_config');
    expect(plan.deadline.reason).toBe('a storm: "category 4"');
    expect(plan.machines['db1']?.source).toMatchObject({ domain: 'DB_1', address: '10.10.4.21' });
    expect(plan.machines['web1']).toMatchObject({ after: ['db1'], target: { pool: 'fast', port: 2222 } });
    expect(Object.keys(plan.tiers)).toEqual(['critical', 'normal', 'low']);
  });

  test('begins with the line that lets editors check it', () => {
    expect(newPlan(full).split('\n')[0]).toBe('# yaml-language-server: $schema=./plan.schema.json');
    expect(newPlan(full)).toContain('#   old-test: shut off');
  });

  test('its problems are exactly the places that were left open', () => {
    const [db1, web1] = full.machines;
    if (db1 === undefined || web1 === undefined) throw new Error('the plan has two machines');
    const text = newPlan({
      ...full,
      deadline: { earliest: 'in 3d4h' },
      machines: [
        { ...db1, target: { ...db1.target, address: undefined, image: undefined } },
        { ...web1, source: { ...web1.source, address: undefined } },
      ],
    });
    const open = text.split('\n').flatMap((line, at) => (line.includes('# FILL IN: ') ? [at + 1] : []));
    expect(open).toHaveLength(4);
    expect(problemsOf(text).map(({ line }) => line)).toEqual(open);
    expect(briefly(problemsOf(text)).every(words => words.includes('nothing is written after'))).toBe(true);
  });

  test('an empty site leaves sections that wait for their first entry', () => {
    const text = newPlan({ ...full, networks: [], images: [], machines: [] });
    expect(text).toMatch(/^images: +# FILL IN: /m);
    expect(problemsOf(text).map(({ path }) => path)).toEqual(['networks', 'images', 'machines']);
  });
});

describe('text from hosts', () => {
  test('as a word of YAML is read back as the same text, in brackets too', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('null', 'yes', '1e3', '08:00', '0x1', '~')), text => {
        expect(parseYaml(`[${scalar(text)}, { a: ${scalar(text)} }]`)).toEqual([text, { a: text }]);
        expect(parseYaml(`${scalar(text)}: 1`, { stringKeys: true })).toEqual({ [text]: 1 });
      }),
    );
  });

  test('cannot break out of a comment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), note => {
        expect(parseYaml(planLine(2, 'a', 'b', note))).toEqual({ a: 'b' });
      }),
    );
    expect(planLine(0, 'a', 'b', 'x\ninjected: true')).not.toContain('\n');
  });
});
