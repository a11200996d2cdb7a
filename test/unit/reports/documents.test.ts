import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import {
  documentOf,
  REPORT_FORMATS,
  REPORT_KINDS,
  renderAll,
  renderFiles,
  renderReport,
} from '../../../src/reports/documents.ts';
import type { Report } from '../../../src/reports/shape.ts';
import { Story } from '../../support/state.ts';
import { fullReportOf, midCutover, readyEstate, settled } from './cutover-estate.ts';
import { estate } from './estate.ts';

const golden = (name: string): string => `../../../fixtures/reports/${name}`;
const rendered = (
  report: Report,
  kind: (typeof REPORT_KINDS)[number],
  format: (typeof REPORT_FORMATS)[number],
) => renderReport(kind, format, report) ?? '';

describe('documents as files that people know', () => {
  it.each([
    ['readiness', 'md'],
    ['readiness', 'csv'],
    ['executive', 'md'],
    ['runbook', 'md'],
    ['runbook', 'html'],
    ['worksheets', 'md'],
    ['worksheets', 'csv'],
    ['recovery', 'md'],
    ['recovery', 'csv'],
    ['rehearsal', 'md'],
    ['timeline', 'md'],
    ['timeline', 'csv'],
  ] as const)('%s.%s in the middle of a cutover', async (kind, format) => {
    const text = rendered(settled(fullReportOf(midCutover())), kind, format);
    await expect(text).toMatchFileSnapshot(golden(`${kind}.${format}`));
  });

  it('one sheet for each owner, named after them', () => {
    const files = renderFiles('worksheets', 'csv', fullReportOf(readyEstate()));
    expect(files.map(each => each.name).sort()).toEqual([
      'worksheet-dana.csv',
      'worksheet-data-team.csv',
      'worksheet-ravi.csv',
      'worksheet-web-team.csv',
    ]);
  });

  it('a binder has every document, each under a name of its own', () => {
    const names = renderAll(fullReportOf(readyEstate())).map(each => each.name);
    expect(new Set(names).size).toBe(names.length);
    for (const kind of REPORT_KINDS)
      expect(names).toEqual(expect.arrayContaining([`${kind}.md`, `${kind}.html`]));
  });
});

describe('every document in every format', () => {
  const stories: Record<string, () => Story> = {
    'not begun': () => new Story(),
    'in every condition': estate,
    'in a cutover': midCutover,
  };
  const cases = Object.keys(stories).flatMap(story =>
    REPORT_KINDS.flatMap(kind => REPORT_FORMATS.map(format => [story, kind, format] as const)),
  );

  it.each(cases)('%s: %s as %s says something', (story, kind, format) => {
    const make = stories[story] ?? estate;
    expect(rendered(fullReportOf(make()), kind, format).length).toBeGreaterThan(10);
  });

  it.each(Object.keys(stories))('%s: HTML is well-formed and needs nothing from outside', story => {
    const make = stories[story] ?? estate;
    const report = fullReportOf(make());
    for (const kind of REPORT_KINDS) {
      const html = rendered(report, kind, 'html');
      expect(XMLValidator.validate(html.replace('<!DOCTYPE html>', ''))).toBe(true);
      expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|@import|url\(|\son\w+=/i);
      // The only addresses are those inside the document.
      expect([...html.matchAll(/href="([^"]*)"/g)].every(([, to]) => to?.startsWith('#'))).toBe(true);
    }
  });

  it.each(Object.keys(stories))(
    '%s: headings in order, every title cell has its scope, every id once',
    story => {
      const make = stories[story] ?? estate;
      const report = fullReportOf(make());
      for (const kind of REPORT_KINDS) {
        const html = rendered(report, kind, 'html');
        const levels = [...html.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
        expect(levels[0]).toBe(1);
        expect(levels.filter(level => level === 1)).toHaveLength(1);
        for (const [index, level] of levels.entries())
          if (index > 0)
            expect(level - (levels[index - 1] ?? 0), `${kind}: heading ${index}`).toBeLessThanOrEqual(1);
        expect(html).not.toMatch(/<th(?=[ >])(?! scope=)/);
        const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
        expect(new Set(ids).size).toBe(ids.length);
        const missing = [...html.matchAll(/href="#([^"]*)"/g)].filter(([, to]) => !ids.includes(to));
        expect(missing).toEqual([]);
      }
    },
  );

  it('a chart has words for those who do not see it, and a table beside it', () => {
    const report = fullReportOf(midCutover());
    for (const kind of REPORT_KINDS) {
      const html = rendered(report, kind, 'html');
      for (const [, figure, after] of html.matchAll(/<figure>(.*?)<\/figure>\s*<(\w+)/gs)) {
        expect(figure).toMatch(/<title id="[^"]+">[^<]+<\/title><desc id="[^"]+">[^<]+<\/desc>/);
        expect(after).toBe('table');
      }
    }
    expect(rendered(report, 'timeline', 'html').match(/<figure>/g)).toHaveLength(2);
    expect(rendered(report, 'readiness', 'html').match(/<figure>/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it('Markdown and HTML say the same words', () => {
    const report = fullReportOf(midCutover());
    for (const kind of REPORT_KINDS) {
      const main = /<main[^>]*>(.*)<\/main>/s.exec(rendered(report, kind, 'html'))?.[1] ?? '';
      const html = words(
        main
          .replace(/<figure>.*?<\/figure>|<caption>.*?<\/caption>/gs, ' ')
          .replace(/<[^>]+>/g, ' ')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&quot;', '"')
          .replaceAll('&#39;', "'")
          .replaceAll('&amp;', '&'),
      );
      const markdown = words(
        rendered(report, kind, 'md')
          .replace(/\n---\n.*$/s, '')
          .replace(/^ *```.*$|^\|(?: -+:? \|)+$|^ *\d+\. (?!\d)/gm, ' ')
          .replaceAll('&lt;', '<')
          .replaceAll('&amp;', '&'),
      );
      expect(markdown).toEqual(html);
    }
  });
});

/** Letters and digits alone: marks belong to the printers. */
const words = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];

describe('hostile text', () => {
  const NASTY = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    ']]>-->',
    '`${x}`',
    '| a | b |',
    '=HYPERLINK("http://evil")',
    '\u202egnp.exe',
    '\u001b[31mred',
    '</style><script>',
    '&#60;b&#62;',
    '\ud800',
    '@SUM(1)',
    '\t=1+1',
  ];

  it('reaches no document as markup', () => {
    const story = midCutover();
    for (const text of NASTY) story.tell({ type: 'note.added', text });
    for (const text of NASTY)
      story.tell({
        type: 'step.failed',
        step: 'sync/web1/pass',
        phase: 'sync',
        attempts: 1,
        error: { code: 'sync.failed', family: 'program', what: text, next: [text], evidence: [text] },
      });
    const report = fullReportOf(story);
    for (const kind of REPORT_KINDS) {
      const html = rendered(report, kind, 'html');
      expect(XMLValidator.validate(html.replace('<!DOCTYPE html>', ''))).toBe(true);
      expect(html).not.toMatch(/<script|<img/i);
      expect(html).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202a-\u202e]/);
      const markdown = rendered(report, kind, 'md');
      expect(markdown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
      expect(markdown.replace(/`+[^`]*`+/g, '')).not.toMatch(/<script|<img/i);
    }
  });

  it('cannot leave the strings of the style sheet', () => {
    const report = fullReportOf(midCutover());
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...NASTY)), name => {
        const named: Report = { ...report, evacuation: { ...report.evacuation, name } };
        const html = rendered(named, 'executive', 'html');
        const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
        expect(style.match(/"/g)?.length).toBe(CSS_QUOTES);
        expect(style).not.toContain('<');
        expect(XMLValidator.validate(html.replace('<!DOCTYPE html>', ''))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

/** Marks of the style sheet's own strings. */
const CSS_QUOTES =
  (/<style>(.*?)<\/style>/s.exec(rendered(fullReportOf(midCutover()), 'executive', 'html'))?.[1] ?? '').match(
    /"/g,
  )?.length ?? 0;

describe('what a document rests on', () => {
  it('stands in every HTML document above, below and on every printed page', () => {
    const report = fullReportOf(midCutover());
    for (const kind of REPORT_KINDS) {
      const html = rendered(report, kind, 'html');
      const { basis } = documentOf(kind, report) ?? { basis: { line: 'none', stale: 'none' } };
      expect(basis.line).toContain('plan 4f2a91c3');
      expect(html).toMatch(
        /@bottom-left \{ content: "Written 2026-11-22 [^"]*plan 4f2a91c3\. Stale from 2026/,
      );
      expect(html.split('Stale from').length).toBeGreaterThanOrEqual(4);
    }
  });
});
