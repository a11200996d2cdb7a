import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { EXIT_MEANING } from '../../../src/foundation/exit-codes.ts';

/** The README repeats what the program knows; it must repeat it as it is. */
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('README', () => {
  test.each(COMMANDS.map(c => [c.name, c.summary]))(
    'has the command %s with its summary',
    (name, summary) => {
      expect(readme).toContain(`| \`landfall ${name}\` | ${summary} |`);
    },
  );

  test.each(EXIT_MEANING)('has exit code %i', (code, meaning) => {
    expect(readme).toContain(`| ${code} | ${meaning} |`);
  });

  test('names no option that does not exist', () => {
    const known = new Set(COMMANDS.flatMap(c => c.options.map(o => `--${o.name}`)));
    const used = [...readme.matchAll(/landfall [a-z]+[^\n`]*?(--[a-z-]+)/g)].map(
      ([, option]) => option ?? '',
    );
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter(option => !known.has(option) && option !== '--help')).toEqual([]);
  });
});
