import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, parsePublicKey } from '../../../src/remote/host-keys.ts';
import { createSshWorld, rejection, type SshWorld, type TestKey } from '../../support/ssh-world.ts';

let world: SshWorld;
const listeners: Server[] = [];
beforeEach(() => {
  world = createSshWorld();
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  await world.close();
});

/** A TCP server that is no SSH server. */
async function listen(onConnection: Parameters<typeof createServer>[1]): Promise<{ port: number }> {
  const server = createServer(onConnection as Parameters<typeof createServer>[0]);
  listeners.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return server.address() as { port: number };
}

const print = (key: TestKey): string => {
  const parsed = parsePublicKey(key.publicLine);
  if (parsed === undefined) throw new Error('no key');
  return fingerprint(parsed);
};

const evidence = (error: unknown): string => JSON.stringify((error as { facts: unknown }).facts);

const keyOnly = ({ publicLine }: { readonly publicLine: string }): string =>
  publicLine.split(' ').slice(0, 2).join(' ');

describe('host keys', () => {
  it('refuses an unknown host, shows its key, and logs in nowhere', async () => {
    const server = await world.server();
    const error = await rejection(world.connect(server));
    expect(error).toMatchObject({ code: 'ssh.host-key-unknown', exit: 4 });
    expect(evidence(error)).toContain(print(world.hostKey));
    expect(evidence(error)).toContain(world.knownHosts);
    expect(evidence(error)).toContain(`[127.0.0.1]:${server.port} ${world.hostKey.publicLine}`);
    expect(server.logins()).toBe(0);
    expect(readFileSync(world.knownHosts, 'utf8')).toBe('');
  });

  it('connects after the command from the error was run', async () => {
    const server = await world.server();
    const error = await rejection(world.connect(server));
    const next = (error as { facts: { next: string[] } }).facts.next;
    const command = next.find(line => line.includes('printf'))?.replace(/^.*?add it: /, '') ?? '';
    const { execFileSync } = await import('node:child_process');
    execFileSync('sh', ['-c', command]);
    const host = await world.connect(server);
    expect((await host.exec(['echo', 'in'])).stdout.toString()).toBe('in\n');
  });

  it('never accepts a changed key and names both', async () => {
    const other = world.key('other');
    const server = await world.server();
    world.trust(server, other);
    const error = await rejection(world.connect(server));
    expect(error).toMatchObject({
      code: 'ssh.host-key-changed',
      facts: { where: { file: world.knownHosts, line: 1 } },
    });
    expect(evidence(error)).toContain(print(other));
    expect(evidence(error)).toContain(print(world.hostKey));
    expect(server.logins()).toBe(0);
  });

  it('asks a host with several keys for the one that is known', async () => {
    const rsa = world.key('rsa', 'rsa');
    const ecdsa = world.key('ecdsa', 'ecdsa');
    const server = await world.server({
      hostKeys: [world.hostKey.privatePem, ecdsa.privatePem, rsa.privatePem],
    });
    world.trust(server, rsa);
    const first = await world.connect(server);
    await first.exec(['true']);
    expect(first.hostKey?.()).toBe(keyOnly(rsa));
    writeFileSync(world.knownHosts, '');
    world.trust(server, ecdsa);
    const second = await world.connect(server);
    await second.exec(['true']);
    // Whoever has to find this host as well is told the key that it really showed.
    expect(second.hostKey?.()).toBe(keyOnly(ecdsa));
  });

  it('takes a replaced key of another type for a change', async () => {
    const server = await world.server();
    world.trust(server, world.key('ecdsa', 'ecdsa'));
    expect(await rejection(world.connect(server))).toMatchObject({ code: 'ssh.host-key-changed' });
  });

  it('refuses a revoked key', async () => {
    const server = await world.server();
    world.trust(server);
    writeFileSync(
      world.knownHosts,
      `${readFileSync(world.knownHosts, 'utf8')}@revoked * ${world.hostKey.publicLine}\n`,
    );
    expect(await rejection(world.connect(server))).toMatchObject({ code: 'ssh.host-key-revoked' });
  });

  it('honours RevokedHostKeys', async () => {
    const server = await world.server();
    world.trust(server);
    const { execFileSync } = await import('node:child_process');
    execFileSync('ssh-keygen', ['-q', '-k', '-f', world.path('krl'), `${world.hostKey.path}.pub`]);
    writeFileSync(
      world.config,
      `${readFileSync(world.config, 'utf8')}  RevokedHostKeys ${world.path('krl')}\n`,
    );
    expect(await rejection(world.connect(server))).toMatchObject({
      code: 'ssh.host-key-revoked',
      facts: { where: { file: world.path('krl') } },
    });
    writeFileSync(world.path('krl'), 'nonsense');
    expect(await rejection(world.connect(server))).toMatchObject({ code: 'ssh.config' });
  });

  it('trusts a pinned key instead of known_hosts, and nothing else', async () => {
    const server = await world.server();
    const host = await world.connect(server, { pinned: `${world.hostKey.publicLine} root@receiver` });
    await host.exec(['true']);
    const other = world.key('other');
    expect(await rejection(world.connect(server, { pinned: other.publicLine }))).toMatchObject({
      code: 'ssh.host-key-changed',
      message: expect.stringContaining('pinned'),
    });
    expect(await rejection(world.connect(server, { pinned: 'nonsense' }))).toMatchObject({
      code: 'ssh.config',
    });
  });

  it('goes by HostKeyAlias', async () => {
    const server = await world.server();
    writeFileSync(
      world.config,
      `Host web1\n  HostName 127.0.0.1\n  HostKeyAlias web1.mia\n${readFileSync(world.config, 'utf8')}`,
    );
    writeFileSync(world.knownHosts, `web1.mia ${world.hostKey.publicLine}\n`);
    const host = await world.connect(server, { target: { address: 'web1', port: server.port } });
    await host.exec(['true']);
  });
});

describe('logins', () => {
  it('lists every key that was refused', async () => {
    const server = await world.server({ authorized: [] });
    world.trust(server);
    const error = await rejection(world.connect(server));
    expect(error).toMatchObject({ code: 'ssh.auth-refused', exit: 4 });
    expect((error as Error).message).toContain('tester@127.0.0.1');
    expect(evidence(error)).toContain(`refused: ${world.userKey.path}: ssh-ed25519 ${print(world.userKey)}`);
  });

  it('goes on to the next key, and says why one was skipped', async () => {
    const locked = world.key('locked', 'ed25519', 'secret words');
    const open = world.key('open');
    chmodSync(open.path, 0o644);
    const second = world.key('second', 'rsa');
    const config = readFileSync(world.config, 'utf8').replace(
      '  IdentitiesOnly',
      `${[locked, open, second].map(key => `  IdentityFile ${key.path}\n`).join('')}  IdentitiesOnly`,
    );
    writeFileSync(world.config, config);
    const server = await world.server({ authorized: [second.publicLine] });
    world.trust(server);
    await (await world.connect(server)).exec(['true']);

    const strict = await world.server({ authorized: [] });
    world.trust(strict);
    const told = evidence(await rejection(world.connect(strict)));
    expect(told).toContain(`not tried: ${locked.path}: encrypted`);
    expect(told).toContain(`not tried: ${open.path}: others can read it (mode 0644)`);
  });

  it('says before it connects that no key can be used', async () => {
    chmodSync(world.userKey.path, 0o640);
    const server = await world.server();
    const error = await rejection(world.connect(server));
    expect(error).toMatchObject({ code: 'ssh.key-unusable' });
    expect(evidence(error)).toContain('others can read it (mode 0640)');
  });

  it('uses an agent, and names its keys', async () => {
    const { execFileSync } = await import('node:child_process');
    const socket = world.path('agent');
    const started = execFileSync('ssh-agent', ['-a', socket]).toString();
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
    try {
      const inAgent = world.key('in-agent');
      execFileSync('ssh-add', ['-q', inAgent.path], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      writeFileSync(
        world.config,
        readFileSync(world.config, 'utf8').replace(/ {2}Identit(?!yFile).*\n/g, ''),
      );
      const server = await world.server({ authorized: [inAgent.publicLine] });
      world.trust(server);
      await (await world.connect(server, { agentSocket: socket })).exec(['true']);
      const strict = await world.server({ authorized: [] });
      world.trust(strict);
      const told = evidence(await rejection(world.connect(strict, { agentSocket: socket })));
      expect(told).toContain(`refused: agent: ssh-ed25519 ${print(inAgent)} in-agent key`);
    } finally {
      process.kill(pid);
    }
  });
});

describe('ways not to connect', () => {
  it('knows a name that does not resolve', async () => {
    const error = await rejection(
      world.connect({ port: 22 }, { target: { address: 'no-such-host.invalid' } }),
    );
    expect(error).toMatchObject({ code: 'ssh.unresolvable' });
  });

  it('knows a closed port', async () => {
    const { port } = await listen(() => undefined);
    listeners.pop()?.close();
    const error = await rejection(world.connect({ port }));
    expect(error).toMatchObject({ code: 'ssh.unreachable', message: expect.stringContaining('refuses') });
  });

  it('knows a host that accepts and stays silent', async () => {
    const silent = await listen(() => undefined);
    writeFileSync(
      world.config,
      readFileSync(world.config, 'utf8').replace('ConnectTimeout 5', 'ConnectTimeout 1'),
    );
    const error = await rejection(world.connect(silent));
    expect(error).toMatchObject({
      code: 'ssh.timeout',
      message: expect.stringMatching(/did not greet as an SSH server within 1\.0s$/),
    });
  });

  it('prints the very ssh command that does what landfall did', async () => {
    const server = await world.server({ authorized: [] });
    world.trust(server);
    const error = await rejection(
      world.connect(server, { target: { address: '127.0.0.1', port: server.port, user: 'ops' } }),
    );
    const byHand = `ssh -v -F ${world.config} -p ${server.port} -l ops 127.0.0.1`;
    expect(error).toMatchObject({
      code: 'ssh.auth-refused',
      facts: { next: expect.arrayContaining([`compare with: ${byHand}`]) },
    });
    const { spawn } = await import('node:child_process');
    const answer = await new Promise<string>(done => {
      const child = spawn('sh', ['-c', byHand], { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.on('close', () => done(said));
    });
    expect(answer).toContain('ops@127.0.0.1: Permission denied');
  });

  it('knows something that does not speak SSH, and shows what it said', async () => {
    const web = await listen(socket => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    const error = await rejection(world.connect(web));
    expect(error).toMatchObject({ code: 'ssh.protocol' });
    expect(evidence(error)).toContain('HTTP/1.1 400');
  });

  it('knows a server that hangs up before the login', async () => {
    const rude = await listen(socket => {
      socket.on('error', () => undefined);
      socket.write('SSH-2.0-OpenSSH_9.2\r\n');
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect(await rejection(world.connect(rude))).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringContaining('closed the connection'),
    });
  });

  it('takes lines before the greeting for noise', async () => {
    const server = await world.server({ greeting: 'Welcome to Miami\r\nAuthorised use only' });
    world.trust(server);
    await (await world.connect(server)).exec(['true']);
  });
});

describe('a connection that breaks', () => {
  it('says what was running, and connects anew on the next call', async () => {
    const server = await world.server({
      hook: (command, channel, drop) => {
        if (!command.startsWith('cut')) return false;
        channel.write('half of the ans', () => drop());
        return true;
      },
    });
    world.trust(server);
    const host = await world.connect(server);
    const error = await rejection(host.exec(['cut', 'here']));
    expect(error).toMatchObject({
      code: 'ssh.connection-lost',
      message: expect.stringContaining('cut here'),
    });
    expect((await host.exec(['echo', 'again'])).stdout.toString()).toBe('again\n');
    expect(server.logins()).toBe(2);
  });

  it('is made once for many calls, and verified again', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    server.drop();
    await Promise.all(Array.from({ length: 5 }, () => host.exec(['true'])));
    expect(server.logins()).toBe(2);
    server.drop();
    writeFileSync(world.knownHosts, '');
    world.trust(server, world.key('other'));
    expect(await rejection(host.exec(['true']))).toMatchObject({ code: 'ssh.host-key-changed' });
  });

  it('notices a dead link by keepalives', async () => {
    const server = await world.server();
    // A relay that can go silent without closing: a link whose packets are dropped.
    const { connect } = await import('node:net');
    let silent = false;
    const relay = await listen(near => {
      const far = connect(server.port, '127.0.0.1');
      near.on('data', chunk => silent || far.write(chunk));
      far.on('data', chunk => silent || near.write(chunk));
      near.on('error', () => far.destroy()).on('close', () => far.destroy());
      far.on('error', () => near.destroy());
    });
    world.trust(relay);
    const host = await world.connect(relay, { keepaliveMs: 100 });
    const pending = rejection(
      host.stream(['sh', '-c', 'echo on; exec sleep 60'], { onStdout: () => (silent = true) }),
    );
    expect(await pending).toMatchObject({ code: 'ssh.connection-lost' });
  });

  it('does nothing more once it was closed', async () => {
    const server = await world.server();
    world.trust(server);
    const host = await world.connect(server);
    await host.close();
    await host.close();
    expect(await rejection(host.exec(['true']))).toMatchObject({ code: 'cancelled' });
  });
});

describe('jump hosts', () => {
  it('goes through two of them, and verifies each', async () => {
    const outerKey = world.key('outer');
    const innerKey = world.key('inner');
    const outer = await world.server({ hostKeys: [outerKey.privatePem] });
    const inner = await world.server({ hostKeys: [innerKey.privatePem] });
    const server = await world.server();
    writeFileSync(
      world.config,
      [
        'Host outer',
        `  HostName 127.0.0.1\n  Port ${outer.port}`,
        'Host inner',
        `  HostName 127.0.0.1\n  Port ${inner.port}`,
        'Host web1',
        `  HostName 127.0.0.1\n  Port ${server.port}\n  ProxyJump outer,inner`,
        readFileSync(world.config, 'utf8'),
      ].join('\n'),
    );
    world.trust(outer, outerKey);
    world.trust(server);
    const target = { address: 'web1' };
    expect(await rejection(world.connect(server, { target }))).toMatchObject({
      code: 'ssh.host-key-unknown',
      facts: { where: { host: 'inner' } },
    });
    world.trust(inner, innerKey);
    const host = await world.connect(server, { target });
    expect((await host.exec(['echo', 'far'])).stdout.toString()).toBe('far\n');
    expect([outer.logins(), inner.logins(), server.logins()]).toEqual([2, 1, 1]);

    outer.drop();
    expect((await host.exec(['echo', 'back'])).stdout.toString()).toBe('back\n');
    await server.close();
    expect(await rejection(host.exec(['true']))).toMatchObject({
      code: 'ssh.unreachable',
      message: expect.stringContaining('through inner'),
    });
  });
});
