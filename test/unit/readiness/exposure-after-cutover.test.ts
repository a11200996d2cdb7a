import { describe, expect, it } from 'vitest';
import { exposureOf } from '../../../src/readiness/exposure.ts';
import { groupExposure } from '../../../src/readiness/group-exposure.ts';
import { statusOf, surroundingsOf } from '../../../src/reports/status.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';

const MINUTE = 60_000;

const begun = (story: Story, dark = false): Story => {
  story.tell({
    type: 'cutover.begun',
    ...{ rehearse: true, dark, planHash: 'sha256:plan', confirmed: 'miami-to-dallas', open: [] },
  });
  return story;
};
const quiet = (story: Story): void => {
  story.tell({ type: 'cutover.quieting', machine: 'web1', units: ['nginx.service'] });
  story.tell({ type: 'cutover.quiet', machine: 'web1', units: ['nginx.service'] });
};
const lastCopied = (story: Story): void => {
  story.pass('web1', 4).verify('web1', 4);
  story.tell({ type: 'cutover.item', item: 'last-copy/web1', outcome: 'done', how: 'ran', evidence: [] });
};
const exposure = (story: Story, wait = 0) => exposureOf(story.view, 'web1', story.now + wait);
const word = (story: Story): string =>
  statusOf(story.state.machines['web1'], surroundingsOf(story.state, 'web1', false)).word;

describe('the exposure in a cutover', () => {
  it('ends with an exact last copy of a source at rest, and not before', () => {
    const story = begun(new Story().begin().ready('web1'));
    quiet(story);
    expect(exposure(story).ageMs).toBeGreaterThan(0);
    lastCopied(story);
    expect(exposure(story, 30 * MINUTE)).toMatchObject({ ageMs: 0, bytes: 0 });
  });

  it('goes on where an abort started the source again', () => {
    const story = begun(new Story().begin().ready('web1'));
    quiet(story);
    lastCopied(story);
    story.tell({ type: 'cutover.aborted', reason: 'the storm turned' });
    story.tell({ type: 'cutover.taken-back', machine: 'web1', part: 'stopped' });
    expect(exposure(story, 30 * MINUTE).ageMs).toBeGreaterThan(30 * MINUTE - 1);
  });

  it('is not ended by a last copy that somebody skipped, nor by one of another cutover', () => {
    const skipped = begun(new Story().begin().ready('web1'));
    quiet(skipped);
    skipped.tell({
      type: 'cutover.item',
      ...{ item: 'last-copy/web1', outcome: 'skipped', how: 'ticked', evidence: [], reason: 'no time' },
    });
    expect(exposure(skipped).ageMs).toBeGreaterThan(0);
    const again = begun(new Story().begin().ready('web1'));
    quiet(again);
    lastCopied(again);
    again.tell({ type: 'cutover.aborted', reason: 'no' });
    again.tell({ type: 'cutover.ended', outcome: 'rolled-back', startedAt: 0, lost: [] });
    begun(again);
    expect(exposure(again, MINUTE).ageMs).toBeGreaterThan(0);
  });

  it('in the dark stands still once the copies are production', () => {
    const story = begun(
      new Story()
        .begin()
        .ready('web1')
        .wait(10 * MINUTE),
      true,
    );
    const before = exposure(story).ageMs ?? 0;
    expect(exposure(story, MINUTE).ageMs).toBe(before + MINUTE);
    story.tell({ type: 'cutover.no-return', confirmed: 'miami-to-dallas' });
    const lost = exposure(story).ageMs;
    expect(lost).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(exposure(story, 60 * MINUTE).ageMs).toBe(lost);
  });
});

describe('the exposure of those that belong together', () => {
  const plan = planOf({ machines: { web1: machinePlan({ after: ['app1'] }), app1: machinePlan() } });
  const together = (story: Story) => groupExposure(story.view, ['web1', 'app1'], story.now + MINUTE);

  it('ends with the last copy of the last of them', () => {
    const story = begun(new Story(plan).begin().ready('web1').ready('app1'));
    quiet(story);
    lastCopied(story);
    expect(together(story)).toMatchObject({ oldest: 'app1' });
    expect(together(story).ageMs).toBeGreaterThan(0);
    story.tell({ type: 'cutover.quiet', machine: 'app1', units: [] });
    story.pass('app1', 4).verify('app1', 4);
    story.tell({ type: 'cutover.item', item: 'last-copy/app1', outcome: 'done', how: 'ran', evidence: [] });
    expect(together(story)).toMatchObject({ ageMs: 0, bytes: 0 });
  });
});

describe('the status of a machine in a cutover', () => {
  it('says how far its standby is, whatever its passes said', () => {
    const story = begun(new Story().begin().ready('web1')).startPass('web1', 5);
    expect(word(story)).toBe('copying');
    story.tell({ type: 'cutover.powering-off', machine: 'web1', domain: 'web1', autostart: true });
    expect(word(story)).toBe('source off');
    story.tell({ type: 'cutover.overlaid', machine: 'web1', volumes: [] });
    story.tell({ type: 'cutover.standby-started', machine: 'web1', domain: 'web1' });
    expect(word(story)).toBe('standby runs');
    story.tell({ type: 'cutover.committed', machine: 'web1' });
    expect(word(story)).toBe('cut over');
  });
});
