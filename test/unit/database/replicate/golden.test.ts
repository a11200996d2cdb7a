import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goldenFiles } from './golden.ts';

const files = goldenFiles();

test.each([...files.keys()])('%s is what is sent', path => {
  expect(files.get(path)).toBe(readFileSync(join('fixtures/database', path), 'utf8'));
});

test('no secret and no password is in any of them', () => {
  for (const text of files.values()) {
    expect(text).not.toMatch(/password = N'/i);
    expect(text).toMatch(/^-- /);
  }
});
