import { expect, it } from 'vitest';
import { isWatched } from '../../../src/evacuation/database-watch.ts';
import { databaseStory, following, weighed } from '../../support/databases.ts';
import type { Story } from '../../support/state.ts';

const watched = (story: Story): boolean => isWatched(story.state, 'Orders');
const running = (story: Story, stage: string): Story =>
  story.tell({ type: 'step.started', step: `database/Orders/${stage}`, phase: 'database', attempt: 1 });

it('a copy is looked after from its release on', () => {
  expect(watched(weighed(databaseStory()))).toBe(false);
  expect(watched(following(databaseStory()))).toBe(true);
});

it('a comparison may be watched; what takes the copy apart is left alone', () => {
  expect(watched(running(following(databaseStory()), 'validate'))).toBe(true);
  for (const stage of ['handover', 'teardown', 'restore', 'release'])
    expect(watched(running(following(databaseStory()), stage)), stage).toBe(false);
});

it('an order to hand over ends the watch before its step begins', () => {
  const story = following(databaseStory()).tell({
    type: 'database.ordered',
    database: 'Orders',
    order: 'handover',
  });
  expect(watched(story)).toBe(false);
});

it('what was torn down is watched no more', () => {
  const story = following(databaseStory()).tell({
    type: 'database.torn-down',
    database: 'Orders',
    removed: [],
  });
  expect(watched(story)).toBe(false);
});
