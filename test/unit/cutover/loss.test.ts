import { expect, test } from 'vitest';
import { lossOf } from '../../../src/cutover/index.ts';
import { exposureOf } from '../../../src/readiness/exposure.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

const begun = {
  type: 'cutover.begun',
  ...{ rehearse: false, dark: true, planHash: 'x', confirmed: 'miami-to-dallas', open: [] },
} as const;
const started = { type: 'cutover.standby-started', machine: 'web1', domain: 'web1' } as const;

const copied = (): Story =>
  new Story(planOf({ machines: { web1: machinePlan() } }))
    .begin()
    .pass('web1', 1)
    .wait(1000)
    .verify('web1', 1);

test('the loss in the dark is what exposure had announced', () => {
  const story = copied().tell(begun, started);
  const now = story.now + 5000;
  const { ageMs } = exposureOf({ plan: story.plan, state: story.state }, 'web1', now);
  if (ageMs === undefined) throw new Error('no copy');
  expect(lossOf(story.state)).toEqual([
    `web1: what was written after ${new Date(now - ageMs).toISOString()}`,
  ]);
});

test('a copy that exposure does not rely on is no instant to which everything is there', () => {
  const story = copied()
    .wait(1000)
    .tell(
      {
        type: 'replica.verified',
        ...{ machine: 'web1', pass: 1, passStartedAt: 1, ms: 1, filesCompared: 1, bytesCompared: 1, live: 0 },
        mismatches: ['>f.st...... /etc/hosts'],
      },
      begun,
      started,
    );
  expect(lossOf(story.state).join()).toContain('how much is missing cannot be said');
});
