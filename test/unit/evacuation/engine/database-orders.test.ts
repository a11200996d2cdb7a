import { describe, expect, test } from 'vitest';
import type { CommandOf } from '../../../../src/evacuation/engine/command.ts';
import { database } from '../../../../src/evacuation/engine/orders/database.ts';
import type { Decision } from '../../../../src/evacuation/engine/orders/decision.ts';
import { step } from '../../../support/conducted.ts';
import { databaseStory, following, inSync, weighed } from '../../../support/databases.ts';
import { planOf, Story } from '../../../support/state.ts';

type Ordered = Omit<CommandOf<'database'>, 'kind'>;

const decide = (story: Story, command: Ordered): Decision =>
  database(
    { kind: 'database', ...command },
    {
      plan: story.plan,
      state: story.state,
      now: story.now,
      by: 'dana@jump1',
      steps: [step('database/Orders/capture', { phase: 'database' })],
    },
  );

const refusal = (story: Story, command: Ordered): unknown => {
  try {
    return decide(story, command);
  } catch (thrown) {
    return thrown;
  }
};

describe('an order about a database', () => {
  test('becomes an event with its words, and tries again what had failed', () => {
    const story = inSync(databaseStory());
    story.tell({
      type: 'step.failed',
      step: 'database/Orders/capture',
      phase: 'database',
      attempts: 1,
      error: { code: 'sql.failed', family: 'program', what: 'x', next: [] },
    });
    const decision = decide(story, {
      order: 'validate',
      tables: ['dbo.Orders'],
      repair: true,
      reason: 'doubt',
    });
    expect(decision.events).toEqual([
      {
        type: 'database.ordered',
        database: 'Orders',
        order: 'validate',
        reason: 'doubt',
        tables: ['dbo.Orders'],
        repair: true,
      },
      { type: 'step.retry-requested', step: 'database/Orders/capture' },
    ]);
    expect(decision.retry).toEqual(['database/Orders/capture']);
  });

  test.each(['handover', 'teardown'] as const)('%s needs the name of the database, typed', order => {
    const story = inSync(databaseStory());
    for (const confirm of [undefined, '', 'orders', 'Orders '])
      expect(refusal(story, { order, ...(confirm === undefined ? {} : { confirm }) })).toMatchObject({
        code: 'command.refused',
        facts: { what: `${order} of Orders needs its name, typed` },
      });
    expect(decide(story, { order, confirm: 'Orders' }).events).toEqual([
      { type: 'database.ordered', database: 'Orders', order, confirmed: 'Orders' },
    ]);
  });

  test('a lane that the assessment closed is refused with its reason', () => {
    expect(refusal(weighed(databaseStory()), { order: 'plan', lane: 'change-tracking' })).toMatchObject({
      facts: {
        what: 'the lane change-tracking is closed for Orders',
        next: ['replication is to be had', expect.anything()],
      },
    });
  });

  test('a second lane does not begin over a seed; the same one is no other', () => {
    const story = following(databaseStory());
    expect(refusal(story, { order: 'seed', lane: 'backup' })).toMatchObject({
      facts: {
        what: 'Orders is seeded by the lane clone already',
        next: [expect.stringContaining('teardown')],
      },
    });
    expect(decide(story, { order: 'seed', lane: 'clone' }).events).toHaveLength(2);
    expect(decide(weighed(databaseStory()), { order: 'seed', lane: 'backup' }).events[0]).toMatchObject({
      type: 'database.lane-chosen',
      lane: 'backup',
    });
  });

  test('what does not follow yet can be neither validated nor handed over', () => {
    const story = weighed(databaseStory());
    for (const order of ['validate', 'handover'] as const)
      expect(refusal(story, { order, confirm: 'Orders' })).toMatchObject({
        facts: { what: 'the copy of Orders does not follow production yet' },
      });
  });

  test('what was handed over is production: nothing here touches it', () => {
    const story = inSync(databaseStory());
    story.tell({ type: 'handover.ended', database: 'Orders', dark: false, lost: [] });
    for (const order of ['reconcile', 'seed', 'validate', 'handover'] as const)
      expect(refusal(story, { order, confirm: 'Orders' })).toMatchObject({
        facts: { what: 'Orders has been handed over' },
      });
  });

  test('the way back from a hand-over is open to whoever types the name, and to nobody else', () => {
    const story = inSync(databaseStory());
    story.tell({ type: 'handover.ended', database: 'Orders', dark: false, lost: [] });
    expect(refusal(story, { order: 'thaw' })).toMatchObject({
      facts: { what: 'Orders has been handed over: a thaw of Orders needs its name, typed' },
    });
    for (const order of ['thaw', 'teardown'] as const)
      expect(decide(story, { order, confirm: 'Orders' }).events).toEqual([
        { type: 'database.ordered', database: 'Orders', order, confirmed: 'Orders' },
      ]);
  });

  test('names that the plan does not have are refused, with the nearest one', () => {
    expect(refusal(databaseStory(), { order: 'assess', database: 'Order' })).toMatchObject({
      facts: { what: 'the plan has no database called Order', next: [expect.stringContaining('Orders')] },
    });
    expect(refusal(new Story(planOf({})).begin(), { order: 'assess' })).toMatchObject({
      facts: { what: 'the plan has no databases' },
    });
  });
});
