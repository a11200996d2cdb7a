import { describe, expect, it } from 'vitest';
import { createRateWatch, rateOf, streamsOf } from '../../../src/sync/rate.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

const LIMIT = 100e6;
const plan = (link: object = { limit: '800 Mbit/s' }) =>
  planOf({ machines: { web1: machinePlan(), web2: machinePlan(), web3: machinePlan() }, link });

const run = (story: Story, machine: string, pass = 1): void =>
  void story.tell({ type: 'step.started', step: `sync/${machine}/pass-${pass}`, phase: 'sync', attempt: 1 });
const over = (story: Story, machine: string, pass = 1): void =>
  void story.tell({
    type: 'step.done',
    step: `sync/${machine}/pass-${pass}`,
    phase: 'sync',
    ms: 1,
    already: false,
  });

describe('the share of the link', () => {
  it('is all of it for a pass that runs alone, and divided among those that run', () => {
    const story = new Story(plan()).begin();
    expect(rateOf(story.view, 'web1', 0)).toBe(LIMIT);
    run(story, 'web1');
    expect(rateOf(story.view, 'web1', 0)).toBe(LIMIT);
    run(story, 'web2');
    expect(rateOf(story.view, 'web1', 0)).toBe(LIMIT / 2);
    expect(rateOf(story.view, 'web3', 0)).toBe(LIMIT / 3);
    over(story, 'web2');
    expect(rateOf(story.view, 'web1', 0)).toBe(LIMIT);
  });

  it('counts streams, not machines', () => {
    const story = new Story(plan()).begin();
    story.tell({ type: 'path.surveyed', machine: 'web1', pass: 1, streams: 3, shards: [], why: 'far' });
    run(story, 'web1');
    run(story, 'web2');
    expect(streamsOf(story.view, 'web1')).toBe(3);
    expect(rateOf(story.view, 'web1', 0)).toBe((LIMIT * 3) / 4);
    expect(rateOf(story.view, 'web2', 0)).toBe(LIMIT / 4);
    story.observe('web1').pass('web1', 1);
    expect(streamsOf(story.view, 'web1')).toBe(1);
  });

  it('follows the throttle and the hours, and gives way to production', () => {
    const story = new Story(plan({})).begin();
    expect(rateOf(story.view, 'web1', 0)).toBeUndefined();
    story.tell({
      type: 'source.cared',
      machine: 'web1',
      act: 'ease',
      bytesPerSecond: 1e6,
      why: 'load',
      evidence: [],
    });
    expect(rateOf(story.view, 'web1', 0)).toBe(1e6);
    expect(rateOf(story.view, 'web2', 0)).toBeUndefined();
    story.tell({ type: 'link.throttled', bytesPerSecond: 4e5 });
    expect(rateOf(story.view, 'web1', 0)).toBe(4e5);
    story.tell({ type: 'source.cared', machine: 'web1', act: 'release', why: 'well', evidence: [] });
    story.tell({ type: 'link.throttled', bytesPerSecond: 4e8 });
    expect(rateOf(story.view, 'web1', 0)).toBe(4e8);
  });
});

describe('when a running copy is started again', () => {
  it('is at once where somebody ordered it, however small the wait', () => {
    const story = new Story(plan()).begin();
    run(story, 'web1');
    const watch = createRateWatch('web1', story.view, 0);
    expect(watch.look(story.view, 2000)).toBe(false);
    story.tell({ type: 'link.throttled', bytesPerSecond: 10e6 });
    expect(watch.look(story.view, 4000)).toBe(true);
    watch.began(10e6);
    expect(watch.look(story.view, 6000)).toBe(false);
    story.tell({ type: 'link.throttled', bytesPerSecond: 10.5e6 });
    expect(watch.look(story.view, 8000)).toBe(false);
    story.tell({ type: 'link.throttled', bytesPerSecond: null });
    expect(watch.look(story.view, 10_000)).toBe(true);
  });

  it('waits until what other passes take or leave has lasted', () => {
    const story = new Story(plan()).begin();
    run(story, 'web1');
    const watch = createRateWatch('web1', story.view, 0);
    watch.began(LIMIT);
    run(story, 'web2');
    expect(watch.look(story.view, 1000)).toBe(false);
    over(story, 'web2');
    expect(watch.look(story.view, 5000)).toBe(false);
    run(story, 'web3');
    expect(watch.look(story.view, 20_000)).toBe(false);
    expect(watch.look(story.view, 30_000)).toBe(true);
    watch.began(LIMIT / 2);
    over(story, 'web3');
    expect(watch.look(story.view, 40_000)).toBe(false);
    expect(watch.look(story.view, 90_000)).toBe(false);
    expect(watch.look(story.view, 100_000)).toBe(true);
  });

  it('comes to an end of it where care for the source goes to and fro for a day', () => {
    const story = new Story(plan()).begin();
    run(story, 'web1');
    const watch = createRateWatch('web1', story.view, 0);
    const ease = (bytesPerSecond: number) =>
      story.tell({
        type: 'source.cared',
        machine: 'web1',
        act: 'ease',
        why: 'load',
        evidence: [],
        bytesPerSecond,
      });
    let starts = 0;
    for (let now = 0; now < 24 * 3600e3; now += 20_000) {
      // Halved for five minutes, and given back for as long.
      const phase = now % 600_000;
      if (phase === 0) ease(5e6);
      if (phase === 300_000) ease(10e6);
      if (!watch.look(story.view, now)) continue;
      starts += 1;
      watch.began(rateOf(story.view, 'web1', now));
    }
    expect(starts).toBeGreaterThan(2);
    expect(starts).toBeLessThan(10);
  });
});
