import { z } from 'zod';

/** What inventory learned, in the shape that events carry and the fold keeps. Sizes in bytes. */

export const diskFacts = z.strictObject({
  /** Name inside the guest as libvirt sees it: vda. */
  target: z.string(),
  /** Path or volume on the hypervisor. */
  source: z.string(),
  format: z.string(),
  bus: z.string(),
  serial: z.string().optional(),
  capacity: z.number(),
  allocation: z.number(),
});

export const fileSystemFacts = z.strictObject({
  mountpoint: z.string(),
  /** Device inside the guest: /dev/vda1. */
  device: z.string(),
  type: z.string(),
  uuid: z.string(),
  label: z.string().optional(),
  size: z.number(),
  used: z.number(),
  inodesUsed: z.number(),
});

/** A partition or a whole-disk volume as the guest's lsblk shows it. */
export const blockFacts = z.strictObject({
  device: z.string(),
  type: z.string(),
  size: z.number(),
  parent: z.string().optional(),
  fstype: z.string().optional(),
  uuid: z.string().optional(),
  partuuid: z.string().optional(),
  serial: z.string().optional(),
});

export const socketFacts = z.strictObject({
  protocol: z.enum(['tcp', 'udp']),
  address: z.string(),
  port: z.number(),
  process: z.string().optional(),
});

export const rsyncFacts = z.strictObject({
  version: z.string(),
  protocol: z.number(),
  /** True from 3.1.3: both sides must have it for nanosecond comparison. */
  nanoseconds: z.boolean(),
  acls: z.boolean(),
  xattrs: z.boolean(),
  /** Lower-case names, as `rsync --version` lists them. */
  compress: z.array(z.string()),
  checksums: z.array(z.string()),
});

export const domainFacts = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  state: z.string(),
  memory: z.number(),
  vcpus: z.number(),
  machineType: z.string(),
  firmware: z.enum(['bios', 'uefi']),
  disks: z.array(diskFacts),
  interfaces: z.array(z.strictObject({ mac: z.string(), network: z.string(), model: z.string() })),
});

export const guestFacts = z.strictObject({
  /** Places where a part of a file system shows a second time (bind mounts); absent in older journals. */
  views: z.array(z.string()).optional(),
  hostname: z.string(),
  machineId: z.string(),
  /** SMBIOS product UUID: equals the libvirt domain's UUID, so it proves which domain answers; absent where unreadable. */
  productUuid: z.string().optional(),
  os: z.strictObject({ id: z.string(), version: z.string(), pretty: z.string() }),
  kernel: z.string(),
  architecture: z.string(),
  bootMode: z.enum(['bios', 'uefi']),
  blocks: z.array(blockFacts),
  fileSystems: z.array(fileSystemFacts),
  swap: z.array(z.strictObject({ path: z.string(), size: z.number(), uuid: z.string().optional() })),
  /** `sfdisk --dump` of each disk, keyed by device; absent where it could not be read. */
  partitionTables: z.record(z.string(), z.string()),
  addresses: z.array(z.string()),
  sockets: z.array(socketFacts),
  services: z.array(z.string()),
  rsync: rsyncFacts,
});

export type DiskFacts = z.infer<typeof diskFacts>;
export type FileSystemFacts = z.infer<typeof fileSystemFacts>;
export type BlockFacts = z.infer<typeof blockFacts>;
export type SocketFacts = z.infer<typeof socketFacts>;
export type RsyncFacts = z.infer<typeof rsyncFacts>;
export type DomainFacts = z.infer<typeof domainFacts>;
export type GuestFacts = z.infer<typeof guestFacts>;
