import fc from 'fast-check';
import type { Plan, PlanInput } from '../../../src/plan/schema.ts';
import { machinePlan, planOf } from '../../support/state.ts';

/** Plans of a handful of machines and databases with any `after`, circles included, and any people's part. */

const NAMES = ['web1', 'app1', 'db1', 'Orders', 'Stock'] as const;

export const sqlPlan = (
  overrides: Partial<NonNullable<PlanInput['databases']>[string]> = {},
): NonNullable<PlanInput['databases']>[string] => ({
  tier: 'critical',
  publisher: { address: '10.20.0.21', user: 'sa', password: 'env:PUB' },
  subscriber: { address: '10.30.0.21', user: 'sa', password: 'env:SUB' },
  ...overrides,
});

const after = fc.subarray([...NAMES]);
const tier = fc.constantFrom('critical', 'normal');
const record = fc.record(
  {
    name: fc.constantFrom('www.example.com', 'example.com', 'constructor'),
    type: fc.constantFrom('A' as const, 'AAAA' as const, 'MX' as const),
    from: fc.constant('192.0.2.1'),
    to: fc.constant('198.51.100.1'),
    ttl: fc.constantFrom('60s', '4h'),
    owner: fc.constantFrom('Dana', 'Sam'),
  },
  { requiredKeys: ['name', 'type', 'from', 'to'] },
);
const byHand = fc.record(
  {
    title: fc.constantFrom('Open the door', 'Move the VLAN'),
    at: fc.constantFrom('before' as const, 'stopped' as const, 'started' as const, 'final' as const),
    command: fc.constant('do it'),
    undo: fc.constant('undo it'),
    allow: fc.constant('5m'),
  },
  { requiredKeys: ['title', 'at'] },
);

export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    machines: fc.dictionary(fc.constantFrom('web1', 'app1', 'db1'), fc.record({ tier, after })),
    databases: fc.dictionary(fc.constantFrom('Orders', 'Stock'), fc.record({ tier, after })),
    dns: fc.array(record, { maxLength: 5 }),
    hands: fc.array(byHand, { maxLength: 6 }),
    tell: fc.array(fc.constantFrom('the shop', 'the bank'), { maxLength: 3 }),
    decides: fc.option(fc.constantFrom('Dana', 'Sam'), { nil: undefined }),
  })
  .map(({ machines, databases, dns, hands, tell, decides }) =>
    planOf({
      machines: Object.fromEntries(Object.entries(machines).map(([name, each]) => [name, machinePlan(each)])),
      databases: Object.fromEntries(Object.entries(databases).map(([name, each]) => [name, sqlPlan(each)])),
      dns,
      cutover: { by_hand: hands, tell, ...(decides === undefined ? {} : { decides }) },
    }),
  );

/** Two application servers over a database server and a database, with people's part. */
export const shop = (overrides: Partial<PlanInput> = {}): Plan =>
  planOf({
    machines: {
      db1: machinePlan(),
      app1: machinePlan({ after: ['db1', 'Orders'], owner: 'Dana' }),
    },
    databases: { Orders: sqlPlan({ owner: 'Priya' }) },
    dns: [{ name: 'shop.example.com', type: 'A', from: '192.0.2.10', to: '198.51.100.10', ttl: '1h' }],
    cutover: { decides: 'Dana', tell: ['the shop'], by_hand: [{ title: 'Move the VLAN', at: 'stopped' }] },
    ...overrides,
  });
