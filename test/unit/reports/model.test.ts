import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import { markdownOf } from '../../../src/reports/markdown.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { statusLine, statusTable } from '../../../src/reports/text.ts';
import { MINUTE, machinePlan, planOf, Story, T0 } from '../../support/state.ts';
import { anyStory } from '../readiness/stories.ts';
import { estate } from './estate.ts';

const HOSTILE =
  '\u001b[2J\u001b]0;owned\u0007\u009b31m a|b `x` <img src=x onerror=y> \u202e\n# ready\r\u200b ``` [a](http://e)';
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** An evacuation in which every text that a host or a person can choose is hostile. */
function hostileStory(): Story {
  const plan = planOf({
    machines: { web1: machinePlan({ owner: HOSTILE.slice(0, 90), description: HOSTILE }) },
    contacts: [{ name: HOSTILE.slice(0, 90), role: HOSTILE.slice(0, 90), phone: '1' }],
    deadline: { earliest: 'in 4d', expected: 'in 5d', reason: HOSTILE },
  });
  return new Story(plan)
    .begin(HOSTILE)
    .observe(
      'web1',
      {
        hostname: HOSTILE,
        os: { id: HOSTILE, version: HOSTILE, pretty: HOSTILE },
        kernel: HOSTILE,
        productUuid: HOSTILE,
        fileSystems: [
          {
            mountpoint: `/${HOSTILE}`,
            device: HOSTILE,
            type: HOSTILE,
            uuid: 'x',
            size: 1,
            used: 1,
            inodesUsed: 1,
          },
        ],
        services: [HOSTILE],
      },
      {
        disks: [
          { target: HOSTILE, source: HOSTILE, format: HOSTILE, bus: HOSTILE, capacity: 1, allocation: 1 },
        ],
      },
    )
    .build('web1')
    .pass('web1', 1, {
      code: 23,
      troubles: [HOSTILE],
      mountpoints: [HOSTILE],
      judged: 'not-converging',
      hot: [{ path: HOSTILE, bytes: 1 }],
    })
    .verify('web1', 1, [HOSTILE])
    .fail('web1', { code: HOSTILE, what: HOSTILE, why: HOSTILE, evidence: [HOSTILE], next: [HOSTILE] })
    .tell({ type: 'note.added', text: HOSTILE });
}

describe('report model', () => {
  const story = hostileStory();
  const report = reportOf(story.view, story.now);

  it('is a version 1 that survives JSON unchanged', () => {
    expect(report.v).toBe(1);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('lets no hostile text through to JSON, Markdown or the terminal', () => {
    const sinks = {
      json: JSON.stringify(report),
      markdown: markdownOf(report),
      line: statusLine(report),
      table: statusTable(report, { width: 120, unicode: true }),
    };
    for (const [sink, text] of Object.entries(sinks)) expect(FORBIDDEN.exec(text)?.[0], sink).toBeUndefined();
    expect(sinks.line).not.toContain('\n');
  });

  it('lets no host open a heading, a table cell, a tag or a fence in Markdown', () => {
    const lines = markdownOf(report).split('\n');
    const fences = lines.filter(line => line.startsWith('```'));
    expect(fences).toHaveLength(2);
    const [open, close] = [lines.indexOf(fences[0] ?? ''), lines.lastIndexOf(fences[1] ?? '')];
    // Commands of landfall's own that hold a sign of markup, where they are shown as code.
    const prose = lines
      .filter((_line, index) => index < open || index > close)
      .map(line => line.replace(/`landfall (?:run|inventory) <the plan file>`/, ''));
    expect(prose.filter(line => /<[a-z/!]/i.test(line))).toEqual([]);
    const hostile = prose.filter(line => line.includes('owned'));
    expect(hostile.length).toBeGreaterThan(0);
    expect(hostile.filter(line => /(?<!\\)`/.test(line))).toEqual([]);
    expect(prose.filter(line => /(?<!\\)\]\(/.test(line))).toEqual([]);
    expect(prose.filter(line => line.startsWith('# ')).length).toBe(1);
    const passRows = prose.filter(line => line.startsWith('| 1 |'));
    expect(passRows).toHaveLength(1);
    expect(passRows[0]?.match(/(?<!\\)\|/g)).toHaveLength(11);
  });

  it('lists machines by the priority of their tiers, and what each waits for first', () => {
    const told = estate();
    const { machines, next } = reportOf(told.view, told.now);
    expect(machines.map(each => each.name)).toEqual(['db1', 'app1', 'files1', 'mail1', 'web1', 'new1']);
    expect(machines.map(each => each.status.word)).toEqual([
      'verified',
      'copying',
      'verified',
      'not converging',
      'target full',
      'no inventory',
    ]);
    const urgent = next.filter(each => each.severity === 'critical');
    expect(urgent.map(each => each.subjects.join())).toEqual([
      'db1',
      'app1',
      'mail1',
      'web1',
      'new1',
      'Orders',
    ]);
    expect(urgent.find(each => each.subjects.includes('web1'))?.remedy).toBe('enlarge the replica volume');
  });

  it('shows predictions beside outcomes', () => {
    const told = estate();
    const mail = reportOf(told.view, told.now).machines.find(each => each.name === 'mail1');
    expect(mail?.passes[1]).toMatchObject({
      predictedMs: 8 * MINUTE,
      tookMs: 10 * MINUTE,
      literalBytes: 4.1e9,
      sentBytes: 2.05e9,
      consistency: 'smeared',
      verdict: 'not-converging',
    });
  });

  it('says that a verification does not vouch for a replica that has been written since', () => {
    const told = new Story().begin().evacuate('web1').startPass('web1', 3);
    expect(reportOf(told.view, told.now).machines[0]?.verification?.current).toBe(false);
  });

  it('keeps a mark that only one of plan and journal carries', () => {
    const told = new Story(planOf({ lab: true })).begin();
    expect(reportOf({ plan: planOf(), state: told.state }, told.now).evacuation.marks).toEqual(['LAB']);
    expect(reportOf({ plan: planOf({ lab: true }), state: EMPTY_STATE }, T0).evacuation.marks).toEqual([
      'LAB',
    ]);
  });

  it('is pure and total, and a finite text, for any story at any time', () => {
    fc.assert(
      fc.property(anyStory, fc.oneof(fc.integer(), fc.constantFrom(0, 8.64e15, 9e15, -9e15)), (told, now) => {
        const first = reportOf(told.view, now);
        expect(reportOf(told.view, now)).toEqual(first);
        const text = markdownOf(first);
        expect(text).not.toMatch(/undefined|NaN|\[object/);
        if (first.verdict.overall === 'ready') expect(text).toContain('as far as this version checks');
      }),
      { numRuns: 100 },
    );
  });
});
