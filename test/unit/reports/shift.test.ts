import { describe, expect, test } from 'vitest';
import { reportOf } from '../../../src/reports/model.ts';
import { ShiftBuilder, type ShiftReport } from '../../../src/reports/shift.ts';
import { HOUR, Story } from '../../support/state.ts';

function shiftOf(story: Story, since: number, failed: readonly string[] = []): ShiftReport {
  const builder = new ShiftBuilder(since);
  for (const event of story.events) builder.add(event);
  return builder.report(reportOf(story.view, story.now), new Set(failed));
}

const error = {
  code: 'sync.rsync-failed',
  family: 'program',
  what: 'rsync ended with 23',
  next: [],
} as const;

describe('the shift hand-over', () => {
  test('has only what happened since, and what of it is still open', () => {
    const story = new Story().begin().observe('web1').build('web1').pass('web1', 1);
    const left = story.wait(HOUR).now;
    story
      .pass('web1', 2)
      .tell({ type: 'note.added', text: 'the queue runner is stopped' })
      .tell({
        type: 'step.failed',
        step: 'sync/web1/pass-3',
        phase: 'sync',
        attempts: 1,
        error: { ...error, next: [] },
      })
      .tell({
        type: 'step.failed',
        step: 'build/db1/replica',
        phase: 'build',
        attempts: 1,
        error: { ...error, next: [] },
      });
    const shift = shiftOf(story, left, ['sync/web1/pass-3']);
    expect(shift.copies).toMatchObject([{ machine: 'web1', passes: 1, mismatches: 0 }]);
    expect(shift.failures.map(({ open }) => open)).toEqual([true, false]);
    expect(shift.decisions.map(({ text }) => text)).toEqual([
      expect.stringContaining('the queue runner is stopped'),
    ]);
    expect(shift.course).toEqual([]);
    expect(shift.line).toContain('1 pass');
    expect(shift.line).toContain('2 failures, 1 open');
    expect(shiftOf(story, 0).copies).toMatchObject([{ machine: 'web1', passes: 2 }]);
    expect(shiftOf(story, 0).course).not.toEqual([]);
  });

  test('what runs every few seconds makes no line, and its size is bounded', () => {
    const story = new Story().begin();
    for (let index = 0; index < 1000; index += 1) story.tell({ type: 'note.added', text: `note ${index}` });
    const { decisions } = shiftOf(story, 0);
    expect(decisions).toHaveLength(200);
    expect(decisions.at(-1)?.text).toContain('note 999');
  });
});
