import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/journal/events.ts';
import { Story } from '../../support/state.ts';

const begun: EventBody = {
  type: 'cutover.begun',
  ...{
    rehearse: true,
    dark: false,
    planHash: 'h',
    confirmed: 'miami-to-dallas',
    open: ['machine/web1/built'],
  },
};
const item = (outcome: 'done' | 'reopened' | 'undone'): EventBody => ({
  type: 'cutover.item',
  ...{ item: 'quiet/web1', outcome, how: 'ran', evidence: ['seen'] },
});

describe('a cutover in the state', () => {
  test('nothing of it is known before it begins, and a new one begins with nothing of the last', () => {
    const story = new Story().begin().tell(item('done'));
    expect(story.state.cutover).toBeUndefined();
    story.tell(begun, item('done'));
    expect(Object.keys(story.state.cutover?.items ?? {})).toEqual(['quiet/web1']);
    story.tell({ type: 'cutover.ended', outcome: 'rolled-back', startedAt: 0, lost: [] }, begun);
    expect(story.state.cutover).toMatchObject({
      items: {},
      ordered: {},
      machines: {},
      open: ['machine/web1/built'],
    });
    expect(story.state.cutover?.ended).toBeUndefined();
  });

  test('an order is answered by what became of its item, and reopened is as if nothing had been', () => {
    const story = new Story()
      .begin()
      .tell(begun, { type: 'cutover.ordered', act: 'run', item: 'quiet/web1', confirmed: 'web1' });
    expect(story.state.cutover?.ordered['quiet/web1']).toMatchObject({ confirmed: 'web1' });
    story.tell(item('done'));
    expect(story.state.cutover?.ordered).toEqual({});
    story.tell(item('reopened'));
    expect(story.state.cutover?.items).toEqual({});
  });

  test('hold and abort end what goes by itself', () => {
    const story = new Story().begin().tell(begun, { type: 'cutover.ordered', act: 'go' });
    expect(story.state.cutover?.going).toBeDefined();
    story.tell({ type: 'cutover.ordered', act: 'hold' });
    expect(story.state.cutover?.going).toBeUndefined();
    story.tell({ type: 'cutover.ordered', act: 'go' }, { type: 'cutover.aborted', reason: 'it turned' });
    expect(story.state.cutover).toMatchObject({ ordered: {}, aborted: { reason: 'it turned' } });
    expect(story.state.cutover?.going).toBeUndefined();
  });

  test('what was done to a machine is known until it is taken back, part by part', () => {
    const machine = 'web1';
    const story = new Story()
      .begin()
      .tell(
        begun,
        { type: 'cutover.quieting', machine, units: ['a.service'] },
        { type: 'cutover.quiet', machine, units: ['a.service'] },
        { type: 'cutover.powering-off', machine, domain: 'web1', autostart: true },
        { type: 'cutover.powered-off', machine, evidence: ['shut off'] },
        { type: 'cutover.overlaid', machine, volumes: [] },
        { type: 'cutover.standby-started', machine, domain: 'web1' },
      );
    expect(Object.keys(story.state.cutover?.machines[machine] ?? {})).toEqual([
      'stopped',
      'poweredOff',
      'overlaid',
      'started',
    ]);
    for (const part of ['started', 'overlaid', 'poweredOff', 'stopped'] as const)
      story.tell({ type: 'cutover.taken-back', machine, part });
    expect(story.state.cutover?.machines[machine]).toEqual({});
  });
});
