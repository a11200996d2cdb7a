import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { Commands } from '../../../src/remote/command.ts';
import type { RemoteJob } from '../../../src/remote/host.ts';
import { createJob } from '../../../src/remote/job.ts';
import { runLocal } from '../../../src/remote/local.ts';
import { rejection } from '../../support/ssh-world.ts';

/** The job scripts on other shells and on hosts without process facts: run here, without SSH in between. */

const APPLETS = 'sh cat tail head wc kill sleep mkdir mv rm chmod date printf setsid nice ps true seq touch';

function find(program: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map(directory => join(directory, program)).find(existsSync);
}

const busybox = find('busybox');
if (busybox === undefined)
  process.stderr.write('job scripts are not tested on busybox: it is not installed\n');

/** Gone, or a zombie that waits for init. */
const UNTIL_GONE = 'until [ ! -e "$1" ] || grep -q ") Z" "$1"; do sleep 0.05; done';

let directory: string;
const jobs: RemoteJob[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'landfall-job-'));
});
afterEach(async () => {
  for (const job of jobs.splice(0)) await job.stop();
  rmSync(directory, { recursive: true, force: true });
});

function commandsIn(env: Record<string, string>): Commands {
  return {
    exec: async (argv, options = {}) => {
      const { codes, maxBytes, timeoutMs } = options;
      return runLocal(argv as [string, ...string[]], { codes, maxBytes, timeoutMs, env });
    },
    stream: (argv, sinks) =>
      new Promise((resolve, reject) => {
        const child = spawn(argv[0], argv.slice(1) as string[], {
          env,
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        child.stdout.on('data', sinks.onStdout ?? (() => undefined));
        child.on('error', reject);
        child.on('close', code => resolve({ code }));
      }),
  };
}

const variants: { name: string; skip: boolean; proc: string; env: () => Record<string, string> }[] = [
  { name: 'sh', skip: false, proc: '/proc', env: () => ({ PATH: process.env['PATH'] ?? '' }) },
  {
    name: 'sh without process facts',
    skip: false,
    proc: '/no/proc',
    env: () => ({ PATH: process.env['PATH'] ?? '' }),
  },
  {
    name: 'busybox alone',
    skip: busybox === undefined,
    proc: '/proc',
    env: () => {
      const bin = join(directory, 'bin');
      mkdirSync(bin);
      for (const applet of APPLETS.split(' ')) symlinkSync(busybox ?? '', join(bin, applet));
      return { PATH: bin };
    },
  },
];

describe.each(variants)('job scripts on $name', ({ env, proc, skip }) => {
  const make = (id: string, commands: Commands): RemoteJob => {
    const job = createJob({
      commands,
      clock: systemClock,
      host: 'here',
      id,
      runtime: join(directory, 'run dir'),
      proc,
    });
    jobs.push(job);
    return job;
  };

  it.skipIf(skip)('start, follow, end, stop, lose and remove', async () => {
    const commands = commandsIn(env());
    const job = make('whole', commands);
    await job.start([
      'sh',
      '-c',
      'i=0; while [ $i -lt 500 ]; do echo $i; i=$((i+1)); done; echo e >&2; exit 5',
    ]);
    let out = '';
    let err = '';
    const end = await job.follow({ onOut: c => (out += c.toString()), onErr: c => (err += c.toString()) });
    expect([end.code, out, err]).toEqual([
      5,
      Array.from({ length: 500 }, (_, i) => `${i}\n`).join(''),
      'e\n',
    ]);
    await job.start([
      'sh',
      '-c',
      'i=0; while [ $i -lt 500 ]; do echo $i; i=$((i+1)); done; echo e >&2; exit 5',
    ]);
    expect(await rejection(job.start(['true']))).toMatchObject({ code: 'job.conflict' });
    await job.remove();
    expect(await job.status()).toEqual({ state: 'absent' });

    const stopped = make('stopped', commands);
    await stopped.start(['sleep', '60']);
    expect(await stopped.status()).toMatchObject({ state: 'running' });
    await stopped.stop();
    expect(await stopped.status()).toMatchObject({ state: 'ended', code: 143 });

    const killed = make('killed', commands);
    await killed.start(['sleep', '60']);
    const status = await killed.status();
    if (status.state !== 'running') throw new Error(status.state);
    const leftover = Number(readFileSync(`${killed.directory}/child`, 'utf8'));
    const followed = rejection(killed.follow({}));
    process.kill(status.pid, 'SIGKILL');
    expect(await followed).toMatchObject({ code: 'job.lost' });
    await killed.remove();
    await runLocal(['sh', '-c', UNTIL_GONE, 'sh', `/proc/${leftover}/stat`], { timeoutMs: 5000 });
  });
});
