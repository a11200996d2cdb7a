import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MakesIt, makesIt } from '../../../src/readiness/makes-it.ts';
import { HOUR, MINUTE, planOf, Story, T0 } from '../../support/state.ts';
import { anyStory } from './stories.ts';

const DEADLINE = T0 + 96 * HOUR;
const at = (story: Story, now = story.now): MakesIt => makesIt(story.view, 'web1', now);

describe('makes it', () => {
  it.each<[string, MakesIt['verdict'], () => Story]>([
    ['the evacuation has not begun', 'cannot-say', () => new Story()],
    ['nothing was measured', 'cannot-say', () => new Story().begin().observe('web1')],
    ['a first pass runs without a forecast', 'cannot-say', () => new Story().begin().startPass('web1', 1)],
    [
      'a first pass runs and fits',
      'will-make-it',
      () => new Story().begin().startPass('web1', 1, { predictedMs: 8 * HOUR }),
    ],
    [
      'a first pass runs and does not fit',
      'at-risk',
      () => new Story().begin().startPass('web1', 1, { predictedMs: 40 * HOUR }),
    ],
    ['it is verified', 'will-make-it', () => new Story().begin().evacuate('web1')],
    ['a failure stands open', 'at-risk', () => new Story().begin().evacuate('web1').fail('web1')],
    [
      'the deadline has passed',
      'at-risk',
      () =>
        new Story()
          .begin()
          .evacuate('web1')
          .wait(97 * HOUR),
    ],
    [
      'it does not converge and nothing is safe',
      'at-risk',
      () => new Story().begin().pass('web1', 1).pass('web1', 2, { judged: 'not-converging' }),
    ],
  ])('%s: %s', (_name, verdict, story) => {
    expect(at(story()).verdict).toBe(verdict);
  });

  it('counts the verification that is still to come', () => {
    const story = new Story().begin().pass('web1', 1, { ms: 3 * HOUR });
    expect(at(story)).toMatchObject({ remainingMs: 3 * HOUR, spareMs: DEADLINE - story.now - 3 * HOUR });
  });

  it('counts the rest of a running pass and the verification after it', () => {
    const story = new Story()
      .begin()
      .startPass('web1', 1, { predictedMs: 2 * HOUR })
      .wait(HOUR / 2);
    expect(at(story).remainingMs).toBe(1.5 * HOUR + 2 * HOUR);
  });

  it('gives a pass that overran its forecast as much time again, never none', () => {
    const story = new Story()
      .begin()
      .startPass('web1', 1, { predictedMs: HOUR })
      .wait(3 * HOUR);
    expect(at(story).remainingMs).toBe(2 * HOUR + HOUR);
  });

  it('uses a fixed deadline of the plan before the evacuation begins, but has nothing to forecast from', () => {
    const plan = planOf({
      deadline: { earliest: '2026-11-26T06:00:00-05:00', expected: '2026-11-27T06:00:00-05:00' },
    });
    expect(at(new Story(plan)).why).toContain('no pass has been measured');
  });

  it('never says that it makes it without a measured basis, and never with negative spare time', () => {
    fc.assert(
      fc.property(anyStory, fc.nat(120 * HOUR), (story, later) => {
        const now = story.now + later;
        const forecast = at(story, now);
        if (forecast.verdict !== 'will-make-it') return;
        expect(forecast.spareMs).toBeGreaterThan(0);
        expect(now).toBeLessThan(DEADLINE);
        expect(story.state.machines['web1']?.passes.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps the spare time shrinking as the clock runs', () => {
    const story = new Story().begin().evacuate('web1');
    const early = at(story).spareMs ?? 0;
    expect(at(story, story.now + 10 * MINUTE).spareMs).toBe(early - 10 * MINUTE);
  });
});
