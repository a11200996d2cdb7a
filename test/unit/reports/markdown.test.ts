import { describe, expect, it } from 'vitest';
import { markdownOf } from '../../../src/reports/markdown.ts';
import { escapeMarkdown, fenced } from '../../../src/reports/markdown-parts.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { planOf, Story } from '../../support/state.ts';
import { estate } from './estate.ts';

const markdown = (story: Story): string => markdownOf(reportOf(story.view, story.now));

describe('markdown report', () => {
  it('of an estate in every condition', async () => {
    await expect(markdown(estate())).toMatchFileSnapshot('__snapshots__/estate.md');
  });

  it('of an evacuation that has not begun', async () => {
    await expect(markdown(new Story())).toMatchFileSnapshot('__snapshots__/not-begun.md');
  });

  it('writes cells as people read them', () => {
    const text = markdown(estate());
    expect(text).not.toMatch(/%20|%u/);
    expect(text).toContain('| makes it? |');
  });

  it('puts the verdict first, then what to do, then the table', () => {
    const text = markdown(estate());
    const order = [
      'NOT READY',
      '## What to do next',
      '## Machines',
      '## If the source were lost now',
      '## Machines in detail',
    ];
    const places = order.map(each => text.indexOf(each));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('never says ready without what was not covered', () => {
    const text = markdown(new Story().begin().ready('web1'));
    expect(text.split('\n')[0]).toBe(
      '# miami-to-dallas: ready as far as this version checks; not covered: Routes and firewalls on the way to the target',
    );
    expect(text).toContain('## Not covered by this version');
  });

  it('says in big letters that a lab is a lab', () => {
    const text = markdown(new Story(planOf({ lab: true, rehearsal: true })).begin());
    expect(text).toMatch(/^# LAB REHEARSAL miami-to-dallas/);
    expect(text).toContain('**LAB: these are simulated hosts.');
  });

  it.each([
    ['a | b', 'a \\| b'],
    ['`rm`', '\\`rm\\`'],
    ['<script>alert(1)</script>', '&lt;script>alert(1)&lt;/script>'],
    ['&lt;', '&amp;lt;'],
    ['[click](http://evil)', '\\[click\\](http:\\//evil)'],
    ['**bold** _it_ snake_case ~~no~~', '\\*\\*bold\\*\\* \\_it\\_ snake_case \\~\\~no\\~\\~'],
    ['# heading', '\\# heading'],
    ['1. list', '1\\. list'],
    ['> quote', '\\> quote'],
    ['2.00 GB', '2.00 GB'],
    ['- list', '\\- list'],
    ['    code', 'code'],
    ['back\\slash', 'back\\\\slash'],
    ['www.evil.example', 'www\\.evil.example'],
  ])('escapes %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('fences text that holds fences', () => {
    expect(fenced('sh', ['echo ````'])).toEqual(['`````sh', 'echo ````', '`````', '']);
  });
});
