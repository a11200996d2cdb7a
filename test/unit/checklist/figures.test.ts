import { describe, expect, test } from 'vitest';
import { checklistOf, mergeTimings, timingsOf } from '../../../src/checklist/index.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { MINUTE, Story, T0 } from '../../support/state.ts';
import { shop } from './plans.ts';

const begun: EventBody = {
  type: 'cutover.begun',
  ...{ rehearse: false, dark: false, planHash: 'sha256:plan', confirmed: 'miami-to-dallas', open: [] },
};

const done = (item: string, startedAt?: number): EventBody => ({
  type: 'cutover.item',
  item,
  outcome: 'done',
  how: startedAt === undefined ? 'ticked' : 'ran',
  evidence: [],
  ...(startedAt === undefined ? {} : { startedAt }),
});

const timed = (ms: number, at: number) => ({ ms, at, evacuation: 'before', rehearsal: true });

describe('times of the checklist', () => {
  test('an allowance is the longest of the last three rehearsals, then what was seen of the machine, then the plan', () => {
    const story = new Story(shop()).begin();
    const item = (id: string, timings = {}) =>
      checklistOf(story.view, T0, { timings }).items.find(each => each.id === id);
    expect(item('power-off/db1')).toMatchObject({ allowanceMs: 5 * MINUTE, allowanceFrom: 'the plan' });
    expect(item('quiet/db1')?.allowanceMs).toBeUndefined();
    const timings = {
      'power-off/db1': [timed(9000, 1), timed(1000, 2), timed(3000, 3), timed(2000, 4)],
    };
    expect(item('power-off/db1', timings)).toMatchObject({
      allowanceMs: 3000,
      allowanceFrom: '3 rehearsals, the longest',
    });
    expect(item('power-off/db1', { 'power-off/db1': [timed(Number.NaN, 1)] })?.allowanceMs).toBe(5 * MINUTE);
  });

  test('what landfall ran is timed from its beginning; several evacuations are told together, oldest first', () => {
    const story = new Story(shop()).begin().tell(begun).wait(MINUTE);
    story.tell(done('quiet/db1', story.now - 4000), done('activate/people'));
    const mine = timingsOf(story.state);
    expect(Object.keys(mine)).toEqual(['quiet/db1']);
    expect(mine['quiet/db1']).toEqual([
      { ms: 4000, at: story.now, evacuation: 'miami-to-dallas', rehearsal: false },
    ]);
    expect(mergeTimings([mine, { 'quiet/db1': [timed(1, 5)] }])['quiet/db1']?.map(({ ms }) => ms)).toEqual([
      1, 4000,
    ]);
  });

  test('an outage runs from the first unit that was stopped until the check is done, against what the tier allows', () => {
    const story = new Story(shop()).begin().tell(begun).wait(MINUTE);
    const stopped = story.now;
    story
      .tell({ type: 'cutover.quieting', machine: 'db1', units: ['mariadb.service'] })
      .wait(MINUTE)
      .tell(done('check/db1', story.now));
    const list = checklistOf(story.view, story.now);
    expect(list.outages.find(({ subject }) => subject === 'db1')).toEqual({
      subject: 'db1',
      rtoMs: 60 * MINUTE,
      lostAt: stopped,
      backAt: story.now,
    });
    expect(list.outageSince).toBe(stopped);
    expect(list.outages.find(({ subject }) => subject === 'app1')?.lostAt).toBeUndefined();
  });

  test('what users will notice is the longest way from the stop to the check, and unknown while a part of it is', () => {
    const { view } = new Story(shop({ cutover: {} })).begin();
    expect(checklistOf(view, T0).expectedOutageMs).toBeUndefined();
    const ran = ['quiet', 'last-copy', 'power-off', 'bring-up', 'check'].flatMap(deed =>
      ['db1', 'app1'].map((name): [string, ReturnType<typeof timed>[]] => [
        `${deed}/${name}`,
        [timed(1000, 1)],
      ]),
    );
    const timings = Object.fromEntries([...ran, ['drain/Orders', [timed(60_000, 1)]]]);
    // quiet app1, then the drain, power-off app1 and db1, bring-up db1 and app1, its check.
    expect(checklistOf(view, T0, { timings }).expectedOutageMs).toBe(1000 + 60_000 + 2000 + 2000 + 1000);
  });
});
