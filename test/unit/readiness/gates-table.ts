import type { GateOptions } from '../../../src/readiness/gates.ts';
import {
  databaseStory,
  following,
  inSync,
  LOG_READER_STOPPED,
  type sampleOf,
  weighed,
} from '../../support/databases.ts';
import { guestFacts, HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

/**
 * For every gate a state in which it is red, amber, green and unknown. `accepted` is the amber of what must hold: an
 * engineer took the red one, or where that cannot be accepted, the unknown one. `never` says why there is no such state.
 */
export interface Told {
  readonly story: Story;
  readonly options?: GateOptions;
}
export type Cell = (() => Story | Told) | { readonly never: string } | 'accepted';
export type Row = Readonly<Record<'red' | 'amber' | 'green' | 'unknown', Cell>>;

const never = (why: string): Cell => ({ never: why });
const WARNS = never('it is a warning in every state: it stands in nobody’s way');
const AGES = never('time that passes is no evidence against it: it becomes unknown');
const REFUSED = never('nobody can accept it');

const nothing = (): Story => new Story();
const begun = (plan = planOf()): Story => new Story(plan).begin();
const copied = (): Story => begun().observe('web1').build('web1').pass('web1', 1).pass('web1', 2);
const ready = (): Story => begun().ready('web1');
const machine = (parts: Parameters<typeof machinePlan>[0]): Story =>
  begun(planOf({ machines: { web1: machinePlan(parts) } }));
const disk = (target: string) => ({
  ...{ target, source: `/pool/${target}`, format: 'qcow2', bus: 'virtio', capacity: 20e9, allocation: 1e9 },
});
const nic = (network: string, last = '01') => ({ mac: `52:54:00:00:00:${last}`, network, model: 'virtio' });
const rsync = (parts: object) => ({ rsync: { ...guestFacts().rsync, ...parts } });
const nfs = (host: string) => ({
  fstab: [{ line: 1, spec: `${host}:/export`, mountpoint: '/srv', type: 'nfs4', options: ['defaults'] }],
});
const REASON = { kind: 'missing-root' as const, words: 'no root', evidence: [], remedy: [] };
const close = (story: Story): Story => story.wait(86 * HOUR);

const cutover = (story: Story, rehearse = false): Story =>
  story.tell({
    ...{ type: 'cutover.begun', rehearse, dark: false, planHash: 'sha256:plan', confirmed: story.plan.name },
    open: [],
  });
const started = (story: Story): Story =>
  story.tell({ type: 'cutover.standby-started', machine: 'web1', domain: 'web1' });
const ended = (story: Story, outcome: 'committed' | 'rolled-back'): Story =>
  story.tell({ type: 'cutover.ended', outcome, startedAt: story.now, lost: [] });
const answered = (...answers: string[]): Story =>
  begun().lookAround({ records: [{ name: 'www.example.com', recordType: 'A', answers, ttl: 60 }] });
const clock = (offsetMs: number): Story =>
  begun().lookAround({ clocks: [{ host: 'mia-kvm1', offsetMs, withinMs: 5 }] });
const target = (parts: object): Story => begun().observe('web1').observeHypervisor('dal-kvm1', parts);
const mirror = (story: Story): Story => story.lookAround();

const observed = (parts: Parameters<typeof sampleOf>[1]): Story => inSync(databaseStory(), parts);
const handedOver = (story: Story): Story =>
  story.tell({ type: 'handover.ended', database: 'Orders', dark: false, lost: [] });
const item =
  (kind: string, status: 'same' | 'missing') =>
  (story: Story): Story =>
    story.tell({
      type: 'database.besides',
      database: 'Orders',
      items: [{ kind, name: 'shop', status, what: '', scripted: true }],
      script: 's.sql',
    });
const failed = (story: Story, step: string): Story =>
  story.tell({
    ...{ type: 'step.failed', step, phase: step.split('/')[0] ?? '', attempts: 1 },
    error: { code: 'bug', family: 'bug', what: 'it broke', next: ['mend it'] },
  });

export const TABLE: Readonly<Record<string, Row>> = {
  'evacuation/plan-accepted': {
    red: () => ({ story: begun(), options: { planHash: 'sha256:other' } }),
    amber: REFUSED,
    green: begun,
    unknown: nothing,
  },
  'evacuation/deadline': { red: WARNS, amber: () => begun().wait(97 * HOUR), green: begun, unknown: nothing },
  'evacuation/journal': { red: AGES, amber: REFUSED, green: begun, unknown: () => begun().wait(25 * HOUR) },
  'evacuation/shared-steps': {
    red: WARNS,
    amber: () => begun().fail('mia-kvm1'),
    green: begun,
    unknown: nothing,
  },
  'evacuation/capacity': {
    red: () => target({ memory: 1e9 }),
    amber: () => target({ cpus: 0.1 }),
    green: () => target({}),
    unknown: () => begun().observe('web1'),
  },
  'evacuation/credentials': {
    red: () => begun().lookAround({ credentials: [{ name: 'env:SA', usable: false, trouble: 'absent' }] }),
    amber: 'accepted',
    green: () => begun().lookAround(),
    unknown: begun,
  },
  'evacuation/clocks': {
    red: () => clock(-90e3),
    amber: () => clock(1200),
    green: () => clock(-900),
    unknown: begun,
  },
  'evacuation/dns-answers': {
    red: () => answered('10.30.0.11'),
    amber: () => answered('10.99.0.1'),
    green: () => answered('10.20.0.11'),
    unknown: () => answered(),
  },
  'evacuation/dns-ttl': {
    red: () => close(begun(planOf({ dns: [{ name: 'a.example', from: 'b', to: 'c', ttl: '1h' }] }))),
    amber: () => begun(planOf({ dns: [{ name: 'a.example', from: 'b', to: 'c', ttl: '1h' }] })),
    green: () => begun().lookAround(),
    unknown: () => begun(planOf({ dns: [] })),
  },
  'evacuation/mirrored': {
    red: () => close(mirror(begun()).wait(MINUTE).evacuate('web1')),
    amber: () => mirror(begun()).wait(MINUTE).evacuate('web1').wait(HOUR),
    green: () => mirror(copied()),
    unknown: begun,
  },
  'evacuation/contacts': {
    red: () => close(begun(planOf({ contacts: [] }))),
    amber: () => begun(planOf({ cutover: {} })),
    green: begun,
    unknown: () => begun(planOf({ contacts: [{ name: 'Dana', role: 'lead' }] })),
  },
  'evacuation/rehearsed': {
    red: WARNS,
    amber: () => ended(cutover(begun(), true), 'rolled-back'),
    green: () => ended(cutover(begun(), true), 'committed'),
    unknown: begun,
  },

  'machine/inventory': {
    red: () => failed(begun().observe('web1'), 'inventory/web1'),
    amber: 'accepted',
    green: () => begun().observe('web1'),
    unknown: begun,
  },
  'machine/identity': {
    red: () => begun().observe('web1', { productUuid: 'other' }),
    amber: 'accepted',
    green: () => begun().observe('web1'),
    unknown: begun,
  },
  'machine/built': {
    red: () =>
      begun()
        .build('web1')
        .observe('web1', {
          fileSystems: [...guestFacts().fileSystems, { ...place(), mountpoint: '/srv', uuid: 'B' }],
        }),
    amber: REFUSED,
    green: () => begun().observe('web1').build('web1'),
    unknown: () => begun().observe('web1'),
  },
  'machine/drift': {
    red: () => copied().observe('web1', {}, { disks: [disk('vda'), disk('vdb')] }),
    amber: 'accepted',
    green: copied,
    unknown: begun,
  },
  'machine/first-pass': {
    red: () =>
      begun()
        .observe('web1')
        .build('web1')
        .pass('web1', 1, { mountpoints: ['/srv'] }),
    amber: REFUSED,
    green: copied,
    unknown: begun,
  },
  'machine/at-rest': {
    red: never('a half-written copy is not known to be bad: it is not known to be good'),
    amber: 'accepted',
    green: copied,
    unknown: () => copied().startPass('web1', 3),
  },
  'machine/converged': {
    red: () => copied().pass('web1', 3, { judged: 'not-converging' }),
    amber: 'accepted',
    green: copied,
    unknown: begun,
  },
  'machine/verified': {
    red: () => copied().verify('web1', 2, ['/etc/motd']),
    amber: 'accepted',
    green: () => copied().verify('web1', 2),
    unknown: copied,
  },
  'machine/verification-recent': {
    red: AGES,
    amber: 'accepted',
    green: () => copied().verify('web1', 2),
    unknown: copied,
  },
  'machine/last-pass-clean': {
    red: () => copied().pass('web1', 3, { code: 12 }),
    amber: () => copied().pass('web1', 3, { code: 23, troubles: ['denied'] }),
    green: copied,
    unknown: begun,
  },
  'machine/attributes': {
    red: () =>
      begun()
        .build('web1')
        .observe('web1', { selinux: 'enforcing', ...rsync({ xattrs: false }) }),
    amber: () =>
      begun()
        .build('web1')
        .observe('web1', rsync({ acls: false })),
    green: copied,
    unknown: begun,
  },
  'machine/exposure': {
    red: () => ready().wait(3 * HOUR),
    amber: () => ready().wait(HOUR),
    green: ready,
    unknown: copied,
  },
  'machine/consistency': {
    red: () =>
      begun()
        .observe('web1', { sockets: [{ protocol: 'tcp', address: '::', port: 3306, process: 'mariadbd' }] })
        .build('web1')
        .pass('web1', 1),
    amber: 'accepted',
    green: copied,
    unknown: begun,
  },
  'machine/no-failure': {
    red: () => copied().fail('web1'),
    amber: 'accepted',
    green: copied,
    unknown: nothing,
  },
  'machine/path-key': {
    red: WARNS,
    amber: () => begun().build('web1', MINUTE),
    green: () => begun().build('web1'),
    unknown: begun,
  },
  'machine/swap-files': {
    red: WARNS,
    amber: () => begun().observe('web1', { swap: [{ path: '/swapfile', size: 1e9 }] }),
    green: () => begun().observe('web1'),
    unknown: begun,
  },
  'machine/boot-proof': {
    red: () => copied().prove('web1', REASON),
    amber: 'accepted',
    green: ready,
    unknown: copied,
  },
  'machine/network': {
    red: () =>
      machine({
        target: { hypervisor: 'dal-kvm1', image: 'golden', network: 'dal-servers', address: '192.0.2.1' },
      }).observe('web1'),
    amber: () => begun().observe('web1', {}, { interfaces: [nic('servers'), nic('backup', '02')] }),
    green: () => begun().observe('web1'),
    unknown: begun,
  },
  'machine/dependencies': {
    red: () => begun().observe('web1', nfs('10.20.0.77')),
    amber: () => begun().observe('web1', nfs('203.0.113.9')),
    green: () => begun().observe('web1', nfs('10.20.0.11')),
    unknown: () =>
      begun(planOf({ machines: { web1: machinePlan({ after: ['db1'] }), db1: machinePlan() } })).observe(
        'web1',
      ),
  },
  'machine/standby': {
    red: () => ended(started(cutover(ready())), 'rolled-back'),
    amber: REFUSED,
    green: ready,
    unknown: begun,
  },
  'machine/double-run': {
    red: () => started(cutover(ready())),
    amber: () => machine({ hold: ['ghost.service'] }).observe('web1', { enabledUnits: ['nginx.service'] }),
    green: () => begun().observe('web1'),
    unknown: begun,
  },
  'machine/in-time': {
    red: () => copied().wait(97 * HOUR),
    amber: () => ready().wait(97 * HOUR),
    green: ready,
    unknown: begun,
  },

  'database/assessed': {
    red: never('what the assessment finds against it closes its lanes'),
    amber: REFUSED,
    green: () => weighed(databaseStory()),
    unknown: databaseStory,
  },
  'database/lane': {
    red: () =>
      weighed(databaseStory()).tell({
        ...{ type: 'database.lane-chosen', database: 'Orders', lane: 'change-tracking', reason: 'x' },
      }),
    amber: 'accepted',
    green: () => weighed(databaseStory()),
    unknown: databaseStory,
  },
  'database/captured': {
    red: () =>
      following(databaseStory()).tell({ type: 'database.torn-down', database: 'Orders', removed: [] }),
    amber: REFUSED,
    green: () => following(databaseStory()),
    unknown: databaseStory,
  },
  'database/replication': {
    red: () => observed({ troubles: [LOG_READER_STOPPED] }),
    amber: 'accepted',
    green: () => observed({}),
    unknown: databaseStory,
  },
  'database/exposure': {
    red: () => observed({ exposureMs: HOUR }),
    amber: 'accepted',
    green: () => observed({}),
    unknown: databaseStory,
  },
  'database/validated': {
    red: () =>
      observed({}).tell({
        ...{ type: 'database.validated', database: 'Orders', kind: 'live', startedAt: 0, ms: 1, repaired: 0 },
        tables: [
          { ...{ table: 'dbo.Orders', rows: 1, ranges: 1, differingRanges: 1, missing: 1 }, ...NO_OTHER },
        ],
      }),
    amber: 'accepted',
    green: () => observed({}),
    unknown: databaseStory,
  },
  'database/agents': {
    red: () => observed({ hops: [{ name: 'log-reader', agent: 'A', state: 'stopped' }] }),
    amber: () => observed({ hops: [{ name: 'log-reader', agent: 'A', state: 'retrying' }] }),
    green: () => observed({}),
    unknown: () => observed({}).wait(HOUR),
  },
  'database/retention': {
    red: () => observed({ expiresInHours: 0 }),
    amber: () => observed({ expiresInHours: 72 }),
    green: () => observed({}),
    unknown: databaseStory,
  },
  'database/in-time': {
    red: () => weighed(databaseStory()).wait(96 * HOUR - MINUTE),
    amber: 'accepted',
    green: () => weighed(databaseStory()),
    unknown: databaseStory,
  },
  'database/production-log': {
    red: () => observed({ proposeDrop: true, logUsedBytes: 96, logBytes: 100 }),
    amber: () => observed({ proposeDrop: true }),
    green: () => observed({}),
    unknown: databaseStory,
  },
  'database/besides': {
    red: () => item('login', 'missing')(handedOver(observed({}))),
    amber: () => item('login', 'missing')(observed({})),
    green: () => item('login', 'same')(observed({})),
    unknown: databaseStory,
  },
  'database/no-failure': {
    red: () => failed(observed({}), 'database/Orders/validate'),
    amber: 'accepted',
    green: () => observed({}),
    unknown: nothingOfOrders,
  },
};

const NO_OTHER = { extra: 0, different: 0, examples: [] };

function place() {
  const [first] = guestFacts().fileSystems;
  if (first === undefined) throw new Error('the guest has a file system');
  return first;
}

function nothingOfOrders(): Story {
  return new Story(databaseStory().plan);
}
