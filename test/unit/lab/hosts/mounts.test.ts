import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapPath, shellMap, tidyPath, unmapPath } from '../../../../src/lab/hosts/mounts.ts';
import type { Mount } from '../../../../src/lab/world/world.ts';

const LAB = "/tmp/lab it's *";
const mount = (path: string, directory: string): Mount => ({
  path,
  directory: `${LAB}/${directory}`,
  source: 'x',
  type: 'ext4',
});
const MOUNTS = [
  mount('/', 'hosts/h/fs/root'),
  mount('/run', 'hosts/h/fs/run'),
  mount('/mnt/t', 'volumes/default/v/p1'),
  mount('/mnt/t/boot', 'volumes/default/v/p2'),
];

test.each([
  ['/', `${LAB}/hosts/h/fs/root/`],
  ['/etc/x', `${LAB}/hosts/h/fs/root/etc/x`],
  ['/run', `${LAB}/hosts/h/fs/run`],
  ['/running', `${LAB}/hosts/h/fs/root/running`],
  ['/mnt/t/', `${LAB}/volumes/default/v/p1/`],
  ['/mnt/t/boot/grub', `${LAB}/volumes/default/v/p2/grub`],
  ['/dev/null', '/dev/null'],
  ['relative/x', 'relative/x'],
  // Mapped before, and then taken further by a script.
  [`${LAB}/hosts/h/fs/root/run/x`, `${LAB}/hosts/h/fs/run/x`],
  [`${LAB}/volumes/default/v/p1/boot/x`, `${LAB}/volumes/default/v/p2/x`],
  [`${LAB}/hosts/other/fs/root/x`, `${LAB}/hosts/other/fs/root/x`],
  [`${LAB}/hosts/h/fs/run/x`, `${LAB}/hosts/h/fs/run/x`],
])('%s is %s', (path, directory) => {
  expect(mapPath(LAB, MOUNTS, path)).toBe(directory);
});

test('a path of the host survives the way there and back', () => {
  const name = fc.string({ minLength: 1, maxLength: 8 }).filter(text => !/[/\0]/.test(text));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('mnt', 't', 'boot', 'run', 'etc'), name), {
        minLength: 1,
        maxLength: 5,
      }),
      names => {
        const path = `/${names.join('/')}`;
        fc.pre(!path.startsWith('/dev/'));
        const mapped = mapPath(LAB, MOUNTS, path);
        expect(mapPath(LAB, MOUNTS, mapped)).toBe(mapped);
        expect(unmapPath(MOUNTS, mapped)).toBe(path);
      },
    ),
  );
});

test('the shell functions say the same as the code', () => {
  const words = [
    '/',
    '/etc/a b',
    '/run',
    '/run/x',
    '/runner',
    '/mnt/t',
    '/mnt/t/',
    '/mnt/t/boot/y',
    '/mnt/t/boots',
    '/dev/null',
    '/dev/vdb1',
    'rel',
    '',
    `${LAB}/hosts/h/fs/root/z`,
    '/\u00fc*\n"\'\\',
  ];
  const script = `${shellMap(LAB, MOUNTS)}
for w do _lf_map "$w"; printf '%s\\0' "$_lf_mapped"; _lf_unmap "$_lf_mapped"; printf '%s\\0' "$_lf_unmapped"; done`;
  const said = execFileSync('sh', ['-c', script, 'sh', ...words], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
  expect(said).toEqual(
    words.flatMap(word => {
      const mapped = mapPath(LAB, MOUNTS, word);
      return [mapped, unmapPath(MOUNTS, mapped)];
    }),
  );
});

test('slashes are tidied', () => {
  expect(['/', '//', '/a/', '/a//b'].map(tidyPath)).toEqual(['/', '/', '/a', '/a/b']);
});
