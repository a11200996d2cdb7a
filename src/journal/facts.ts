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

/** What the target hypervisor can run, from `virsh domcapabilities`. */
export const virtualizationFacts = z.strictObject({
  /** The kinds of domain it offers, best first: `kvm`, `qemu` (emulation). */
  types: z.array(z.string()),
  emulator: z.string(),
  /** Every machine type that it knows: `pc-q35-7.2` … */
  machines: z.array(z.string()),
  /** What `q35` and `pc` stand for here, by alias. */
  aliases: z.record(z.string(), z.string()),
  cpu: z.strictObject({
    modes: z.array(z.string()),
    hostModel: z.string().optional(),
    /** Named models that the host can run. */
    models: z.array(z.string()),
  }),
  /** `bios`, `efi`. */
  firmwares: z.array(z.string()),
  /** Loader images for UEFI; empty without any. */
  loaders: z.array(z.string()),
  /** Bytes that new domains could take now. */
  memoryFree: z.number(),
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

/** Whether a kernel finds a driver before its root is mounted. */
export const driverState = z.enum(['builtin', 'included', 'missing', 'unknown']);

/** What starts the machine. Drivers are those without which a copy on virtio disks cannot mount its root. */
export const bootFacts = z.strictObject({
  loader: z.enum(['grub', 'systemd-boot', 'extlinux', 'none', 'unknown']),
  /** `/proc/cmdline`. */
  cmdline: z.string(),
  kernels: z.array(
    z.strictObject({
      version: z.string(),
      image: z.string(),
      /** Absent where there is none. */
      initramfs: z.string().optional(),
      /** `virtio_blk`, `virtio_pci`, `virtio_net`, `virtio_scsi`. */
      drivers: z.record(z.string(), driverState),
    }),
  ),
  /** Programs of the guest with which loader and initramfs are made: `grub-install`, `update-initramfs`, `dracut` … */
  tools: z.array(z.string()),
});

/** One line of fstab that is no comment; `line` counts from 1. */
export const fstabEntry = z.strictObject({
  line: z.number(),
  spec: z.string(),
  mountpoint: z.string(),
  type: z.string(),
  options: z.array(z.string()),
});

export const crypttabEntry = z.strictObject({
  line: z.number(),
  name: z.string(),
  device: z.string(),
  options: z.array(z.string()),
});

/** A network interface as the kernel has it. */
export const linkFacts = z.strictObject({
  name: z.string(),
  mac: z.string(),
  /** With prefix length: `10.77.1.11/24`. */
  addresses: z.array(z.string()),
  up: z.boolean(),
});

/** One interface as a configuration file has it. Contents never travel: such files may hold secrets. */
export const networkConfigFacts = z.strictObject({
  manager: z.enum(['ifupdown', 'netplan', 'networkmanager', 'networkd', 'ifcfg', 'wicked']),
  file: z.string(),
  /** The name that the file matches; absent where it matches by something else. */
  interface: z.string().optional(),
  mac: z.string().optional(),
  addresses: z.array(z.string()),
  gateway: z.string().optional(),
  dhcp: z.boolean(),
});

export const volumeGroupFacts = z.strictObject({
  name: z.string(),
  uuid: z.string(),
  physical: z.array(z.strictObject({ device: z.string(), uuid: z.string(), size: z.number() })),
  logical: z.array(
    z.strictObject({
      name: z.string(),
      /** `/dev/mapper/vg_data-srv`, as lsblk calls it. */
      device: z.string(),
      uuid: z.string(),
      size: z.number(),
      /** LVM's segment type: `linear`, `striped`, `thin` … */
      kind: z.string(),
    }),
  ),
  /** Bytes that no volume has, and the size of an extent; absent in older journals. */
  free: z.number().optional(),
  extent: z.number().optional(),
  /** `vgcfgbackup`: the metadata from which the group is made again with all its identifiers. */
  backup: z.string(),
});

/** What would act a second time if both sites ran: held at the standby until cutover. */
export const actsTwiceFacts = z.strictObject({
  kind: z.enum(['cron', 'timer', 'queue', 'mail', 'backup', 'monitoring', 'cluster', 'update', 'lease']),
  /** A unit, or the file of a cron table. */
  name: z.string(),
  /** The systemd unit that is masked to hold it; absent where a file has to be put aside. */
  unit: z.string().optional(),
  file: z.string().optional(),
  /** What it would do, in the host's own words: its command or its schedule. */
  detail: z.string(),
});

/** A pool of thin volumes as the kernel has it: what is used is a share from 0 to 1. */
export const thinPoolFacts = z.strictObject({
  /** Device-mapper's name: `vg0-pool`. */
  name: z.string(),
  size: z.number(),
  data: z.number(),
  metadata: z.number(),
});

/** A file of a database or the like that was open when the inventory looked: copied live, it is torn. */
export const hotFileFacts = z.strictObject({
  path: z.string(),
  /** Whose kind of file it is: `InnoDB`, `PostgreSQL`, `SQLite` … */
  engine: z.string(),
  /** Name of the process that has it open. */
  process: z.string(),
});

export const guestFacts = z.strictObject({
  boot: bootFacts.optional(),
  fstab: z.array(fstabEntry).optional(),
  crypttab: z.array(crypttabEntry).optional(),
  links: z.array(linkFacts).optional(),
  network: z.array(networkConfigFacts).optional(),
  volumeGroups: z.array(volumeGroupFacts).optional(),
  thinPools: z.array(thinPoolFacts).optional(),
  hotFiles: z.array(hotFileFacts).optional(),
  /** Public SSH host keys: `ssh-ed25519 AAAA…`. */
  hostKeys: z.array(z.string()).optional(),
  failedUnits: z.array(z.string()).optional(),
  /** Units that start by themselves at boot. */
  enabledUnits: z.array(z.string()).optional(),
  actsTwice: z.array(actsTwiceFacts).optional(),
  selinux: z.enum(['enforcing', 'permissive', 'disabled']).optional(),
  /** True where cloud-init is installed and not switched off. */
  cloudInit: z.boolean().optional(),
  bootId: z.string().optional(),
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
  /** Absent where it is not installed, and where nobody could ask. */
  rsync: rsyncFacts.optional(),
  /** Present where nobody logs in: only the hypervisor and its agent were asked, and empty lists say nothing. */
  login: z.literal(false).optional(),
});

export type DiskFacts = z.infer<typeof diskFacts>;
export type FileSystemFacts = z.infer<typeof fileSystemFacts>;
export type BlockFacts = z.infer<typeof blockFacts>;
export type SocketFacts = z.infer<typeof socketFacts>;
export type RsyncFacts = z.infer<typeof rsyncFacts>;
export type DomainFacts = z.infer<typeof domainFacts>;
export type BootFacts = z.infer<typeof bootFacts>;
export type FstabEntry = z.infer<typeof fstabEntry>;
export type CrypttabEntry = z.infer<typeof crypttabEntry>;
export type LinkFacts = z.infer<typeof linkFacts>;
export type NetworkConfigFacts = z.infer<typeof networkConfigFacts>;
export type VolumeGroupFacts = z.infer<typeof volumeGroupFacts>;
export type ThinPoolFacts = z.infer<typeof thinPoolFacts>;
export type HotFileFacts = z.infer<typeof hotFileFacts>;
export type ActsTwiceFacts = z.infer<typeof actsTwiceFacts>;
export type VirtualizationFacts = z.infer<typeof virtualizationFacts>;
export type GuestFacts = z.infer<typeof guestFacts>;
