import { describe, expect, it } from 'vitest';
import { formatProblem, problemLine, problemsJson } from '../../../src/plan/format.ts';
import type { Problem } from '../../../src/plan/problem.ts';
import { changed, parse, problemsOf, SOUND } from './sound-plan.ts';

const problem = (place: Partial<Problem>): Problem => ({
  file: 'plans/x.yaml',
  line: 1,
  column: 1,
  path: 'name',
  message: 'not good',
  severity: 'error',
  ...place,
});

describe('formatProblem', () => {
  it('shows the place, the line with a caret, and the help', () => {
    const text = changed(['role: target', 'role: targt']);
    expect(problemsOf(text).map(p => formatProblem(p, text))).toEqual([
      [
        'plan.yaml:8:19: error: not one of source and target: "targt"',
        '  8 |   dallas: { role: targt }',
        '    |                   ^',
        '    = help: did you mean "target"?',
      ].join('\n'),
    ]);
  });

  it('does without the text', () => {
    expect(formatProblem(problem({ value: 'x' }))).toBe('plans/x.yaml:1:1: error: not good: "x"');
  });

  it('puts the caret right behind wide letters, tabs and what is escaped', () => {
    const text = 'a: 東京\t\u200b x';
    const [, line = '', caret = ''] = formatProblem(problem({ column: 9 }), text).split('\n');
    expect(line).toBe('  1 | a: 東京 \\u{200b} x');
    // Two cells for each of the two letters, so the caret stands 6 cells after the text column of the x would say.
    expect(caret.length).toBe('  1 | a: 東京 \\u{200b} '.length + 2 + 1);
  });

  it('cuts a long line around the place', () => {
    const text = `a: ${'x'.repeat(500)}HERE${'y'.repeat(500)}`;
    const [, line = '', caret = ''] = formatProblem(problem({ column: 504 }), text).split('\n');
    expect(line.length).toBeLessThan(120);
    expect(line.slice(caret.indexOf('^')).startsWith('HERE')).toBe(true);
  });

  it('never shows a line with a secret, nor a known kind of secret in any line', () => {
    expect(formatProblem(problem({ sensitive: true }), 'password: hunter2')).not.toContain('hunter2');
    expect(formatProblem(problem({}), 'password: hunter2')).not.toContain('hunter2');
  });

  it('survives a place outside the text', () => {
    expect(formatProblem(problem({ line: 99, column: 99 }), 'a: 1\n')).toBe(
      'plans/x.yaml:99:99: error: not good',
    );
    expect(formatProblem(problem({ line: 1, column: 99 }), 'a: 1\n').split('\n')).toHaveLength(3);
  });

  it('ignores the carriage return of Windows lines and a byte order mark', () => {
    const [, line] = formatProblem(problem({}), '\uFEFFa: 1\r\nb: 2\r\n').split('\n');
    expect(line).toBe('  1 | a: 1');
  });
});

it('problemLine is one line', () => {
  expect(problemLine(problem({ severity: 'warning' }))).toBe('plans/x.yaml:1:1: warning: not good');
});

describe('problemsJson', () => {
  it('of a sound plan has its hash', () => {
    expect(problemsJson('plan.yaml', parse(SOUND))).toMatchObject({
      v: 1,
      ok: true,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      errors: 0,
      warnings: 0,
      problems: [],
    });
  });

  it('of a bad one counts', () => {
    const report = problemsJson(
      'plan.yaml',
      parse(changed(['[db1]', '[db7]'], ['10.20.4.51', '10.21.4.51'])),
    );
    expect(report).toMatchObject({ ok: false, errors: 1, warnings: 1 });
    expect(report).not.toHaveProperty('hash');
  });
});
