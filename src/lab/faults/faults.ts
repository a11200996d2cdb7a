import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Blocks } from '../blocks/blocks.ts';
import type { Copies } from '../boot/copies.ts';
import { labProcesses, signalAll, stopAll } from '../hosts/processes.ts';
import { locate } from '../hosts/real-tools.ts';
import { type Receivers, receiverId } from '../hosts/receivers.ts';
import type { Sources } from '../hosts/sources.ts';
import type { SqlPair } from '../sql-pair.ts';
import { makeHostKey } from '../ssh/keys.ts';
import type { Link } from '../ssh/link.ts';
import type { HostServer } from '../ssh/server.ts';
import { replicaTrees } from '../trees/comparison.ts';
import type { SimHost, World } from '../world/world.ts';
import { type BlockFaults, blockFaults } from './block-faults.ts';
import { fullReplica, fullWording, type Quota, wordedAs } from './full-replica.ts';
import { type Neglect, type Neglected, neglect } from './neglect.ts';
import { type Refusal, refusalWording, refusingReplica } from './refusing-replica.ts';
import { type SourceFaults, sourceFaults } from './source-faults.ts';

/** What can go wrong, on purpose. Every fault can be healed, and `clear` heals them all. */

export interface Faults extends BlockFaults, SourceFaults {
  /** Cuts the data path between the sites and keeps it cut. */
  linkDrop(): void;
  linkHeal(): void;
  /** Cuts the control connections of a host, once; answers how many there were. */
  controlDrop(host: string): number;
  /** The replica of a machine takes no more than so many bytes. */
  targetFull(machine: string, bytes: number): void;
  targetHeal(machine: string): void;
  /** Nothing new can be made in the replica of a machine any more; see refusing-replica.ts. */
  refuse(machine: string, kind: Refusal): void;
  refuseNoMore(machine: string): void;
  /** The host was replaced: its connections are gone, and new ones see another host key. */
  hostKey(host: string): void;
  hostKeyHeal(host: string): void;
  /** Kills the rsync processes of a host; answers how many there were. */
  killRsync(host: string): number;
  /** The host stops answering: its processes stop and its connections stall. */
  freeze(host: string): void;
  thaw(host: string): void;
  /** Flips bytes in one file of a replica, keeping size and times; `file` is relative to the mount point. */
  tear(machine: string, mountpoint: string, file: string): void;
  /** The same for a file by its real path. */
  tearFile(file: string): void;
  /** Somebody has changed a source without restarting it; see neglect.ts. */
  neglect(machine: string, kind: Neglect): void;
  amend(machine: string, kind: Neglect): void;
  /** The pool of the target hypervisor has no room left. */
  poolFull(): void;
  poolHeal(): void;
  /** Nobody gets through to the host any more; what runs on it goes on. */
  unreachable(host: string): void;
  reachable(host: string): void;
  agentSilent(machine: string): void;
  agentHeal(machine: string): void;
  /** Nothing of the source site is there any more: hosts, hypervisors, production's SQL Server. There is no way back. */
  siteLost(): Promise<void>;
  /** The standby of a machine cannot be started. */
  standbyBroken(machine: string): void;
  standbyMended(machine: string): void;
  /** The guest of a source ignores its power button. */
  shutdownHangs(machine: string): void;
  shutdownWorks(machine: string): void;
  /** Heals what can be healed. */
  clear(): void;
  /** The names of the faults that are on. */
  active(): string[];
  /** Rewording of a receiver's failure while its volume is full; see full-replica.ts. */
  complaints(host: SimHost, stderr: Readable): Readable;
}

export interface FaultPlaces {
  readonly world: World;
  readonly link: Link;
  readonly servers: ReadonlyMap<string, HostServer>;
  readonly receivers: Receivers;
  readonly copies: Pick<Copies, 'broken'>;
  readonly sources: Pick<Sources, 'stubborn' | 'lose' | 'reset'>;
  readonly sql: Pick<SqlPair, 'losePublisher'> | undefined;
  readonly blocks: Pick<Blocks, 'checkpoints' | 'backups' | 'stuck'>;
}

export function createFaults(places: FaultPlaces): Faults {
  const { world, link, servers, receivers, copies, sources, sql } = places;
  const quotas = new Map<string, Quota>();
  const refusing = new Map<string, { readonly kind: Refusal; readonly quota: Quota }>();
  const frozen = new Set<string>();
  const foreignKeys = new Set<string>();
  const silent = new Set<string>();
  const neglected = new Map<string, Neglected>();
  const closed = new Set<string>();

  const server = (host: string): HostServer => {
    const found = servers.get(host);
    if (found === undefined) throw new RangeError(`no host ${host} is up`);
    return found;
  };
  const processes = (host: string) => labProcesses(world.labId, host);

  const ofBlocks = blockFaults(world, places.blocks);
  const ofSources = sourceFaults(world, sources);
  const faults: Faults = {
    ...ofBlocks.faults,
    ...ofSources.faults,
    linkDrop: () => link.drop(),
    linkHeal: () => link.heal(),
    controlDrop: host => server(host).cut('control'),
    targetFull(machine, bytes) {
      quotas.get(machine)?.end();
      quotas.set(machine, fullReplica(world, machine, bytes));
    },
    targetHeal(machine) {
      quotas.get(machine)?.end();
      quotas.delete(machine);
    },
    refuse(machine, kind) {
      refusing.get(machine)?.quota.end();
      refusing.set(machine, { kind, quota: refusingReplica(world, machine) });
      if (kind === 'inodes-full') world.noInodes.add(receiverId(machine));
    },
    refuseNoMore(machine) {
      refusing.get(machine)?.quota.end();
      refusing.delete(machine);
      world.noInodes.delete(receiverId(machine));
    },
    hostKey(host) {
      server(host).presentKey(makeHostKey('another').private);
      foreignKeys.add(host);
      server(host).cut('control');
    },
    hostKeyHeal(host) {
      servers.get(host)?.presentKey(null);
      foreignKeys.delete(host);
    },
    killRsync: host =>
      signalAll(
        processes(host).filter(({ program }) => program === 'rsync'),
        'SIGKILL',
      ),
    freeze(host) {
      server(host).freeze(true);
      frozen.add(host);
      stopAll(world.labId, host);
    },
    thaw(host) {
      frozen.delete(host);
      signalAll(processes(host), 'SIGCONT');
      servers.get(host)?.freeze(false);
    },
    tear(machine, mountpoint, file) {
      const tree = replicaTrees(world, machine).find(found => found.mountpoint === mountpoint);
      if (tree?.replicaDirectory === undefined)
        throw new RangeError(`${machine} has no replica of ${mountpoint}`);
      faults.tearFile(path.join(tree.replicaDirectory, file));
    },
    tearFile: file => flipBytes(file, path.join(world.directory, 'lib', 'times')),
    neglect(machine, kind) {
      const key = `${kind} ${machine}`;
      if (!neglected.has(key)) neglected.set(key, neglect(world, machine, kind));
    },
    amend(machine, kind) {
      const key = `${kind} ${machine}`;
      neglected.get(key)?.undo();
      neglected.delete(key);
    },
    poolFull: () => void world.fullPools.add('dal-kvm1'),
    poolHeal: () => void world.fullPools.delete('dal-kvm1'),
    unreachable(host) {
      server(host).refuse(true);
      closed.add(host);
    },
    reachable(host) {
      servers.get(host)?.refuse(false);
      closed.delete(host);
    },
    agentSilent(machine) {
      receivers.silence(machine, true);
      silent.add(machine);
    },
    agentHeal(machine) {
      receivers.silence(machine, false);
      silent.delete(machine);
    },
    async siteLost() {
      // The line is cut first: nothing that is under way arrives any more.
      link.drop();
      await Promise.all([sources.lose(), sql?.losePublisher()]);
      link.heal();
    },
    standbyBroken: machine => void copies.broken.add(machine),
    standbyMended: machine => void copies.broken.delete(machine),
    shutdownHangs: machine => void sources.stubborn.add(machine),
    shutdownWorks: machine => void sources.stubborn.delete(machine),
    clear() {
      link.heal();
      copies.broken.clear();
      sources.stubborn.clear();
      for (const machine of [...quotas.keys()]) faults.targetHeal(machine);
      for (const machine of [...refusing.keys()]) faults.refuseNoMore(machine);
      for (const host of [...frozen]) faults.thaw(host);
      for (const host of [...foreignKeys]) faults.hostKeyHeal(host);
      for (const machine of [...silent]) faults.agentHeal(machine);
      for (const host of [...closed]) faults.reachable(host);
      for (const { undo } of neglected.values()) undo();
      neglected.clear();
      faults.poolHeal();
      ofBlocks.clear();
      ofSources.clear();
    },
    active: () => [
      ...(link.dropped ? ['link-drop'] : []),
      ...[...quotas.keys()].map(machine => `target-full ${machine}`),
      ...[...refusing].map(([machine, { kind }]) => `${kind} ${machine}`),
      ...[...frozen].map(host => `freeze ${host}`),
      ...[...foreignKeys].map(host =>
        host.endsWith('.receiver')
          ? `receiver-key ${host.slice(0, -'.receiver'.length)}`
          : `host-key ${host}`,
      ),
      ...[...silent].map(machine => `agent-silent ${machine}`),
      ...neglected.keys(),
      ...[...closed].map(host => `receiver-down ${host.replace(/\.receiver$/, '')}`),
      ...[...world.fullPools].map(host => `pool-full ${host}`),
      ...[...copies.broken].map(machine => `standby-does-not-start ${machine}`),
      ...[...sources.stubborn].map(machine => `shutdown-hangs ${machine}`),
      ...ofBlocks.active(),
      ...ofSources.active(),
      ...(world.state.isSourceLost ? ['site-lost'] : []),
    ],
    complaints(host, stderr) {
      if (host.role !== 'receiver') return stderr;
      return wordedAs(stderr, () => {
        const refused = [...refusing].find(([machine]) => receiverId(machine) === host.id);
        if (refused !== undefined) return text => refusalWording(refused[1].kind, text);
        return [...quotas.keys()].some(machine => receiverId(machine) === host.id) ? fullWording : undefined;
      });
    },
  };
  return faults;
}

/** Keeps size and times to the nanosecond: touch can, futimes of Node cannot. */
function flipBytes(file: string, keeper: string): void {
  const touch = locate('touch');
  if (touch === undefined) throw new Error('the lab needs touch of coreutils');
  spawnSync(touch, ['-r', file, '--', keeper]);
  const fd = openSync(file, 'r+');
  const bytes = Buffer.alloc(64);
  const length = readSync(fd, bytes, 0, bytes.length, 0);
  for (let at = 0; at < length; at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeSync(fd, bytes, 0, length, 0);
  closeSync(fd);
  spawnSync(touch, ['-r', keeper, '--', file]);
}
