import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import type { Gate } from '../../../src/readiness/gate.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { REQUIRED_CHECKS, verdictOf } from '../../../src/readiness/verdict.ts';
import { HOUR, machinePlan, planOf, Story, T0 } from '../../support/state.ts';
import { anyStory } from './stories.ts';

const verdictsAt = (story: Story, now = story.now) => verdictOf(gatesOf(story.view, now));

describe('verdict', () => {
  it('is ready only with its reservation, when every gate of every subject is met', () => {
    const verdicts = verdictsAt(new Story().begin().ready('web1'));
    expect(verdicts.overall).toBe('ready');
    expect(verdicts.line).toBe(
      'READY 1 of 1 · 1 warning · verdict: ready as far as this version checks; not covered: Routes and firewalls on the way to the target',
    );
  });

  it('counts ready, blocked and unproven subjects in one line', () => {
    const machines = { web1: machinePlan(), app1: machinePlan(), app2: machinePlan() };
    const verdicts = verdictsAt(
      new Story(planOf({ machines })).begin().ready('web1').ready('app1').fail('app1'),
    );
    expect(verdicts.line).toBe('READY 1 of 3 · 1 blocked · 1 unproven · 1 warning · verdict: NOT READY');
  });

  it('review: warnings of a machine that is blocked or never began are noise, and not counted', () => {
    const machines = { web1: machinePlan(), app1: machinePlan(), app2: machinePlan() };
    const story = new Story(planOf({ machines })).begin().ready('web1').ready('app1').fail('app1');
    // The exposure of web1; that nobody has rehearsed is a warning of the evacuation.
    expect(verdictsAt(story, story.now + HOUR / 2).warnings).toBe(2);
    const blocked = verdictsAt(story).subjects.filter(each => each.blocking.length > 0);
    expect(blocked.flatMap(each => each.warnings).length).toBeGreaterThan(1);
  });

  it('is kept from ready by a database that nobody has begun with', () => {
    const connection = { address: 'sql1', user: 'sa', password: 'env:SA' };
    const plan = planOf({
      databases: { Orders: { tier: 'critical', publisher: connection, subscriber: connection } },
    });
    const verdicts = verdictsAt(new Story(plan).begin().ready('web1'));
    expect(verdicts).toMatchObject({ overall: 'unproven', ready: 1, of: 2, unproven: 1 });
  });

  it('is not ready when the evacuation itself is in doubt', () => {
    const story = new Story().begin().ready('web1');
    const verdicts = verdictOf(gatesOf(story.view, story.now, { planHash: 'sha256:other' }));
    expect(verdicts.overall).toBe('not-ready');
    expect(verdicts.line).toContain('the evacuation itself is in doubt');
  });

  it('stays ready with warnings, and says them', () => {
    const verdicts = verdictsAt(
      new Story()
        .begin()
        .ready('web1')
        .wait(HOUR / 2),
    );
    expect(verdicts.overall).toBe('ready');
    expect(verdicts.line).toContain('2 warnings ·');
  });

  it.each([
    ['no gates at all', []],
    ['only an evacuation', gatesOf({ plan: planOf(), state: EMPTY_STATE }, T0).slice(0, 4)],
  ])('is never ready with %s', (_name, gates) => {
    expect(verdictOf(gates).overall).not.toBe('ready');
  });

  it('takes a missing required gate for unproven, whichever it is', () => {
    const story = new Story().begin().ready('web1');
    const gates = gatesOf(story.view, story.now);
    const required = [...REQUIRED_CHECKS.machine, ...REQUIRED_CHECKS.evacuation];
    for (const check of required) {
      expect(verdictOf(gates.filter(each => each.check !== check)).overall, check).toBe('unproven');
    }
  });

  it('requires only checks that exist', () => {
    const connection = { address: 'sql1', user: 'sa', password: 'env:SA' };
    const plan = planOf({
      databases: { Orders: { tier: 'critical', publisher: connection, subscriber: connection } },
    });
    const gates = gatesOf({ plan, state: EMPTY_STATE }, T0);
    for (const [scope, checks] of Object.entries(REQUIRED_CHECKS)) {
      const known = gates.filter(each => each.scope === scope).map(each => each.check);
      expect(known).toEqual(expect.arrayContaining([...checks]));
    }
  });

  it('is never ready without a recent verification that is newer than the last pass', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(200 * HOUR), (story, later) => {
        const now = story.now + later;
        const { state } = story;
        const { subjects } = verdictsAt(story, now);
        for (const { subject, verdict } of subjects) {
          if (verdict !== 'ready') continue;
          const machine = state.machines[subject];
          const passes = machine?.passes ?? [];
          const last = passes.find(each => each.pass === machine?.verified?.pass);
          const verified = machine?.verified;
          expect(verified?.pass).toBe(Math.max(...passes.map(each => each.pass)));
          expect(last?.startedAt).toBe(Math.max(...passes.map(each => each.startedAt)));
          expect(last?.ended).toBeDefined();
          expect(verified?.at).toBeGreaterThan(last?.startedAt ?? Number.POSITIVE_INFINITY);
          expect(verified?.mismatches).toEqual([]);
          expect(now - (verified?.at ?? 0)).toBeLessThanOrEqual(24 * HOUR);
          expect(machine?.failure).toBeUndefined();
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is reached by some of those stories: the property above is not empty', () => {
    const samples = fc.sample(anyStory, { numRuns: 400, seed: 7 });
    expect(samples.some(story => verdictsAt(story).ready > 0)).toBe(true);
    expect(samples.some(story => verdictsAt(story).blocked > 0)).toBe(true);
  });

  it('never turns ready by the mere passing of time', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(100 * HOUR), (story, later) => {
        const before = verdictsAt(story).subjects;
        const after = verdictsAt(story, story.now + later).subjects;
        for (const [index, each] of after.entries()) {
          if (each.verdict === 'ready') expect(before[index]?.verdict).toBe('ready');
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is total: any mixture of gates gives a verdict and one line', () => {
    const anyGate: fc.Arbitrary<Gate> = fc.record({
      id: fc.string(),
      scope: fc.constantFrom('evacuation' as const, 'machine' as const, 'database' as const),
      subject: fc.constantFrom('a', 'b', '__proto__', 'constructor'),
      check: fc.string(),
      title: fc.string(),
      severity: fc.constantFrom('critical' as const, 'warning' as const),
      verdict: fc.constantFrom('pass' as const, 'fail' as const, 'unproven' as const, 'not-covered' as const),
      evidence: fc.array(fc.string()),
      remedy: fc.string(),
      remedySteps: fc.array(fc.string(), { minLength: 1 }),
      costOfIgnoring: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(anyGate, { maxLength: 20 }), gates => {
        // Random check names never hold all that is required.
        expect(verdictOf(gates).overall).not.toBe('ready');
      }),
    );
  });
});
