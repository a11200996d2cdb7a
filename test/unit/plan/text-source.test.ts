import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../src/plan/load.ts';
import { NOW } from './sound-plan.ts';

const problemsOf = (bytes: Buffer): string[] => {
  const result = parsePlan(bytes, { file: 'p', now: NOW });
  return result.ok ? [] : result.problems.map(({ message }) => message);
};

describe('a file that is no text', () => {
  it('is one problem, however many bytes are wrong', () => {
    expect(problemsOf(Buffer.alloc(4096))).toEqual(['this is not a text file']);
    expect(problemsOf(Buffer.from('\x7fELF\x02\x01\0\0\0\xff\xfe\x00', 'latin1'))).toEqual([
      'this is not a text file',
    ]);
    expect(problemsOf(Buffer.from('version: 1\nname: storm\n', 'utf16le'))).toEqual([
      'this is not a text file',
    ]);
  });

  it('is shown by its first few control characters where it could be text', () => {
    expect(problemsOf(Buffer.from('\x1b[31mred\n'.repeat(80)))).toHaveLength(3);
  });
});
