import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECV_SCRIPT as BLOCKS } from '../../../src/sync/movers/blocks/scripts/path.ts';
import { RECV_SCRIPT as FILES } from '../../../src/sync/movers/files/scripts/recv.ts';
import { HYPERVISOR_KEYS, RECEIVER_KEYS } from '../../../src/sync/path/keys.ts';
import { RECV_NOT_ALLOWED } from '../../../src/sync/path/rsync-server.ts';

const home = mkdtempSync(join(tmpdir(), 'landfall-doors-'));
const bin = join(home, 'bin');
const stage = join(home, 'stage');
const trace = join(home, 'trace');

beforeAll(() => {
  for (const directory of [bin, stage]) mkdirSync(directory);
  // One word a line, so that a word that was split or joined shows.
  const tools = {
    rsync: `printf '%s\\n' rsync "$@"`,
    mountpoint: 'exit 0',
    find: 'exit 0',
    ...Object.fromEntries(['touch', 'sh', 'id', 'cat'].map(name => [name, `: > ${trace}`])),
  };
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Each door with the one place that it opens to, and what it lets through. */
const DOORS = [
  { name: 'of a receiver', script: FILES, place: '/mnt/t/', letters: '-lHogDtpAXrxSe.LsfxCIvu' },
  { name: 'between hypervisors', script: BLOCKS, place: `${stage}/`, letters: '-vtSe.LsfxCIvu' },
] as const;
type Door = (typeof DOORS)[number];

/** What may stand behind `sh` on a host. */
const SHELLS = [['/bin/sh'], ['/bin/bash', '--norc', '--posix'], ['/bin/busybox', 'sh']].filter(
  ([path = '']) => existsSync(path),
);

function ask(
  door: Door,
  command: string,
  [shell = '', ...applet]: readonly string[] = ['/bin/sh'],
): { code: number | undefined; words: string[]; stderr: string } {
  const { exitCode, stdout, stderr } = execaSync(shell, [...applet, '-c', door.script, 'sh', stage], {
    cwd: home,
    env: { PATH: bin, SSH_ORIGINAL_COMMAND: command },
    extendEnv: false,
    reject: false,
  });
  return { code: exitCode, words: stdout === '' ? [] : stdout.split('\n'), stderr };
}

const good = ({ letters, place }: Door): string =>
  `rsync --server ${letters} --timeout=300 --partial-dir .rsync-partial . ${place}`;

describe.each(DOORS)('the door $name', door => {
  it.each(SHELLS)('lets through what its own mover asks for, word for word, in %s', (...shell) => {
    expect(ask(door, good(door), shell)).toEqual({ code: 0, words: good(door).split(' '), stderr: '' });
  });

  it('an -e without abilities is refused: rsync would take the next word for them, and another place for its own', () => {
    const { letters, place } = door;
    for (const shell of SHELLS)
      for (const empty of ['-e', '-ve', '-tSe'])
        for (const next of ['--partial-dir .rsync-partial', '--timeout=1', letters])
          expect(ask(door, `rsync --server ${letters} ${empty} ${next} . ${place}`, shell)).toEqual({
            code: RECV_NOT_ALLOWED,
            words: [],
            stderr: `landfall-recv: refused: the option ${empty}`,
          });
  });

  it('the list of characters has no ranges: what lies between two of them stays outside', () => {
    const listed = /[A-Za-z0-9._/@+,=% -]/;
    const others = Array.from({ length: 127 }, (_, at) => String.fromCharCode(at + 1))
      .filter(character => !listed.test(character))
      .concat('é', '\u00a0', '\u2028');
    for (const shell of SHELLS)
      for (const character of others) {
        const command = good(door).replace('--server', `--server${character}`);
        const { code, words, stderr } = ask(door, command, shell);
        expect({ character, code, words }).toEqual({ character, code: RECV_NOT_ALLOWED, words: [] });
        expect(stderr).toContain('a character that has no place here');
      }
  });

  it('nothing leads out of it, whatever is put into, taken out of or beside a good command', () => {
    const word = fc.oneof(
      fc.constantFrom(
        ...['--sender', '--daemon', '--config=/x', '--log-file=/x', '--temp-dir=/', '-T', '--files-from=/x'],
        ...[
          '--copy-dest=/',
          '--link-dest=/',
          '--backup-dir=/',
          '--inplace',
          '--append',
          '--super',
          '-L',
          '-K',
        ],
        ...[
          '--partial-dir',
          '--partial-dir=/x',
          '.',
          '..',
          '/',
          '/etc/',
          `${door.place}../`,
          door.place,
          '--',
        ],
        ...[';', '&&', '|', '$(id)', '`id`', '*', '~', '-e', '-s', '-esh', '-', 'sh', '-c', '\n', '\t'],
      ),
      fc.string({ maxLength: 6 }).filter(text => !text.includes('\0')),
    );
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 2 }),
        fc.array(word, { maxLength: 2 }),
        (at, out, into) => {
          const words = good(door).split(' ');
          const command = words.toSpliced(at % (words.length + 1), out, ...into).join(' ');
          const answer = ask(door, command);
          if (answer.code !== 0) {
            expect(answer).toMatchObject({ code: RECV_NOT_ALLOWED, words: [] });
            return;
          }
          expect(answer.words).toEqual(command.split(' ').filter(each => each !== ''));
          expect(answer.words.slice(0, 2)).toEqual(['rsync', '--server']);
          expect(answer.words.at(-2)).toBe('.');
          const rest = answer.words.at(-1)?.slice(door.place.length) ?? '..';
          expect(answer.words.at(-1)?.startsWith(door.place)).toBe(true);
          expect(door.name === 'of a receiver' ? rest : rest === '' ? '' : '..').not.toContain('..');
          for (const never of ['--sender', '--daemon', '--inplace', '-L', '-K', '-s'])
            expect(answer.words).not.toContain(never);
        },
      ),
      { numRuns: 120 },
    );
    expect(readdirSync(home).toSorted()).toEqual(['bin', 'stage']);
  });
});

describe.each([
  { name: 'a receiver', keys: RECEIVER_KEYS },
  { name: 'a hypervisor', keys: HYPERVISOR_KEYS },
])('the line in authorized_keys of $name', ({ keys }) => {
  const env = () => {
    const user = mkdtempSync(join(home, 'user-'));
    return { HOME: user, SUDO_USER: '', TZ: 'UTC', PATH: process.env['PATH'] };
  };
  const run = (script: string, words: readonly string[], vars: ReturnType<typeof env>) =>
    execaSync('sh', ['-c', script, 'sh', ...words], { env: vars, extendEnv: false, reject: false });

  it('is restricted, from there only, until then, for one command, and goes without a trace', () => {
    const vars = env();
    const place = join(vars.HOME, 'place');
    const words = ['landfall:e:web1', '1900000000', '10.0.0.1', 'ssh-ed25519 AAAA', '/run/landfall/e/recv'];
    const file = join(vars.HOME, '.ssh/authorized_keys');
    const lines = (): string => execaSync('cat', [file]).stdout;
    const start = 'restrict,from="10.0.0.1",expiry-time="20300317174640",command="sh /run/landfall/e/recv';
    for (const [into, command] of [
      [[], start],
      [[place], `${start} ${place}`],
    ] as const) {
      expect(run(keys.authorize, [...words, ...into], vars).exitCode).toBe(0);
      expect(lines()).toBe(`${command}" ssh-ed25519 AAAA landfall:e:web1`);
      expect(run(keys.authorized, [...words, ...into], vars).exitCode).toBe(0);
      expect(run(keys.revoked, ['landfall:e:web1'], vars).exitCode).toBe(1);
    }
    expect(run(keys.revoke, ['landfall:e:web1'], vars).exitCode).toBe(0);
    expect(lines()).toBe('');
    expect(run(keys.revoked, ['landfall:e:web1'], vars).exitCode).toBe(0);
  });

  const WORDS = ['landfall:e:web1', '1900000000', '10.0.0.1', 'ssh-ed25519 AAAA', '/run/landfall/e/recv'];
  const written = (vars: ReturnType<typeof env>, bytes: Buffer): string => {
    mkdirSync(join(vars.HOME, '.ssh'));
    const file = join(vars.HOME, '.ssh/authorized_keys');
    writeFileSync(file, bytes);
    return file;
  };

  it('another expiry, other addresses or another command are not the line: the path is opened anew', () => {
    const vars = env();
    run(keys.authorize, WORDS, vars);
    expect(run(keys.authorized, WORDS, vars).exitCode).toBe(0);
    for (const [at, other] of [
      [1, '1900000001'],
      [2, '10.0.0.2'],
      [3, 'ssh-ed25519 BBBB'],
      [4, '/run/landfall/e/recv2'],
      [5, '/elsewhere'],
    ] as const)
      expect(run(keys.authorized, WORDS.toSpliced(at, 1, other), vars).exitCode).toBe(1);
  });

  it('lines of others stay byte for byte, whatever bytes they hold and in whatever locale: grep had dropped them', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map(line => Buffer.from(line.filter(byte => byte !== 10)));
    const line = fc.oneof(
      bytes,
      fc.constantFrom(
        Buffer.from('ssh-ed25519 BBBB m\u00fcller', 'latin1'),
        Buffer.from('ssh-ed25519 CCCC a\0b'),
        Buffer.from('ssh-ed25519 DDDD landfall:e:web10'),
        Buffer.from('ssh-ed25519 EEEE landfall:e:web1 '),
        Buffer.from('# landfall:e:web1, no longer'),
      ),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 5 }),
        fc.constantFrom('', '\n'),
        fc.constantFrom('C', 'C.UTF-8'),
        (lines, end, locale) => {
          const vars = { ...env(), LC_ALL: locale };
          const others = Buffer.concat(
            lines
              .flatMap((each, at) => [...(at === 0 ? [] : [Buffer.from('\n')]), each])
              .concat(Buffer.from(end)),
          );
          const file = written(vars, others);
          expect(run(keys.authorize, WORDS, vars).exitCode).toBe(0);
          expect(run(keys.authorize, WORDS, vars).exitCode).toBe(0);
          expect(run(keys.authorized, WORDS, vars).exitCode).toBe(0);
          expect(run(keys.revoke, ['landfall:e:web1'], vars).exitCode).toBe(0);
          const left = readFileSync(file);
          expect(left.subarray(0, others.length).equals(others)).toBe(true);
          // At most the end of a line that nobody had ended.
          expect(['', '\n']).toContain(left.subarray(others.length).toString('latin1'));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('a link in the place of authorized_keys stays one, and the file that it leads to keeps its mode', () => {
    const vars = env();
    const kept = join(vars.HOME, 'managed');
    mkdirSync(join(vars.HOME, '.ssh'));
    writeFileSync(kept, 'ssh-ed25519 BBBB admin\n', { mode: 0o644 });
    symlinkSync(kept, join(vars.HOME, '.ssh/authorized_keys'));
    expect(run(keys.authorize, WORDS, vars).exitCode).toBe(0);
    expect(readFileSync(kept, 'utf8').split('\n')[1]).toContain(' ssh-ed25519 AAAA landfall:e:web1');
    expect(run(keys.revoke, ['landfall:e:web1'], vars).exitCode).toBe(0);
    expect(readFileSync(kept, 'utf8')).toBe('ssh-ed25519 BBBB admin\n');
    expect(lstatSync(join(vars.HOME, '.ssh/authorized_keys')).isSymbolicLink()).toBe(true);
    expect(statSync(kept).mode & 0o777).toBe(0o644);
  });

  it('what a killed one has left beside it goes with the next', () => {
    const vars = env();
    const file = written(vars, Buffer.from('ssh-ed25519 BBBB admin\n'));
    writeFileSync(`${file}.landfall.4711`, 'ssh-ed25519 BBB');
    writeFileSync(`${file}.landfall.bak`, 'an admin has made this');
    expect(run(keys.revoke, ['landfall:e:web1'], vars).exitCode).toBe(0);
    expect(readdirSync(join(vars.HOME, '.ssh')).toSorted()).toEqual([
      'authorized_keys',
      'authorized_keys.landfall.bak',
    ]);
  });

  it('is not called gone where nobody can tell', () => {
    const vars = env();
    mkdirSync(join(vars.HOME, '.ssh/authorized_keys'), { recursive: true });
    expect(run(keys.revoked, ['landfall:e:web1'], vars).exitCode).toBe(1);
  });

  it('is refused in words where sshd is too old to know an expiry', () => {
    const vars = env();
    writeFileSync(join(vars.HOME, 'ssh'), `#!/bin/sh\necho 'OpenSSH_7.4p1' >&2\n`, { mode: 0o755 });
    const { exitCode, stderr } = run(keys.authorize, WORDS, { ...vars, PATH: `${vars.HOME}:${vars.PATH}` });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: 'its sshd is older than OpenSSH 7.7: it would refuse a key that expires',
    });
    expect(readdirSync(vars.HOME)).toEqual(['ssh']);
  });
});

it('a login that nobody knows by its home does not become that of /', () => {
  const { exitCode, stderr } = execaSync('sh', ['-c', HYPERVISOR_KEYS.revoke, 'sh', 'landfall:e:web1'], {
    env: { HOME: home, SUDO_USER: 'nobody-of-this-name', PATH: process.env['PATH'] },
    extendEnv: false,
    reject: false,
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: 'nobody here knows the home of nobody-of-this-name',
  });
});
