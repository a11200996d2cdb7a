import type { BlockFacts, FstabEntry, GuestFacts } from '../../journal/facts.ts';
import { mapperPath } from '../../tools/lvm.ts';
import type { GuestFinding } from './finding.ts';

export function fstabFindings(guest: GuestFacts): GuestFinding[] {
  if (guest.fstab === undefined) return [];
  return [
    ...guest.fstab.filter(isNeeded).flatMap(entry => absent(entry, guest)),
    ...byHand(guest, guest.fstab),
  ];
}

/** A boot waits for these; what may be absent, comes on demand or lies on the network does not hold it up. */
function isNeeded({ options, type }: FstabEntry): boolean {
  if (options.some(option => /^(?:noauto|nofail|x-systemd\.automount|_netdev|bind|rbind)$/.test(option)))
    return false;
  return !NOT_A_DISK.test(type);
}

const NOT_A_DISK =
  /^(?:nfs\d?|cifs|smb\w*|smbfs|9p|virtiofs|ceph|glusterfs|lustre|afs|davfs|sshfs|fuse(?:\..*)?|tmpfs|ramfs|proc|sysfs|devpts|devtmpfs|cgroup2?|debugfs|tracefs|configfs|securityfs|efivarfs|bpf|mqueue|hugetlbfs|binfmt_misc|overlay|aufs|none|zfs|autofs|ignore)$/;

function absent(entry: FstabEntry, guest: GuestFacts): GuestFinding[] {
  const wanted = identifierOf(entry.spec);
  const what = entry.type === 'swap' ? 'swap' : entry.mountpoint;
  const line = `line ${entry.line} of /etc/fstab (${what})`;
  const result =
    entry.type === 'swap'
      ? 'every start waits for it until it gives up'
      : 'this machine would not survive a restart, not even at the source';
  if (wanted !== undefined) {
    const known = guest.blocks.flatMap(block => block[wanted.kind]?.toLowerCase() ?? []);
    // Where lsblk could read none at all, it says nothing about this one.
    if (known.length === 0 || known.includes(wanted.value)) return [];
    return [
      {
        check: 'fstab-uuid',
        found: `${line} wants ${wanted.kind.toUpperCase()} ${wanted.value}, which no device has: ${result}`,
        help: 'correct the line on the source (blkid tells the identifiers), or add the option nofail',
      },
    ];
  }
  if (!missesDevice(entry.spec, guest)) return [];
  return [
    {
      check: 'fstab-device',
      found: `${line} wants ${entry.spec}, which is not there: ${result}`,
      help: 'correct the line on the source (lsblk tells the devices), or add the option nofail',
    },
  ];
}

interface Identifier {
  readonly kind: 'uuid' | 'partuuid';
  readonly value: string;
}

/** Labels are told for mounted file systems only, so that nothing can be said of a label. */
function identifierOf(spec: string): Identifier | undefined {
  const [, kind, value] =
    /^(UUID|PARTUUID)=(.+)$/.exec(spec) ?? /^\/dev\/disk\/by-(uuid|partuuid)\/(.+)$/.exec(spec) ?? [];
  if (kind === undefined || value === undefined) return undefined;
  return { kind: kind.toLowerCase() === 'uuid' ? 'uuid' : 'partuuid', value: value.toLowerCase() };
}

/** Only names that the kernel or LVM gives can be looked up; links that udev makes cannot. */
function missesDevice(spec: string, { blocks, volumeGroups, fileSystems, swap }: GuestFacts): boolean {
  const has = (device: string): boolean =>
    blocks.some((block: BlockFacts) => block.device === device) ||
    fileSystems.some(fs => fs.device === device) ||
    swap.some(({ path }) => path === device);
  if (/^\/dev\/(?:[svxh]v?d[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|mmcblk\d+(?:p\d+)?)$/.test(spec)) return !has(spec);
  if (/^\/dev\/mapper\/[^/]+$/.test(spec)) return !has(spec);
  const [, group, volume] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(spec) ?? [];
  if (group === undefined || volume === undefined) return false;
  if (!(volumeGroups ?? []).some(({ name }) => name === group)) return false;
  return !has(mapperPath(group, volume));
}

/** What somebody mounted by hand is not there after a start. A mount unit may do it as well. */
function byHand(guest: GuestFacts, fstab: readonly FstabEntry[]): GuestFinding[] {
  const listed = new Set(fstab.map(entry => entry.mountpoint.replace(/(?<=.)\/+$/, '')));
  const units = guest.enabledUnits;
  // Without the list of units nobody can say that none of them mounts it.
  if (units === undefined || fstab.length === 0) return [];
  const mounts = new Set(
    units.filter(unit => /\.(?:mount|automount)$/.test(unit)).map(unit => unit.replace(/\.\w+$/, '')),
  );
  return guest.fileSystems
    .filter(({ mountpoint }) => !listed.has(mountpoint) && !mounts.has(unitName(mountpoint)))
    .filter(({ mountpoint }) => !/^\/(?:$|efi$|boot(?:\/|$)|run\/|media\/)/.test(mountpoint))
    .map(({ mountpoint, device }) => ({
      check: 'mount-by-hand',
      found: `${device} is mounted at ${mountpoint}, but no line of /etc/fstab does so: it was mounted by hand`,
      help: `add a line for ${mountpoint} to /etc/fstab on the source, or expect it to be empty after a start`,
    }));
}

/** systemd-escape --path, as far as mount points go. */
function unitName(mountpoint: string): string {
  const bytes = Buffer.from(mountpoint.replace(/^\/+|\/+$/g, '')).toString('latin1');
  return bytes
    .replace(/[^A-Za-z0-9:_./]|^\./g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('/', '-');
}
