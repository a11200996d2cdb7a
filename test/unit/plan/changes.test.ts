import { expect, it } from 'vitest';
import { changedParts } from '../../../src/plan/changes.ts';
import { ORDERS } from '../../support/databases.ts';
import { machinePlan, planOf } from '../../support/state.ts';

const BEFORE = planOf({ databases: { Orders: ORDERS } });
const changes = (overrides: Parameters<typeof planOf>[0]): string[] =>
  changedParts(BEFORE, planOf({ databases: { Orders: ORDERS }, ...overrides }));

it('words, people and tiers touch nothing that was found out', () => {
  expect(changes({})).toEqual([]);
  expect(changes({ contacts: [], cutover: { decides: 'Eve' } })).toEqual([]);
  expect(changes({ machines: { web1: machinePlan({ owner: 'storage', tier: 'normal' }) } })).toEqual([]);
});

it.each([
  ['the source', { source: { hypervisor: 'mia-kvm1', address: '10.20.0.99' } }, ['machine/web1/source']],
  [
    'the target',
    { target: { hypervisor: 'dal-kvm1', image: 'golden', network: 'dal-servers', address: '10.30.0.99' } },
    ['machine/web1/target'],
  ],
  ['an excluded path', { exclude: ['/tmp'] }, ['machine/web1/copy']],
  ['a check', { checks: [{ tcp: 443 }] }, ['machine/web1/proof']],
])('%s is told by its part', (_name, parts, expected) => {
  expect(changes({ machines: { web1: machinePlan(parts) } })).toEqual(expected);
});

it('what a machine stands on counts as its own: its hypervisors, its image and where networks land', () => {
  const { hypervisors } = BEFORE;
  expect(
    changes({ hypervisors: { ...hypervisors, 'mia-kvm1': { site: 'miami', address: '10.20.0.2' } } }),
  ).toEqual(['machine/web1/source']);
  expect(changes({ images: { golden: { hypervisor: 'dal-kvm1', volume: 'other.qcow2' } } })).toEqual([
    'machine/web1/target',
  ]);
  expect(changes({ networks: { 'dal-servers': { site: 'dallas', libvirt: 'other' } } })).toEqual([
    'machine/web1/target',
  ]);
});

it('another server of a database is told; another password is not', () => {
  const to = { ...ORDERS.subscriber, address: '10.30.0.99' };
  expect(changes({ databases: { Orders: { ...ORDERS, subscriber: to } } })).toEqual([
    'database/Orders/servers',
  ]);
  const other = { ...ORDERS.subscriber, password: 'env:OTHER' };
  expect(changes({ databases: { Orders: { ...ORDERS, subscriber: other } } })).toEqual([]);
});

it('what is new has nothing that could be out of date', () => {
  expect(changes({ machines: { web1: machinePlan(), app1: machinePlan() } })).toEqual([]);
});
