import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../../../src/evacuation/engine/command.ts';
import { tryOrder } from '../../../../src/evacuation/engine/desk.ts';
import type { Decision } from '../../../../src/evacuation/engine/orders/decision.ts';
import { LandfallError } from '../../../../src/foundation/errors.ts';
import { step } from '../../../support/conducted.ts';
import { HOUR, machinePlan, planOf, Story } from '../../../support/state.ts';

const PLAN = planOf({
  link: { limit: '80 Mbit/s', streams: 1 },
  machines: { archive1: machinePlan({ tier: 'normal' }), web1: machinePlan() },
});

const order = (story: Story, command: CommandOf<'mode'> | CommandOf<'measure'>): Decision =>
  tryOrder(command, { ...story.view, now: story.now, by: 'dana@jump1', steps: [MEASURE] });

const MEASURE = step('sync/web1/measure', { phase: 'sync' });

function refusal(act: () => unknown): LandfallError {
  try {
    act();
  } catch (error) {
    if (error instanceof LandfallError) return error;
  }
  throw new Error('it was not refused');
}

/** Both observed; archive1 is far too large. */
const begun = (): Story =>
  new Story(PLAN)
    .begin()
    .observe('archive1', { fileSystems: [disk(4000)] })
    .observe('web1', { fileSystems: [disk(8)] });

const disk = (gigabytes: number) => ({
  ...{ mountpoint: '/', device: '/dev/vda1', type: 'ext4', uuid: 'A', inodesUsed: 1000 },
  ...{ size: gigabytes * 2e9, used: gigabytes * 1e9 },
});

describe('the order of a mode', () => {
  it('carries whom triage saves, and says who waits', () => {
    const { events, said, interrupt } = order(begun(), {
      kind: 'mode',
      mode: 'squeeze',
      reason: 'eye in 4 d',
    });
    expect(events).toEqual([
      { type: 'mode.switched', mode: 'squeeze', reason: 'eye in 4 d', saved: ['web1'] },
    ]);
    expect(said).toMatch(/^the mode is squeeze, before it was calm: .*; first web1; 1 of them is held\.$/);
    expect(interrupt).toBeUndefined();
  });

  it('asks triage again where the squeeze is ordered again, and says so of any other', () => {
    const story = begun().tell({ type: 'mode.switched', mode: 'squeeze', saved: ['archive1'] });
    expect(order(story, { kind: 'mode', mode: 'squeeze' }).events).toMatchObject([{ saved: ['web1'] }]);
    story.tell({ type: 'mode.switched', mode: 'last-call' });
    expect(order(story, { kind: 'mode', mode: 'last-call' })).toEqual({
      events: [],
      said: 'the mode is last-call already, ordered by engine@jump1:4711.',
    });
    expect(order(new Story(PLAN).begin(), { kind: 'mode', mode: 'calm' })).toEqual({
      events: [],
      said: 'the mode is calm already.',
    });
  });

  it('refuses a squeeze that would save nobody', () => {
    const safe = new Story(PLAN).begin().ready('web1').ready('archive1');
    expect(refusal(() => order(safe, { kind: 'mode', mode: 'squeeze' })).facts.what).toMatch(/saves nobody/);
  });

  it.each([undefined, 'web1', 'Miami-to-Dallas'])('refuses the dark with %s typed', confirm => {
    const error = refusal(() =>
      order(begun(), { kind: 'mode', mode: 'dark', ...(confirm === undefined ? {} : { confirm }) }),
    );
    expect(error.facts.next).toEqual(['landfall mode miami-to-dallas dark --confirm miami-to-dallas']);
  });

  it('goes dark by the typed name, and stops what runs at the source', () => {
    const { events, interrupt } = order(begun(), { kind: 'mode', mode: 'dark', confirm: 'miami-to-dallas' });
    expect(events).toEqual([{ type: 'mode.switched', mode: 'dark' }]);
    expect(interrupt).toBe('the mode is dark, by order of dana@jump1');
  });

  it('comes back from the dark', () => {
    const story = begun().tell({ type: 'mode.switched', mode: 'dark' });
    expect(order(story, { kind: 'mode', mode: 'calm' }).events).toEqual([
      { type: 'mode.switched', mode: 'calm' },
    ]);
  });
});

describe('the order to measure', () => {
  it('asks for everybody with a copy, once, and says what of the others would be lost', () => {
    const story = begun().pass('web1', 1);
    const first = order(story, { kind: 'measure' });
    expect(first.events).toEqual([{ type: 'exposure.requested', machine: 'web1' }]);
    expect(first.said).toBe(
      '1 machine is measured: nothing is copied; archive1 has no copy yet: all of it would be lost.',
    );
    story.tell({ type: 'exposure.requested', machine: 'web1' });
    expect(order(story, { kind: 'measure', machine: 'web1' })).toMatchObject({
      events: [],
      said: '1 had been asked for already.',
    });
  });

  it('says what it waits for', () => {
    const story = begun()
      .pass('web1', 1)
      .startPass('web1', 2)
      .tell({ type: 'step.started', step: 'sync/web1/pass-2', phase: 'sync', attempt: 1 });
    expect(order(story, { kind: 'measure', machine: 'web1' }).said).toMatch(
      /web1 after what copies or compares now/,
    );
    story.tell({ type: 'machine.paused', machine: 'web1' });
    expect(order(story, { kind: 'measure', machine: 'web1' }).said).toMatch(/it waits: web1 is paused by/);
  });

  it('tries again what had failed', () => {
    const story = begun()
      .pass('web1', 1)
      .tell(
        { type: 'exposure.requested', machine: 'web1' },
        { type: 'step.started', step: 'sync/web1/measure', phase: 'sync', attempt: 1 },
        {
          type: 'step.failed',
          ...{ step: 'sync/web1/measure', phase: 'sync', attempts: 1 },
          error: { code: 'sync.rsync-failed', family: 'program', what: 'rsync failed', next: [] },
        },
      );
    expect(order(story, { kind: 'measure' })).toMatchObject({
      events: [{ type: 'step.retry-requested', step: 'sync/web1/measure' }],
      retry: ['sync/web1/measure'],
    });
  });

  it('refuses without a copy, an unknown machine, and in the dark', () => {
    expect(refusal(() => order(begun(), { kind: 'measure', machine: 'web1' })).facts.what).toBe(
      'web1 has no copy yet against which it could be measured',
    );
    expect(refusal(() => order(begun(), { kind: 'measure', machine: 'web9' })).facts.what).toMatch(/web9/);
    const dark = begun().pass('web1', 1).wait(HOUR).tell({ type: 'mode.switched', mode: 'dark' });
    expect(refusal(() => order(dark, { kind: 'measure' })).facts.what).toMatch(/dark/);
  });
});
