import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/reports/documents.ts';
import { checkPaper, paperCode, readPaper } from '../../../src/reports/runbook/paper.ts';
import { fullReportOf, HOUR, MINUTE, midCutover, readyEstate, shopPlan } from './cutover-estate.ts';

const paperOf = (text: string | undefined) => {
  const paper = readPaper(text ?? '');
  if (paper === undefined) throw new Error('no code in the document');
  return paper;
};

describe('a runbook on paper', () => {
  const story = readyEstate();
  const report = fullReportOf(story);

  it.each(['md', 'html'] as const)('carries its code and its date as %s', format => {
    const paper = paperOf(renderReport('runbook', format, report));
    expect(paper).toMatchObject({ plan: '4f2a91c3', seq: report.evacuation.lastSeq });
    expect(paper.staleAt).toBe(Math.floor((story.now + 12 * HOUR) / MINUTE) * MINUTE);
    expect(checkPaper(paper, report)).toMatchObject({ valid: true });
  });

  it('is read off by its code alone, too', () => {
    expect(readPaper(`  ${paperCode(report)}\n`)).toEqual({
      plan: '4f2a91c3',
      list: paperCode(report).split('.')[1],
      seq: report.evacuation.lastSeq,
    });
    expect(readPaper('some other text 1.2.3')).toBeUndefined();
  });

  it('stays valid while copies go on', () => {
    const paper = paperOf(renderReport('runbook', 'md', report));
    const later = readyEstate().pass('web1', 3).verify('web1', 3);
    const verdict = checkPaper(paper, fullReportOf(later));
    expect(verdict.valid).toBe(true);
    expect(verdict.words[0]).toMatch(/^\d+ events since/);
  });

  it('stays valid while it is walked through', () => {
    const paper = paperOf(renderReport('runbook', 'md', report));
    expect(checkPaper(paper, fullReportOf(midCutover()))).toMatchObject({ valid: true });
  });

  it.each([
    [
      'another plan',
      () => fullReportOf(readyEstate().tell({ type: 'plan.accepted', planHash: 'sha256:other', diff: '' })),
    ],
    ['another owner', () => fullReportOf(readyEstate(shopPlan({ cutover: { decides: 'Somebody else' } })))],
    ['a source that is gone', () => fullReportOf(readyEstate(), { checklist: { dark: true } })],
    [
      'other commands',
      () =>
        fullReportOf(readyEstate(), {
          checklist: { commands: { 'quiet/web1': [{ host: 'web1', line: 'true' }] } },
        }),
    ],
    ['half a day', () => fullReportOf(readyEstate(), {}, story.now + 12 * HOUR)],
  ])('is not valid any more after %s', (_what, now) => {
    const verdict = checkPaper(paperOf(renderReport('runbook', 'md', report)), now());
    expect(verdict.valid).toBe(false);
    expect(verdict.words).toHaveLength(1);
  });

  it('is not valid where the journal here knows less than it', () => {
    const paper = paperOf(renderReport('runbook', 'md', report));
    expect(checkPaper({ ...paper, seq: paper.seq + 1 }, report).valid).toBe(false);
  });

  it('never takes any text for more than it is', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const paper = readPaper(text);
        if (paper !== undefined) expect(Number.isSafeInteger(paper.seq)).toBe(true);
      }),
    );
  });
});
