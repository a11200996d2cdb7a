import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { createSshWorld, rejection } from '../../support/ssh-world.ts';

/** The same host code against OpenSSH's own server, where this machine has one and lets us start it. */

const SSHD = '/usr/sbin/sshd';
const { uid, username } = userInfo();
const why = !existsSync(SSHD) ? 'there is no sshd' : uid === 0 ? undefined : 'starting sshd needs root';
if (why !== undefined) process.stderr.write(`OpenSSH's own server is not tested: ${why}\n`);

it.skipIf(why !== undefined)("works with OpenSSH's server: bytes, limits, jobs, time-outs", async () => {
  const world = createSshWorld();
  const port = await freePort();
  // sshd refuses to start without its privilege separation directory, which some images lack.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  writeFileSync(world.path('authorized'), `${world.userKey.publicLine}\n`);
  writeFileSync(
    world.path('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${world.hostKey.path}`,
      `AuthorizedKeysFile ${world.path('authorized')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      `PidFile ${world.path('pid')}`,
      '',
    ].join('\n'),
  );
  const sshd = spawn(SSHD, ['-D', '-e', '-f', world.path('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    await untilOpen(port);
    world.trust({ port });
    const host = await world.connect({ port }, { target: { address: '127.0.0.1', port, user: username } });
    const bytes = new Uint8Array([0xff, 0x27, 0x0a, 0xc3]);
    expect((await host.exec(['printf', '%s', bytes])).stdout).toEqual(Buffer.from(bytes));
    const many = await Promise.all(Array.from({ length: 30 }, () => host.exec(['sleep', '0.02'])));
    expect(many).toHaveLength(30);
    expect(await rejection(host.exec(['exec', 'sh', '-c', 'kill -9 $$']))).toMatchObject({
      code: 'remote.no-exit-status',
    });
    expect(await rejection(host.exec(['sleep', '5'], { timeoutMs: 200 }))).toMatchObject({
      code: 'remote.timeout',
    });
    await host.write(world.path('file'), Buffer.alloc(300_000, 7), 0o600);
    expect((await host.read(world.path('file'))).length).toBe(300_000);

    const job = host.job('pass');
    await job.start(['sh', '-c', 'echo begun; sleep 0.5; echo over']);
    await host.close();
    const again = await world.connect({ port }, { target: { address: '127.0.0.1', port, user: username } });
    let out = '';
    const end = await again.job('pass').follow({ onOut: chunk => (out += chunk.toString()) });
    expect([end.code, out]).toEqual([0, 'begun\nover\n']);
  } finally {
    await world.close();
    const ended = once(sshd, 'exit');
    sshd.kill('SIGTERM');
    await ended;
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await new Promise(resolve => setImmediate(resolve));
  }
}
