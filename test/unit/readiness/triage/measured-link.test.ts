import { expect, it } from 'vitest';
import { linkRateOf } from '../../../../src/readiness/triage/link-rate.ts';
import { costsOf } from '../../../../src/sync/mover/costs.ts';
import { HOUR } from '../../../support/state.ts';
import { GB, MB, measured, storyOf } from '../../estate/sizing/world.ts';

/** Before the first pass, what `doctor --link` measured is what readiness and the choice of a mover count with. */

const rateOf = (story: ReturnType<typeof storyOf>, later = 0) => linkRateOf(story.view, story.now + later);

it('nothing is known of a line that nobody limited, measured or used', () => {
  expect(rateOf(storyOf({}))).toBeUndefined();
});

it('a measured line counts where the plan has no limit, as long as the measurement is fresh', () => {
  const story = storyOf({}).tell(measured(40 * MB));
  expect(rateOf(story)).toMatchObject({
    now: { bytesPerSecond: 40 * MB, from: 'measured' },
    boundBy: 'network',
  });
  expect(rateOf(story, 13 * HOUR)).toBeUndefined();
  expect(costsOf(story.view, 'web1', story.now).rate).toEqual({ bytesPerSecond: 40 * MB, from: 'measured' });
});

it('the narrower of limit and line holds, at any hour', () => {
  const limit = { limit: '80 Mbit/s' };
  const wide = storyOf({ link: limit }).tell(measured(40 * MB));
  expect(rateOf(wide)).toMatchObject({ now: { bytesPerSecond: 10 * MB, from: 'limit' }, boundBy: 'plan' });
  const narrow = storyOf({ link: limit }).tell(measured(4 * MB));
  expect(rateOf(narrow)).toMatchObject({
    now: { bytesPerSecond: 4 * MB, from: 'measured' },
    boundBy: 'network',
  });
  expect(rateOf(narrow)?.at(narrow.now + 5 * HOUR)).toBe(4 * MB);
  expect(costsOf(narrow.view, 'web1', narrow.now).rate).toEqual({ bytesPerSecond: 4 * MB, from: 'measured' });
});

it('a measurement that was held to a limit does not hold a wider one down', () => {
  const story = storyOf({ link: { limit: '80 Mbit/s' } }).tell(measured(1.9 * MB, { heldTo: 2 * MB }));
  expect(rateOf(story)).toMatchObject({ now: { bytesPerSecond: 10 * MB, from: 'limit' } });
  expect(costsOf(story.view, 'web1', story.now).rate).toEqual({ bytesPerSecond: 10 * MB, from: 'limit' });
});

it('an hour without a limit is worth what was measured', () => {
  const windows = [{ days: ['sun' as const], from: '12:00', to: '13:00', limit: '8 Mbit/s' }];
  const story = storyOf({ link: { windows } }).tell(measured(40 * MB));
  expect(rateOf(story)).toMatchObject({ now: { bytesPerSecond: 1 * MB, from: 'limit' } });
  expect(rateOf(story)?.at(story.now + 2 * HOUR)).toBe(40 * MB);
});

it('passes know better than any measurement', () => {
  const story = storyOf({})
    .tell(measured(40 * MB))
    .pass('web1', 1, { literal: 10 * GB, ms: 1000e3 });
  expect(rateOf(story)?.now.bytesPerSecond).toBeLessThan(6 * MB);
});
