import { expect, it } from 'vitest';
import { dueOf } from '../../../../src/cli/standby/once.ts';
import { HOUR, Story } from '../../../support/state.ts';

const spared = () =>
  new Story()
    .begin()
    .evacuate('web1')
    .tell({ type: 'source.cared', machine: 'web1', act: 'stop', why: 'load 40', evidence: [] });

it('a machine that an engine has stopped for the sake of production is looked at by the next cycle, not left alone for good', () => {
  const story = spared();
  const now = story.now + HOUR;
  expect(dueOf(story.view, now, 0)).toEqual([{ machine: 'web1', reason: 'it is due' }]);
  expect(dueOf(story.view, story.now, 0)).toEqual([]);
});

it('one that is held by somebody as well is left alone', () => {
  const story = spared().tell({ type: 'machine.paused', machine: 'web1' });
  expect(dueOf(story.view, story.now + HOUR, 0)).toEqual([]);
});
