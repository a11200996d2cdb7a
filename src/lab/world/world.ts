import type { Clock } from '../../foundation/clock.ts';
import type { HypervisorFacts, MachineFacts } from './layout.ts';

/** What is in the pocket lab, as data. Directories are absolute. */

export interface FileSystem {
  readonly type: string;
  readonly uuid: string;
  readonly label: string | null;
  /** Where its files are; null for swap and for a physical volume. */
  readonly directory: string | null;
  /** What a physical volume (`LVM2_member`) says of its group; null before one was made on it. */
  readonly group?: VolumeGroup | null | undefined;
}

/** A volume group on one physical volume: the lab knows no others. */
export interface VolumeGroup {
  readonly name: string;
  readonly uuid: string;
  readonly volumes: LogicalVolume[];
}

export interface LogicalVolume {
  readonly name: string;
  readonly uuid: string;
  readonly bytes: number;
  fs: FileSystem | null;
  /** Of a snapshot: whose, the tree it was taken from, bytes of room for what is written there meanwhile, and when. */
  readonly snapshot?: {
    readonly origin: string;
    readonly from: string;
    readonly room: number;
    readonly takenAt: number;
    /** It ran full. */
    lost?: boolean;
  };
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
  /** The boot loader that `grub-install` put before the partitions: it looks for its files on the file system of this UUID. */
  bootCode?: string | null | undefined;
}

export interface Volume {
  readonly hypervisor: string;
  readonly pool: string;
  name: string;
  readonly format: 'qcow2' | 'raw';
  backing: string | null;
  disk: Disk;
  /** Which source disk it stands for, learnt from the receiver that holds it. */
  replicaOf: { machine: string; disk: string } | null;
  /** Bytes that fit; null where only the pool is the limit. */
  quota: number | null;
  /** An overlay that ran as the machine was merged into it: from then on it is the machine, and may boot. */
  isMachine?: boolean;
  /** Tells its file in the pool from others, whatever it is called. */
  id?: string;
  /** The instant of the source's disk that it holds, where it came by blocks. */
  instant?: string;
  /** It got its name without libvirt, which will not know it before its pool was refreshed. */
  isUnlisted?: boolean;
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

export interface PluggedDisk {
  /** The disk element that was attached to the running domain. */
  readonly xml: string;
  /** What the guest's kernel called it: sda. */
  readonly device: string;
}

export interface Domain {
  readonly hypervisor: string;
  readonly name: string;
  readonly uuid: string;
  xml: string;
  running: boolean;
  /** Gone when it ends: made with `virsh create`. */
  readonly transient?: boolean;
  autostart?: boolean;
  /** Disks that were attached while it runs; they go when it ends. */
  plugged?: PluggedDisk[];
  /** MAC addresses whose link is up or down other than the definition says. */
  links?: Record<string, boolean>;
  /** The machine of the plan whose receiver this is; null for anything else. */
  readonly machine: string | null;
}

/** What became of a source machine since the lab was made; absent: it runs as on the first day. */
export interface SourceState {
  off?: boolean;
  autostart?: boolean;
  /** Units with their ending that were stopped by hand, until the next boot. */
  stopped?: string[];
  /** Of a boot since then. */
  bootId?: string;
}

/** A point from which libvirt tracks what is written on a source's disks. */
export interface Checkpoint {
  readonly machine: string;
  readonly name: string;
  /** The checkpoint before it; null for the first. */
  parent: string | null;
  /** Seconds since the epoch. */
  readonly created: number;
  /** Disks that it tracks, each with the instant at which that began. */
  readonly disks: readonly { readonly disk: string; readonly instant: string }[];
  /** The boot of the machine in which it was made: until that ends its bitmaps are in memory only. */
  readonly bootId: string;
  /** `gone`: its bitmaps never reached the file; `in-use`: they are in it and cannot be trusted. QEMU was killed. */
  broken?: 'gone' | 'in-use';
}

/** A network that was made by command. */
export interface MadeNetwork {
  readonly hypervisor: string;
  readonly name: string;
  readonly xml: string;
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
  /** Volume groups that are active, by host. */
  groups: Record<string, string[]>;
  networks: MadeNetwork[];
  violations: Violation[];
  /** By machine. */
  sources: Record<string, SourceState>;
  /** The source site is gone: nothing of it is up any more. */
  isSourceLost: boolean;
  /** Of the sources, in the order in which they were made. */
  checkpoints: Checkpoint[];
}

/** A network interface as the kernel of a guest has it. */
export interface Nic {
  readonly name: string;
  readonly mac: string;
  /** With prefix length. */
  addresses: string[];
  up: boolean;
}

/** What runs on a host: what its kernel and its systemd would say. */
export interface RunningSystem {
  readonly bootId: string;
  readonly cmdline: string;
  readonly nics: Nic[];
  /** Those that run: units without `.service`, sorted. */
  services: readonly string[];
  readonly failed: readonly string[];
  /** Those of services that run. */
  sockets: readonly (readonly [address: string, port: number, process: string])[];
  /** Units with their ending that somebody has stopped since the boot. */
  stopped?: string[];
}

export interface SimHost {
  readonly id: string;
  /**
   * A copy is a replica's overlay that was booted for a proof: nothing outside can reach it. A standby was started to be
   * the machine.
   */
  readonly role: 'hypervisor' | 'machine' | 'receiver' | 'copy' | 'standby';
  readonly site: 'source' | 'target';
  readonly address: string;
  readonly hostname: string;
  /** Directory of this host: fs/, bin/, lib/, answers/. */
  readonly directory: string;
  readonly machine: MachineFacts | null;
  readonly hypervisor: HypervisorFacts | null;
  disks: AttachedDisk[];
  mounts: Mount[];
  /** Active volume groups. */
  groups: string[];
  readonly system: RunningSystem;
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
  /** Hypervisors whose pool has no room left. */
  readonly fullPools: Set<string>;
  /** Bytes that a hypervisor can still write for a backup, where that is less than its disk has. */
  readonly scratchRoom: Map<string, number>;
  /** Receivers whose replica has no inode left. */
  readonly noInodes: Set<string>;
  /** Machines whose file systems stand still: nothing is written on them. */
  readonly frozen: Set<string>;
  readonly machines: readonly MachineFacts[];
  readonly hypervisors: readonly HypervisorFacts[];
  /** Writes the state; renders again what hosts see of it, which takes a moment. */
  changed(hostId?: string): void;
  /** Resolves when a host sees everything that has changed of it. */
  settled(hostId: string): Promise<void>;
  log(line: string): void;
  violation(host: string, command: string, why: string): void;
}

export interface ToolCall {
  readonly host: SimHost;
  readonly tool: string;
  /** Paths as the host sees them. */
  readonly args: readonly string[];
  readonly stdin: Buffer;
  /** Called in a mount namespace of its own (unshare). */
  readonly isPrivate?: boolean;
  /** The directory in which it was called, as the host sees it; the login's home where it is absent. */
  readonly cwd?: string;
}

export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

export const answer = (stdout: string, code = 0, stderr = ''): Answer => ({ stdout, stderr, code });
export const refusal = (stderr: string, code = 1): Answer => ({ stdout: '', stderr, code });
