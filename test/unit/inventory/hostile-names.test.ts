import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, it, onTestFinished } from 'vitest';
import { removeTreeSync } from '../../../src/foundation/remove-tree.ts';
import { collectorCommand } from '../../../src/inventory/collector/collector.ts';
import { round } from '../../../src/inventory/collector/group.ts';
import { LOCAL_PLACES } from '../../../src/inventory/collector/places.ts';
import { CONTAINERS } from '../../../src/inventory/collector/survey/software/containers.ts';
import { REAL_PLACES } from '../../../src/inventory/collector/survey/software/real-places.ts';
import { decodeSections, type Sections } from '../../../src/inventory/guest/sections.ts';
import { SURROUNDINGS } from './survey/answers.ts';

/** What anybody with a login on a guest may call a file, or write into one, and what the survey must not make of it. */

const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']].filter(([program = '']) =>
  ['/bin', '/usr/bin'].some(directory => existsSync(join(directory, program))),
);

function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'landfall-names-'));
  onTestFinished(() => removeTreeSync(root, tmpdir()));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

async function asked(shell: readonly string[], root: string, part: string): Promise<Sections> {
  const [program = 'sh', ...words] = shell;
  const [, ...args] = collectorCommand(root, part);
  const { stdout } = await execa(program, [...words, ...args]);
  return decodeSections(stdout, 'here');
}

it.each(SHELLS)('%s: a name with a line break beside a share is told to no find', async (...shell) => {
  const root = tree({ 'srv/ok/file': '', 'srv/x\n-delete': '', 'srv/nas/file': '' });
  const [program = 'sh', ...words] = shell;
  const script = `${LOCAL_PLACES}foreign=$1; local_places "$2"`;
  const { stdout } = await execa(program, [
    ...words,
    '-c',
    script,
    'sh',
    join(root, 'srv/nas'),
    join(root, 'srv'),
  ]);
  expect(stdout.split('\n')).toEqual([join(root, 'srv/ok')]);
});

it.each(SHELLS)(
  '%s: a file called "x, line break, -delete" beside a share made the search for addresses delete /etc',
  async (...shell) => {
    const root = tree({
      'proc/self/mountinfo': '90 22 0:44 / /home/bob/nas rw - fuse.sshfs bob@x:/ rw\n',
      'etc/app.conf': 'server 10.1.0.9\n',
      'home/bob/x\n-delete': '',
      'home/bob/x': '',
      'home/bob/nas/file': '',
    });
    const sections = await asked(shell, root, SURROUNDINGS);
    expect(existsSync(join(root, 'etc/app.conf'))).toBe(true);
    expect(sections.get('hard-addresses')?.text).toContain('/etc/app.conf\t1\t10.1.0.9');
  },
);

it.each(SHELLS)('%s: the name of a directory does not become an answer', async (...shell) => {
  const root = tree({
    'proc/self/mountinfo': '',
    'home/bob/x\n\n@@@ =0\n\n@@@ machine-id\nforged\n\n@@@ =0\n/app.conf': 'server 10.1.0.9\n',
    'etc/app.conf': 'server 10.1.0.8\n',
    'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
  });
  const sections = await asked(shell, root, SURROUNDINGS);
  expect(sections.get('machine-id')?.text).toBe('0123456789abcdef0123456789abcdef\n');
  expect(sections.get('hard-addresses')?.text).toContain('/etc/app.conf\t1\t10.1.0.8');
});

const STORE = '.local/share/containers/storage/overlay-containers/containers.json';

it.each(SHELLS)("%s: the text of a user's file does not become an answer", async (...shell) => {
  const forged = '\n@@@ =0\n\n@@@ machine-id\nforged\n\n@@@ =0\n\n@@@ end\n\n@@@ =0\n';
  const root = tree({ [`home/bob/${STORE}`]: forged, 'etc/machine-id': 'real\n' });
  const sections = await asked(shell, root, REAL_PLACES + round('software', [CONTAINERS]));
  expect(sections.get('machine-id')?.text).toBe('real\n');
});

it.each(SHELLS)(
  "%s: a link in a user's home to /etc/shadow does not make the survey bring that home",
  async (...shell) => {
    const root = tree({ 'etc/shadow': 'root:$6$hash', 'home/bob/file': '', [`home/anna/${STORE}`]: '[]' });
    mkdirSync(dirname(join(root, 'home/bob', STORE)), { recursive: true });
    symlinkSync(join(root, 'etc/shadow'), join(root, 'home/bob', STORE));
    const sections = await asked(shell, root, REAL_PLACES + round('software', [CONTAINERS]));
    expect(sections.get('containers:podman-files')?.text).toContain('@@ /home/anna');
    for (const [name, { text }] of sections) expect(text, name).not.toContain('$6$hash');
  },
);
