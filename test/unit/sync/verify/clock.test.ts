import { expect, it } from 'vitest';
import { exposureOf } from '../../../../src/readiness/exposure.ts';
import { setBackBy } from '../../../../src/sync/verify/clock.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../../support/state.ts';

function verified(): Story {
  const story = new Story(planOf({ machines: { web1: machinePlan() } }))
    .begin()
    .observe('web1')
    .build('web1');
  return story.pass('web1', 1, { kind: 'full', judged: 'converged' }).verify('web1', 1);
}

it('a comparison that began before its pass had ended tells of a clock that was set back', () => {
  const ended = verified().state.machines['web1']?.passes[0]?.ended;
  if (ended === undefined) throw new Error('no pass');
  const run = { ...ended.runs[0], mountpoint: '/', startedAt: 100_000, ms: 20_000 };
  const pass = { ...ended, runs: [{ ...ended.runs[0], ...run }] } as typeof ended;
  expect(setBackBy(pass, '/', 200_000)).toBe(0);
  // Whole seconds: that much is no jump.
  expect(setBackBy(pass, '/', 119_500)).toBe(0);
  expect(setBackBy(pass, '/', 60_000)).toBe(60_000);
  expect(setBackBy(pass, '/srv', 60_000)).toBe(0);
});

it('a control clock that was set back gives no exposure that is too small', () => {
  const story = verified();
  const { now } = story;
  expect(exposureOf(story.view, 'web1', now + HOUR).ageMs).toBeGreaterThanOrEqual(HOUR);
  story.wait(3 * HOUR).tell({ type: 'note.added', text: 'still here' });
  expect(exposureOf(story.view, 'web1', story.now).ageMs).toBeGreaterThanOrEqual(3 * HOUR);
  const back = exposureOf(story.view, 'web1', now + 10 * MINUTE);
  expect(back.ageMs).toBeUndefined();
  expect(back.why).toContain('lies behind its own journal');
});
