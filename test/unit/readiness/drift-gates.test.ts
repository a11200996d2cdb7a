import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driftOf } from '../../../src/estate/drift/drift.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../../src/journal/facts-site.ts';
import { type Gate, lightOf } from '../../../src/readiness/gate.ts';
import { settledBy } from '../../../src/readiness/gates/drift.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { estateOf } from '../../../src/reports/inventory/estate.ts';
import { inventoryOf } from '../../../src/reports/inventory/inventory.ts';
import { HOUR, Story } from '../../support/state.ts';

const domain = (name: string, changes: Partial<DomainSurvey> = {}): DomainSurvey => ({
  ...{ name, uuid: `uuid-${name}`, state: 'running', autostart: true, memory: 1, vcpus: 1 },
  ...{ disks: [], interfaces: [], addresses: [], snapshots: 0, checkpoints: 0, passthrough: [] },
  ...changes,
});
const survey = (...domains: DomainSurvey[]): HypervisorSurvey => ({
  ...{ gaps: [], domains, networks: [], pools: [], bridges: [], cpuFit: [], versions: {} },
});
const seen = (story: Story, ...domains: DomainSurvey[]): Story =>
  story.tell({
    type: 'hypervisor.surveyed',
    hypervisor: 'mia-kvm1',
    survey: survey(domain('web1'), ...domains),
  });
const begun = (): Story => new Story().begin();
const changed = (story: Story): Story =>
  story.tell({ type: 'drift.seen', subject: 'web1', found: ['the kernel changed from 5 to 6'], since: 1 });
const waive = (story: Story, gate: string): Story =>
  story.tell({ type: 'gate.waived', gate, reason: 'known', until: story.now + 100 * HOUR });

const driftGates = (story: Story): Gate[] =>
  gatesOf(story.view, story.now).filter(({ check }) => check.startsWith('drift-'));
const gateOf = (story: Story, id: string): Gate => {
  const found = gatesOf(story.view, story.now).find(each => each.id === id);
  if (found === undefined) throw new Error(`no gate ${id}`);
  return found;
};
const estate = (story: Story) => `evacuation/${story.plan.name}`;

describe('gates of drift', () => {
  it('there are none where plan and reality agree, and none where nobody has looked', () => {
    expect(driftGates(begun())).toEqual([]);
    expect(driftGates(seen(begun()))).toEqual([]);
  });

  it('red: a domain that runs and that nobody listed; amber: one that is shut off', () => {
    const story = seen(begun(), domain('cron'), domain('old', { state: 'shut off' }));
    expect(lightOf(gateOf(story, `${estate(story)}/drift-unlisted-domain-mia-kvm1-cron`))).toBe('red');
    expect(lightOf(gateOf(story, `${estate(story)}/drift-unlisted-domain-mia-kvm1-old`))).toBe('amber');
  });

  it('amber: accepted, one at a time, by its name; green: gone, once it is no more', () => {
    const story = seen(begun(), domain('cron'), domain('backup'));
    waive(story, `${estate(story)}/drift-unlisted-domain-mia-kvm1-cron`);
    expect(driftGates(story).map(each => [each.check, lightOf(each)])).toEqual([
      ['drift-unlisted-domain-mia-kvm1-cron', 'amber'],
      ['drift-unlisted-domain-mia-kvm1-backup', 'red'],
    ]);
    expect(driftGates(seen(story))).toEqual([]);
  });

  it('never unknown: what nobody has looked at has no such gate', () => {
    for (const each of driftGates(changed(seen(begun(), domain('cron')))))
      expect([each.verdict, lightOf(each)]).not.toContain('unknown');
  });

  it('what one machine has stands at the machine', () => {
    const story = begun();
    story.tell({
      ...{ type: 'hypervisor.surveyed', hypervisor: 'mia-kvm1' },
      survey: survey(domain('web1', { job: 'a backup' })),
    });
    expect(driftGates(story).map(({ id }) => id)).toEqual(['machine/web1/drift-job-web1']);
  });

  it('a waiver of a change does not cover the next one', () => {
    const story = waive(changed(begun()).wait(HOUR), 'machine/web1/drift-changed-web1');
    expect(gateOf(story, 'machine/web1/drift-changed-web1').waiver?.standing).toBe('in-force');
    story.wait(HOUR).tell({ type: 'drift.seen', subject: 'web1', found: ['disk vdb was added'], since: 2 });
    const gate = gateOf(story, 'machine/web1/drift-changed-web1');
    expect(gate.waiver?.standing).toBe('overtaken');
    expect(gate.evidence.slice(1)).toEqual([
      'seen 0.0s ago: disk vdb was added',
      'seen 2h00m ago: the kernel changed from 5 to 6',
    ]);
    expect(driftGates(story.wait(23 * HOUR))[0]?.evidence).toHaveLength(2);
    expect(driftGates(story.wait(2 * HOUR))).toEqual([]);
  });

  it('more than twelve are twelve: the worst by themselves, the rest in one', () => {
    const off = Array.from({ length: 9 }, (_, at) => domain(`off${at}`, { state: 'shut off' }));
    const on = Array.from({ length: 5 }, (_, at) => domain(`on${at}`));
    const gates = driftGates(seen(begun(), ...off, ...on));
    expect(gates).toHaveLength(12);
    expect(gates.slice(0, 5).every(({ severity }) => severity === 'critical')).toBe(true);
    expect(gates.at(-1)).toMatchObject({ check: 'drift-more', severity: 'warning' });
    expect(gates.at(-1)?.evidence).toHaveLength(3);
    expect(driftGates(seen(begun(), ...off, ...on.slice(0, 3)))).toHaveLength(12);
  });

  it('every drift has a gate that is there, however many there are', () => {
    fc.assert(
      fc.property(fc.nat({ max: 20 }), fc.nat({ max: 20 }), (on, off) => {
        const story = changed(
          seen(
            begun(),
            ...Array.from({ length: on }, (_, at) => domain(`on${at}`)),
            ...Array.from({ length: off }, (_, at) => domain(`off${at}`, { state: 'shut off' })),
          ),
        );
        const all = driftOf(story.view, story.now);
        const gates = new Set(gatesOf(story.view, story.now).map(({ id }) => id));
        const settled = settledBy(story.view, all, story.now);
        expect(settled.size).toBe(all.length);
        for (const { gate } of settled.values()) expect(gates).toContain(gate);
      }),
      { numRuns: 30 },
    );
  });
});

describe('findings of drift', () => {
  const findings = (story: Story) =>
    inventoryOf(story.view, story.now, estateOf(story.view, story.now)).findings.filter(
      ({ kind }) => kind === 'drift',
    );

  it('show the waiver of their gate, and which gate that is', () => {
    const story = seen(begun(), domain('cron'), domain('backup'));
    const gate = `${estate(story)}/drift-unlisted-domain-mia-kvm1-cron`;
    expect(findings(waive(story, gate)).map(({ id, waived }) => [id, waived])).toEqual([
      ['unlisted-domain:mia-kvm1:backup', undefined],
      ['unlisted-domain:mia-kvm1:cron', 'known (engine@jump1:4711)'],
    ]);
    expect(findings(story).at(-1)?.gate).toBe(gate);
  });

  it('a waiver that was overtaken shows on none', () => {
    const story = waive(changed(begun()), 'machine/web1/drift-changed-web1');
    expect(findings(story)[0]?.waived).toBeDefined();
    story.wait(HOUR).tell({ type: 'drift.seen', subject: 'web1', found: ['disk vdb was added'], since: 2 });
    expect(findings(story)[0]?.waived).toBeUndefined();
  });
});
