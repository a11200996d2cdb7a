import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/evacuation/engine/command.ts';
import { keepSchedule, ordersAt } from '../../../src/evacuation/schedule.ts';
import { cadenceOf } from '../../../src/pace/cadence.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

const fresh = (): Story => new Story().begin().evacuate('web1');
const dueIn = (story: Story): number => (cadenceOf(story.view, 'web1', story.now).dueAt ?? 0) - story.now;

describe('what the schedule orders', () => {
  it('is the pass of whoever is due, with its reason, and nothing before', () => {
    const story = fresh();
    expect(ordersAt(story.view, story.now + dueIn(story) - 1, 'stay')).toEqual([]);
    expect(ordersAt(story.view, story.now + dueIn(story), 'stay')).toEqual([
      { kind: 'sync', machine: 'web1', reason: 'the RPO of 15m asks for it' },
    ]);
  });

  it('is nothing while the machine is held back or was asked already', () => {
    const paused = fresh().tell({ type: 'machine.paused', machine: 'web1' });
    expect(ordersAt(paused.view, paused.now + HOUR, 'stay')).toEqual([]);
    const asked = fresh().tell({ type: 'pass.requested', machine: 'web1', reason: 'x' });
    expect(ordersAt(asked.view, asked.now + HOUR, 'stay')).toEqual([]);
  });

  it('tries again what failed of a machine that had been fresh, and of no other', () => {
    const story = fresh()
      .wait(10 * MINUTE)
      .startPass('web1', 3)
      .fail('web1');
    expect(ordersAt(story.view, story.now + 4 * MINUTE, 'stay')).toEqual([]);
    expect(ordersAt(story.view, story.now + 6 * MINUTE, 'stay')).toEqual([
      { kind: 'retry', machine: 'web1' },
    ]);
    const first = new Story().begin().observe('web1').build('web1').startPass('web1', 1).fail('web1');
    expect(ordersAt(first.view, first.now + HOUR, 'stay')).toEqual([]);
  });

  it('keeps an engine that is to end from going on for ever', () => {
    const story = fresh();
    expect(ordersAt(story.view, story.now + HOUR, 'done')).toEqual([]);
    const two = new Story(planOf({ machines: { web1: machinePlan(), web2: machinePlan() } })).begin();
    two.observe('web2').build('web2').startPass('web2', 1).evacuate('web1');
    expect(ordersAt(two.view, two.now + HOUR, 'done')).toHaveLength(1);
  });
});

describe('the engine that stands by', () => {
  it('wakes when a pass falls due', async () => {
    const story = fresh();
    const clock = new ManualClock(story.now);
    const stop = new AbortController();
    const ordered: Command[] = [];
    const asked = Promise.withResolvers<void>();
    const journal = { state: story.state };
    const keeping = keepSchedule(
      {
        ...{ plan: { plan: story.plan }, clock, engine: { until: 'stay' } },
        owner: { pid: 1, host: 'jump1', user: 'dana' },
      },
      {
        order: command => {
          ordered.push(command);
          journal.state = story.tell({ type: 'pass.requested', machine: 'web1', reason: 'x' }).state;
          asked.resolve();
          return Promise.resolve();
        },
      },
      journal,
      stop.signal,
    );
    const until = story.now + dueIn(story);
    while (clock.now() < until) {
      expect(ordered).toEqual([]);
      clock.advance(30e3);
      await new Promise(resolve => setImmediate(resolve));
    }
    clock.advance(MINUTE);
    await asked.promise;
    clock.advance(HOUR);
    await new Promise(resolve => setImmediate(resolve));
    expect(ordered).toHaveLength(1);
    stop.abort();
    await keeping;
  });
});
