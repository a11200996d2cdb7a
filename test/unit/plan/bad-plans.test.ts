import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../src/plan/load.ts';
import { NOW } from './sound-plan.ts';

const folder = new URL('../../../fixtures/plans/bad/', import.meta.url);
const files = readdirSync(folder).filter(name => name.endsWith('.yaml'));

/** `# expect: LINE:COL MESSAGE` in the first lines of each file: one for each error, no more and no fewer. */
function expectations(bytes: Buffer): { line: number; column: number; message: string }[] {
  const lines = bytes.toString('latin1').split(/\r?\n/);
  return lines.flatMap(text => {
    const match = /# expect: (\d+):(\d+) (.+)$/.exec(text);
    return match === null
      ? []
      : [{ line: Number(match[1]), column: Number(match[2]), message: match[3] ?? '' }];
  });
}

describe('bad plans', () => {
  it('are many', () => {
    expect(files.length).toBeGreaterThanOrEqual(45);
  });

  it.each(files)('%s is refused at the right line and column', file => {
    const bytes = readFileSync(new URL(file, folder));
    const expected = expectations(bytes);
    expect(expected.length).toBeGreaterThan(0);
    const result = parsePlan(bytes, { file, now: NOW });
    expect(result.ok).toBe(false);
    const problems = result.ok ? [] : result.problems;
    const found = problems
      .filter(p => p.severity === 'error')
      .map(({ line, column, message }) => ({ line, column, message }));
    expect(found).toEqual(
      expected.map(({ line, column, message }) => ({
        line,
        column,
        message: expect.stringContaining(message),
      })),
    );
  });

  it.each(files)('%s: no message, value or suggestion can move a cursor or tell the secret', file => {
    const result = parsePlan(readFileSync(new URL(file, folder)), { file, now: NOW });
    const text = JSON.stringify(result);
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('aHVudGVyMi1pbi1jbGVhcg');
    for (const problem of result.ok ? [] : result.problems) {
      expect(`${problem.message}${problem.value}${problem.suggestion}${problem.path}`).not.toMatch(
        /[\0-\x1f\x7f-\x9f]/,
      );
    }
  });
});
