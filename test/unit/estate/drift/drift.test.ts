import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftId } from '../../../../src/estate/drift/build.ts';
import { driftOf } from '../../../../src/estate/drift/drift.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../../../src/journal/facts-site.ts';
import type { MachineState, State } from '../../../../src/journal/state.ts';
import { EMPTY_STATE } from '../../../../src/journal/state.ts';
import { type PlanInput, planSchema } from '../../../../src/plan/schema.ts';
import { domainFacts, guestFacts } from '../../../support/state.ts';

const NOW = Date.UTC(2026, 8, 10);
const DAY = 24 * 3600e3;

const input: PlanInput = {
  version: 1,
  name: 'storm',
  deadline: { earliest: 'in 48h', expected: 'in 72h' },
  sites: { miami: { role: 'source' }, dallas: { role: 'target' } },
  hypervisors: {
    'mia-kvm1': { site: 'miami', address: '10.1.0.1' },
    'mia-kvm2': { site: 'miami', address: '10.1.0.2' },
    'dal-kvm1': { site: 'dallas', address: '10.2.0.1' },
  },
  networks: { dallas: { site: 'dallas', libvirt: 'dal-servers' } },
  images: { debian: { hypervisor: 'dal-kvm1', volume: 'debian.qcow2' } },
  tiers: { normal: { priority: 1, rpo: '1h', rto: '1h' } },
  machines: {
    web1: {
      tier: 'normal',
      source: { hypervisor: 'mia-kvm1', address: '10.1.0.11' },
      target: { hypervisor: 'dal-kvm1', image: 'debian', network: 'dallas', address: '10.2.0.11' },
    },
  },
};
const plan = planSchema.parse(input);

const domain = (name: string, changes: Partial<DomainSurvey> = {}): DomainSurvey => ({
  ...{ name, uuid: `uuid-${name}`, state: 'running', autostart: true, memory: 4 * 1024 ** 3, vcpus: 2 },
  disks: [
    { target: 'vda', source: `/images/${name}`, format: 'qcow2', capacity: 10, allocation: 5, chain: [] },
  ],
  interfaces: [{ mac: '52:54:00:00:00:01', network: 'mia-servers', kind: 'network' }],
  ...{ addresses: ['10.1.0.11'], snapshots: 0, checkpoints: 0, passthrough: [] },
  ...changes,
});

type Surveyed = HypervisorSurvey & { readonly at: number };
const survey = (changes: Partial<Surveyed> = {}): Surveyed => ({
  ...{ at: NOW, gaps: [], domains: [], bridges: [], cpuFit: [], versions: {} },
  networks: [{ name: 'mia-servers', active: true, addresses: [] }],
  pools: [{ name: 'default', type: 'dir', active: true, autostart: true }],
  ...changes,
});

const target = survey({ networks: [{ name: 'dal-servers', active: true, addresses: [] }] });

function stateOf(source: Surveyed, machine: Partial<MachineState> = {}, changes: Partial<State> = {}): State {
  return {
    ...EMPTY_STATE,
    surveys: { 'mia-kvm1': source, 'dal-kvm1': target },
    machines: { web1: { name: 'web1', passes: [], ...machine } },
    ...changes,
  };
}

const found = (state: State, now = NOW) =>
  driftOf({ plan, state }, now).map(({ id, severity }) => `${severity} ${id}`);

const asPlanned = survey({ domains: [domain('web1')] });

describe('plan against what was seen', () => {
  it('agrees where everything is as planned, and says nothing of what nobody has looked at', () => {
    expect(found(stateOf(asPlanned))).toEqual([]);
    expect(found(EMPTY_STATE)).toEqual([]);
  });

  it("a VM that nobody listed is found, landfall's own are not, and neither is what lives at the target", () => {
    const domains = [
      domain('web1'),
      domain('legacy-cron'),
      domain('old', { state: 'shut off' }),
      domain('landfall-storm-web1-receiver', { landfall: true }),
    ];
    const state = stateOf(survey({ domains }));
    const there = { ...target, domains: [domain('somebody')] };
    expect(found({ ...state, surveys: { ...state.surveys, 'dal-kvm1': there } })).toEqual([
      'critical unlisted-domain:mia-kvm1:legacy-cron',
      'warning unlisted-domain:mia-kvm1:old',
    ]);
  });

  it('a machine that was renamed is the same one, by its UUID; where it was migrated to is told', () => {
    const observed = {
      domain: domainFacts({ uuid: 'uuid-web1' }),
      guest: guestFacts(),
      digest: 'd',
      at: NOW,
    };
    const machine = { observed: { ...observed, guest: guestFacts({ addresses: ['10.1.0.11/24'] }) } };
    const renamed = domain('web1-new', { uuid: 'uuid-web1' });
    expect(found(stateOf(survey({ domains: [renamed] }), machine))).toEqual([]);
    const state = stateOf(survey(), machine);
    const elsewhere = { ...state.surveys, 'mia-kvm2': asPlanned };
    const all = driftOf({ plan, state: { ...state, surveys: elsewhere } }, NOW);
    expect(all.map(({ id, evidence }) => [id, ...evidence])).toEqual([
      ['domain-gone:web1', 'it is on mia-kvm2 now'],
    ]);
  });

  it('a domain that is gone is told, but not where the list could not be had', () => {
    expect(found(stateOf(survey()))).toEqual(['critical domain-gone:web1']);
    const gaps = [{ what: 'its domains', why: 'refused' as const }];
    expect(found(stateOf(survey({ gaps })))).toEqual([]);
  });

  it('a domain that a cutover has powered off is not gone', () => {
    const off = survey({ domains: [domain('web1', { state: 'shut off' })] });
    expect(found(stateOf(off))).toEqual(['critical domain-gone:web1']);
    const begun = { rehearse: false, dark: false, planHash: 'h', confirmed: 'storm', open: [] };
    const cutover = {
      ...{ ...begun, startedAt: NOW, by: 'dana', items: {}, ordered: {} },
      machines: { web1: { poweredOff: { domain: 'web1', autostart: true, at: NOW } } },
    };
    expect(found(stateOf(off, {}, { cutover }))).toEqual([]);
  });

  it('networks and pools that the plan counts on are missed, whether gone or standing still', () => {
    const down = survey({
      networks: [{ name: 'dal-servers', active: false, addresses: [] }],
      pools: [],
    });
    const state = stateOf(asPlanned);
    expect(found({ ...state, surveys: { ...state.surveys, 'dal-kvm1': down } })).toEqual([
      'critical network-gone:dal-kvm1:dal-servers',
      'critical pool-gone:dal-kvm1:default',
    ]);
  });

  it('a disk that came or grew after the target was built stands in the way; one that went does not', () => {
    const volume = (disk: string, capacity: number) => ({
      disk,
      capacity,
      pool: 'p',
      volume: disk,
      path: disk,
    });
    const replica = { at: NOW - 1, volumes: [volume('vda', 8), volume('vdz', 1)] };
    const added = domain('web1').disks[0];
    if (added === undefined) throw new Error('there is one');
    const now = survey({
      domains: [domain('web1', { disks: [added, { ...added, target: 'vdc' }] })],
    });
    expect(found(stateOf(now, { replica }))).toEqual([
      'critical disk-added:web1:vdc',
      'critical disk-resized:web1:vda',
      'warning disk-removed:web1:vdz',
    ]);
  });

  it('what does not go with a copy, and what somebody else does to it', () => {
    const odd = domain('web1', {
      ...{ job: 'a backup', snapshots: 2, passthrough: ['pci 0000:3b:00.0'] },
      interfaces: [{ mac: '52:54:00:00:00:01', network: 'br-old', kind: 'bridge' }],
    });
    expect(found(stateOf(survey({ domains: [odd] })))).toEqual([
      'warning bridge-gone:web1:br-old',
      'warning job:web1',
      'warning passthrough:web1',
      'warning snapshots:web1',
    ]);
  });

  it('certificates that are over, or will be around the deadline', () => {
    const certificate = (path: string, notAfter: number) => ({ path, subject: 'CN=x', names: [], notAfter });
    const surveyed = {
      ...{ root: true, gaps: [], digest: 'd', at: NOW },
      certificates: [
        certificate('/etc/over.pem', NOW - DAY),
        certificate('/etc/soon.pem', NOW + DAY),
        certificate('/etc/late.pem', NOW + 300 * DAY),
      ],
    };
    const all = driftOf({ plan, state: stateOf(asPlanned, { surveyed }) }, NOW);
    expect(all.map(({ what }) => what)).toEqual([
      'the certificate /etc/over.pem of web1 expired 1d 00h ago',
      'the certificate /etc/soon.pem of web1 expires in 1d 00h',
    ]);
  });

  it('a credential that no longer works stands in the way', () => {
    const surroundings = {
      ...{ at: NOW, records: [], clocks: [] },
      credentials: [{ name: 'env:SQL', usable: false, trouble: 'login failed' }],
    };
    expect(found(stateOf(asPlanned, {}, { surroundings }))).toEqual([
      `critical ${driftId('credential', 'env:SQL')}`,
    ]);
  });

  it('what was not as at the last inventory is told until it is again', () => {
    const drift = { web1: { found: ['disk vdc was added'], at: NOW } };
    expect(found(stateOf(asPlanned, {}, { drift }))).toEqual(['warning changed:web1']);
    expect(found(stateOf(asPlanned, {}, { drift: { web1: { found: [], at: NOW } } }))).toEqual([]);
  });

  it('what changed is told for a day, and longer where no inventory has been taken since', () => {
    const observed = { domain: domainFacts(), guest: guestFacts({ addresses: ['10.1.0.11'] }), digest: 'd' };
    const drift = (since: number) => ({
      web1: { found: ['b'], at: NOW, since, earlier: [{ found: ['a'], at: NOW - DAY / 2 }] },
    });
    const told = (since: number, now: number) =>
      driftOf(
        { plan, state: stateOf(asPlanned, { observed: { ...observed, at: NOW } }, { drift: drift(since) }) },
        now,
      ).flatMap(({ kind, evidence, seenAt }) => (kind === 'changed' ? [[seenAt, ...evidence]] : []));
    expect(told(1, NOW)).toEqual([[NOW, 'seen 0.0s ago: b', 'seen 12h00m ago: a']]);
    expect(told(1, NOW + DAY / 2)).toEqual([[NOW, 'seen 12h00m ago: b']]);
    expect(told(1, NOW + DAY)).toEqual([]);
    expect(told(NOW, NOW + DAY)).toEqual([[NOW, 'seen 1d 00h ago: b']]);
  });

  it('what changed on a hypervisor does not ask for a proof of it', () => {
    const drift = { 'mia-kvm1': { found: ['the pool ssd is gone'], at: NOW } };
    const [first] = driftOf({ plan, state: stateOf(asPlanned, {}, { drift }) }, NOW);
    expect(first?.id).toBe('changed:mia-kvm1');
    expect(first?.next.join()).not.toContain('landfall prove');
  });

  it('two names never have one id, and an id fits into the name of a gate', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        const [a, b] = [driftId('job', one), driftId('job', other)];
        expect(a).toMatch(/^job:[A-Za-z0-9._-]*$/);
        if (one !== other) expect(a).not.toBe(b);
      }),
    );
  });
});
