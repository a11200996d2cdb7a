import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/foundation/clock.ts';
import type { Host } from '../../src/remote/host.ts';
import { type ConnectHostOptions, connectHost } from '../../src/remote/ssh-host.ts';
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.ts';

export interface TestKey {
  readonly path: string;
  readonly privatePem: string;
  /** `TYPE BASE64`. */
  readonly publicLine: string;
}

/** A directory with keys, known_hosts and an ssh_config, and the servers and hosts that a test opens. */
export interface SshWorld {
  readonly directory: string;
  readonly config: string;
  readonly knownHosts: string;
  readonly userKey: TestKey;
  readonly hostKey: TestKey;
  path(name: string): string;
  key(name: string, type?: 'ed25519' | 'ecdsa' | 'rsa', passphrase?: string): TestKey;
  /** Adds a line to known_hosts. */
  trust(server: { port: number }, key?: TestKey): void;
  server(options?: Partial<SshServerOptions>): Promise<SshServer>;
  connect(server: { port: number }, options?: Partial<ConnectHostOptions>): Promise<Host>;
  close(): Promise<void>;
}

export function createSshWorld(): SshWorld {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-ssh-'));
  const path = (name: string): string => join(directory, name);
  const servers: SshServer[] = [];
  const hosts: Host[] = [];
  const key = (name: string, type = 'ed25519', passphrase = ''): TestKey => {
    const file = path(name);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', `${name} key`, '-f', file]);
    const publicLine = readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    return { path: file, privatePem: readFileSync(file, 'utf8'), publicLine };
  };
  const userKey = key('user');
  const hostKey = key('host');
  const knownHosts = path('known_hosts');
  const config = path('config');
  writeFileSync(knownHosts, '');
  writeFileSync(
    config,
    [
      'Host *',
      '  User tester',
      `  IdentityFile ${userKey.path}`,
      '  IdentitiesOnly yes',
      '  IdentityAgent none',
      `  UserKnownHostsFile ${knownHosts}`,
      '  GlobalKnownHostsFile none',
      '  ConnectTimeout 5',
      '',
    ].join('\n'),
  );
  const world: SshWorld = {
    directory,
    config,
    knownHosts,
    userKey,
    hostKey,
    path,
    key,
    trust(server, trusted = hostKey) {
      appendFileSync(knownHosts, `[127.0.0.1]:${server.port} ${trusted.publicLine}\n`);
    },
    async server(options = {}) {
      const server = await startSshServer({
        hostKeys: [hostKey.privatePem],
        authorized: [userKey.publicLine],
        ...options,
      });
      servers.push(server);
      return server;
    },
    async connect(server, options = {}) {
      const host = await connectHost({
        id: 'web1',
        target: { address: '127.0.0.1', port: server.port },
        configFile: config,
        clock: systemClock,
        runtime: { evacuation: 'test', root: path('run') },
        ...options,
      });
      hosts.push(host);
      return host;
    },
    async close() {
      await Promise.all(hosts.map(host => host.close()));
      await Promise.all(servers.map(server => server.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}

/** The error a promise rejects with; fails where it does not reject. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}
