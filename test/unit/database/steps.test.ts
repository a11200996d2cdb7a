import { describe, expect, it } from 'vitest';
import { databaseOutlook, databaseSteps, orderedSteps } from '../../../src/database/steps.ts';
import type { DatabaseOrder, Lane } from '../../../src/journal/database-facts.ts';
import type { Step } from '../../../src/step/step.ts';
import { databaseStory, following, weighed } from '../../support/databases.ts';
import type { Story } from '../../support/state.ts';

const idsOf = (steps: readonly Step[]): string[] => steps.map(({ id }) => id.split('/')[2] ?? '');
const due = (story: Story): string[] => idsOf(databaseSteps(story, 'Orders'));
const done = (story: Story, ...stages: readonly string[]): Story => {
  for (const stage of stages)
    story.tell({
      type: 'step.done',
      step: `database/Orders/${stage}`,
      phase: 'database',
      ms: 1,
      already: false,
    });
  return story;
};
const ordered = (story: Story, order: DatabaseOrder): Story =>
  story.tell({ type: 'database.ordered', database: 'Orders', order });
const chosen = (story: Story, lane: Lane): Story =>
  story.tell({ type: 'database.lane-chosen', database: 'Orders', lane, reason: 'test' });

describe('the lane', () => {
  it('is looked for first', () => {
    expect(due(databaseStory())).toEqual(['assess', 'plan']);
  });

  it.each([
    ['clone', 'assess plan capture align pin reconcile release catch-up unpin besides validate observe'],
    ['backup', 'assess plan capture backup restore release catch-up besides validate observe'],
    ['snapshot', 'assess plan capture align release catch-up besides validate observe'],
    ['log-shipping', 'assess plan backup restore ship-logs besides observe'],
    ['change-tracking', 'assess plan track align copy follow besides validate observe'],
  ] as const)('%s', (lane, stages) => {
    const story = chosen(databaseStory(), lane);
    expect(due(story)).toEqual(stages.split(' '));
    const steps = databaseSteps(story, 'Orders');
    expect(steps.slice(1).map(({ needs }) => needs)).toEqual(steps.slice(0, -1).map(({ id }) => [id]));
    expect(new Set(steps.map(({ phase, subject }) => `${phase} ${subject}`))).toEqual(
      new Set(['database Orders']),
    );
  });

  it('captures before anything is seeded, and releases after it', () => {
    const stages = due(weighed(databaseStory()));
    expect(stages.indexOf('capture')).toBeLessThan(stages.indexOf('pin'));
    expect(stages.indexOf('pin')).toBeLessThan(stages.indexOf('reconcile'));
    expect(stages.indexOf('reconcile')).toBeLessThan(stages.indexOf('release'));
  });
});

describe('once the copy follows', () => {
  it('only what comes after it is left: what was pinned is not pinned again', () => {
    const story = done(following(databaseStory()), 'capture', 'align', 'pin', 'reconcile', 'release');
    expect(due(story)).toEqual(['catch-up', 'unpin', 'besides', 'validate', 'observe']);
    expect(due(done(story, 'catch-up', 'unpin', 'besides', 'validate', 'observe'))).toEqual([]);
  });

  it('a release whose end is not on record is asked once more', () => {
    const story = following(databaseStory());
    story.tell({ type: 'step.started', step: 'database/Orders/release', phase: 'database', attempt: 1 });
    expect(due(story)[0]).toBe('release');
  });
});

describe('orders', () => {
  const settled = (): Story =>
    done(
      following(databaseStory()),
      ...['assess', 'plan', 'capture', 'align', 'pin', 'reconcile'],
      ...['release', 'catch-up', 'unpin', 'besides', 'validate', 'observe'],
    );

  it.each(['validate', 'besides', 'handover', 'teardown', 'thaw', 'assess'] as const)(
    '%s comes again, alone',
    order => {
      expect(due(ordered(settled(), order))).toEqual([order]);
      expect(idsOf(orderedSteps(ordered(settled(), order), 'Orders', order))).toEqual([order]);
    },
  );

  it('a hand-over keeps the lane from going on', () => {
    expect(due(ordered(following(databaseStory()), 'handover'))).toEqual(['handover']);
  });

  it('what was torn down stays so until it is seeded again', () => {
    const story = settled().tell({ type: 'database.torn-down', database: 'Orders', removed: [] });
    expect(due(story)).toEqual([]);
    expect(due(ordered(story, 'seed'))).toContain('capture');
  });

  it.each([
    ['assess', 'assess'],
    ['plan', 'assess plan'],
    ['reconcile', 'assess plan capture align pin reconcile'],
    ['seed', 'assess plan capture align pin reconcile release'],
    ['replicate', 'assess plan capture align pin reconcile release catch-up unpin besides validate observe'],
  ] as const)('%s goes so far and no further', (order, stages) => {
    const story = ordered(chosen(databaseStory(), 'clone'), order);
    expect(idsOf(orderedSteps(story, 'Orders', order))).toEqual(stages.split(' '));
    expect(idsOf(databaseOutlook(chosen(databaseStory(), 'clone'), 'Orders', order))).toEqual(
      stages.split(' '),
    );
  });
});

describe('a dry run before the assessment', () => {
  it('says of every stage what it waits for, and never throws', () => {
    const story = chosen(databaseStory(), 'clone');
    for (const step of databaseOutlook(story, 'Orders')) expect(() => step.preview(story)).not.toThrow();
  });
});
