import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatStatements } from '../../../../src/remote/sql/script.ts';
import { comparison } from './statements.ts';

const golden = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/database/compare/${name}.sql`, import.meta.url), 'utf8');

describe('the statements of a comparison', () => {
  it.each([
    ['any-2022', 'any'],
    ['any-2012', '8000'],
  ] as const)('are those that a DBA has read: %s', (name, input) => {
    expect(formatStatements(comparison(input), 'Compare tables')).toBe(golden(name));
  });

  it('never write', () => {
    for (const input of ['any', '8000'] as const)
      expect(comparison(input).filter(({ effect }) => effect !== 'reads')).toEqual([]);
  });
});
