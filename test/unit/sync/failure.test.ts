import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../src/sync/movers/files/exit-codes.ts';
import { failureOf, type RunEnd, reactionTo } from '../../../src/sync/movers/files/failure.ts';
import { createStderrReader } from '../../../src/sync/movers/files/stderr.ts';

function endOf(code: number, stderr: string, attempt = 1): RunEnd {
  const reader = createStderrReader();
  reader.push(Buffer.from(stderr));
  return {
    code,
    complaints: reader.end(),
    attempt,
    machine: 'web1',
    host: 'web1',
    mountpoint: '/srv',
    command: 'rsync',
    bytesMissing: 5e9,
  };
}

const recorded = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/rsync/3.5.0/${name}.err`, import.meta.url), 'utf8');

describe('the reaction to an exit code', () => {
  it.each([
    [0, 'ok'],
    [1, 'fatal'],
    [2, 'fatal'],
    [10, 'retry'],
    [11, 'fatal'],
    [12, 'retry'],
    [20, 'retry'],
    [23, 'next-pass'],
    [24, 'ok-vanished'],
    [25, 'ask'],
    [30, 'retry'],
    [35, 'retry'],
    [97, 'fatal'],
    [98, 'fatal'],
    [127, 'fatal'],
    [137, 'retry'],
    [255, 'retry'],
    [99, 'retry'],
  ])('to %i is %s', (code, reaction) => {
    expect(reactionTo(endOf(code, ''))).toBe(reaction);
  });

  it('is no longer a retry when the attempts are spent', () => {
    for (const code of [12, 13, 137, 255]) {
      const { attempts } = meaningOf(code);
      expect(reactionTo(endOf(code, '', attempts - 1))).toBe('retry');
      expect(failureOf(endOf(code, '', attempts - 1)).code).toBe('sync.link-lost');
      expect(reactionTo(endOf(code, '', attempts))).toBe('fatal');
      expect(failureOf(endOf(code, '', attempts)).code).toBe('sync.rsync-failed');
    }
  });

  it('leaves single paths to the next pass', () => {
    for (const error of ['Permission denied (13)', 'Operation not permitted (1)', 'Input/output error (5)'])
      expect(reactionTo(endOf(23, `rsync: [sender] send_files failed to open "/x": ${error}`))).toBe(
        'next-pass',
      );
  });
});

describe('the error', () => {
  it.each([
    // rsync reports the other side's end as a broken stream; what it had said decides.
    [12, recorded('not-mounted'), 'build.not-mounted'],
    [12, recorded('refused'), 'sync.link-lost'],
    [2, recorded('noise'), 'sync.rsync-failed'],
    [127, recorded('missing'), 'remote.command-missing'],
    [12, recorded('missing'), 'remote.command-missing'],
    [25, recorded('max-delete'), 'sync.source-suspicious'],
    [30, recorded('timeout'), 'sync.link-lost'],
    [255, recorded('ssh-255'), 'sync.link-lost'],
    [255, 'Host key verification failed.\n', 'ssh.host-key-changed'],
    [255, 'root@10.0.0.1: Permission denied (publickey).\n', 'ssh.auth-refused'],
    [12, 'landfall-recv: refused: the option --x\n', 'sync.rsync-failed'],
    [11, 'rsync: write failed on "/x": No space left on device (28)\n', 'sync.target-full'],
    [12, 'rsync: write failed on "/x": No space left on device (28)\n', 'sync.target-full'],
    [11, 'rsync: mkstemp "/x" failed: Read-only file system (30)\n', 'sync.rsync-failed'],
    [11, 'rsync: write failed on "/x": Input/output error (5)\n', 'sync.rsync-failed'],
  ])('for %i and %j is %s', (code, stderr, expected) => {
    const error = failureOf(endOf(code, stderr));
    expect(error.code).toBe(expected);
    expect(error.facts.next.length).toBeGreaterThan(0);
    expect(error.facts.what.endsWith('.')).toBe(false);
  });

  it('says how much had not arrived on a full target', () => {
    const error = failureOf(endOf(11, 'write failed: No space left on device (28)\n'));
    expect(error.facts.next[0]).toContain('5.00 GB');
  });
});

describe('a target that takes nothing new lets rsync go on to the end, with code 23', () => {
  const line = (error: string, what = 'mkstemp "/mnt/t/srv/.a.Xy1z2A"'): string =>
    `rsync: [receiver] ${what} failed: ${error}\nrsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1338) [sender=3.2.7]\n`;
  const full = endOf(23, line('No space left on device (28)'));

  it('and is full all the same, of bytes or of inodes', () => {
    expect(reactionTo(full)).toBe('fatal');
    expect(failureOf(full)).toMatchObject({ code: 'sync.target-full' });
    expect(failureOf(full).facts.what).toBe('the replica of /srv is full');
    const inodes = failureOf({ ...full, room: { bytes: 3e9, inodes: 0 } });
    expect(inodes.code).toBe('sync.target-full');
    expect(inodes.facts.what).toMatch(/^the replica of \/srv has no inodes left, with .* free$/);
    expect(inodes.facts.next.join(' ')).not.toContain('pool');
    const bytes = failureOf({ ...full, room: { bytes: 0, inodes: 900 } });
    expect(bytes.facts.what).toBe('the replica of /srv is full');
    // btrfs makes inodes as it needs them.
    expect(failureOf({ ...full, room: { bytes: 4096, inodes: undefined } }).facts.what).toContain('is full');
  });

  it('or can only be read, or has lost its disk', () => {
    expect(failureOf(endOf(23, line('Read-only file system (30)'))).facts.what).toContain('can only be read');
    const gone = endOf(23, line('Input/output error (5)'));
    expect(reactionTo(gone)).toBe('fatal');
    expect(failureOf(gone).facts.what).toBe('the disk failed under the replica of /srv');
  });

  it('but a file of the source that cannot be read leaves the others to the next pass', () => {
    for (const stderr of [
      'rsync: [sender] read errors mapping "/srv/a": Input/output error (5)\n',
      'rsync: [sender] send_files failed to open "/srv/a": Permission denied (13)\n',
    ])
      expect(reactionTo(endOf(23, stderr))).toBe('next-pass');
  });
});

describe('a host that was restarted has forgotten its part of the path', () => {
  it.each([
    'sh: 0: cannot open /run/landfall/storm/path-web1/rsh: No such file\n',
    'sh: /run/landfall/storm/path-web1/rsh: No such file or directory\n',
    "sh: can't open '/run/landfall/storm/path-web1/rsh': No such file or directory\n",
  ])('the source: %s', stderr => {
    const end = endOf(
      127,
      `${stderr}rsync error: remote command not found (code 127) at io.c(232) [sender=3.2.7]\n`,
    );
    expect(failureOf(end)).toMatchObject({ code: 'sync.link-lost' });
    expect(failureOf({ ...end, attempt: 9 })).toMatchObject({ code: 'sync.rsync-failed' });
  });

  it.each(['sh: 0: cannot open /run/landfall/storm/recv: No such file\n'])('the receiver: %s', stderr => {
    expect(failureOf(endOf(2, stderr))).toMatchObject({ code: 'build.not-mounted' });
  });
});
