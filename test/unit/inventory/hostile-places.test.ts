import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { LOCAL_PLACES } from '../../../src/inventory/collector/places.ts';

const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']].filter(([program = '']) =>
  ['/bin', '/usr/bin'].some(directory => existsSync(join(directory, program))),
);

/** What `local_places` prints where the kernel's table names these mounts of other servers. */
async function places(shell: readonly string[], foreign: readonly string[], asked: readonly string[]) {
  const script = `${LOCAL_PLACES}foreign=$1; shift; local_places "$@"`;
  const [program = 'sh', ...words] = shell;
  const { stdout } = await execa(program, [...words, '-c', script, 'sh', foreign.join('\n'), ...asked]);
  return stdout.split('\n').filter(line => line !== '');
}

function tree(): string {
  const root = mkdtempSync(join(tmpdir(), 'landfall-places-'));
  onTestFinished(() => removeTreeSync(root, tmpdir()));
  for (const directory of ['www/theme', 'www/pages', 'deep/er/share', 'a b', '.hidden'])
    mkdirSync(join(root, directory), { recursive: true });
  return root;
}

it.each(SHELLS)('%s: beside a share everything is told, at it and below it nothing', async (...shell) => {
  const root = tree();
  const foreign = [join(root, 'www/theme'), join(root, 'deep/er/share')];
  const asked = [root, join(root, 'www/theme'), join(root, 'www/theme/below'), join(root, 'a b')];
  expect(await places(shell, foreign, asked)).toEqual(
    ['a b', 'www/pages', '.hidden', 'a b'].map(name => join(root, name)),
  );
});

it.each(SHELLS)(
  '%s: of thousands of files beside a share so many are told as a command can take',
  async (...shell) => {
    const root = tree();
    for (let at = 0; at < 3000; at += 1) writeFileSync(join(root, `www/article-${at}.html`), '');
    const found = await places(shell, [join(root, 'www/theme')], [join(root, 'www')]);
    expect(found.length).toBe(1000);
    expect(found).not.toContain(join(root, 'www/theme'));
  },
);
