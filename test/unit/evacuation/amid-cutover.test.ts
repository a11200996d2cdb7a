import { describe, expect, test } from 'vitest';
import { holdOf } from '../../../src/evacuation/held.ts';
import { stepsOf } from '../../../src/evacuation/planner.ts';
import { shop } from '../checklist/plans.ts';
import { Simulated } from '../cutover/simulated.ts';

const NAME = 'miami-to-dallas';
const ids = (cutover: Simulated): string[] => stepsOf(cutover.view).map(({ id }) => id);
const about = (cutover: Simulated, subject: string): string[] =>
  ids(cutover).filter(id => id.split('/')[1] === subject);

/** With its people's part done, until the step that begins so. */
function upTo(stop: string, dark = false): Simulated {
  const cutover = new Simulated(shop());
  cutover.order({ act: 'begin', confirm: NAME, reason: 'near', dark });
  cutover.order({ act: 'go', confirm: NAME });
  for (let guard = 0; guard < 100; guard += 1) {
    const [step] = cutover.steps;
    if (step?.id.startsWith(stop) === true) return cutover;
    if (step !== undefined) {
      cutover.perform(step, 'ends');
      continue;
    }
    const next = cutover.list.items.find(({ status, deed }) => status === 'open' && deed === undefined);
    if (next === undefined) return cutover;
    cutover.order(
      next.id === 'no-return' ? { act: 'no-return', confirm: NAME } : { act: 'tick', item: next.id },
    );
  }
  throw new Error(`no step ${stop}`);
}

describe('the planner amid a cutover', () => {
  test('passes go on until the last copy, then nothing touches the copy; databases are handed over by the cutover alone', () => {
    const before = upTo('cutover/app1/quiet');
    expect(about(before, 'app1')).toContain('build/app1/replica');
    expect(about(before, 'app1').some(id => id.startsWith('sync/'))).toBe(true);
    const off = upTo('cutover/app1/power-off');
    expect(about(off, 'app1')).toEqual(['cutover/app1/power-off']);
    const drained = upTo('cutover/Orders/drain');
    drained.tell('engine', {
      type: 'database.ordered',
      database: 'Orders',
      order: 'handover',
      until: 'drained',
      confirmed: 'Orders',
    });
    expect(about(drained, 'Orders')).toEqual(['cutover/Orders/drain']);
  });

  test('the last copies go before everything else that travels', () => {
    const cutover = upTo('cutover/db1/quiet');
    const order = ids(cutover);
    const last = order.findIndex(id => id.startsWith('sync/app1/'));
    expect(order.slice(0, last).every(id => id.startsWith('cutover/') || id.startsWith('sync/app1/'))).toBe(
      true,
    );
  });

  test('a rolled back machine is built and copied again; a committed one is left alone for good', () => {
    const back = upTo('cutover/db1/bring-up');
    back.order({ act: 'abort', reason: 'the storm turned' });
    back.settle();

    expect(back.list.phase).toBe('rolled-back');
    expect(about(back, 'app1')).toContain('build/app1/receiver');
    const committed = upTo('nothing');
    expect(committed.list.phase).toBe('committed');
    expect(ids(committed).filter(id => /\/(?:app1|db1)\//.test(id))).toEqual([]);
  });

  test('in the dark nothing goes to the source', () => {
    const dark = upTo('cutover/db1/bring-up', true);
    expect(ids(dark).filter(id => !id.startsWith('cutover/'))).toEqual(['inventory/dal-kvm1']);
  });

  test('an abort holds what goes forward, and nothing holds the abort', () => {
    const cutover = upTo('cutover/db1/bring-up');
    cutover.tell('dana@jump1', { type: 'evacuation.paused' });
    cutover.order({ act: 'abort', reason: 'the storm turned' });
    const forward = { id: 'cutover/db1/check', phase: 'cutover' as const, subject: 'db1' };
    const back = { id: 'cutover/db1/undo-power-off', phase: 'cutover' as const, subject: 'db1' };
    expect(holdOf(forward, cutover.state)).toEqual({
      kind: 'paused',
      why: 'the cutover was aborted by dana@jump1',
    });
    expect(holdOf(back, cutover.state)).toBeUndefined();
  });
});
