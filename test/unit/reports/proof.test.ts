import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proofStanding } from '../../../src/readiness/proofs.ts';
import { markdownOf } from '../../../src/reports/markdown.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { proofRow, proofStatus } from '../../../src/reports/proof-row.ts';
import { rowsOf } from '../../../src/reports/rows.ts';
import { type StageReport, stagesOf } from '../../../src/reports/stages.ts';
import { statusTable } from '../../../src/reports/text.ts';
import { askForProof, beginProof, FIXUPS, NO_NETWORK, proveMachine } from '../../support/proofs.ts';
import { HOUR, MINUTE, machinePlan, planOf, Story } from '../../support/state.ts';

/** What boot proofs say in rows, stages and documents. */

const TWO = planOf({ machines: { web1: machinePlan({ hold: ['nightly.service'] }), db1: machinePlan() } });
const copied = (): Story => new Story(TWO).begin().evacuate('web1').evacuate('db1');

const prove = (story: Story, later = 0): StageReport | undefined =>
  stagesOf(story.view, story.now + later).find(({ phase }) => phase === 'prove');

const standing = (story: Story, later = 0): string =>
  proofStanding(story.state.machines.web1, TWO.proof.max_age, story.now + later).kind;

const words = (story: Story, later = 0): string => {
  const { kind, word } = proofStatus(proofRow(story.view, 'web1', story.now + later), story.now + later);
  return `${kind}: ${word}`;
};

describe('what a proof is worth', () => {
  it('is nothing without one, and what it said until it is too old or the disks are others', () => {
    const story = copied();
    expect([standing(story), words(story)]).toEqual(['none', 'unknown: none yet']);
    proveMachine(story, 'web1', 1);
    story.wait(14 * MINUTE);
    expect([standing(story), words(story)]).toEqual(['proven', 'ok: 14m00s ago']);
    expect(standing(story, TWO.proof.max_age - 14 * MINUTE)).toBe('proven');
    expect(standing(story, TWO.proof.max_age - 14 * MINUTE + 1)).toBe('old');
    expect(words(story, 26 * HOUR)).toBe('warn: old 1d 02h');
    story.build('web1');
    expect([standing(story), words(story)]).toEqual(['other-replica', 'unknown: other disks']);
  });

  it('outlives the passes after it, which are counted', () => {
    const story = proveMachine(copied(), 'web1', 1).pass('web1', 3).pass('web1', 4);
    expect(standing(story)).toBe('proven');
    expect(proofRow(story.view, 'web1', story.now).last).toMatchObject({
      pass: 2,
      passesSince: 2,
      passed: 11,
      of: 12,
    });
  });

  it('of one that failed does not grow old, and ends with a better one', () => {
    const story = proveMachine(copied(), 'web1', 1, { reason: NO_NETWORK });
    expect([standing(story, 48 * HOUR), words(story)]).toEqual(['failed', 'bad: no network']);
    expect(rowsOf(story.view, story.now).find(({ name }) => name === 'web1')?.status).toEqual({
      kind: 'bad',
      word: 'does not boot',
    });
    proveMachine(story, 'web1', 2);
    expect([standing(story), words(story)]).toEqual(['proven', 'ok: 0.0s ago']);
    expect(rowsOf(story.view, story.now).find(({ name }) => name === 'web1')?.status.word).toBe('verified');
  });

  it('stands beside what happens now', () => {
    const story = proveMachine(copied(), 'web1', 1);
    askForProof(story, 'web1');
    expect(words(story)).toBe('busy: asked for');
    beginProof(story, 'web1', 2);
    expect([words(story), standing(story)]).toEqual(['busy: booting', 'proven']);
    story.tell({ type: 'step.cancelled', step: 'prove/web1/proof-2', phase: 'prove' });
    expect([words(story), standing(story)]).toEqual(['warn: cut off', 'proven']);
  });
});

describe('the stage', () => {
  it('waits for nobody before somebody orders, and counts proven, running and failed', () => {
    const story = copied();
    expect(prove(story)).toMatchObject({ state: 'idle', word: 'on order', done: 0, of: 2 });
    askForProof(story, 'web1');
    expect(prove(story)).toMatchObject({ state: 'waiting' });
    beginProof(story, 'web1', 1);
    expect(prove(story)).toMatchObject({ state: 'running', running: 1 });
    proveMachine(story, 'web1', 1);
    expect(prove(story)).toMatchObject({ state: 'idle', word: '1 proven', done: 1 });
    proveMachine(story, 'db1', 1, { reason: NO_NETWORK });
    expect(prove(story)).toMatchObject({ state: 'failed', word: '1 failed', done: 1, failed: 1 });
    proveMachine(story, 'db1', 2);
    expect(prove(story)).toMatchObject({ state: 'done', word: 'proven', done: 2 });
    expect(prove(story, 25 * HOUR)).toMatchObject({ state: 'idle', done: 0 });
  });

  it('is held only where a proof was ordered', () => {
    const story = copied().tell({ type: 'stages.held', phases: ['prove'] });
    const asked = (): boolean =>
      reportOf(story.view, story.now).next.some(({ what }) => what === 'the stage prove waits for approval');
    expect([prove(story)?.state, asked()]).toEqual(['idle', false]);
    askForProof(story, 'web1');
    expect([prove(story)?.state, asked()]).toEqual(['held', true]);
  });
});

describe('the documents', () => {
  const told = (): Story => {
    const story = new Story(TWO).begin();
    story.observe('web1', {
      actsTwice: [{ kind: 'mail', name: 'postfix.service', unit: 'postfix.service', detail: 'sends mail' }],
    });
    story.build('web1').pass('web1', 1).pass('web1', 2).verify('web1', 2);
    return proveMachine(story, 'web1', 1, { reason: NO_NETWORK, fixups: FIXUPS });
  };

  it('tell standby, proof, reason with its remedy, fix-ups and what is held', () => {
    const story = told();
    const report = reportOf(story.view, story.now);
    const web1 = report.machines.find(({ name }) => name === 'web1');
    expect(web1?.standby).toMatchObject({ domain: 'web1', hypervisor: 'dal-kvm1' });
    expect(web1?.proof?.reason?.remedy.at(-1)).toBe('prove it again: landfall prove miami-to-dallas web1');
    expect(web1?.fixups?.list[0]?.files.map(({ change }) => change)).toEqual(['changed', 'made', 'removed']);
    expect(web1?.heldUnits?.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'mail postfix.service',
      'plan nightly.service',
    ]);
    const text = markdownOf(report);
    expect(text).toContain('**Boot proof:** the copy does not boot into a working state: proof 1 of');
    expect(text).toContain('- why: The copy came up without its network');
    expect(text).toContain('ifup[412]: Cannot find device "ens3"');
    expect(text).toContain('- remedy: prove it again: `landfall prove miami-to-dallas web1`');
    expect(text).toMatch(
      /- ✖ services: 29 of 31 services run \(after 20s\)\n {2}- networking\.service failed/,
    );
    expect(text).toContain('-  address 10.20.0.11/24'.replace('-  ', '-   '));
    expect(text).toContain('`postfix.service` (mail): sends mail');
    expect(text).toContain('logs/proof-web1-1.console.log');
    expect(statusTable(report, { width: 160, unicode: true })).toMatch(
      /web1 .*✖ does not boot .*✖ no network/,
    );
  });

  it('show the beginning of a long script and say how much more there is', () => {
    const [fixup] = FIXUPS;
    if (fixup === undefined) throw new Error('there is a fix-up');
    const after = Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join('');
    const story = proveMachine(copied(), 'web1', 1, {
      fixups: [{ ...fixup, edits: [{ path: '/usr/lib/landfall-proof', mode: 0o755, after }] }],
    });
    const report = reportOf(story.view, story.now);
    const web1 = report.machines.find(({ name }) => name === 'web1');
    expect(web1?.fixups?.list[0]?.files[0]?.diff).toHaveLength(301);
    const text = markdownOf(report);
    expect(text).toContain('+ line 21');
    expect(text).not.toContain('+ line 22');
    expect(text).toContain('@@ 278 more lines: landfall report --json has them @@');
  });

  it('put what a proof that was cut off leaves on the list of what is placed', () => {
    const story = beginProof(copied(), 'web1', 1);
    const placed = reportOf(story.view, story.now).placed.map(({ what }) => what);
    expect(placed.some(what => what.startsWith('boot proof 1: domain landfall-e-web1-proof'))).toBe(true);
    expect(placed.filter(what => what.startsWith('the standby: domain'))).toHaveLength(2);
  });

  it('are harmless whatever a copy said', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), said => {
        const story = copied();
        const [fixup] = FIXUPS;
        proveMachine(story, 'web1', 1, {
          reason: { ...NO_NETWORK, words: said, evidence: [said], remedy: [said] },
          fixups:
            fixup === undefined
              ? []
              : [{ ...fixup, title: said, warnings: [said], commands: [{ argv: [said, said], why: said }] }],
        });
        const report = reportOf(story.view, story.now);
        expect(markdownOf(report)).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
        expect(statusTable(report, { width: 80, unicode: true })).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
      }),
      { numRuns: 60 },
    );
  });
});
