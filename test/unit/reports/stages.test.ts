import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import { gatesOf } from '../../../src/readiness/gates.ts';
import { verdictOf } from '../../../src/readiness/verdict.ts';
import { type StageReport, stagesOf } from '../../../src/reports/stages.ts';
import { PHASES } from '../../../src/step/step.ts';
import { fleetOf } from '../../support/fleet.ts';
import { HOUR, machinePlan, planOf, Story } from '../../support/state.ts';
import { anyStory } from '../readiness/stories.ts';
import { estate } from './estate.ts';

const stage = (story: Story, phase: string): StageReport => {
  const found = stagesOf(story.view, story.now).find(each => each.phase === phase);
  if (found === undefined) throw new Error(`no stage ${phase}`);
  return found;
};
const TWO = planOf({ machines: { web1: machinePlan(), app1: machinePlan() } });

describe('the stages of the walk', () => {
  it('are eight, in their order and numbered, whatever happened', () => {
    fc.assert(
      fc.property(anyStory, story => {
        const stages = stagesOf(story.view, story.now);
        expect(stages.map(each => each.phase)).toEqual([...PHASES]);
        expect(stages.map(each => each.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
        for (const { done, running, failed, of, word } of stages) {
          expect(done + running + failed).toBeLessThanOrEqual(of);
          expect(word).not.toBe('');
        }
      }),
      { numRuns: 100 },
    );
  });

  it('have nothing done before the evacuation has begun', () => {
    const stages = stagesOf({ plan: TWO, state: EMPTY_STATE }, 0);
    expect(stages.map(each => [each.phase, each.state, each.word])).toEqual([
      ['check', 'idle', 'not begun'],
      ['inventory', 'idle', 'not begun'],
      ['build', 'idle', 'not begun'],
      ['sync', 'idle', 'not begun'],
      ['database', 'idle', 'none'],
      ['prove', 'idle', 'on order'],
      ['ready', 'idle', 'not counted'],
      ['cutover', 'to-come', 'to come'],
    ]);
  });

  it('follow one machine while another is still behind', () => {
    const story = new Story(TWO).begin().observe('web1').build('web1');
    expect(stage(story, 'check')).toMatchObject({ state: 'done', done: 2, of: 2 });
    expect(stage(story, 'inventory')).toMatchObject({ state: 'waiting', word: 'waiting', done: 1, of: 2 });
    story.tell({ type: 'step.started', step: 'sync/web1/pass-1', phase: 'sync', attempt: 1 });
    expect(stage(story, 'sync')).toMatchObject({ state: 'running', running: 1, done: 0 });
    story.pass('web1', 1).pass('web1', 2).verify('web1', 2);
    story.tell({ type: 'step.done', step: 'sync/web1/pass-1', phase: 'sync', ms: 1, already: false });
    expect(stage(story, 'sync')).toMatchObject({ state: 'waiting', running: 0, done: 1 });
    story.evacuate('app1');
    expect(stage(story, 'sync')).toMatchObject({ state: 'done', word: 'done', done: 2 });
  });

  it('count a machine once: what failed before what runs, and both before what is done', () => {
    const story = new Story(TWO).begin().evacuate('web1').evacuate('app1').fail('web1');
    story.tell({ type: 'step.started', step: 'sync/web1/verify-3', phase: 'sync', attempt: 1 });
    expect(stage(story, 'sync')).toMatchObject({
      state: 'failed',
      word: '1 failed',
      failed: 1,
      running: 0,
      done: 1,
    });
    expect(stage(story, 'build')).toMatchObject({ state: 'done', failed: 0 });
  });

  it('fail with a step that machines share, which is no machine', () => {
    const story = new Story(TWO).begin();
    const error = { code: 'ssh.unreachable', family: 'act' as const, what: 'no answer', next: [] };
    story.tell({ type: 'step.failed', step: 'inventory/mia-kvm1', phase: 'inventory', attempts: 1, error });
    expect(stage(story, 'inventory')).toMatchObject({
      state: 'failed',
      word: 'failed',
      failed: 0,
      note: '1 step that machines share failed',
    });
  });

  it('wait for approval until somebody gives it', () => {
    const story = new Story(TWO).begin().tell({ type: 'stages.held', phases: ['build', 'sync'] });
    expect(stage(story, 'build')).toMatchObject({ state: 'held', word: 'held' });
    expect(stage(story, 'inventory').state).toBe('waiting');
    story.tell({ type: 'stage.approved', phase: 'build' });
    expect(stage(story, 'build').state).toBe('waiting');
    expect(stage(story, 'sync').state).toBe('held');
    story.evacuate('web1').evacuate('app1');
    expect(stage(story, 'sync').state).toBe('done');
  });

  it('say when they are paused, and when nothing runs any more', () => {
    const story = new Story(TWO).begin().observe('web1').tell({ type: 'evacuation.paused' });
    expect(stage(story, 'inventory')).toMatchObject({ state: 'waiting', word: 'paused' });
    story.tell({ type: 'evacuation.ended', outcome: 'partial' });
    expect(stage(story, 'inventory')).toMatchObject({ state: 'idle', word: 'stopped' });
    expect(stage(story, 'build')).toMatchObject({ state: 'idle', word: 'not begun' });
  });

  it('say that the cutover is to come until somebody begins it', () => {
    const cutover = stage(estate(), 'cutover');
    expect(cutover).toMatchObject({ state: 'to-come', word: 'to come', done: 0 });
    expect(cutover.note).toContain('landfall cutover');
    expect(stage(estate(), 'database')).toMatchObject({ state: 'waiting', done: 0, of: 1 });
  });

  it('follow the cutover to its end, or back', () => {
    const story = new Story(TWO).begin();
    const now = () => stage(story, 'cutover');
    story.tell({
      type: 'cutover.begun',
      rehearse: false,
      dark: false,
      planHash: 'sha256:plan',
      confirmed: 'miami-to-dallas',
      open: [],
    });
    story.tell({ type: 'cutover.quieting', machine: 'web1', units: ['nginx.service'] });
    expect(now()).toMatchObject({ state: 'running', word: 'under way', done: 0, running: 1, of: 2 });
    const aborted = new Story(TWO).retell(story.events);
    aborted.tell({ type: 'cutover.aborted', reason: 'no' });
    expect(stage(aborted, 'cutover')).toMatchObject({ state: 'running', word: 'aborting' });
    aborted.tell({ type: 'cutover.ended', outcome: 'rolled-back', startedAt: 0, lost: [] });
    expect(stage(aborted, 'cutover')).toMatchObject({ state: 'idle', word: 'taken back' });
    story.tell({ type: 'cutover.no-return', confirmed: 'miami-to-dallas' });
    expect(now()).toMatchObject({ state: 'running', word: 'final' });
    story.tell({ type: 'cutover.committed', machine: 'web1' });
    expect(now()).toMatchObject({ done: 1, running: 0 });
    story.tell({ type: 'cutover.ended', outcome: 'committed', startedAt: 0, lost: [] });
    expect(now()).toMatchObject({ state: 'done', word: 'complete' });
  });

  it('take what is ready from the verdicts alone', () => {
    const readyOf = (story: Story, now = story.now) =>
      stagesOf(story.view, now, verdictOf(gatesOf(story.view, now)))[6];
    const story = new Story(TWO).begin().ready('web1');
    expect(readyOf(story)).toMatchObject({ state: 'waiting', word: 'unproven', done: 1, of: 2 });
    story.ready('app1');
    expect(readyOf(story)).toMatchObject({ state: 'done', word: 'ready as checked', done: 2 });
    // Copies that were good once and that nobody has kept so for two days.
    expect(readyOf(story, story.now + 48 * HOUR)).toMatchObject({ state: 'failed', done: 0, failed: 2 });
    story.fail('app1');
    expect(readyOf(story)).toMatchObject({ state: 'failed', word: '1 blocked', done: 1, failed: 1 });
  });

  it('add up for a fleet', () => {
    const fleet = fleetOf(200, 9);
    const sync = stagesOf(fleet, fleet.now).find(each => each.phase === 'sync');
    const machines = Object.values(fleet.state.machines);
    expect(sync?.of).toBe(200);
    expect(sync?.failed).toBe(machines.filter(each => each.failure !== undefined).length);
    expect(sync?.running).toBeGreaterThan(0);
    expect(sync?.done).toBeGreaterThan(50);
  });
});
