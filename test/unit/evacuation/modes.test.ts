import { describe, expect, it } from 'vitest';
import { holdOf } from '../../../src/evacuation/held.ts';
import { previewMode } from '../../../src/evacuation/mode-preview.ts';
import { stepsOf } from '../../../src/evacuation/planner.ts';
import type { StormMode } from '../../../src/journal/events-cutover.ts';
import type { PlanInput } from '../../../src/plan/schema.ts';
import { HOUR, machinePlan, planOf, Story } from '../../support/state.ts';

const SERVER = { address: '10.20.0.5', user: 'sa', password: 'env:SQL' };

const planWith = (more: Partial<PlanInput> = {}) =>
  planOf({
    link: { limit: '80 Mbit/s', streams: 1 },
    machines: {
      archive1: machinePlan({ tier: 'normal' }),
      new1: machinePlan({ tier: 'normal' }),
      web1: machinePlan(),
    },
    databases: {
      Sales: { tier: 'critical', publisher: SERVER, subscriber: { ...SERVER, address: '10.30.0.5' } },
    },
    ...more,
  });

const switched = (story: Story, mode: StormMode, saved?: string[]): Story =>
  story.tell({ type: 'mode.switched', mode, ...(saved === undefined ? {} : { saved }) });

/** Ids of the steps that there are and that nothing holds. */
function free(story: Story): string[] {
  return stepsOf(story.view)
    .filter(step => holdOf(step, story.state) === undefined)
    .map(({ id }) => id);
}

const held = (story: Story, id: string): string | undefined => {
  const step = stepsOf(story.view).find(each => each.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  const hold = holdOf(step, story.state);
  return hold === undefined ? undefined : `${hold.kind}: ${hold.why}`;
};

/** archive1 and web1 have had their first pass, new1 only its receiver. */
const begun = (): Story =>
  new Story(planWith())
    .begin()
    .observe('archive1')
    .build('archive1')
    .pass('archive1', 1)
    .observe('web1')
    .build('web1')
    .pass('web1', 1)
    .observe('new1')
    .build('new1')
    .wait(1000);

describe('squeeze', () => {
  it('lets the saved go on, in the order of triage, and begins no copy of anybody else', () => {
    const story = switched(begun(), 'squeeze', ['new1', 'web1']);
    expect(held(story, 'sync/archive1/pass-2')).toBe(
      'mode: squeeze, ordered by engine@jump1:4711: archive1 is not among those that triage saves',
    );
    expect(held(story, 'sync/web1/pass-2')).toBeUndefined();
    expect(held(story, 'sync/new1/pass-1')).toBeUndefined();
    const passes = stepsOf(story.view)
      .map(({ id }) => id)
      .filter(id => id.includes('/pass-'));
    expect(passes).toEqual(['sync/new1/pass-1', 'sync/web1/pass-2', 'sync/archive1/pass-2']);
  });

  it('lets what others have copied be compared, proves none of them, and seeds no database of theirs', () => {
    const story = switched(
      begun().pass('archive1', 2).tell({ type: 'proof.requested', machine: 'archive1', reason: 'now' }),
      'squeeze',
      ['web1'],
    );
    expect(held(story, 'sync/archive1/verify-2')).toBeUndefined();
    expect(free(story).some(id => id.startsWith('prove/archive1/'))).toBe(false);
    expect(free(story)).toContain('database/Sales/assess');
    expect(
      holdOf({ id: 'database/Sales/reconcile', phase: 'database', subject: 'Sales' }, story.state)?.kind,
    ).toBe('mode');
    const both = switched(story, 'squeeze', ['web1', 'Sales']);
    expect(
      holdOf({ id: 'database/Sales/reconcile', phase: 'database', subject: 'Sales' }, both.state),
    ).toBeUndefined();
  });

  it('does not hold the last copy of a source that a cutover has made quiet', () => {
    const story = switched(begun(), 'squeeze', ['web1']);
    const step = { id: 'sync/archive1/pass-2', phase: 'sync' as const, subject: 'archive1' };
    expect(holdOf(step, story.state)?.kind).toBe('mode');
    story.tell(
      { type: 'cutover.begun', rehearse: false, dark: false, planHash: 'h', confirmed: 'x', open: [] },
      { type: 'cutover.quieting', machine: 'archive1', units: ['nginx.service'] },
    );
    expect(holdOf(step, story.state)).toBeUndefined();
  });
});

describe('last call', () => {
  it('gives everybody with a copy one more pass and its comparison, and then nothing', () => {
    const story = switched(begun(), 'last-call').wait(1000);
    expect(free(story).filter(id => /pass-|verify-/.test(id))).toEqual([
      'sync/web1/pass-2',
      'sync/archive1/pass-2',
    ]);
    expect(held(story, 'sync/new1/pass-1')).toMatch(/^mode: last-call.*no first copy begins/);
    // It would go on until the passes converge; now it is compared as it is.
    story.pass('web1', 2, { judged: 'converging', literal: 3e9 });
    expect(free(story)).toContain('sync/web1/verify-2');
    story.verify('web1', 2);
    expect(free(story).filter(id => /^sync\/web1\/(?:pass|verify)/.test(id))).toEqual([]);
  });

  it('repairs what the last comparison found, and takes orders', () => {
    const story = switched(begun(), 'last-call').wait(1000).pass('web1', 2).verify('web1', 2, ['/etc/fstab']);
    expect(free(story)).toContain('sync/web1/pass-3');
    story
      .pass('web1', 3)
      .verify('web1', 3)
      .tell({ type: 'pass.requested', machine: 'web1', reason: 'again' });
    expect(free(story)).toContain('sync/web1/pass-4');
  });

  it('lets a first copy that runs come to its end, but none begin from nothing again', () => {
    const running = begun().startPass('new1', 1);
    expect(held(switched(running, 'last-call'), 'sync/new1/pass-1')).toBeUndefined();
    const remade = switched(begun().wait(1000).build('web1'), 'last-call');
    expect(held(remade, 'sync/web1/pass-2')).toMatch(/begins from nothing/);
  });

  it('begins no proof', () => {
    const story = switched(
      begun().tell({ type: 'proof.requested', machine: 'web1', reason: 'now' }),
      'last-call',
    );
    expect(free(story).some(id => id.startsWith('prove/'))).toBe(false);
  });
});

describe('dark', () => {
  it('has no step left that asks the source', () => {
    const story = switched(begun(), 'dark');
    const sources = new Set(['mia-kvm1', 'archive1', 'new1', 'web1']);
    for (const step of stepsOf(story.view)) {
      if (holdOf(step, story.state) !== undefined || step.id.endsWith('/clean')) continue;
      expect(step.phase).not.toBe('sync');
      expect(step.preview(story.view).filter(action => sources.has(action.host))).toEqual([]);
    }
    const inventories = stepsOf(story.view).filter(({ phase }) => phase === 'inventory');
    expect(inventories.map(({ subject }) => subject)).toEqual(['dal-kvm1']);
  });

  it('lets the hand-over of a dark source through, and no other work of a database', () => {
    const story = switched(begun(), 'dark');
    const hold = (stage: string) =>
      holdOf({ id: `database/Sales/${stage}`, phase: 'database', subject: 'Sales' }, story.state)?.kind;
    expect([hold('handover'), hold('observe'), hold('reconcile')]).toEqual([undefined, 'mode', 'mode']);
  });
});

describe('calm', () => {
  it('holds nothing, before and after', () => {
    const story = begun();
    const before = free(story);
    const after = free(switched(switched(story, 'dark'), 'calm'));
    expect(after).toEqual(before);
  });
});

describe('the preview', () => {
  const of = (story: Story, mode: StormMode) =>
    Object.fromEntries(
      previewMode(story.view, mode, story.now).lines.map(({ name, effect, words }) => [
        name,
        `${effect}: ${words}`,
      ]),
    );

  it('says of everybody what the mode means, as the mode then holds it', () => {
    const story = begun().pass('web1', 2).verify('web1', 2).startPass('archive1', 2);
    expect(of(story, 'last-call')).toEqual({
      archive1: 'last: pass 2 comes to its end; one last delta, compared; then nothing new',
      new1: 'held: no first copy begins: it stays behind',
      web1: 'last: one last delta, compared; then nothing new',
      Sales: 'held: no seed begins: it stays behind',
    });
    expect(of(story, 'dark')).toEqual({
      archive1: 'stopped: pass 2 is stopped; nothing to start from: no copy has been verified yet',
      new1: 'held: nothing to start from: no pass has been completed yet',
      web1: 'held: it starts from pass 2, as of 3m00s ago',
      Sales: 'held: nothing is proven to be in its copy',
    });
    expect(of(story, 'calm')['web1']).toBe('goes-on: as the plan says');
  });

  it('of a squeeze names the saved in their order, and holds exactly the others', () => {
    const story = begun().wait(90 * HOUR);
    const preview = previewMode(story.view, 'squeeze', story.now);
    expect(preview.saved.length).toBeGreaterThan(0);
    switched(story, 'squeeze', [...preview.saved]);
    for (const { name, kind, effect } of preview.lines) {
      const step =
        kind === 'machine'
          ? { id: `sync/${name}/pass-2`, phase: 'sync' as const, subject: name }
          : { id: `database/${name}/reconcile`, phase: 'database' as const, subject: name };
      expect(holdOf(step, story.state) === undefined).toBe(effect === 'goes-on');
    }
  });
});
