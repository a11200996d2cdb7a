import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/journal/events.ts';
import { fold } from '../../../src/journal/fold.ts';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { type MachineRow, rowOf, rowsOf } from '../../../src/reports/rows.ts';
import type { MachineReport } from '../../../src/reports/shape.ts';
import type { View } from '../../../src/step/step.ts';
import { fleetEvents, fleetOf, fleetTraffic } from '../../support/fleet.ts';
import { MINUTE, machinePlan, planOf, Story, T0 } from '../../support/state.ts';
import { anyStory } from '../readiness/stories.ts';
import { estate } from './estate.ts';

const row = (story: Story, name = 'web1'): MachineRow => rowOf(story.view, name, story.now);
const word = (story: Story, name = 'web1'): string => row(story, name).status.word;

/** The row that the chapter of the same machine in the report would give. */
function rowOfReport(report: MachineReport): Partial<MachineRow> {
  const { verification, passes, failure } = report;
  const last = passes.at(-1);
  return {
    name: report.name,
    tier: report.tier,
    status: report.status,
    exposure: report.exposure,
    makesIt: report.makesIt,
    passes: passes.length,
    ...(verification === undefined
      ? {}
      : {
          verification: {
            pass: verification.pass,
            at: verification.at,
            differ: verification.mismatches.length,
            current: verification.current,
          },
        }),
    ...(last === undefined ? {} : { pass: expect.objectContaining({ pass: last.pass, kind: last.kind }) }),
    ...(failure === undefined ? {} : { failure: expect.objectContaining({ what: failure.what }) }),
  };
}

function agrees(view: View, now: number): void {
  const rows = rowsOf(view, now);
  for (const machine of reportOf(view, now).machines) {
    const found = rows.find(each => each.name === machine.name);
    expect(found).toMatchObject(rowOfReport(machine));
    expect(rowOf(view, machine.name, now)).toEqual(found);
  }
  expect(rows).toHaveLength(Object.keys(view.plan.machines).length);
}

describe('rows', () => {
  it('say what the report says', () => {
    fc.assert(
      fc.property(anyStory, story => agrees(story.view, story.now)),
      { numRuns: 60 },
    );
    const fleet = fleetOf(60, 2);
    agrees(fleet, fleet.now);
    agrees({ plan: fleet.plan, state: EMPTY_STATE }, T0);
  });

  it('come by tier, then by name', () => {
    const told = estate();
    const rows = rowsOf(told.view, told.now);
    expect(rows.map(each => each.name)).toEqual(['app1', 'db1', 'files1', 'mail1', 'new1', 'web1']);
    expect(rows.map(each => each.tier)).toEqual(['critical', 'critical', ...Array(4).fill('normal')]);
  });

  it('show the pass that is under way beside the last that ended', () => {
    const story = new Story().begin().observe('web1').build('web1');
    expect(row(story)).not.toHaveProperty('pass');
    story.pass('web1', 1, { literal: 5e9, ms: 9 * MINUTE });
    expect(row(story)).toMatchObject({
      pass: { pass: 1, kind: 'full', tookMs: 9 * MINUTE, literalBytes: 5e9 },
    });
    expect(row(story)).not.toHaveProperty('ended');
    story.startPass('web1', 2, { predictedMs: 3 * MINUTE });
    expect(row(story)).toMatchObject({
      passes: 2,
      pass: { pass: 2, kind: 'delta', predictedMs: 3 * MINUTE },
      ended: { pass: 1, tookMs: 9 * MINUTE },
      nextPassMs: 3 * MINUTE,
    });
    expect(row(story).pass).not.toHaveProperty('tookMs');
  });

  it('count the passes that are no longer kept', () => {
    const story = new Story().begin();
    for (let pass = 1; pass <= 230; pass += 1) story.pass('web1', pass);
    expect(row(story).passes).toBe(230);
  });

  it('know nothing of a machine that nobody has named', () => {
    const { view, now } = new Story().begin();
    for (const name of ['nobody', 'constructor', '__proto__']) {
      expect(rowOf(view, name, now)).toMatchObject({
        tier: '',
        status: { kind: 'unknown', word: 'not begun' },
      });
    }
  });

  it('let no hostile text through', () => {
    // In JSON a raw control has one backslash, one that was made harmless has two.
    const RAW = /[\u202e]|(?<!\\)\\(?:u001b|n)/;
    const hostile = '\u001b[2J\u202eowned\n';
    const story = new Story()
      .begin()
      .observe('web1')
      .build('web1')
      .pass('web1', 1, { judged: 'not-converging' })
      .tell({
        type: 'pass.judged',
        machine: 'web1',
        pass: 1,
        verdict: 'not-converging',
        why: hostile,
        help: [],
      });
    expect(JSON.stringify(row(story))).toContain('owned');
    expect(JSON.stringify(row(story))).not.toMatch(RAW);
    story.fail('web1', { code: hostile, what: hostile });
    story.tell({ type: 'machine.paused', machine: 'web1', reason: hostile });
    expect(JSON.stringify(row(story))).not.toMatch(RAW);
  });
});

describe('a paused machine', () => {
  const step = 'sync/web1/pass-3';
  const verified = (): Story => new Story().begin().evacuate('web1');
  const pausedStories: [string, Story][] = [
    ['the machine', verified().tell({ type: 'machine.paused', machine: 'web1', reason: 'quarter end' })],
    ['everything', verified().tell({ type: 'evacuation.paused' })],
  ];

  it.each(pausedStories)('says so while nothing of it runs: %s', (_what, story) => {
    expect(row(story).status).toEqual({ kind: 'warn', word: 'paused' });
    expect(reportOf(story.view, story.now).machines[0]?.status.word).toBe('paused');
  });

  it('says what it does until that has stopped', () => {
    const story = verified()
      .tell({ type: 'step.started', step, phase: 'sync', attempt: 1 })
      .startPass('web1', 3)
      .tell({ type: 'machine.paused', machine: 'web1' });
    expect(word(story)).toBe('copying');
    expect(row(story).running).toBe(true);
    story.tell({ type: 'step.cancelled', step, phase: 'sync' });
    expect(word(story)).toBe('paused');
    expect(row(story).running).toBe(false);
    story.tell({ type: 'machine.resumed', machine: 'web1' });
    expect(word(story)).toBe('copying');
    expect(row(story)).not.toHaveProperty('paused');
  });

  it.each([
    ['a failure', (story: Story) => story.fail('web1'), 'target full'],
    ['a copy that differs', (story: Story) => story.verify('web1', 2, ['/etc/motd']), 'copy differs'],
  ])('does not hide %s', (_what, spoil, expected) => {
    const story = spoil(verified()).tell({ type: 'machine.paused', machine: 'web1' });
    expect(word(story)).toBe(expected);
  });

  it('does not make others say so', () => {
    const machines = { web1: machinePlan(), app1: machinePlan() };
    const story = new Story(planOf({ machines })).begin().evacuate('web1').evacuate('app1');
    story.tell({ type: 'machine.paused', machine: 'web1' });
    expect([word(story, 'web1'), word(story, 'app1')]).toEqual(['paused', 'verified']);
  });
});

describe('a pass by blocks that was given up for files', () => {
  const chosen = (mover: 'files' | 'blocks'): EventBody => ({
    type: 'mover.chosen',
    machine: 'web1',
    mover,
    decided: 'fallback',
    reasons: ['raw'],
    against: [],
  });
  const story = (): Story =>
    new Story()
      .begin()
      .observe('web1')
      .build('web1')
      .tell(chosen('blocks'))
      .pass('web1', 1, { mover: 'blocks' })
      .startPass('web1', 2, { mover: 'blocks', predictedMs: MINUTE })
      .tell(chosen('files'));

  it('is not called copying, has no time that runs on, and is said so on rows, reports and JSON', () => {
    const told = story();
    expect(word(told)).toBe('pass given up');
    expect(row(told).pass).toMatchObject({ pass: 2, givenUp: true });
    const report = reportOf(told.view, told.now).machines[0];
    expect(report?.passes.map(({ pass, givenUp }) => [pass, givenUp])).toEqual([
      [1, undefined],
      [2, true],
    ]);
    agrees(told.view, told.now);
    const step = 'build/web1/attach';
    told.tell({ type: 'step.started', step, phase: 'build', attempt: 1 });
    expect(word(told)).toBe('changing mover');
  });

  it('forecasts nothing: what passes of its files take nobody has seen', () => {
    const told = story();
    expect(row(told)).not.toHaveProperty('nextPassMs');
    expect(row(told).makesIt).toMatchObject({
      verdict: 'cannot-say',
      why: 'no pass by files has been measured yet, so there is nothing to forecast from',
    });
  });

  it('stays given up beside the pass of files that follows, and goes on where blocks have it again', () => {
    const told = story();
    told.startPass('web1', 3, { mover: 'files' });
    expect(word(told)).toBe('copying');
    const passes = (): unknown[] =>
      reportOf(told.view, told.now).machines[0]?.passes.map(({ givenUp }) => givenUp) ?? [];
    expect(passes()).toEqual([undefined, true, undefined]);
    const again = story().tell(chosen('blocks'));
    expect(word(again)).toBe('copying');
    expect(row(again).pass).not.toHaveProperty('givenUp');
  });
});

describe('the fleet of the tests of scale', () => {
  it('is what its journal folds to', () => {
    expect(fleetOf(30, 5).state).toEqual(fold(fleetEvents(30, 5)));
  });

  it('is the same for the same seed and another for another', () => {
    expect(fleetOf(30, 5)).toEqual(fleetOf(30, 5));
    expect(fleetOf(30, 5).state).not.toEqual(fleetOf(30, 6).state);
  });

  it('has machines everywhere on the walk', () => {
    const fleet = fleetOf(120, 1);
    const words = new Set(rowsOf(fleet, fleet.now).map(each => each.status.word));
    expect(words.size).toBeGreaterThan(8);
  });

  it('goes on where its journal ends', () => {
    const fleet = fleetOf(30, 5);
    let { lastSeq, lastAt } = fleet.state;
    let told = 0;
    for (const event of fleetTraffic(fleet)) {
      expect(event.seq).toBe(lastSeq + 1);
      expect(event.at).toBeGreaterThan(lastAt);
      lastSeq = event.seq;
      lastAt = event.at;
      told += 1;
      if (told === 200) break;
    }
  });
});
