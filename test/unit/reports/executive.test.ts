import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { EXECUTIVE_COLUMNS, executiveFacts, executiveLines } from '../../../src/reports/executive.ts';
import { Story } from '../../support/state.ts';
import { fullReportOf, MINUTE, midCutover, readyEstate, settled } from './cutover-estate.ts';
import { estate } from './estate.ts';

describe('the status for whoever decides', () => {
  it('reads like this', () => {
    expect(`\n${executiveLines(settled(fullReportOf(midCutover()))).join('\n')}\n`).toMatchInlineSnapshot(`
      "
      What      miami-to-dallas: Miami, FL to Dallas, TX
      As of     2026-11-22 12:30 UTC, event 48
      Verdict   NOT READY, 2 of 3 ready, 1 blocked
      Deadline  2026-11-26 12:00 UTC, in 3d 23h
      Makes it  2 make it · 1 at risk
      Lost now  up to 28m51s of work, 1.01 GB, 577 USD and more
      Unsafe    every machine has a verified copy
      Cutover   under way for 6m51s, 5 of 30 steps, can be aborted
      Trouble   none known
      Next      see what is open: landfall report miami-to-dallas
      "
    `);
  });

  it('says that it is over when it is over, not what was missing before', () => {
    const story = midCutover();
    story.tell({ type: 'cutover.no-return', confirmed: 'miami-to-dallas' });
    story.tell({ type: 'cutover.ended', outcome: 'committed', startedAt: 0, lost: [] });
    const facts = new Map(executiveFacts(fullReportOf(story)).map(({ about, words }) => [about, words]));
    expect(facts.get('Verdict')).toBe('CUT OVER 3 of 3 · the copies are production · lost: nothing known');
    expect(facts.get('Trouble')).toBe('none known');
    expect(facts.get('Next')).toBe('the way home, when it is wanted: landfall failback miami-to-dallas');
  });

  it.each([
    ['not begun', () => new Story()],
    ['in every condition', estate],
    ['ready', readyEstate],
    ['in a cutover', midCutover],
  ])('has ten lines of at most 72 columns: %s', (_what, make) => {
    const lines = executiveLines(fullReportOf(make()));
    expect(lines).toHaveLength(10);
    for (const line of lines) {
      expect(stringWidth(line)).toBeLessThanOrEqual(EXECUTIVE_COLUMNS);
      expect(line.trim()).not.toBe('');
    }
  });

  it('never gets wider, whatever a note, a reason or a name says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), text => {
        const story = readyEstate().fail('web1', { what: text });
        for (const line of executiveLines(fullReportOf(story)))
          expect(stringWidth(line)).toBeLessThanOrEqual(EXECUTIVE_COLUMNS);
      }),
      { numRuns: 20 },
    );
  });

  it('never says that nothing is lost where nobody knows', () => {
    const said = (story: Story): string =>
      executiveFacts(fullReportOf(story)).find(each => each.about === 'Lost now')?.words ?? '';
    expect(said(new Story().begin())).toBe('everything: no machine has a verified copy');
    expect(said(readyEstate().wait(30 * MINUTE))).toMatch(/^up to \d/);
  });

  it('says where the cutover is', () => {
    const said = (story: Story): string =>
      executiveFacts(fullReportOf(story)).find(each => each.about === 'Cutover')?.words ?? '';
    expect(said(readyEstate())).toMatch(/^not begun/);
    expect(said(midCutover())).toMatch(/^under way for .*, 5 of 30 steps, can be aborted$/);
    expect(said(midCutover().tell({ type: 'cutover.aborted', reason: 'no' }))).toMatch(/^ABORTED/);
  });
});
