import { expect, test } from 'vitest';
import { canWriteUnicode } from '../../../src/cli/terminal-characters.ts';
import { landfall } from '../../support/cli.ts';

test('a locale that is not UTF-8 means ASCII; the first of LC_ALL, LC_CTYPE and LANG that is set counts', () => {
  expect(canWriteUnicode({ LANG: 'C', LC_ALL: 'C' }, true)).toBe(false);
  expect(canWriteUnicode({ LANG: 'POSIX' }, true)).toBe(false);
  expect(canWriteUnicode({ LANG: 'de_DE.ISO-8859-1' }, true)).toBe(false);
  expect(canWriteUnicode({ LANG: 'C.UTF-8' }, true)).toBe(true);
  expect(canWriteUnicode({ LANG: 'en_US.utf8' }, true)).toBe(true);
  expect(canWriteUnicode({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, true)).toBe(false);
  expect(canWriteUnicode({ LC_ALL: '', LC_CTYPE: 'en_US.UTF-8', LANG: 'C' }, true)).toBe(true);
  expect(canWriteUnicode({}, true)).toBe(true);
  expect(canWriteUnicode({ LANG: 'C.UTF-8' }, false)).toBe(false);
});

test('every action of an evacuation can be read in ASCII', async () => {
  const plan = new URL('../../../plans/minimal.yaml', import.meta.url).pathname;
  const { code, out } = await landfall(['run', plan, '--dry-run'], { unicode: false });
  expect(code).toBe(0);
  expect(out).toContain('<...> marks what inventory has yet to find');
  expect(out).toMatch(/^[\x20-\x7e\n]*$/);
});

test('help says what to type where killed screens left the terminal in disorder', async () => {
  const { code, out } = await landfall(['help', 'terminal']);
  expect(code).toBe(0);
  expect(out).toMatch(/reset .*kill -9/s);
});
