import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/reports/documents.ts';
import { reportOf } from '../../../src/reports/model.ts';
import { sizingLines } from '../../../src/tui/screens/sizing-lines.ts';
import { glyphsFor } from '../../../src/tui/text/glyphs.ts';
import { snapshotOf } from '../../support/ui.ts';
import { GB, MB, measured, storyOf } from '../estate/sizing/world.ts';

const linesOf = (story: ReturnType<typeof storyOf>, width = 200): string[] =>
  sizingLines({ snapshot: snapshotOf(story.view), now: story.now, glyphs: glyphsFor(true) }, width).map(
    line => line.map(({ text }) => text).join(''),
  );

describe('sizes on the screen', () => {
  it('begin with whether it fits, and say over which line', () => {
    const lines = linesOf(storyOf({ written: MB }).tell(measured(100 * MB)));
    expect(lines[0]).toMatch(/^\S+ it fits: what is known takes 1m41s of the line/);
    expect(lines[1]).toBe('line: 100 MB/s, measured, 0.0s ago; bottleneck: link');
    expect(lines[2]).toMatch(/^web1: 10.0 GB by files in 1m40s; writes 1.0+ MB\/s; converges, last pass/);
    expect(lines).toHaveLength(3);
  });

  it('name what is missing, and how the line is measured', () => {
    const lines = linesOf(storyOf({}));
    expect(lines[1]).toContain('landfall doctor PLAN --link');
    expect(lines.some(line => line.includes('nobody has looked twice at what web1 writes'))).toBe(true);
    for (const line of linesOf(storyOf({}), 40)) expect(line.length).toBeLessThanOrEqual(40);
  });
});

it('sizes are a section of the readiness report once something was measured, and none before', () => {
  const story = storyOf({ used: 10 * GB });
  const text = (): string => renderReport('readiness', 'md', reportOf(story.view, story.now)) ?? '';
  expect(text()).not.toContain('how much leaves');
  story.tell(measured(100 * MB));
  expect(text()).toContain('Sizes: how much leaves, and how long that takes');
  expect(text()).toContain('not known: nobody has looked twice at what web1 writes');
});
