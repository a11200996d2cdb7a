import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  APPLY_EXIT,
  APPLY_SCRIPT,
  TOUCHED_SCRIPT,
} from '../../../../src/sync/movers/blocks/scripts/apply.ts';
import {
  BACKUP_EXIT,
  BACKUP_SCRIPT,
  DROP_SCRIPT,
  PIECES_SCRIPT,
} from '../../../../src/sync/movers/blocks/scripts/backup.ts';
import { LEFT_SCRIPT, SWEEP_SCRIPT } from '../../../../src/sync/movers/blocks/scripts/leftovers.ts';
import { RECV_SCRIPT } from '../../../../src/sync/movers/blocks/scripts/path.ts';
import { RECV_NOT_ALLOWED } from '../../../../src/sync/path/rsync-server.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'landfall-blocks-'));
  mkdirSync(join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (...parts: string[]): string => join(root, ...parts);
const env = () => ({ PATH: `${at('bin')}:${process.env['PATH']}`, LC_ALL: 'C' });

function tool(name: string, script: string): void {
  writeFileSync(at('bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(at('bin', name), 0o755);
}

const run = (script: string, ...words: string[]) =>
  execaSync('sh', ['-c', script, 'sh', ...words], { env: env(), reject: false });

const backupWords = (wish: string): string[] => [
  'uri',
  'web1',
  wish,
  at('frozen'),
  root,
  at('b.xml'),
  at('c.xml'),
  '0',
];
const calls = (): string[] => readFileSync(at('calls'), 'utf8').trim().split('\n');

/** A virsh that writes down its verbs; `begin` is what backup-begin does. */
function virsh(begin: string): void {
  tool('sleep', 'exec /bin/sleep 0.05');
  tool(
    'virsh',
    `shift 2
echo "$1" >> ${at('calls')}
case $* in
  backup-begin*) ${begin} ;;
  *--completed*) printf 'Job type: 3\\n\\noperation: 9\\ndisk_processed: 65536\\n' ;;
  domjobinfo*) printf 'Job type: 0\\n' ;;
esac`,
  );
}

describe('a backup', () => {
  it('thaws as soon as libvirt has begun, and takes the sums of whole pieces', () => {
    virsh('exit 0');
    writeFileSync(at('web1-p1-vda.qcow2'), 'piece');
    const { stdout, exitCode } = run(BACKUP_SCRIPT, ...backupWords('freeze'), 'web1-p1-vda.qcow2');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^landfall frozen\nlandfall thawed \d+ yes\nlandfall begun\n/);
    expect(stdout).toMatch(/landfall copied 65536\nlandfall piece web1-p1-vda.qcow2 5 \d+\nlandfall whole$/);
    expect(calls().slice(0, 3)).toEqual(['domfsfreeze', 'backup-begin', 'domfsthaw']);
    expect(existsSync(at('frozen'))).toBe(false);
  });

  it('thaws where libvirt refuses, and hands its reason on', () => {
    virsh("echo 'error: checkpoint inconsistent' >&2; exit 1");
    const { exitCode, stderr } = run(BACKUP_SCRIPT, ...backupWords('freeze'), 'p');
    expect(exitCode).toBe(BACKUP_EXIT.refused);
    expect(stderr).toContain('checkpoint inconsistent');
    expect(calls()).toContain('domfsthaw');
    expect(existsSync(at('frozen'))).toBe(false);
  });

  it('goes on without a freeze that the agent refuses', () => {
    virsh('exit 0');
    tool('virsh.real', readFileSync(at('bin/virsh'), 'utf8').replace('#!/bin/sh\n', ''));
    tool(
      'virsh',
      `[ "$3" != domfsfreeze ] || { echo no agent >&2; exit 1; }\nexec ${at('bin/virsh.real')} "$@"`,
    );
    writeFileSync(at('p'), 'piece');
    const { stdout, exitCode } = run(BACKUP_SCRIPT, ...backupWords('freeze'), 'p');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^landfall not-frozen\nlandfall begun\n/);
    expect(existsSync(at('frozen'))).toBe(false);
  });

  it('a guest is thawed although everything that froze it was killed', async () => {
    // libvirt hangs while the file systems stand still.
    virsh(`echo there > ${at('hangs')}; exec /bin/sleep 60`);
    const child = spawn('sh', ['-c', BACKUP_SCRIPT, 'sh', ...backupWords('freeze'), 'p'], {
      env: env(),
      detached: true,
      stdio: 'ignore',
    });
    while (!existsSync(at('hangs'))) await new Promise(resolve => setImmediate(resolve));
    expect(child.pid).toBeDefined();
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await once(child, 'exit');
    while (existsSync(at('frozen'))) await new Promise(resolve => setImmediate(resolve));
    expect(calls()).toContain('domfsthaw');
  });

  it('one that somebody ended is not whole', () => {
    virsh('exit 0');
    tool('grep', 'exit 1');
    expect(run(BACKUP_SCRIPT, ...backupWords('as-it-is'), 'p').exitCode).toBe(BACKUP_EXIT.brokenOff);
    expect(calls()).not.toContain('domfsfreeze');
  });
});

describe('a freeze', () => {
  const freezing = (answer: string, begin: string) => {
    virsh(begin);
    tool('virsh.real', readFileSync(at('bin/virsh'), 'utf8').replace('#!/bin/sh\n', ''));
    tool(
      'virsh',
      `[ "$3" != domfsfreeze ] || { echo '${answer}'; exit 0; }\nexec ${at('bin/virsh.real')} "$@"`,
    );
    writeFileSync(at('p'), 'piece');
    return run(BACKUP_SCRIPT, ...backupWords('freeze'), 'p').stdout;
  };

  it('of nothing is none', () => {
    expect(freezing('Froze 0 filesystem(s)', 'exit 0')).toMatch(/^landfall not-frozen\nlandfall begun\n/);
  });

  it('that the watchdog was about to end did not hold', () => {
    // It has said that it thaws, and its virsh is slow.
    const late = `echo late > ${at('frozen')}; exit 0`;
    expect(freezing('Froze 2 filesystem(s)', late)).toMatch(/landfall thawed \d+ no\n/);
  });
});

describe('a scratch that fills up', () => {
  it('ends our backup, and no other, before it is full', () => {
    for (const [file, aborts] of [
      [`${root}/p`, true],
      ['/other/p', false],
    ] as const) {
      rmSync(at('calls'), { force: true });
      tool('sleep', 'exec /bin/sleep 0.05');
      tool(
        'virsh',
        `shift 2\necho "$1" >> ${at('calls')}\ncase $* in backup-dumpxml*) echo "<target file='${file}'/>" ;; domjobinfo*) echo 'Job type: 2' ;; esac`,
      );
      const words = [...backupWords('as-it-is').slice(0, -1), String(Number.MAX_SAFE_INTEGER)];
      expect(run(BACKUP_SCRIPT, ...words, 'p').exitCode).toBe(BACKUP_EXIT.space);
      expect(calls().includes('domjobabort')).toBe(aborts);
    }
  });
});

describe('pieces that arrive', () => {
  const stage = (): string => at('scratch/e/web1');
  const replica = (): string => at('pool/vda.qcow2');
  const sumOf = (file: string): string => execaSync('sha256sum', [file]).stdout.split(' ')[0] ?? '';
  const arrive = (content: Buffer | string, sum?: string): void => {
    for (const directory of [stage(), at('pool')]) mkdirSync(directory, { recursive: true });
    writeFileSync(replica(), 'replica');
    writeFileSync(join(stage(), 'p'), content);
    writeFileSync(join(stage(), 'p.sha256'), sum ?? `${sumOf(join(stage(), 'p'))}  p\n`);
  };
  const apply = (kind: string) => run(APPLY_SCRIPT, kind, stage(), 'p', replica());
  const pieces = () => run(PIECES_SCRIPT, stage(), 'p').stdout;
  const qemuImg = (script = ''): void => tool('qemu-img', `echo "$*" >> ${at('calls')}\n${script}`);
  const head = (feature: number, backing: number): Buffer => {
    const bytes = Buffer.alloc(512);
    bytes.write('QFI\u00fb', 0, 'latin1');
    bytes.writeUInt32BE(3, 4);
    bytes.writeBigUInt64BE(BigInt(backing), 8);
    bytes.writeUInt8(feature, 79);
    return bytes;
  };

  it('cannot say of themselves that they were merged', () => {
    qemuImg();
    arrive(head(0, 0));
    for (const mark of ['p.checked', 'p.applied']) writeFileSync(join(stage(), mark), '');
    expect(pieces()).toBe('p arrived');
    expect(apply('delta').stdout).toContain('landfall applying p');
    expect(pieces()).toBe('p applied');
  });

  it('are merged so that a second time is all of it again', () => {
    qemuImg();
    arrive(head(0, 512));
    expect(apply('delta').exitCode).toBe(0);
    expect(calls().at(-1)).toBe('commit -q -d -f qcow2 p');
  });

  it('of which one is damaged leave all disks of the replica at one instant: the first was merged before the second was looked at', () => {
    qemuImg();
    arrive(head(0, 512));
    writeFileSync(join(stage(), 'q'), head(0, 512));
    writeFileSync(join(stage(), 'q.sha256'), `${sumOf(replica())}  q\n`);
    writeFileSync(at('second'), 'replica');
    const { exitCode } = run(APPLY_SCRIPT, 'delta', stage(), 'p', replica(), 'q', at('second'));
    expect(exitCode).toBe(APPLY_EXIT.sum);
    expect(calls().filter(call => call.startsWith('commit'))).toEqual([]);
    writeFileSync(join(stage(), 'q.sha256'), `${sumOf(join(stage(), 'q'))}  q\n`);
    expect(run(APPLY_SCRIPT, 'delta', stage(), 'p', replica(), 'q', at('second')).exitCode).toBe(0);
    expect(calls().filter(call => call.startsWith('commit'))).toHaveLength(2);
  });

  it.each([
    ['keep their data in another file of the host', 'delta', head(4, 0)],
    ['keep their data in another file of the host', 'full', head(4, 0)],
    ['lie over another file of the host', 'full', head(0, 512)],
  ])('are refused where they %s: %s', (_, kind, content) => {
    qemuImg();
    arrive(content);
    expect(apply(kind).exitCode).toBe(APPLY_EXIT.sum);
    expect(existsSync(at('calls'))).toBe(false);
    expect(readFileSync(replica(), 'utf8')).toBe('replica');
  });

  it('are refused where their sum is that of another file', () => {
    qemuImg();
    arrive(head(0, 0));
    writeFileSync(join(stage(), 'other'), 'other');
    writeFileSync(join(stage(), 'p.sha256'), `${sumOf(join(stage(), 'other'))}  other\n`);
    expect(apply('delta').exitCode).toBe(APPLY_EXIT.sum);
  });

  it('take no place of a replica that somebody has open', () => {
    qemuImg(`case $* in *'-r leaks'*) echo 'Failed to get "write" lock' >&2; exit 1 ;; esac`);
    arrive(head(0, 0));
    const { exitCode, stderr } = apply('full');
    expect(exitCode).toBe(APPLY_EXIT.place);
    expect(stderr).toContain('"write" lock');
    expect(readFileSync(replica(), 'utf8')).toBe('replica');
    qemuImg();
    expect(apply('full').exitCode).toBe(0);
    expect(readFileSync(replica())).toEqual(head(0, 0));
  });

  it('a move that was cut off takes no place with half a copy', () => {
    qemuImg();
    arrive(head(0, 0));
    mkdirSync(at('scratch/e/.marks-web1'));
    writeFileSync(at('scratch/e/.marks-web1/p.checked'), '');
    rmSync(join(stage(), 'p'));
    writeFileSync(`${replica()}.incoming`, head(0, 0).subarray(0, 100));
    expect(apply('full').exitCode).toBe(APPLY_EXIT.sum);
    expect(readFileSync(replica(), 'utf8')).toBe('replica');
  });

  it('a replica that somebody has written to since is seen', () => {
    qemuImg();
    arrive(head(0, 0));
    const touched = () => run(TOUCHED_SCRIPT, stage(), replica()).stdout;
    expect(touched()).toBe('');
    expect(apply('delta').exitCode).toBe(0);
    expect(touched()).toBe('');
    writeFileSync(replica(), 'somebody');
    expect(touched()).toBe(replica());
  });
});

describe('checkpoints', () => {
  const names = [
    'nightly',
    'landfall-e-p2',
    'landfall-e-p3',
    'landfall-e-p10',
    'landfall-e-px',
    'landfall-other-p1',
  ];
  const drop = (keep: string, which: string, number: string): string => {
    tool('virsh', `shift 2\ncase $* in *--name) printf '%s\\n' ${names.join(' ')} ;; esac`);
    return run(DROP_SCRIPT, 'uri', 'web1', 'landfall-e-p', keep, which, number).stdout;
  };

  it('only our own go, below a pass, one alone, or all', () => {
    expect(drop('landfall-e-p10', 'below', '10')).toBe('removed landfall-e-p2\nremoved landfall-e-p3');
    expect(drop('', 'only', '3')).toBe('removed landfall-e-p3');
    expect(drop('', 'all', '0')).toBe('removed landfall-e-p2\nremoved landfall-e-p3\nremoved landfall-e-p10');
  });

  it('what a broken one had tracked makes those before it worthless, too', () => {
    tool(
      'virsh',
      `shift 2
case $* in
  *--name) printf '%s\\n' landfall-e-p2 landfall-e-p3 ;;
  *landfall-e-p3) echo "bitmap 'landfall-e-p3' not found in backing chain of 'vda'" >&2; exit 1 ;;
esac`,
    );
    const { stdout } = run(DROP_SCRIPT, 'uri', 'web1', 'landfall-e-p', '', 'only', '3');
    expect(stdout).toContain('removed landfall-e-p2');
  });
});

describe('the forced command between hypervisors', () => {
  const ask = (command: string) => {
    tool('rsync', `printf 'ran:%s\\n' "$*"`);
    mkdirSync(at('stage'), { recursive: true });
    return execaSync('sh', ['-c', RECV_SCRIPT, 'sh', at('stage')], {
      env: { ...env(), SSH_ORIGINAL_COMMAND: command },
      reject: false,
    });
  };

  it('lets pieces arrive in its directory', () => {
    const asked = `rsync --server -vtSe.LsfxCIvu --timeout=300 --partial-dir .rsync-partial . ${at('stage')}/`;
    expect(ask(asked).stdout).toBe(`ran:${asked.slice('rsync '.length)}`);
  });

  it.each([
    ['reading', (into: string) => `rsync --server --sender -te.LsfxC . ${into}/`],
    ['deleting', (into: string) => `rsync --server -te.LsfxC --delete . ${into}/`],
    ['links', (into: string) => `rsync --server -tle.LsfxC . ${into}/`],
    ['another directory', (into: string) => `rsync --server -te.LsfxC . ${into}/../`],
    ['the root', () => 'rsync --server -te.LsfxC . /'],
    ['a second command', (into: string) => `rsync --server -te.LsfxC . ${into}/; id`],
    ['another program', () => 'sh -c id x y'],
    ['a log file', (into: string) => `rsync --server -te.LsfxC --log-file=/etc/passwd . ${into}/`],
    ['two places', (into: string) => `rsync --server -te.LsfxC . ${into}/ /etc/`],
    ['nothing', () => ''],
  ])('refuses %s', (_, command) => {
    const { exitCode, stdout } = ask(command(at('stage')));
    expect(exitCode).toBe(RECV_NOT_ALLOWED);
    expect(stdout).toBe('');
  });

  it('never runs rsync for another directory, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'rsync',
            '--server',
            '-te.',
            '.',
            '/',
            '/etc/',
            '..',
            '$(id)',
            '`id`',
            '*',
            '--sender',
          ),
        ),
        words => {
          expect(ask(words.join(' ')).stdout).toBe('');
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('leftovers', () => {
  it('are those of one machine, not of another whose name begins alike', () => {
    const mine = [
      'run/web1-p2-backup',
      'run/web1-p10-full.xml',
      'dir/web1-p2-vda.qcow2',
      'dir/web1-p2-vda.qcow2.sha256',
    ];
    const others = [
      'run/web1-p2-p1-backup',
      'run/web10-p1-apply',
      'run/web1-v1-0',
      'dir/web1-p2-p1-vda.qcow2',
      'run/path-web2',
    ];
    for (const directory of ['run', 'dir']) mkdirSync(at(directory));
    for (const file of [...mine, ...others]) writeFileSync(at(file), '');
    const words = ['web1', at('run'), at('dir'), at('run/path-web1')];
    expect(
      run(LEFT_SCRIPT, ...words)
        .stdout.split('\n')
        .toSorted(),
    ).toEqual(mine.map(file => at(file)).toSorted());
    expect(run(SWEEP_SCRIPT, ...words).exitCode).toBe(0);
    expect(mine.filter(file => existsSync(at(file)))).toEqual([]);
    expect(others.filter(file => !existsSync(at(file)))).toEqual([]);
  });
});
