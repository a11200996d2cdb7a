import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import { controlKeys } from '../../../src/remote/control-identities.ts';
import { createHosts, type HostAddress, type Hosts } from '../../../src/remote/hosts.ts';
import { resolveSsh } from '../../../src/remote/ssh-config.ts';
import { createSshWorld, rejection, type SshWorld } from '../../support/ssh-world.ts';

let world: SshWorld;
let hosts: Hosts;
let addresses: Record<string, HostAddress>;
beforeEach(() => {
  world = createSshWorld();
  addresses = {};
  hosts = createHosts({
    clock: systemClock,
    runtime: { evacuation: 'test', root: world.path('run') },
    configFile: world.config,
    resolve: id => {
      const address = addresses[id];
      if (address === undefined) throw new Error(`no host ${id}`);
      return address;
    },
  });
});
afterEach(async () => {
  await hosts.closeAll();
  await world.close();
});

describe('the hosts of a process', () => {
  it('are connected once, however many ask', async () => {
    const server = await world.server();
    world.trust(server);
    addresses['web1'] = { address: '127.0.0.1', port: server.port };
    const [one, two] = await Promise.all([hosts.get('web1'), hosts.get('web1')]);
    expect(one).toBe(two);
    expect(one.id).toBe('web1');
    await one.exec(['true']);
    expect(server.logins()).toBe(1);
  });

  it('are tried again after a failure', async () => {
    const server = await world.server();
    addresses['web1'] = { address: '127.0.0.1', port: server.port };
    const both = await Promise.all([rejection(hosts.get('web1')), rejection(hosts.get('web1'))]);
    for (const error of both) expect(error).toMatchObject({ code: 'ssh.host-key-unknown' });
    world.trust(server);
    await (await hosts.get('web1')).exec(['true']);
    expect((await rejection(hosts.get('web2'))) as Error).toHaveProperty('message', 'no host web2');
  });

  it('are connected anew where the address or the key has changed', async () => {
    const otherKey = world.key('other');
    const server = await world.server();
    const rebuilt = await world.server({ hostKeys: [otherKey.privatePem] });
    const pinned = world.hostKey.publicLine;
    addresses['web1.receiver'] = { address: '127.0.0.1', port: server.port, pinned };
    const old = await hosts.get('web1.receiver');
    addresses['web1.receiver'] = { address: '127.0.0.1', port: rebuilt.port, pinned };
    expect(await rejection(hosts.get('web1.receiver'))).toMatchObject({ code: 'ssh.host-key-changed' });
    addresses['web1.receiver'] = { address: '127.0.0.1', port: rebuilt.port, pinned: otherKey.publicLine };
    await (await hosts.get('web1.receiver')).exec(['true']);
    expect(await rejection(old.exec(['true']))).toMatchObject({ code: 'cancelled' });
  });

  it('are all closed at once', async () => {
    const server = await world.server();
    world.trust(server);
    addresses['web1'] = { address: '127.0.0.1', port: server.port };
    const host = await hosts.get('web1');
    await hosts.closeAll();
    expect(await rejection(host.exec(['true']))).toMatchObject({ code: 'cancelled' });
  });
});

describe('the keys of the control machine', () => {
  const target = () => resolveSsh({ address: '127.0.0.1', configFile: world.config });

  it('are public halves, from the file beside the key or from the key itself', async () => {
    expect(await controlKeys({ target: await target() })).toEqual([world.userKey.publicLine]);
    rmSync(`${world.userKey.path}.pub`);
    expect(await controlKeys({ target: await target() })).toEqual([world.userKey.publicLine]);
  });

  it('are refused where there is none that can be used', async () => {
    rmSync(`${world.userKey.path}.pub`);
    chmodSync(world.userKey.path, 0o644);
    const error = await rejection(
      controlKeys({ target: await target(), agentSocket: world.path('no-agent') }),
    );
    expect(error).toMatchObject({ code: 'ssh.key-unusable' });
    expect(JSON.stringify((error as { facts: unknown }).facts)).toContain('bad permissions');
  });

  it('come from the agent too, and only the configured ones with IdentitiesOnly', async () => {
    const { execFileSync } = await import('node:child_process');
    const socket = world.path('agent');
    const started = execFileSync('ssh-agent', ['-a', socket]).toString();
    try {
      const second = world.key('second', 'ed25519', 'secret words');
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      execFileSync('ssh-add', ['-q', world.userKey.path], { env });
      const third = world.key('third');
      execFileSync('ssh-add', ['-q', third.path], { env });
      const config = readFileSync(world.config, 'utf8').replace('  IdentityAgent none\n', '');
      writeFileSync(
        world.config,
        config.replace('  IdentitiesOnly', `  IdentityFile ${second.path}\n  IdentitiesOnly`),
      );
      expect(await controlKeys({ target: await target(), agentSocket: socket })).toEqual([
        world.userKey.publicLine,
        second.publicLine,
      ]);
      writeFileSync(world.config, config.replace('  IdentitiesOnly yes\n', ''));
      expect(await controlKeys({ target: await target(), agentSocket: socket })).toEqual([
        world.userKey.publicLine,
        third.publicLine,
      ]);
    } finally {
      process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]));
    }
  });
});
