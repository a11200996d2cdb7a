import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import type { Host } from '../../../src/remote/host.ts';
import { openRelay } from '../../../src/sync/relay.ts';
import { createSshWorld, type SshWorld } from '../../support/ssh-world.ts';

/** The relay against OpenSSH's own server, which plays both ends: a port of its loopback leads back to itself. */

const SSHD = '/usr/sbin/sshd';
const { uid, username } = userInfo();
const why = !existsSync(SSHD) ? 'there is no sshd' : uid === 0 ? undefined : 'starting sshd needs root';

it.skipIf(why !== undefined)(
  'carries a session through both control connections, until it is closed',
  async () => {
    const world = createSshWorld();
    const port = await freePort();
    const entrance = await freePort();
    const sshd = await startSshd(world, port, 'yes');
    try {
      const host = await world.connect({ port }, { target: { address: '127.0.0.1', port, user: username } });
      const said: string[] = [];
      const context = {
        host: async (): Promise<Host> => host,
        sample: ({ text }: { readonly text: string }) => void said.push(text),
      };
      const ends = { from: 'web1', port: entrance, to: 'web1.receiver', sshPort: port };
      const relay = await openRelay(context, ends);
      expect(said).toEqual(['its bytes go through this machine (link.path: relay)']);

      // What comes out at the far end is an sshd's greeting, and several connections go side by side.
      const sockets = [connect(entrance, '127.0.0.1'), connect(entrance, '127.0.0.1')];
      for (const socket of sockets) expect(await greeting(socket)).toMatch(/^SSH-2\.0-OpenSSH/);
      const cut = sockets.map(socket => once(socket, 'close'));
      await relay.close();
      await Promise.all(cut);
      await expect(greeting(connect(entrance, '127.0.0.1'))).rejects.toThrow();

      // It can be opened again at the same port: the next attempt at a pass does.
      const again = await openRelay(context, ends);
      expect(await greeting(connect(entrance, '127.0.0.1'))).toMatch(/^SSH-/);
      // A taken port is refused, and waiting for it may help.
      await expect(openRelay(context, ends)).rejects.toMatchObject({ code: 'ssh.forwarding-refused' });
      await again.close();
    } finally {
      await world.close();
      const ended = once(sshd, 'exit');
      sshd.kill('SIGTERM');
      await ended;
    }
  },
);

it.skipIf(why !== undefined)('says where forwarding is switched off', async () => {
  const world = createSshWorld();
  const port = await freePort();
  const sshd = await startSshd(world, port, 'no');
  try {
    const host = await world.connect({ port }, { target: { address: '127.0.0.1', port, user: username } });
    const ends = { from: 'web1', port: await freePort(), to: 'web1.receiver', sshPort: port };
    const opened = openRelay({ host: async () => host, sample: () => undefined }, ends);
    await expect(opened).rejects.toMatchObject({
      code: 'ssh.forwarding-refused',
      facts: { next: expect.arrayContaining([expect.stringContaining('AllowTcpForwarding yes')]) },
    });
  } finally {
    await world.close();
    const ended = once(sshd, 'exit');
    sshd.kill('SIGTERM');
    await ended;
  }
});

async function greeting(socket: Socket): Promise<string> {
  const outcome = Promise.withResolvers<string>();
  socket.once('data', chunk => outcome.resolve(chunk.toString('latin1')));
  socket.once('error', outcome.reject);
  socket.once('close', () => outcome.reject(new Error('closed without a word')));
  return outcome.promise;
}

async function startSshd(world: SshWorld, port: number, forwarding: 'yes' | 'no') {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  writeFileSync(world.path('authorized'), `${world.userKey.publicLine}\n`);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${world.hostKey.path}`,
    `AuthorizedKeysFile ${world.path('authorized')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    `AllowTcpForwarding ${forwarding}`,
    `PidFile ${world.path('pid')}`,
    '',
  ];
  writeFileSync(world.path('sshd_config'), lines.join('\n'));
  const sshd = spawn(SSHD, ['-D', '-e', '-f', world.path('sshd_config')], { stdio: 'ignore' });
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isOpen) break;
    await new Promise(resolve => setImmediate(resolve));
  }
  world.trust({ port });
  return sshd;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
