import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { instructionOf } from '../../../src/reports/instruction.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { statusLine, statusTable } from '../../../src/reports/text.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';
import { anyStory } from '../readiness/stories.ts';
import { estate } from './estate.ts';

const told = estate();
const report = reportOf(told.view, told.now);

describe('status text', () => {
  it.each([60, 80, 120])('at %i columns', width => {
    expect(`\n${statusTable(report, { width, unicode: true })}\n`).toMatchSnapshot();
  });

  it('in ASCII', () => {
    const text = statusTable(report, { width: 120, unicode: false });
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(`\n${text}\n`).toMatchSnapshot();
  });

  it('says it all in one line', () => {
    expect(statusLine(report)).toBe(
      'REHEARSAL miami-to-dallas · earliest loss in 3d 21h · READY 1 of 7 · 3 blocked · 3 unproven · 1 warning · verdict: NOT READY',
    );
    expect(statusLine(report, { unicode: false })).not.toContain('·');
  });

  it('marks a lab on its line', () => {
    const story = new Story(planOf({ lab: true })).begin();
    expect(statusLine(reportOf(story.view, story.now))).toMatch(/^LAB miami-to-dallas · /);
  });

  it('keeps machine, state, exposure and verification at 80 columns', () => {
    const header = statusTable(report, { width: 80, unicode: true })
      .split('\n')
      .find(l => l.startsWith('machine'));
    for (const title of ['machine', 'state', 'exposure', 'verified']) expect(header).toContain(title);
  });

  it('never calls a machine ready in its state column', () => {
    const story = new Story().begin().ready('web1');
    const ready = reportOf(story.view, story.now);
    expect(ready.verdict.overall).toBe('ready');
    expect(ready.machines[0]?.status).toEqual({ kind: 'ok', word: 'verified' });
  });

  it('never writes past the width but for commands, whatever the story and however narrow', () => {
    fc.assert(
      fc.property(anyStory, fc.integer({ min: 10, max: 200 }), fc.boolean(), (story, width, unicode) => {
        const told = reportOf(story.view, story.now);
        const commands = new Set(
          told.next.flatMap(each => each.steps).map(step => `    ${instructionOf(step).command ?? ''}`),
        );
        for (const line of statusTable(told, { width, unicode }).split('\n')) {
          if (!commands.has(line)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('measures wide characters as the terminal does', () => {
    const story = new Story(planOf({ machines: { web1: machinePlan() } })).begin().fail('web1', {
      code: 'x.颱風颱風颱風颱風颱風',
    });
    const wide = reportOf(story.view, story.now);
    for (const line of statusTable(wide, { width: 40, unicode: true }).split('\n')) {
      expect(stringWidth(line)).toBeLessThanOrEqual(40);
    }
  });

  it('has a line for a plan without machines', () => {
    const story = new Story(planOf({ machines: {} })).begin();
    expect(statusTable(reportOf(story.view, story.now), { width: 80, unicode: true })).toContain(
      'no machines',
    );
  });
});
