import { harmless } from '../foundation/text.ts';
import type { BlockFacts, DomainFacts, GuestFacts } from '../journal/facts.ts';
import { guestDevices } from './disk-map.ts';
import { isPlain } from './lvm.ts';

/** Something about a machine's disks that this version cannot build again at the target. */
export interface Finding {
  /** What was found, with the device: one sentence. */
  readonly found: string;
  /** What the engineer can do. */
  readonly help: string;
}

const SUPPORTED_TYPES = /^(?:ext[234]|xfs|vfat)$/;

interface Layer {
  readonly name: string;
  /** lsblk's type of a device that is such a layer. */
  readonly type?: RegExp;
  /** lsblk's FSTYPE of a device that is part of one. */
  readonly signature?: RegExp;
}

const LAYERS: readonly Layer[] = [
  { name: 'LVM of the first generation', signature: /^LVM1?_member$/i },
  {
    name: 'software RAID (md)',
    type: /^(?:raid\d+|linear|md)$/,
    signature: /^(?:linux_raid_member|isw_raid_member|ddf_raid_member)$/,
  },
  { name: 'disk encryption (dm-crypt)', type: /^crypt$/, signature: /^crypto_LUKS$/ },
  { name: 'bcache', type: /^bcache$/, signature: /^bcache$/ },
  { name: 'multipath', type: /^mpath$/, signature: /^mpath_member$/ },
  { name: 'device mapper', type: /^(?:dm|dmraid)$/ },
  { name: 'btrfs', signature: /^btrfs$/ },
  { name: 'ZFS', signature: /^zfs_member$/ },
];

const BY_HAND =
  'build the target of this machine by hand, or move it with another tool; take it out of the plan meanwhile';

/**
 * Everything in the layout that stands in the way. ext2/3/4, XFS, vfat and swap on partitions, whole disks or linear
 * and striped logical volumes are built as they are; an empty list means that nothing else was found.
 */
export function unsupportedLayout(domain: DomainFacts, guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  return [
    ...oddDisks(domain),
    ...layers(guest.blocks),
    ...logicalVolumes(guest),
    ...foreignFileSystems(guest),
    ...unmounted(guest),
    ...nameless(guest),
    ...unreadTables(guest),
    ...unmatchedDisks(domain, guest),
    ...oddMountPoints(guest),
    ...hiddenMounts(guest),
  ];
}

/** The target name of a disk becomes part of names of volumes and files at the target hypervisor. */
function oddDisks(domain: DomainFacts): Finding[] {
  return domain.disks
    .filter(disk => !/^[A-Za-z0-9]{1,16}$/.test(disk.target))
    .map(disk => ({
      found: `a disk of the domain with an unusable name (${harmless(JSON.stringify(disk.target))})`,
      help: `see its definition: virsh dumpxml ${domain.name}; or: ${BY_HAND}`,
    }));
}

const isPartOf = (layer: Layer, block: BlockFacts): boolean =>
  layer.type?.test(block.type) === true ||
  (block.fstype !== undefined && layer.signature?.test(block.fstype) === true);

function layers(blocks: readonly BlockFacts[]): Finding[] {
  return LAYERS.flatMap(layer => {
    const devices = blocks.filter(b => isPartOf(layer, b));
    if (devices.length === 0) return [];
    return [{ found: `${layer.name} on ${devices.map(b => b.device).join(', ')}`, help: BY_HAND }];
  });
}

const isPhysicalVolume = (block: BlockFacts): boolean => block.fstype === 'LVM2_member';
const isLogicalVolume = (block: BlockFacts): boolean => block.type === 'lvm';

/** A volume group is made again from its own metadata, which must be whole and of kinds that hold nothing but files. */
function logicalVolumes(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  const groups = guest.volumeGroups ?? [];
  const known = new Set(groups.flatMap(group => group.logical.map(volume => volume.device)));
  const unread = guest.blocks.filter(
    block =>
      (isLogicalVolume(block) && !known.has(block.device)) ||
      (isPhysicalVolume(block) && guest.volumeGroups === undefined),
  );
  return [
    ...(unread.length === 0
      ? []
      : [
          {
            found: `LVM on ${unread.map(block => block.device).join(', ')} that could not be read`,
            help: 'let the plan log in as root (or sudo: true), so that pvs, vgs and lvs can read the volume groups',
          },
        ]),
    ...groups.flatMap(group => [
      ...oddNames(group),
      ...oddVolumes(group),
      ...missingParts(group, guest.blocks),
    ]),
  ];
}

type VolumeGroup = NonNullable<GuestFacts['volumeGroups']>[number];

/** What LVM itself allows in a name (lvm(8)), and of what its UUIDs are made. */
const SOUND_NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.+][A-Za-z0-9_.+-]*$/;
const SOUND_UUID = /^[A-Za-z0-9][A-Za-z0-9-]*$/;

/** Names become files, devices and arguments in the receiver: one that LVM could not have given comes from no LVM. */
function oddNames(group: VolumeGroup): Finding[] {
  const names = [group.name, ...group.logical.map(volume => volume.name)];
  const uuids = group.physical.map(volume => volume.uuid);
  const odd = [
    ...names.filter(name => !SOUND_NAME.test(name)),
    ...uuids.filter(uuid => !SOUND_UUID.test(uuid)),
  ];
  return odd.map(name => ({
    found: `a name in LVM that LVM does not give: ${harmless(JSON.stringify(name))}`,
    help: `see what vgs, lvs and pvs of the machine really are; or: ${BY_HAND}`,
  }));
}

function oddVolumes(group: VolumeGroup): Finding[] {
  return group.logical
    .filter(volume => !isPlain(volume.kind))
    .map(volume => ({
      found: `a logical volume of kind ${harmless(volume.kind)} (${volume.device})`,
      help:
        volume.kind === 'snapshot'
          ? `remove the snapshot ${volume.device} once nobody needs it, or: ${BY_HAND}`
          : BY_HAND,
    }));
}

function missingParts(group: VolumeGroup, blocks: readonly BlockFacts[]): Finding[] {
  const name = harmless(group.name);
  const isOwn = (device: string): boolean =>
    blocks.some(block => block.device === device && (block.type === 'part' || block.type === 'disk'));
  const foreign = group.physical.filter(volume => !isOwn(volume.device));
  return [
    ...foreign.map(volume => ({
      found: `volume group ${name} has a physical volume that is no disk or partition of this machine (${harmless(volume.device)})`,
      help: `see what is missing: pvs -o +vg_missing_pv_count; or: ${BY_HAND}`,
    })),
    ...(group.backup.trim() === ''
      ? [
          {
            found: `the metadata of volume group ${name} could not be read`,
            help: 'let the plan log in as root (or sudo: true), so that the copy below /etc/lvm/backup can be read',
          },
        ]
      : []),
  ];
}

function foreignFileSystems(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  return guest.fileSystems
    .filter(fs => !SUPPORTED_TYPES.test(fs.type) && !['btrfs', 'zfs'].includes(fs.type))
    .map(fs => ({ found: `a file system of type ${fs.type} at ${fs.mountpoint}`, help: BY_HAND }));
}

/** A file system that nobody mounted cannot be read by rsync; its copy would be empty without a word. */
function unmounted(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  const known = new Set(guest.fileSystems.map(fs => fs.device));
  const covered = (block: BlockFacts): boolean =>
    isPhysicalVolume(block) || LAYERS.some(layer => isPartOf(layer, block));
  return guest.blocks
    .filter(b => b.fstype !== undefined && b.fstype !== 'swap' && !covered(b) && !known.has(b.device))
    .map(b => ({
      found: `a file system of type ${b.fstype} on ${b.device} that is not mounted`,
      help: `mount ${b.device} on the source if its files matter, or wipe its signature if nothing is on it`,
    }));
}

/** Without its identifier a copied file system would not be found by fstab and the boot loader. */
function nameless(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  return guest.fileSystems
    .filter(
      fs => SUPPORTED_TYPES.test(fs.type) && !UUID_SHAPE[fs.type === 'vfat' ? 'vfat' : 'other'].test(fs.uuid),
    )
    .map(fs => ({
      found: `no usable UUID for the file system at ${fs.mountpoint} (${fs.device})`,
      help: 'let the plan log in as root (or sudo: true), so that lsblk can read the file system',
    }));
}

const UUID_SHAPE = {
  vfat: /^[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}$/,
  other: /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
} as const;

function unreadTables(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  return guest.blocks
    .filter(
      disk => disk.type === 'disk' && guest.blocks.some(b => b.type === 'part' && b.parent === disk.device),
    )
    .filter(disk => guest.partitionTables[disk.device] === undefined)
    .map(disk => ({
      found: `a partition table on ${disk.device} that sfdisk could not read`,
      help: 'let the plan log in as root (or sudo: true); an sfdisk older than 2.26 cannot read GPT',
    }));
}

function unmatchedDisks(domain: DomainFacts, guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  const known = guestDevices(domain, guest.blocks);
  const missing = domain.disks
    .filter(disk => !known.has(disk.target))
    .map(disk => ({
      found: `disk ${disk.target} of the domain (${disk.source}) cannot be told apart inside the guest`,
      help: 'give the disk a <serial> in the domain XML, or detach it if the guest does not use it',
    }));
  const claimed = new Set(known.values());
  const used = [
    ...guest.fileSystems.map(fs => fs.device),
    ...(guest.volumeGroups ?? []).flatMap(group => group.physical.map(volume => volume.device)),
  ].map(device => diskBelow(guest.blocks, device));
  const extra = guest.blocks
    .filter(b => b.type === 'disk' && b.size > 0 && !claimed.has(b.device))
    .filter(b => used.includes(b.device))
    .map(b => ({
      found: `${b.device} inside the guest is no disk of the domain (iSCSI, NBD or passed through)`,
      help: BY_HAND,
    }));
  return [...missing, ...extra];
}

function diskBelow(blocks: readonly BlockFacts[], device: string): string {
  const parent = blocks.find(b => b.device === device)?.parent;
  return parent === undefined ? device : diskBelow(blocks, parent);
}

/** What the forced command on the receiver lets through as a destination (sync, scripts/recv.ts). */
const SOUND_MOUNT_POINT = /^\/[A-Za-z0-9._/@+,-]*$/;

/** Mount points become arguments and directory names at the target; blanks, quotes and the like have no place there. */
function oddMountPoints(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  return guest.fileSystems
    .filter(fs => !SOUND_MOUNT_POINT.test(fs.mountpoint) || fs.mountpoint.split('/').includes('..'))
    .map(fs => ({
      found: `a mount point with an unusable name on ${fs.device}`,
      help: `mount ${harmless(JSON.stringify(fs.mountpoint))} at a place without blanks and special characters; or: ${BY_HAND}`,
    }));
}

/** Of two file systems at one place only the upper one can be read; the copy of the other would stay empty. */
function hiddenMounts(guest: Omit<GuestFacts, 'rsync'>): Finding[] {
  return guest.fileSystems
    .filter((fs, at) => guest.fileSystems.findLastIndex(other => other.mountpoint === fs.mountpoint) !== at)
    .map(fs => ({
      found: `${fs.device} mounted at ${fs.mountpoint}, hidden by another file system at the same place`,
      help: `mount ${fs.device} somewhere else, or unmount what hides it`,
    }));
}
