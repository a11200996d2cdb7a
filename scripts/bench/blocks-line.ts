import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { atADistance } from '../../src/lab/ssh/latency.ts';
import { createLink } from '../../src/lab/ssh/link.ts';

/** A line between two hypervisors that are both this machine: a real sshd behind a port that is slow and far away. */
export interface Line extends AsyncDisposable {
  /** Where ssh finds the far side. */
  readonly port: number;
  readonly address: string;
  /** Bytes that went towards it so far. */
  bytes(): number;
  /** From now on; null lifts the limit. */
  setRate(bytesPerSecond: number | null): void;
}

export interface LineOptions {
  readonly directory: string;
  readonly hostKey: string;
  /** What may let somebody in, first of all the file that landfall writes. */
  readonly authorizedKeys: readonly string[];
  /** What a command on the far side finds. */
  readonly env: NodeJS.ProcessEnv;
  readonly bytesPerSecond: number;
  readonly roundTripMs: number;
}

const NEAR = '127.0.0.1';

/** Rejects where sshd does not start. */
export async function openLine(options: LineOptions): Promise<Line> {
  const { directory, hostKey, authorizedKeys, env, bytesPerSecond, roundTripMs } = options;
  const monotonic = (): number => performance.now();
  const outside = outsideAddress();
  const sshPort = await freePort(outside);
  mkdirSync(directory, { recursive: true });
  // sshd wants it, and forgets to make it.
  mkdirSync('/run/sshd', { recursive: true });
  chmodSync(hostKey, 0o600);
  const words = Object.entries(env).map(([name, value]) => `${name}=${value ?? ''}`);
  const config = join(directory, 'sshd_config');
  writeFileSync(
    config,
    [
      `ListenAddress ${outside}`,
      `Port ${sshPort}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${authorizedKeys.join(' ')}`,
      `SetEnv ${words.join(' ')}`,
      'PermitRootLogin prohibit-password',
      ...['PasswordAuthentication', 'KbdInteractiveAuthentication', 'UsePAM', 'StrictModes'].map(
        key => `${key} no`,
      ),
      'PidFile none',
      '',
    ].join('\n'),
  );
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    sshd.once('error', reject);
    sshd.once('exit', code => reject(new Error(`sshd ended with ${code}: ${said.join('').slice(-400)}`)));
    sshd.stderr.on('data', (chunk: Buffer) => {
      said.push(chunk.toString());
      if (said.join('').includes('Server listening')) resolve();
    });
  });

  const link = createLink(bytesPerSecond, monotonic);
  const server = createServer(near => {
    const far = connect(sshPort, outside);
    link.admit(near);
    const distant = atADistance(near, () => roundTripMs, monotonic);
    distant.on('error', () => far.destroy());
    far.on('error', () => distant.destroy());
    near.on('error', () => far.destroy());
    distant.pipe(far).pipe(distant);
  });
  server.listen(0, NEAR);
  await once(server, 'listening');
  return {
    address: NEAR,
    port: (server.address() as AddressInfo).port,
    bytes: () => link.bytes,
    setRate: rate => link.setRate(rate),
    async [Symbol.asyncDispose]() {
      link.drop();
      server.close();
      const ended = once(sshd, 'exit');
      sshd.kill('SIGTERM');
      await ended;
    },
  };
}

/** The address that landfall binds the key to: one that is not loopback, where there is one. */
const outsideAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap(each => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? NEAR;

async function freePort(address: string): Promise<number> {
  const probe = createServer().listen(0, address);
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
