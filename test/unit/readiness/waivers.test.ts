import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import { blocks, type Gate, type GateWaiver, isWaived, warns } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { REQUIRED_CHECKS, verdictOf } from '../../../src/readiness/verdict.ts';
import { waivable } from '../../../src/readiness/waivable.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story, T0 } from '../../support/state.ts';
import { anyStory } from './stories.ts';

const connection = { address: 'sql1', user: 'sa', password: 'env:SA' };
const withDatabase = () =>
  planOf({ databases: { Orders: { tier: 'critical', publisher: connection, subscriber: connection } } });

const waive = (story: Story, gate: string, forMs = 12 * HOUR): Story =>
  story.tell({ type: 'gate.waived', gate, reason: 'accepted by the owner', until: story.now + forMs });

const gateOf = (story: Story, id: string, now = story.now): Gate => {
  const found = gatesOf(story.view, now).find(each => each.id === id);
  if (found === undefined) throw new Error(`no gate ${id}`);
  return found;
};
const verdicts = (story: Story, now = story.now) => verdictOf(gatesOf(story.view, now));

/** Converged and then half-written again: only `at-rest` and what follows from it stand in the way. */
const unverified = (): Story =>
  new Story()
    .begin()
    .observe('web1')
    .build('web1')
    .pass('web1', 1)
    .pass('web1', 2)
    .prove('web1')
    .lookAround();

describe('a waiver', () => {
  it('opens a gate that is not met, with a name, a reason and a date, and is counted', () => {
    const story = unverified();
    expect(verdicts(story).line).toBe(
      'READY 0 of 1 · 1 unproven · 1 warning · verdict: NOT READY (evidence is missing or too old)',
    );
    waive(waive(story, 'machine/web1/verified'), 'machine/web1/verification-recent');
    const after = verdicts(story);
    expect(after).toMatchObject({ overall: 'ready', ready: 1, waived: 2 });
    expect(after.line).toMatch(
      /^READY 1 of 1 · 2 waived · .*verdict: ready with 2 waivers as far as this version checks; not covered: /,
    );
    expect(gateOf(story, 'machine/web1/verified')).toMatchObject({
      verdict: 'unproven',
      waiver: {
        by: 'engine@jump1:4711',
        at: story.now,
        reason: 'accepted by the owner',
        until: story.now + 12 * HOUR,
        standing: 'in-force',
      },
    });
  });

  it('is counted beside what still blocks', () => {
    const machines = { web1: machinePlan(), app1: machinePlan() };
    const story = new Story(planOf({ machines })).begin().ready('web1').ready('app1').fail('app1');
    waive(story, 'machine/web1/reachability');
    expect(verdicts(story).line).toBe('READY 1 of 2 · 1 blocked · 1 waived · 1 warning · verdict: NOT READY');
  });

  it('speaks again from its last moment on', () => {
    const story = waive(
      waive(unverified(), 'machine/web1/verified', HOUR),
      'machine/web1/verification-recent',
      HOUR,
    );
    expect(verdicts(story, story.now + HOUR - 1).overall).toBe('ready');
    const after = verdicts(story, story.now + HOUR);
    expect(after).toMatchObject({ overall: 'unproven', waived: 0 });
    expect(after.line).not.toContain('waive');
    expect(gateOf(story, 'machine/web1/verified', story.now + HOUR).waiver?.standing).toBe('expired');
  });

  it('ends when it is withdrawn', () => {
    const story = waive(new Story().begin().ready('web1').wait(HOUR), 'machine/web1/exposure');
    const before = verdicts(story).warnings;
    story.tell({ type: 'gate.waiver-withdrawn', gate: 'machine/web1/exposure' });
    expect(verdicts(story).warnings).toBe(before + 1);
    expect(gateOf(story, 'machine/web1/exposure').waiver).toBeUndefined();
  });

  it('takes one gate of a database, and no other of it', () => {
    const story = waive(new Story(withDatabase()).begin().ready('web1'), 'database/Orders/replication');
    const after = verdicts(story);
    expect(after).toMatchObject({ overall: 'unproven', ready: 1, of: 2, waived: 1 });
    const blocking = after.subjects.find(({ subject }) => subject === 'Orders')?.blocking ?? [];
    expect(blocking.map(({ check }) => check)).not.toContain('replication');
    expect(blocking.map(({ check }) => check)).toContain('captured');
  });

  it('is not needed while the gate is met, and is not counted', () => {
    const story = waive(new Story().begin().ready('web1'), 'machine/web1/converged');
    expect(gateOf(story, 'machine/web1/converged').waiver?.standing).toBe('not-needed');
    expect(verdicts(story).waived).toBe(0);
  });

  it('answers no gate that is missing: silence is red', () => {
    const story = waive(new Story().begin().ready('web1'), 'machine/web1/at-rest');
    const gates = gatesOf(story.view, story.now).filter(each => each.check !== 'at-rest');
    expect(verdictOf(gates).overall).toBe('unproven');
  });

  it('does not open what has no gate, and does no harm', () => {
    const story = waive(new Story().begin().ready('web1'), 'machine/constructor/__proto__');
    expect(verdicts(story)).toMatchObject({ overall: 'ready', waived: 0 });
  });

  it('that has a date which is no number counts for nothing', () => {
    const story = unverified().tell({
      type: 'gate.waived',
      gate: 'machine/web1/verified',
      reason: 'x',
      until: Number.NaN,
    });
    expect(gateOf(story, 'machine/web1/verified').waiver?.standing).toBe('expired');
  });
});

describe('what cannot be waived', () => {
  const nothing = (): Story => new Story().begin();
  const cases: [id: string, story: () => Story][] = [
    ['machine/web1/inventory', nothing],
    ['machine/web1/built', nothing],
    ['machine/web1/first-pass', nothing],
    ['machine/web1/identity', () => nothing().observe('web1', { productUuid: 'another' })],
    [
      'machine/web1/first-pass',
      () =>
        nothing()
          .observe('web1')
          .build('web1')
          .pass('web1', 1, { mountpoints: ['/elsewhere'] }),
    ],
    ['evacuation/miami-to-dallas/plan-accepted', () => new Story(planOf({ machines: {} }))],
    ['evacuation/miami-to-dallas/journal', () => nothing().wait(48 * HOUR)],
  ];

  it.each(cases)('%s', (id, make) => {
    const story = make();
    expect(waivable(gateOf(story, id))).toEqual(expect.any(String));
    const waived = waive(story, id);
    // The waiver itself is an event; the journal is silent again afterwards.
    const now = id.endsWith('/journal') ? waived.now + 30 * HOUR : waived.now;
    waive(waived, id, 90 * HOUR);
    const found = gateOf(waived, id, now);
    if (waived.state.evacuation !== undefined) {
      expect(found.waiver).toMatchObject({ standing: 'refused', why: expect.any(String) });
    }
    expect(isWaived(found)).toBe(false);
    expect(blocks(found)).toBe(true);
  });

  it('an inventory that is old can be', () => {
    const story = new Story()
      .begin()
      .ready('web1')
      .wait(25 * HOUR);
    expect(waivable(gateOf(story, 'machine/web1/inventory'))).toBe(true);
  });

  it('names only checks that exist', () => {
    const story = new Story(withDatabase());
    const gates = gatesOf({ plan: story.plan, state: EMPTY_STATE }, T0);
    const open = gates.filter(({ verdict }) => verdict !== 'pass');
    const refused = open.filter(each => waivable(each) !== true).map(each => `${each.scope}/${each.check}`);
    expect(refused).toEqual([
      'evacuation/plan-accepted',
      'evacuation/journal',
      'machine/inventory',
      'machine/built',
      'machine/first-pass',
      'machine/standby',
      'database/assessed',
      'database/captured',
    ]);
  });
});

describe('a waiver of an incident', () => {
  const incidents: [id: string, first: (story: Story) => unknown, second: (story: Story) => unknown][] = [
    [
      'machine/web1/no-failure',
      story => story.fail('web1'),
      story => story.fail('web1', { what: 'something else broke' }),
    ],
    [
      'machine/web1/verified',
      story => story.verify('web1', 2, ['/etc/motd']),
      story => story.verify('web1', 2, ['/srv/orders.db']),
    ],
    [
      'machine/web1/drift',
      story => story.observe('web1', {}, { disks: [disk('vda'), disk('vdb')] }),
      story => story.observe('web1', {}, { disks: [disk('vda'), disk('vdb'), disk('vdc')] }),
    ],
    [
      'evacuation/miami-to-dallas/shared-steps',
      story => failShared(story, 'mia-kvm1'),
      story => failShared(story, 'dal-kvm1'),
    ],
  ];

  it.each(incidents)('%s takes the one that was there, and the next one speaks', (id, first, second) => {
    const story = new Story().begin().ready('web1');
    first(story);
    waive(story.wait(MINUTE), id);
    expect(gateOf(story, id)).toMatchObject({ verdict: 'fail', waiver: { standing: 'in-force' } });
    second(story.wait(MINUTE));
    const after = gateOf(story, id);
    expect(after).toMatchObject({ verdict: 'fail', waiver: { standing: 'overtaken' } });
    expect(isWaived(after)).toBe(false);
  });
});

it('a waiver of a half-written replica takes the pass that was open, not the next one that is left open', () => {
  const story = new Story().begin().ready('web1').startPass('web1', 9);
  waive(story.wait(MINUTE), 'machine/web1/at-rest');
  expect(gateOf(story, 'machine/web1/at-rest')).toMatchObject({
    verdict: 'unproven',
    waiver: { standing: 'in-force' },
  });
  // It was paused: the same pass begins anew under its number, and is stopped again.
  story.wait(MINUTE).startPass('web1', 9);
  const after = gateOf(story, 'machine/web1/at-rest');
  expect(after).toMatchObject({ verdict: 'unproven', waiver: { standing: 'overtaken' } });
  expect(blocks(after)).toBe(true);
});

const disk = (target: string) => ({
  target,
  source: `/pool/${target}`,
  format: 'qcow2',
  bus: 'virtio',
  capacity: 20e9,
  allocation: 1e9,
});

function failShared(story: Story, hypervisor: string): Story {
  const error = {
    code: 'ssh.unreachable',
    family: 'act' as const,
    what: `${hypervisor} does not answer`,
    next: [],
  };
  const step = `inventory/${hypervisor}`;
  return story.tell({ type: 'step.failed', step, phase: 'inventory', attempts: 1, error });
}

describe('waivers of any kind', () => {
  const subject = fc.constantFrom('machine/web1', 'machine/app1', 'evacuation/miami-to-dallas');
  const check = fc.constantFrom(
    ...REQUIRED_CHECKS.machine,
    ...REQUIRED_CHECKS.evacuation,
    'boot-proof',
    'exposure',
  );
  const given = fc.record({ subject, check, forMs: fc.integer({ min: -HOUR, max: 100 * HOUR }) });
  const waivedStory = fc
    .tuple(anyStory, fc.array(given, { maxLength: 12 }), fc.nat(60 * HOUR), fc.boolean())
    .map(([story, all, later, fails]) => {
      for (const each of all) waive(story, `${each.subject}/${each.check}`, each.forMs);
      if (fails) story.wait(1).fail('web1');
      return { story, now: story.now + later };
    });

  it('open only gates that may be waived, never longer than they say, and never silently', () => {
    fc.assert(
      fc.property(waivedStory, ({ story, now }) => {
        const gates = gatesOf(story.view, now);
        const whole = verdictOf(gates);
        const open = gates.filter(isWaived);
        for (const each of open) {
          expect(waivable(each)).toBe(true);
          expect(each.waiver?.until).toBeGreaterThan(now);
          expect(blocks(each) || warns(each)).toBe(false);
        }
        expect(whole.waived).toBe(open.length);
        expect(/\b\d+ waived\b/.test(whole.line)).toBe(open.length > 0);
        if (whole.overall === 'ready') expect(/with \d+ waiver/.test(whole.line)).toBe(open.length > 0);
        for (const each of whole.subjects) {
          if (each.verdict !== 'ready') continue;
          const own = gates.filter(one => one.scope === each.scope && one.subject === each.subject);
          const unmet = own.filter(one => one.severity === 'critical' && one.verdict !== 'pass');
          expect(unmet.every(isWaived)).toBe(true);
          expect(own.find(one => one.check === 'first-pass')?.verdict).toBe('pass');
          expect(own.find(one => one.check === 'built')?.verdict).toBe('pass');
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are met by those stories: some gates are opened, and some waivers are of each standing', () => {
    const standings = fc
      .sample(waivedStory, { numRuns: 300, seed: 11 })
      .flatMap(({ story, now }) => gatesOf(story.view, now).flatMap(each => each.waiver?.standing ?? []));
    const all: GateWaiver['standing'][] = ['in-force', 'expired', 'overtaken', 'refused', 'not-needed'];
    expect([...new Set(standings)].sort()).toEqual(all.sort());
  });

  it('change nothing but what blocks and warns: the gates say what they said', () => {
    fc.assert(
      fc.property(waivedStory, ({ story, now }) => {
        const { evacuation } = story.state;
        if (evacuation === undefined) return;
        const { waivers: _none, ...rest } = evacuation;
        const without = gatesOf({ plan: story.plan, state: { ...story.state, evacuation: rest } }, now);
        const bare = gatesOf(story.view, now).map(({ waiver: _waiver, ...each }) => each);
        expect(bare).toEqual(without);
      }),
      { numRuns: 60 },
    );
  });
});
