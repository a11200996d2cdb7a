import { describe, expect, it } from 'vitest';
import { instructionOf } from '../../../src/reports/instruction.ts';
import { markdownOf } from '../../../src/reports/markdown.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { statusLine, statusTable } from '../../../src/reports/text.ts';
import { HOUR, machinePlan, planOf, Story } from '../../support/state.ts';

const machines = { web1: machinePlan(), app1: machinePlan() };
const begun = (): Story => new Story(planOf({ machines })).begin().ready('web1').ready('app1');
const reported = (story: Story, now = story.now) => reportOf(story.view, now);
const commands = (story: Story): (string | undefined)[] =>
  reported(story).next.flatMap(each => each.steps.map(step => instructionOf(step).command));
/** What engineers have ordered, not what a gate says. */
const isOrdered = (each: { readonly what: string }): boolean => /paused|waits for approval/.test(each.what);
const table = (story: Story, now = story.now): string =>
  statusTable(reported(story, now), { width: 200, unicode: true });

describe('what engineers have ordered', () => {
  it('is not mentioned where nothing was ordered', () => {
    const { evacuation, verdict, waivers, machines: all } = reported(begun());
    for (const key of ['paused', 'throttle', 'held']) expect(evacuation).not.toHaveProperty(key);
    expect(verdict).not.toHaveProperty('waived');
    expect(waivers).toBeUndefined();
    expect(all[0]).not.toHaveProperty('paused');
    expect(markdownOf(reported(begun()))).not.toMatch(/waive|paused|approval/i);
  });

  it('puts stages that wait for approval first, with the command', () => {
    const story = new Story(planOf({ machines })).begin().observe('web1');
    story.tell({ type: 'stages.held', phases: ['build', 'sync', 'prove'] });
    expect(reported(story).evacuation.held).toEqual(['build', 'sync', 'prove']);
    expect(reported(story).next[0]).toMatchObject({
      what: 'the stage build waits for approval',
      subjects: ['miami-to-dallas'],
      severity: 'critical',
      remedy: 'approve build: landfall approve miami-to-dallas build',
    });
    expect(commands(story).slice(0, 2)).toEqual([
      'landfall approve miami-to-dallas build',
      'landfall approve miami-to-dallas sync',
    ]);
    expect(markdownOf(reported(story))).toContain('These stages wait for approval: build, sync, prove');
  });

  it('does not ask to approve what is done', () => {
    const story = begun().tell({ type: 'stages.held', phases: ['build', 'sync'] });
    expect(commands(story)).not.toContain('landfall approve miami-to-dallas build');
  });

  it('says who paused everything, and how it goes on', () => {
    const story = begun().tell({ type: 'evacuation.paused', reason: 'the link is needed' });
    expect(reported(story).evacuation.paused).toMatchObject({ by: 'engine@jump1:4711', at: story.now });
    expect(reported(story).next[0]).toMatchObject({ what: 'engine paused everything: the link is needed' });
    expect(commands(story)[0]).toBe('landfall resume miami-to-dallas');
    expect(markdownOf(reported(story))).toContain('- Everything is paused by engine since 2026-11-22');
    expect(table(story)).toContain('▲ paused');
    story.tell({ type: 'evacuation.resumed' });
    expect(reported(story).next.filter(isOrdered)).toEqual([]);
  });

  it('tells of machines paused for the same reason once', () => {
    const story = begun();
    for (const machine of ['web1', 'app1'])
      story.tell({ type: 'machine.paused', machine, reason: 'quarter end' });
    expect(reported(story).next.filter(isOrdered)).toHaveLength(1);
    expect(reported(story).next[0]).toMatchObject({
      what: 'engine paused it: quarter end',
      subjects: ['web1', 'app1'],
      severity: 'warning',
    });
    expect(commands(story).slice(0, 2)).toEqual([
      'landfall resume miami-to-dallas web1',
      'landfall resume miami-to-dallas app1',
    ]);
    expect(markdownOf(reported(story))).toContain('  paused by engine since'.trim());
  });

  it('tells the limit of the link', () => {
    const story = begun().tell({ type: 'link.throttled', bytesPerSecond: 12.5e6, reason: 'office hours' });
    expect(reported(story).evacuation.throttle).toMatchObject({ bytesPerSecond: 12.5e6 });
    expect(markdownOf(reported(story))).toMatch(
      /- The link is limited to 100 Mbit\/s by engine since .*: office hours/,
    );
  });
});

describe('waivers in documents', () => {
  const gate = 'machine/web1/verification-recent';
  const waived = (): Story => {
    // A tier that allows two days: what is old here is the comparison, not the copy.
    const tiers = { critical: { priority: 1, rpo: '2d', rto: '1h' } };
    const story = new Story(planOf({ machines, tiers }))
      .begin()
      .ready('web1')
      .ready('app1')
      .wait(25 * HOUR)
      .lookAround()
      .observe('web1')
      .observe('app1')
      .verify('app1', 2)
      .prove('web1')
      .prove('app1');
    return story.tell({ type: 'gate.waived', gate, reason: 'static | content', until: story.now + HOUR });
  };

  it('are listed with who, when, why and until, and counted in every line', () => {
    const story = waived();
    const report = reported(story);
    expect(report.verdict).toMatchObject({ overall: 'ready', waived: 1 });
    expect(report.waivers).toEqual([
      {
        gate,
        subject: 'web1',
        title: 'The last verification is at most 24 h old',
        by: 'engine@jump1:4711',
        at: story.now,
        reason: 'static | content',
        until: story.now + HOUR,
        standing: 'in-force',
      },
    ]);
    const markdown = markdownOf(report);
    expect(markdown).toContain('## Waivers');
    expect(markdown).toContain('ready with 1 waiver as far as this version checks');
    expect(markdown).toMatch(/\| web1 \| critical \| ✔ ready \(as checked\), 1 waived \|/);
    expect(markdown).toMatch(
      /- ◇ waived: The last verification is at most 24 h old\n {2}- waived by engine at .* until .*: static \\\| content/,
    );
    expect(statusLine(report)).toContain('· 1 waived ·');
    expect(table(story)).toMatch(
      /machine\/web1\/verification-recent: waived by engine at .* UTC until .* UTC: static \| content/,
    );
    expect(report.next.some(each => each.severity === 'critical')).toBe(false);
  });

  it('that have expired are shown as expired, and the gate speaks again', () => {
    const story = waived();
    const later = story.now + 2 * HOUR;
    expect(reported(story, later).verdict.overall).toBe('unproven');
    expect(table(story, later)).toMatch(/the waiver by engine expired at .* UTC: static/);
    expect(markdownOf(reported(story, later))).toMatch(
      /- \? unproven: The last verification .*\n {2}- the waiver by engine expired/,
    );
  });

  it('that do not count say why', () => {
    const story = begun().fail('web1');
    const waive = (id: string): Story =>
      story.tell({ type: 'gate.waived', gate: id, reason: 'seen', until: story.now + HOUR });
    waive('machine/web1/no-failure');
    waive('machine/gone/built');
    story.wait(1000).fail('web1');
    const standings = reported(story).waivers?.map(each => [each.subject, each.standing]);
    expect(standings).toEqual([
      ['web1', 'overtaken'],
      ['gone', 'no-such-gate'],
    ]);
    expect(table(story)).toContain('does not count (it was given before this was found): seen');
    expect(table(story)).toContain('is about no gate of this plan: seen');
  });
});
