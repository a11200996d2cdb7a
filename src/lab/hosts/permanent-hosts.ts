import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeHostKey, publicHalf } from '../ssh/keys.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { type HypervisorFacts, hostDirectory, type MachineFacts, POOL_PATH } from '../world/layout.ts';
import type { SimHost, SourceState } from '../world/world.ts';
import { baseMounts, machineMounts, writeBaseFiles } from './base-files.ts';
import { hypervisorSystem, machineSystem } from './systems.ts';

/** The hosts that are there from the start: hypervisors and source machines. */

function ownKey(directory: string, id: string): string {
  const file = path.join(directory, 'host_key');
  if (!existsSync(file)) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, makeHostKey(id).private, { mode: 0o600 });
  }
  return readFileSync(file, 'utf8');
}

export function hypervisorHost(lab: string, facts: HypervisorFacts): SimHost {
  const directory = hostDirectory(lab, facts.name);
  const host: SimHost = {
    id: facts.name,
    role: 'hypervisor',
    site: facts.site,
    address: facts.address,
    hostname: facts.name,
    directory,
    machine: null,
    hypervisor: facts,
    disks: [],
    mounts: baseMounts(directory, '/dev/nvme0n1p2'),
    groups: [],
    system: hypervisorSystem(facts),
    hostKey: ownKey(directory, facts.name),
  };
  writeBaseFiles(host, { uuid: null, swaps: [] });
  const root = path.join(directory, 'fs', 'root');
  mkdirSync(path.join(root, 'etc'), { recursive: true });
  mkdirSync(path.join(root, POOL_PATH), { recursive: true });
  writeFileSync(path.join(root, 'etc', 'machine-id'), `${facts.machineId}\n`);
  writeFileSync(path.join(root, 'etc', 'hostname'), `${facts.name}\n`);
  mkdirSync(path.join(root, 'etc', 'ssh'), { recursive: true });
  writeFileSync(path.join(root, 'etc', 'ssh', 'ssh_host_ed25519_key.pub'), `${publicHalf(host.hostKey)}\n`);
  return host;
}

export function machineHost(lab: string, facts: MachineFacts, state: SourceState = {}): SimHost {
  const directory = hostDirectory(lab, facts.name);
  const host: SimHost = {
    id: facts.name,
    role: 'machine',
    site: 'source',
    address: facts.address,
    hostname: facts.name,
    directory,
    machine: facts,
    hypervisor: null,
    disks: facts.disks.map(({ target, disk }) => ({ target, serial: null, disk })),
    mounts: machineMounts(facts, directory),
    groups: facts.disks.flatMap(({ disk }) => fileSystemsOn(disk)).flatMap(({ fs }) => fs.group?.name ?? []),
    system: machineSystem(facts, state),
    hostKey: readFileSync(path.join(directory, 'fs', 'root', 'etc', 'ssh', 'ssh_host_ed25519_key'), 'utf8'),
  };
  writeBaseFiles(host, { uuid: facts.uuid, swaps: facts.swaps });
  return host;
}
