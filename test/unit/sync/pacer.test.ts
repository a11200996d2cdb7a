import { expect, it } from 'vitest';
import { Pacer } from '../../../src/sync/pacer.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

it('takes a copy that goes on under the same name for a new one: its own failure is not taken for our stop', async () => {
  const story = new Story(
    planOf({ machines: { web1: machinePlan() }, link: { limit: '800 Mbit/s' } }),
  ).begin();
  story.tell({ type: 'step.started', step: 'sync/web1/pass-1', phase: 'sync', attempt: 1 });
  const pacer = new Pacer('web1', story.view);
  const ended = new AbortController();
  const job = {
    id: 'web1-p1-ship-vda',
    stop: () => {
      ended.abort();
      return Promise.resolve();
    },
  };
  pacer.started('vda', job);
  story.tell({ type: 'link.throttled', bytesPerSecond: 1e6 });
  const { plan, state } = story.view;
  let now = 0;
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
  await pacer.watch({ plan, state, clock, sample: () => undefined }, ended.signal);
  expect(pacer.hasStopped(job)).toBe(true);
  pacer.ended('vda');

  pacer.started('vda', job);
  expect(pacer.hasStopped(job)).toBe(false);
});
