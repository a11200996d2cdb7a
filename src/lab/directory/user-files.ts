import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { SqlPair } from '../sql-pair.ts';
import { makeHostKey, publicHalf } from '../ssh/keys.ts';
import { GOLDEN_VOLUME, POOL } from '../world/layout.ts';
import type { SimHost, World } from '../world/world.ts';
import { writeWhole } from './write-whole.ts';

/** The files that a user of the lab reads: plan, ssh_config, known hosts, login key. */

export interface LabPaths {
  readonly plan: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
  readonly identity: string;
}

export const labPaths = (directory: string): LabPaths => ({
  plan: path.join(directory, 'plan.yaml'),
  sshConfig: path.join(directory, 'ssh_config'),
  knownHosts: path.join(directory, 'known_hosts'),
  identity: path.join(directory, 'identity'),
});

/** The key with which the control machine logs in; made once. */
export function ensureIdentity(directory: string): string {
  const { identity } = labPaths(directory);
  if (!existsSync(identity)) {
    const key = makeHostKey('landfall-lab');
    writeFileSync(`${identity}.pub`, `${key.public}\n`);
    writeFileSync(identity, key.private, { mode: 0o600 });
  }
  return readFileSync(`${identity}.pub`, 'utf8');
}

/** Lets the control machine in as root. */
export function authorize(host: SimHost, publicKey: string): void {
  const ssh = path.join(host.directory, 'fs', 'root', 'root', '.ssh');
  mkdirSync(ssh, { recursive: true, mode: 0o700 });
  const file = path.join(ssh, 'authorized_keys');
  if (!existsSync(file)) writeFileSync(file, publicKey, { mode: 0o600 });
}

/** A value of ssh_config in quotes; percent signs would be expanded. */
const configValue = (value: string): string => `"${value.replaceAll('%', '%%')}"`;

/** `permanent`: the hosts that are there from the first day, whether they are up now or not. */
export function writeSshFiles(world: World, permanent: readonly SimHost[]): void {
  const { sshConfig, knownHosts, identity } = labPaths(world.directory);
  const blocks = permanent.map(host => `Host ${host.id}\n  HostName ${host.address}\n`);
  const common = [
    `Host ${permanent.map(({ id }) => id).join(' ')} 127.77.*`,
    `  Port ${world.port}`,
    '  User root',
    `  IdentityFile ${configValue(identity)}`,
    '  IdentitiesOnly yes',
    '  IdentityAgent none',
    `  UserKnownHostsFile ${configValue(knownHosts)}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking yes',
    '  BatchMode yes',
    '',
  ];
  writeWhole(sshConfig, `# Written by the pocket lab.\n${blocks.join('\n')}\n${common.join('\n')}`, 0o600);
  const keys = permanent.map(host => `[${host.address}]:${world.port} ${publicHalf(host.hostKey)}\n`);
  writeWhole(knownHosts, keys.join(''), 0o600);
}

/** The record that users of the lab follow; the name is one that no resolver ever knows. */
export const LAB_RECORD = 'www.lab.invalid';

export interface PlanWishes {
  readonly name: string;
  /** Bytes per second; null where the line has no limit. */
  readonly linkBytesPerSecond: number | null;
  /** The SQL Servers; absent where the lab has none. */
  readonly sql?: SqlPair | undefined;
}

export function writePlan(world: World, { name, linkBytesPerSecond, sql }: PlanWishes): void {
  const entries = <T, V>(
    of: readonly T[],
    key: (item: T) => string,
    value: (item: T) => V,
  ): Record<string, V> => Object.fromEntries(of.map(item => [key(item), value(item)]));
  const plan = {
    version: 1,
    name,
    lab: true,
    rehearsal: true,
    deadline: { earliest: 'in 3d4h', expected: 'in 4d6h', reason: 'Rehearsal: a simulated hurricane' },
    ssh: { config: labPaths(world.directory).sshConfig },
    contacts: [{ name: 'Lab Engineer', role: 'on shift', phone: '+1 305 555 0100' }],
    sites: {
      miami: { role: 'source', location: 'Pocket lab, 127.77.1.0/24' },
      dallas: { role: 'target', location: 'Pocket lab, 127.77.2.0/24' },
    },
    link: {
      ...(linkBytesPerSecond === null ? {} : { limit: `${Math.round(linkBytesPerSecond / 1000)} kB/s` }),
      streams: 4,
    },
    hypervisors: entries(
      world.hypervisors,
      host => host.name,
      // By number: the hypervisors reach each other, and no resolver knows their names.
      host => ({
        ...{ site: host.site === 'source' ? 'miami' : 'dallas', address: host.address, port: world.port },
        user: 'root',
      }),
    ),
    networks: {
      'mia-servers': { site: 'miami', libvirt: 'mia-servers', cidr: '127.77.1.0/24' },
      'dal-servers': {
        site: 'dallas',
        libvirt: 'dal-servers',
        cidr: '127.77.2.0/24',
        replaces: 'mia-servers',
      },
    },
    images: {
      'golden-debian12': { hypervisor: 'dal-kvm1', pool: POOL, volume: GOLDEN_VOLUME, os: 'Debian 12' },
    },
    tiers: {
      critical: { priority: 1, rpo: '15m', rto: '1h', cost_per_hour: 12_000 },
      normal: { priority: 2, rpo: '4h', rto: '8h', cost_per_hour: 900 },
    },
    passes: { small: '1 MiB' },
    // Its hosts are all this one machine: how busy that is says nothing about any of them.
    care: { load: 100, iowait: 1 },
    proof: { together: 3, boot_within: '3m' },
    machines: entries(
      world.machines,
      machine => machine.name,
      machine => ({
        tier: machine.tier,
        description: machine.description,
        source: { hypervisor: machine.hypervisor, address: machine.name, user: 'root' },
        target: {
          hypervisor: 'dal-kvm1',
          image: 'golden-debian12',
          network: 'dal-servers',
          address: machine.receiverAddress,
          port: world.port,
        },
        ...(machine.name === 'web1' ? { checks: [{ tcp: 80 }] } : {}),
        ...(machine.after.length === 0 ? {} : { after: [...machine.after] }),
      }),
    ),
    // The resolver that all machines name: it belongs to neither site.
    external: { resolver: { at: ['192.0.2.53'], ports: [53], after_loss: 'stays' } },
    dns: world.machines
      .filter(({ name }) => name === 'web1')
      .map(({ address, receiverAddress }) => ({
        ...{ name: LAB_RECORD, type: 'A', from: address, to: receiverAddress, ttl: '60s' },
        ...{ provider: 'the pocket lab', change: 'a rehearsal changes the zone of the lab' },
      })),
    cutover: {
      decides: 'Lab Engineer',
      when: ['a rehearsal asks for it'],
      tell: ['the status page of the lab'],
      by_hand: [
        { title: 'Put a sign on the status page: we are moving', at: 'before', undo: 'take the sign away' },
        { title: 'Take the sign from the status page', at: 'final' },
      ],
      shutdown_within: '30s',
    },
    ...(sql === undefined ? {} : { databases: { [sql.database]: databaseOf(sql) } }),
  };
  const head = '# Written by the pocket lab: a rehearsal, nothing in it is real.\n';
  writeWhole(labPaths(world.directory).plan, head + stringify(plan), 0o600);
}

/** Both servers are doubles on loopback: nothing there is worth a certificate. */
function databaseOf({ database, user, passwordFile, publisher, subscriber }: SqlPair): object {
  const server = (place: { readonly host: string; readonly port: number }): object => ({
    ...{ address: place.host, port: place.port, user, password: `file:${passwordFile}`, encrypt: 'off' },
  });
  return {
    tier: 'critical',
    publisher: server(publisher),
    subscriber: server(subscriber),
    clone: { database, as_of: 'two weeks ago' },
  };
}
