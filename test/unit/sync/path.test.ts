import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { KEY_SCRIPT, RECEIVER_KEYS } from '../../../src/sync/path/keys.ts';
import { rshScript } from '../../../src/sync/path/rsh.ts';
import { syncSteps } from '../../../src/sync/steps.ts';
import { Story } from '../../support/state.ts';

const home = mkdtempSync(path.join(tmpdir(), 'landfall-path-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let count = 0;
function fresh(): string {
  count += 1;
  const directory = path.join(home, `h${count}`);
  mkdirSync(directory);
  return directory;
}

describe('the key', () => {
  const make = async (directory: string): Promise<string> =>
    (await execa('sh', ['-c', KEY_SCRIPT, 'sh', directory, 'landfall:e:web1'])).stdout;

  it('is made once, readable by its owner only', async () => {
    const directory = path.join(fresh(), 'path-web1');
    const made = await make(directory);
    expect(made).toMatch(/^ssh-ed25519 \S+ landfall:e:web1$/);
    expect(statSync(path.join(directory, 'key')).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(await make(directory)).toBe(made);
  });

  it('is made anew where half of it is missing or torn', async () => {
    const directory = fresh();
    const first = await make(directory);
    writeFileSync(path.join(directory, 'key'), 'torn');
    const second = await make(directory);
    expect(second).not.toBe(first);
    rmSync(path.join(directory, 'key.pub'));
    expect(await make(directory)).not.toBe(second);
  });
});

describe('the line in authorized_keys', () => {
  const authorize = (user: string, until: number, key: string, TZ = 'UTC', PATH = process.env['PATH']) =>
    execa(
      'sh',
      [
        '-c',
        RECEIVER_KEYS.authorize,
        'sh',
        'landfall:e:web1',
        String(until),
        '10.0.0.1,fd00::1',
        key,
        '/run/landfall/e/recv',
      ],
      {
        env: { HOME: user, TZ, PATH },
      },
    );
  const linesOf = (user: string): string[] =>
    readFileSync(path.join(user, '.ssh/authorized_keys'), 'utf8').trimEnd().split('\n');

  it('lets one key do one thing until it expires', async () => {
    const user = fresh();
    await authorize(user, Date.UTC(2026, 10, 28, 6) / 1000, 'ssh-ed25519 AAAA1');
    expect(linesOf(user)).toEqual([
      'restrict,from="10.0.0.1,fd00::1",expiry-time="20261128060000",command="sh /run/landfall/e/recv" ssh-ed25519 AAAA1 landfall:e:web1',
    ]);
    expect(statSync(path.join(user, '.ssh/authorized_keys')).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.join(user, '.ssh'))).toEqual(['authorized_keys']);
  });

  it('gives the expiry in the local time of the receiver, as every sshd reads it', async () => {
    const user = fresh();
    await authorize(user, Date.UTC(2026, 10, 28, 6) / 1000, 'ssh-ed25519 AAAA1', 'America/New_York');
    expect(linesOf(user)[0]).toContain('expiry-time="20261128010000"');
  });

  it('is refused in words where sshd is too old to know an expiry', async () => {
    for (const [version, isKnown] of [
      ['OpenSSH_7.4p1, OpenSSL 1.0.2k-fips', false],
      ['OpenSSH_6.6.1p1', false],
      ['OpenSSH_7.7p1', true],
      ['OpenSSH_10.0p2 Debian', true],
    ] as const) {
      const user = fresh();
      writeFileSync(path.join(user, 'ssh'), `#!/bin/sh\necho '${version}' >&2\n`, { mode: 0o755 });
      const answer = await authorize(
        user,
        1_800_000_000,
        'ssh-ed25519 AAAA1',
        'UTC',
        `${user}:${process.env['PATH']}`,
      ).then(
        () => '',
        (error: unknown) => String(error),
      );
      expect(answer.includes('older than OpenSSH 7.7'), version).toBe(!isKnown);
      expect(existsSync(path.join(user, '.ssh/authorized_keys'))).toBe(isKnown);
    }
  });

  it('takes the place of an older one and leaves all others alone', async () => {
    const user = fresh();
    mkdirSync(path.join(user, '.ssh'));
    const others = ['# a note', 'ssh-ed25519 BBBB admin', 'ssh-ed25519 CCCC landfall:e:web10'];
    writeFileSync(path.join(user, '.ssh/authorized_keys'), others.join('\n'));
    await authorize(user, 1_800_000_000, 'ssh-ed25519 AAAA1');
    await authorize(user, 1_800_000_000, 'ssh-ed25519 AAAA2');
    const lines = linesOf(user);
    expect(lines.slice(0, 3)).toEqual(others);
    expect(lines).toHaveLength(4);
    expect(lines[3]).toContain('AAAA2');
    const found = (key: string) =>
      execa(
        'sh',
        [
          ...['-c', RECEIVER_KEYS.authorized, 'sh', 'landfall:e:web1', '1800000000'],
          ...['10.0.0.1,fd00::1', key, '/run/landfall/e/recv'],
        ],
        { env: { HOME: user, TZ: 'UTC' }, reject: false },
      );
    expect((await found('ssh-ed25519 AAAA2')).exitCode).toBe(0);
    expect((await found('ssh-ed25519 AAAA1')).exitCode).toBe(1);
  });
});

describe('the remote shell of a pass', () => {
  it('is understood by the real ssh, and hands over what rsync gives it', async () => {
    const directory = fresh();
    const script = path.join(directory, 'rsh');
    writeFileSync(
      script,
      rshScript({ alias: 'web1.receiver', address: '10.0.0.9', port: 2222, user: 'root' }),
    );
    chmodSync(script, 0o700);
    // ssh leaves an identity out that is not there.
    writeFileSync(path.join(directory, 'key'), '');
    const real = (await execa('sh', ['-c', 'command -v ssh'])).stdout;
    const bin = path.join(directory, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'ssh'), `#!/bin/sh\nexec ${real} -G "$@"\n`, { mode: 0o755 });
    const { stdout } = await execa('sh', [script, 'standby', 'rsync', '--server', '.', '/mnt/t/'], {
      env: { PATH: `${bin}:${process.env['PATH']}` },
    });
    const settings = stdout.split('\n');
    for (const line of [
      'hostname 10.0.0.9',
      'port 2222',
      'user root',
      'hostkeyalias web1.receiver',
      'batchmode yes',
      'identitiesonly yes',
      'stricthostkeychecking true',
      `userknownhostsfile ${directory}/known_hosts`,
      'globalknownhostsfile /dev/null',
      `identityfile ${directory}/key`,
      'serveraliveinterval 15',
      'serveralivecountmax 4',
      'connecttimeout 15',
      'controlmaster false',
      'clearallforwardings yes',
      'ciphers aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr',
    ])
      expect(settings).toContain(line);
  });
});

describe('the path step', () => {
  it('binds the key to the addresses of the source that lead outside', () => {
    const addresses = ['127.0.0.1/8', '10.20.0.11/24', '::1', 'fe80::1%eth0', 'not an address'];
    const story = new Story().begin().observe('web1', { addresses }).build('web1');
    const [, path] = syncSteps(story.view, 'web1');
    const words = path?.preview(story.view).flatMap(action => (action.kind === 'exec' ? action.argv : []));
    expect(words).toContain('10.20.0.11,fe80::1');
  });

  it('takes loopback addresses where there are no others', () => {
    const story = new Story()
      .begin()
      .observe('web1', { addresses: ['127.0.0.1', '127.9.0.1'] })
      .build('web1');
    const [, path] = syncSteps(story.view, 'web1');
    const words = path?.preview(story.view).flatMap(action => (action.kind === 'exec' ? action.argv : []));
    expect(words).toContain('127.0.0.1,127.9.0.1');
  });

  it('never shows or moves the private key', () => {
    const story = new Story().begin().observe('web1').build('web1');
    const text = JSON.stringify(syncSteps(story.view, 'web1').flatMap(step => step.preview(story.view)));
    expect(text).not.toContain('PRIVATE');
    expect(text).not.toMatch(/cat[^"]*\/key(?!\.pub)[ "]/);
  });
});
