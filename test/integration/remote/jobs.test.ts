import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host, RemoteJob } from '../../../src/remote/host.ts';
import type { SshServer } from '../../support/ssh-server.ts';
import { createSshWorld, rejection, type SshWorld } from '../../support/ssh-world.ts';

let world: SshWorld;
let server: SshServer;
let host: Host;
const jobs: RemoteJob[] = [];
beforeEach(async () => {
  world = createSshWorld();
  server = await world.server();
  world.trust(server);
  host = await world.connect(server);
});
afterEach(async () => {
  for (const job of jobs.splice(0)) {
    await job.stop();
    await job.remove();
  }
  await world.close();
});

function jobOf(id: string, on: Host = host): RemoteJob {
  const job = on.job(id);
  jobs.push(job);
  return job;
}

async function follow(job: RemoteJob) {
  let out = '';
  let err = '';
  const end = await job.follow({
    onOut: chunk => (out += chunk.toString('latin1')),
    onErr: chunk => (err += chunk.toString('latin1')),
  });
  return { code: end.code, out, err, end };
}

const pidOf = async (job: RemoteJob): Promise<number> => {
  const status = await job.status();
  if (status.state !== 'running') throw new Error(`not running: ${status.state}`);
  return status.pid;
};

describe('remote jobs', () => {
  it('is named in an error instead of its script', async () => {
    const job = jobOf('pass-0');
    await job.start(['sh', '-c', 'echo on; exec sleep 60']);
    const lost = rejection(
      job.follow({
        onOut: () => {
          server.setDeaf(true);
          server.drop();
        },
        patienceMs: 0,
      }),
    );
    expect(await lost).toMatchObject({
      code: 'ssh.connection-lost',
      facts: {
        evidence: expect.arrayContaining([expect.stringMatching(/while it ran: remote job pass-0$/)]),
      },
    });
    server.setDeaf(false);
  });

  it('runs to its end and leaves everything behind', async () => {
    const job = jobOf('pass-1');
    expect(await job.status()).toEqual({ state: 'absent' });
    const before = Math.floor(Date.now() / 1000) * 1000;
    await job.start(['sh', '-c', 'printf out; printf err >&2; umask; exit 7']);
    const { code, out, err, end } = await follow(job);
    expect({ code, out, err }).toEqual({
      code: 7,
      out: `out${process.umask().toString(8).padStart(4, '0')}\n`,
      err: 'err',
    });
    expect(end.startedAtMs).toBeGreaterThanOrEqual(before);
    expect(end.endedAtMs).toBeGreaterThanOrEqual(end.startedAtMs);
    expect(await job.status()).toEqual({ state: 'ended', ...end });
    expect((await job.output('out', 3)).toString()).toMatch(/^..\n$/);
    expect((await job.output('err', 100)).toString()).toBe('err');
    await job.remove();
    expect(existsSync(job.directory)).toBe(false);
    expect(await job.status()).toEqual({ state: 'absent' });
    expect(await rejection(job.output('out', 1))).toMatchObject({ code: 'remote.file-absent' });
  });

  it('keeps words as they are, and knows them again', async () => {
    const words = ['', "it's", 'a\nb 2', '$HOME', '-n', '*'] as const;
    const job = jobOf('words');
    await job.start(['printf', '[%s]', ...words]);
    expect((await follow(job)).out).toBe(words.map(word => `[${word}]`).join(''));
    await job.start(['printf', '[%s]', ...words]);
    expect(await rejection(job.start(['printf', '[%s]', ...words.slice(1)]))).toMatchObject({
      code: 'job.conflict',
    });
  });

  it('records the code of a missing program and of a signal', async () => {
    const missing = jobOf('missing');
    await missing.start(['no-such-tool']);
    expect((await follow(missing)).code).toBe(127);
    const killed = jobOf('killed');
    await killed.start(['sh', '-c', 'kill -9 $$']);
    expect((await follow(killed)).code).toBe(137);
  });

  it('starts once, however many ask at the same time', async () => {
    const other = await world.connect(server);
    const log = world.path('log');
    const argv = ['sh', '-c', 'echo ran >> "$1"; exec sleep 60', 'sh', log] as const;
    await Promise.all([host, other, host, other].map(on => jobOf('race', on).start(argv)));
    const job = jobOf('race');
    expect(readFileSync(`${job.directory}/argv`, 'utf8')).toContain('echo ran');
    await job.start(argv);
    await job.stop();
    expect(readFileSync(log, 'utf8')).toBe('ran\n');
    expect(await rejection(jobOf('race').start(['true']))).toMatchObject({ code: 'job.conflict' });
  });

  it('runs niced, in a session of its own, and survives the connection', async () => {
    const job = host.job('detached');
    await job.start(['sh', '-c', 'nice; exec sleep 60']);
    const pid = await pidOf(job);
    await host.close();
    const again = await world.connect(server);
    const same = jobOf('detached', again);
    expect(await pidOf(same)).toBe(pid);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    expect(stat[2]).toBe(String(pid));
    expect(stat[3]).toBe(String(pid));
    await same.stop();
    expect((await same.output('out', 100)).toString()).toBe('10\n');
  });

  it('streams from two connections, and goes on after a cut without a byte lost or doubled', async () => {
    const gate = world.path('gate');
    const job = jobOf('stream');
    // Writes a first part, waits to be told, writes the rest.
    await job.start([
      'sh',
      '-c',
      'i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done; until [ -e "$1" ]; do sleep 0.05; done; while [ $i -lt 4000 ]; do echo "line $i"; i=$((i+1)); done; printf last',
      'sh',
      gate,
    ]);
    const expected = `${Array.from({ length: 4000 }, (_, i) => `line ${i}\n`).join('')}last`;
    const other = await world.connect(server);
    const link: string[] = [];
    let seen = '';
    const first = job.follow({
      onOut: chunk => {
        seen += chunk.toString();
        if (link.length === 0 && seen.includes('line 1999\n')) server.drop();
      },
      onLink: state => {
        link.push(state);
        if (state === 'back') void host.exec(['touch', gate]);
      },
    });
    const [end, copy] = await Promise.all([first, follow(other.job('stream'))]);
    expect(end.code).toBe(0);
    expect(seen).toBe(expected);
    expect(copy.out).toBe(expected);
    expect(link).toEqual(['lost', 'back']);
  });

  it('gives up when the link stays away longer than patience', async () => {
    const job = jobOf('patience');
    await job.start(['sh', '-c', 'echo on; exec sleep 60']);
    const link: string[] = [];
    const error = await rejection(
      job.follow({
        patienceMs: 600,
        onOut: () => {
          server.setDeaf(true);
          server.drop();
        },
        onLink: state => link.push(state),
      }),
    );
    server.setDeaf(false);
    expect(error).toMatchObject({
      code: 'ssh.connection-lost',
      message: expect.stringContaining('patience'),
    });
    expect(link).toEqual(['lost']);
    expect(await pidOf(job)).toBeGreaterThan(0);
  });

  it('knows a killed job as lost, and lets it be removed with what it left running', async () => {
    const job = jobOf('killed');
    await job.start(['sleep', '60']);
    const pid = await pidOf(job);
    const child = Number(readFileSync(`${job.directory}/child`, 'utf8'));
    const followed = rejection(job.follow({}));
    process.kill(pid, 'SIGKILL');
    expect(await followed).toMatchObject({ code: 'job.lost' });
    expect(await job.status()).toMatchObject({ state: 'lost' });
    expect(await rejection(job.start(['sleep', '60']))).toMatchObject({ code: 'job.lost' });
    await job.remove();
    expect(await isGone(child)).toBe(true);
    await job.start(['true']);
    expect((await follow(job)).code).toBe(0);
  });

  it('does not take a reused pid for its own', async () => {
    const job = jobOf('reused');
    await job.start(['sleep', '60']);
    const pid = await pidOf(job);
    await job.stop();
    await host.exec(['rm', `${job.directory}/code`]);
    // As if the pid now belonged to this very test process, which started at another time.
    await host.write(`${job.directory}/pid`, `${process.pid} 1 ${pid}\n`, 0o600);
    expect(await job.status()).toMatchObject({ state: 'lost' });
    await job.stop();
    await job.remove();
  });

  it('reports a job whose host forgot it', async () => {
    expect(await rejection(jobOf('never').follow({}))).toMatchObject({
      code: 'job.lost',
      message: expect.stringContaining('restarted'),
    });
  });

  it('stops the whole group, and does not remove what runs', async () => {
    const job = jobOf('group');
    await job.start(['sh', '-c', 'sleep 61 & echo $!; exec sleep 62']);
    const lines: string[] = [];
    const followed = job.follow({ onOut: chunk => lines.push(chunk.toString()) });
    expect(await rejection(job.remove())).toMatchObject({ code: 'job.conflict' });
    await job.stop();
    expect((await followed).code).toBe(143);
    expect(await isGone(Number(lines.join('')))).toBe(true);
    await job.stop();
  });

  it('ends a follow promptly, with all of its last bytes', async () => {
    const job = jobOf('prompt');
    await job.start(['sh', '-c', 'sleep 0.5; head -c 3000000 /dev/zero; date +%s%N >&2']);
    let bytes = 0;
    let told = '';
    await job.follow({ onOut: chunk => (bytes += chunk.length), onErr: chunk => (told += chunk.toString()) });
    const ms = Date.now() - Number(told) / 1e6;
    expect(bytes).toBe(3_000_000);
    expect(ms).toBeLessThan(1000);
  });

  it('can be left alone while it runs', async () => {
    const job = jobOf('left');
    await job.start(['sh', '-c', 'echo on; exec sleep 60']);
    const stop = new AbortController();
    const followed = rejection(job.follow({ signal: stop.signal, onOut: () => stop.abort() }));
    expect(await followed).toMatchObject({ code: 'cancelled' });
    expect(await job.status()).toMatchObject({ state: 'running' });
  });

  it('takes no name that leads elsewhere', () => {
    for (const id of ['', '.', '..', 'a/b', '../x', '-x', 'a\nb'])
      expect(() => host.job(id), id).toThrow(RangeError);
  });
});

/** Gone, or a zombie that waits for init. */
async function isGone(pid: number): Promise<boolean> {
  const probe =
    'until [ ! -e "/proc/$1/stat" ] || grep -q ") Z" "/proc/$1/stat"; do sleep 0.05; done; echo gone';
  return (await host.exec(['sh', '-c', probe, 'sh', String(pid)])).stdout.toString() === 'gone\n';
}
