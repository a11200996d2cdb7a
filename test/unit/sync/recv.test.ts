import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECV_NOT_MOUNTED, RECV_SCRIPT } from '../../../src/sync/movers/files/scripts/recv.ts';
import { RECV_NOT_ALLOWED } from '../../../src/sync/path/rsync-server.ts';

/** What rsync 3.5.0 asks for with landfall's options; recorded with a remote shell that prints its arguments. */
const ASKED = [
  'rsync --server -lHogDtpAXrxSe.LsfxCIvu --compress-level=1 --timeout=600 --bwlimit=1000 --compress-choice=zstd --max-delete=20000 --delete-delay -@-1 --partial-dir .rsync-partial --numeric-ids --info=STATS2 --open-noatime . /mnt/t/',
  'rsync --server -lHogDtpAXrcxSe.LsfxCIvu --timeout=600 -@-1 --partial-dir .rsync-partial --numeric-ids --info=STATS2 --open-noatime . /mnt/t/srv/data-1/',
  'rsync --server -trxe.iLsfxCIvu --delete-delay --modify-window=1 . /mnt/t/boot/efi/',
  'rsync --server -nlHogDtpAXrcxSe.LsfxCIvu --log-format=%i --timeout=3600 --checksum-choice=xxh128 --delete -@-1 --numeric-ids --info=STATS2 . /mnt/t/',
  'rsync --server -lHogDtpAXrxSe.LsfxCIvu --timeout=600 --compress-choice=lz4 -@-1 --partial-dir .rsync-partial --numeric-ids --info=STATS2 --open-noatime . /mnt/t/',
  'rsync --server -lHogDtprxSze.iLs --compress-level=1 --timeout=600 --partial-dir .rsync-partial --numeric-ids . /mnt/t/',
  'rsync --server -lHogDtprxSe.iLs --stats --timeout=600 --partial-dir .rsync-partial --numeric-ids . /mnt/t/',
];

const home = mkdtempSync(path.join(tmpdir(), 'landfall-recv-'));
const bin = path.join(home, 'bin');
const script = path.join(home, 'recv');
const outside = path.join(home, 'outside');

beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(script, RECV_SCRIPT);
  // Prints its words one a line, so that a word that was split or joined shows.
  tool('rsync', `printf '%s\\n' rsync "$@"`);
  tool('mountpoint', '[ "$2" != /mnt/t/unmounted ]');
  tool('find', 'case $1 in */link) echo "$1" ;; */gone) exit 1 ;; esac');
  // Whatever is called besides leaves a trace.
  for (const name of ['touch', 'sh', 'sudo', 'cat', 'id']) tool(name, `echo "$0 $*" >> ${outside}`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function tool(name: string, body: string): void {
  const file = path.join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

async function recv(
  command: string | undefined,
  shell = '/bin/sh',
): Promise<{ code: number; words: string[]; stderr: string }> {
  const result = await execa(shell, [script], {
    cwd: home,
    env: { PATH: bin, ...(command === undefined ? {} : { SSH_ORIGINAL_COMMAND: command }) },
    extendEnv: false,
    reject: false,
  });
  const words = result.stdout === '' ? [] : result.stdout.split('\n');
  return { code: result.exitCode ?? -1, words, stderr: result.stderr };
}

const REFUSED = { code: RECV_NOT_ALLOWED, words: [] };

describe('the forced command', () => {
  it.each(ASKED)('lets through %j, word for word', async command => {
    expect(await recv(command)).toEqual({ code: 0, words: command.split(' '), stderr: '' });
  });

  it.skipIf(!existsSync('/bin/bash'))('is the same in another shell', async () => {
    for (const command of ASKED)
      expect(await recv(command, '/bin/bash')).toEqual({ code: 0, words: command.split(' '), stderr: '' });
    for (const command of ['rsync --server --sender -lre.iLs . /mnt/t/', 'rsync --server -s . /mnt/t/', 'sh'])
      expect(await recv(command, '/bin/bash')).toMatchObject(REFUSED);
  });

  it.each(['/mnt/t/link/', '/mnt/t/link/etc/', '/mnt/t/srv/link/', '/mnt/t/gone/'])(
    'does not follow a link that the source has put into its replica: %s',
    async destination => {
      expect(await recv(`rsync --server -lre.iLs . ${destination}`)).toMatchObject(REFUSED);
    },
  );

  it('sends a few lines back, to tell the distance, and does nothing with them', async () => {
    const lines = ['x', '$(touch outside)', '; touch outside', '%s%n', '-n', '6', 'seventh'];
    const result = await execa('/bin/sh', [script], {
      cwd: home,
      env: { PATH: bin, SSH_ORIGINAL_COMMAND: 'landfall echo' },
      extendEnv: false,
      input: `${lines.join('\n')}\n`,
    });
    expect(result.stdout.split('\n')).toEqual(lines.slice(0, 6));
    expect(existsSync(outside)).toBe(false);
  });

  it.each([
    'landfall  echo',
    'landfall echo x',
    'landfall',
    'landfall echo; id',
    ' landfall echo',
    'landfall echo\nid',
  ])('takes nothing else for that: %j', async command => {
    expect(await recv(command)).toMatchObject(REFUSED);
  });

  it('refuses a place where no replica is mounted', async () => {
    const { code, stderr } = await recv('rsync --server -lre.iLs . /mnt/t/unmounted/');
    expect(code).toBe(RECV_NOT_MOUNTED);
    expect(stderr).toBe('landfall-recv: not mounted: /mnt/t/unmounted');
  });

  it.each([
    undefined,
    '',
    'sh',
    'rsync',
    'rsync --daemon --config=/tmp/x . /mnt/t/',
    'scp -t /mnt/t/',
    'env rsync --server -lre.iLs . /mnt/t/',
    'rsync --server --sender -lre.iLs . /mnt/t/',
    'rsync --sender --server -lre.iLs . /mnt/t/',
    'rsync --server -lre.iLs . /',
    'rsync --server -lre.iLs . /mnt/t',
    'rsync --server -lre.iLs . /mnt/tt/',
    'rsync --server -lre.iLs . /mnt/t/../../etc/',
    'rsync --server -lre.iLs . /mnt/t/./',
    'rsync --server -lre.iLs . /mnt/t//etc/',
    'rsync --server -lre.iLs . mnt/t/',
    'rsync --server -lre.iLs . /etc/ /mnt/t/',
    'rsync --server -lre.iLs . /mnt/t/ /etc/',
    'rsync --server -lre.iLs /etc/ /mnt/t/',
    'rsync --server -lre.iLs . --delete',
    'rsync --server -lre.iLs . /mnt/t/ ; touch x',
    'rsync --server -lre.iLs . /mnt/t/; touch x',
    'rsync --server -lre.iLs . /mnt/t/ && touch x',
    'rsync --server -lre.iLs . /mnt/t/ | sh',
    'rsync --server -lre.iLs . /mnt/t/\ntouch x',
    'rsync --server -lre.iLs\n. /mnt/t/',
    'rsync --server -lre.iLs . /mnt/t/$(touch x)/',
    'rsync --server -lre.iLs . /mnt/t/`touch x`/',
    'rsync --server -lre.iLs . /mnt/t/${HOME}/',
    'rsync --server -lre.iLs . /mnt/t/*/',
    'rsync --server -lre.iLs . /mnt/t/[a]/',
    'rsync --server -lre.iLs . /mnt/t/"a"/',
    "rsync --server -lre.iLs . '/mnt/t/'",
    'rsync --server -lre.iLs . /mnt/t/a\\ b/',
    'rsync --server -lre.iLs . ~root/',
    'rsync --server -lre.iLs . /mnt/t/é/',
    ...[
      '--remove-source-files',
      '--rsync-path=/tmp/x',
      '--log-file=/etc/passwd',
      '--log-format=%n',
      '--temp-dir=/etc',
      '-T /etc',
      '--backup-dir=/etc',
      '--link-dest=/etc',
      '--copy-dest=/etc',
      '--compare-dest=/etc',
      '--partial-dir=/etc',
      '--partial-dir /etc',
      '--partial-dir',
      '--files-from=/etc/passwd',
      '--write-batch=/tmp/x',
      '--read-batch=/tmp/x',
      '--inplace',
      '--append',
      '--copy-links',
      '--keep-dirlinks',
      '--copy-unsafe-links',
      '--insecure-links',
      '--secluded-args',
      '--fake-super',
      '--super',
      '--chown=a:b',
      '--usermap=a:b',
      '--iconv=x',
      '--filter=x',
      '--delete-excluded',
      '--ignore-errors',
      '--force',
      '--config=/tmp/x',
      '--timeout=',
      '--timeout=1x',
      '--max-alloc=0',
      '--bwlimit=-1',
      '-s',
      '-e',
      '-esh',
      '-L',
      '-K',
      '-M--x',
      '-lrse.iLs',
      '-b',
      '-',
      '--',
      'word',
    ].map(option => `rsync --server ${option} . /mnt/t/`),
  ])('refuses %j', async command => {
    expect(await recv(command)).toMatchObject(REFUSED);
  });

  it('never runs anything but rsync, and never a word that was not given', async () => {
    const word = fc.oneof(
      fc.constantFrom(
        'rsync',
        '--server',
        '--sender',
        '.',
        '..',
        '/mnt/t/',
        '/mnt/t/a/',
        '/',
        '/etc/',
        '-e',
        '-s',
      ),
      fc.constantFrom(
        '--delete',
        '-lHre.iLs',
        '--partial-dir',
        '.rsync-partial',
        ';',
        '&&',
        '|',
        '$(touch',
        'x)',
      ),
      fc.string({ maxLength: 8 }),
      fc.string({
        maxLength: 6,
        unit: fc.constantFrom(
          '$',
          '(',
          ')',
          '`',
          '"',
          "'",
          '\\',
          '\n',
          '\t',
          '*',
          '?',
          '~',
          '#',
          '-',
          '/',
          '.',
          'a',
        ),
      }),
    );
    const command = fc.oneof(
      fc.array(word, { maxLength: 8 }).map(words => words.join(' ')),
      // A good command with one thing wrong in it.
      fc.tuple(fc.constantFrom(...ASKED), fc.nat(), word).map(([good, place, bad]) => {
        const words = good.split(' ');
        return words.toSpliced(place % (words.length + 1), 1, bad).join(' ');
      }),
    );
    await fc.assert(
      fc.asyncProperty(
        command.filter(text => !text.includes('\0')),
        async text => {
          const { code, words } = await recv(text);
          if (code === RECV_NOT_ALLOWED) {
            expect(words).toEqual([]);
            return;
          }
          expect(code).toBe(0);
          expect(words).toEqual(text.split(' ').filter(each => each !== ''));
          expect(words.slice(0, 2)).toEqual(['rsync', '--server']);
          expect(words.at(-1)).toMatch(/^\/mnt\/t\/(?:[A-Za-z0-9._@+,-]+\/)*$/);
          expect(words.at(-2)).toBe('.');
          expect(words).not.toContain('--sender');
        },
      ),
      { numRuns: 250 },
    );
    await expect(execa('/bin/cat', [outside])).rejects.toThrow();
  }, 60_000);
});
