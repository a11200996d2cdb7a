import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { differencesOf, onMachine } from '../../../../src/cli/rehearsal/compare-trees.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lf-trees-'));
  for (const side of ['a', 'b']) mkdirSync(join(root, side, 'etc'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (name: string, text: string): void => writeFileSync(join(root, name), text);
const found = () => differencesOf(join(root, 'a'), join(root, 'b'));

test('equal trees have no difference, whatever their times are', () => {
  put('a/etc/one', 'x');
  put('b/etc/one', 'x');
  utimesSync(join(root, 'a/etc/one'), 1, 1);
  symlinkSync('one', join(root, 'a/etc/link'));
  symlinkSync('one', join(root, 'b/etc/link'));
  mkdirSync(join(root, 'b/lost+found'));
  expect(found()).toEqual([]);
});

test('what is missing, besides, or otherwise is named with the bytes that the source has', () => {
  put('a/etc/gone', '12345');
  utimesSync(join(root, 'a/etc/gone'), 2, 2);
  put('a/etc/other', 'abc');
  put('b/etc/other', 'abd');
  put('b/etc/more', 'x');
  symlinkSync('here', join(root, 'a/link'));
  symlinkSync('there', join(root, 'b/link'));
  mkdirSync(join(root, 'a/kind'));
  put('b/kind', '');
  expect(found().map(({ path, how, bytes }) => [path, how, bytes])).toEqual([
    ['/etc/gone', 'missing', 5],
    ['/etc/more', 'extra', 0],
    ['/etc/other', 'other', 3],
    ['/kind', 'other', 0],
    ['/link', 'other', 0],
  ]);
  expect(found()[0]?.writtenAt).toBe(2000);
});

test('a path below a mount point is the one that the machine would name', () => {
  expect(onMachine('/', '/etc/hosts')).toBe('/etc/hosts');
  expect(onMachine('/srv', '/a')).toBe('/srv/a');
});
