import type { Clock } from '../../foundation/clock.ts';
import type { HypervisorFacts, MachineFacts } from './layout.ts';

/** What is in the pocket lab, as data. Directories are absolute. */

export interface FileSystem {
  readonly type: string;
  readonly uuid: string;
  readonly label: string | null;
  /** Where its files are; null for swap. */
  readonly directory: string | null;
}

export interface Partition {
  readonly number: number;
  readonly start: number;
  readonly sectors: number;
  /** GUID for gpt, hexadecimal number for dos. */
  readonly type: string;
  readonly partuuid: string;
  readonly name?: string | undefined;
  readonly bootable?: boolean | undefined;
  fs: FileSystem | null;
}

export interface PartitionTable {
  readonly label: 'gpt' | 'dos';
  readonly id: string;
  readonly firstLba: number;
}

export interface Disk {
  readonly bytes: number;
  table: PartitionTable | null;
  partitions: Partition[];
  /** A file system on the whole disk. */
  fs: FileSystem | null;
}

export interface Volume {
  readonly hypervisor: string;
  readonly pool: string;
  readonly name: string;
  readonly format: 'qcow2' | 'raw';
  readonly backing: string | null;
  readonly disk: Disk;
  /** Which source disk it stands for, learnt from the receiver that holds it. */
  replicaOf: { machine: string; disk: string } | null;
  /** Bytes that fit; null where only the pool is the limit. */
  quota: number | null;
}

export interface AttachedDisk {
  /** vda, vdb … */
  readonly target: string;
  readonly serial: string | null;
  readonly disk: Disk;
}

export interface Mount {
  readonly path: string;
  readonly source: string;
  readonly type: string;
  readonly directory: string;
}

export interface Domain {
  readonly hypervisor: string;
  readonly name: string;
  readonly uuid: string;
  readonly xml: string;
  running: boolean;
  /** The machine of the plan whose receiver this is; null for anything else. */
  readonly machine: string | null;
}

export interface Violation {
  readonly at: number;
  readonly host: string;
  readonly command: string;
  readonly why: string;
}

/** What survives a restart of the lab. */
export interface LabState {
  readonly format: 1;
  counter: number;
  volumes: Volume[];
  domains: Domain[];
  /** Mounts made by commands, by host. */
  mounts: Record<string, Mount[]>;
  violations: Violation[];
}

export interface SimHost {
  readonly id: string;
  readonly role: 'hypervisor' | 'machine' | 'receiver';
  readonly site: 'source' | 'target';
  readonly address: string;
  readonly hostname: string;
  /** Directory of this host: fs/, bin/, lib/, answers/. */
  readonly directory: string;
  readonly machine: MachineFacts | null;
  readonly hypervisor: HypervisorFacts | null;
  disks: AttachedDisk[];
  mounts: Mount[];
  /** OpenSSH private key. */
  hostKey: string;
}

export interface World {
  readonly directory: string;
  readonly labId: string;
  readonly seed: number;
  readonly port: number;
  readonly clock: Clock;
  readonly state: LabState;
  readonly hosts: Map<string, SimHost>;
  readonly machines: readonly MachineFacts[];
  readonly hypervisors: readonly HypervisorFacts[];
  /** Writes the state; renders again what hosts see of it. */
  changed(hostId?: string): void;
  log(line: string): void;
  violation(host: string, command: string, why: string): void;
}

export interface ToolCall {
  readonly host: SimHost;
  readonly tool: string;
  /** Paths as the host sees them. */
  readonly args: readonly string[];
  readonly stdin: Buffer;
}

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export const answer = (stdout: string, code = 0, stderr = ''): Answer => ({ stdout, stderr, code });
export const refusal = (stderr: string, code = 1): Answer => ({ stdout: '', stderr, code });
