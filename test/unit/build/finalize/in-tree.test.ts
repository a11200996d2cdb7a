import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fixupActions } from '../../../../src/build/finalize/perform.ts';
import { RealTree } from './support.ts';

/** A command of the copy, really run in it; only where this process may make namespaces (root, as in a receiver). */

const MAY = spawnSync('unshare', ['--mount', '--net', '--pid', '--fork', 'true']).status === 0;

/** With a /run of its own, so that the test leaves nothing on the machine. */
const APART = 'mount --make-rprivate / && mount -t tmpfs tmpfs /run && exec "$@"';

function treeWithShell(): RealTree {
  const tree = new RealTree({ '/etc/hostname': 'the copy\n' });
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp']) mkdirSync(tree.at(name));
  const libraries = execFileSync('ldd', ['/bin/sh'], { encoding: 'utf8' });
  for (const file of ['/bin/sh', ...[...libraries.matchAll(/\/\S+/g)].map(([name]) => name)]) {
    mkdirSync(path.dirname(tree.at(file)), { recursive: true });
    copyFileSync(file, tree.at(file));
  }
  return tree;
}

test.skipIf(!MAY)('a command sees the copy, the kernel and no network, and leaves no mount behind', () => {
  const tree = treeWithShell();
  const script = `read -r name < /etc/hostname
echo "$name" > /etc/seen
echo x > /run/gone; echo x > /tmp/gone
[ -c /dev/null ] && [ -d /sys/kernel ] && [ "$$" = 1 ] && echo kernel >> /etc/seen
while read -r line; do case $line in *:*) echo "\${line%%:*}" >> /etc/seen ;; esac; done < /proc/net/dev`;
  const actions = fixupActions('here', tree.root, [
    {
      id: 'test',
      title: 'test',
      why: 'test',
      edits: [],
      commands: [{ argv: ['sh', '-c', script], why: 'test' }],
      warnings: [],
    },
  ]);
  // Without the action that ends what others run: on this machine, that may be another test.
  for (const { argv } of actions.slice(-1)) {
    execFileSync('unshare', ['--mount', 'sh', '-c', APART, 'sh', ...argv.map(String)], { stdio: 'pipe' });
  }
  expect(readFileSync(tree.at('/etc/seen'), 'utf8')).toBe('the copy\nkernel\nlo\n');
  expect(readdirSync(tree.at('/run'))).toEqual([]);
  expect(readdirSync(tree.at('/tmp'))).toEqual([]);
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(tree.root);
});
