import type { FileSystemFacts } from '../journal/facts.ts';
import type { View } from '../step/step.ts';

/** File systems whose files live on the machine's own disks. Everything else is somebody else's data or no data. */
const LOCAL_TYPES: ReadonlySet<string> = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'f2fs',
  'jfs',
  'reiserfs',
  'vfat',
]);

/** True for the FAT family, which knows neither owners nor links nor fine times. */
export const isFat = (type: string): boolean => type === 'vfat' || type === 'msdos';

/** True where `path` is `directory` or lies below it. Both absolute, without a trailing slash except for `/`. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}

/** A plan writes `/srv/cache/` and `/srv/cache` alike. */
export const trimPath = (path: string): string => (path.length > 1 ? path.replace(/\/+$/, '') || '/' : path);

/**
 * The file systems that travel, parents before children: local types, each device once (a bind mount shows a part of
 * a file system that travels anyway), without those that the plan leaves out whole.
 * Undefined as long as inventory has not recorded any.
 */
export function travelling(view: View, machine: string): FileSystemFacts[] | undefined {
  const guest = view.state.machines[machine]?.observed?.guest;
  if (guest === undefined) return undefined;
  const excluded = (view.plan.machines[machine]?.exclude ?? []).map(trimPath);
  const seen = new Set<string>();
  return guest.fileSystems
    .filter(fs => LOCAL_TYPES.has(fs.type))
    .filter(fs => !excluded.some(path => isWithin(fs.mountpoint, path)))
    .toSorted((a, b) => Number(isPart(a)) - Number(isPart(b)) || parentsFirst(a, b))
    .filter(fs => {
      const identity = isPart(fs) ? fs.device.replace(/\[.*$/, '') : fs.device;
      if (seen.has(identity)) return false;
      seen.add(identity);
      return true;
    })
    .toSorted(parentsFirst);
}

/** findmnt writes `/dev/vda1[/sub]` for bind mounts and for btrfs subvolumes; only the latter hold files of their own. */
const isPart = (fs: FileSystemFacts): boolean => fs.type !== 'btrfs' && fs.device.includes('[');

function parentsFirst(a: FileSystemFacts, b: FileSystemFacts): number {
  const depth = (path: string): number => path.split('/').filter(part => part !== '').length;
  return (
    depth(a.mountpoint) - depth(b.mountpoint) ||
    (a.mountpoint < b.mountpoint ? -1 : a.mountpoint > b.mountpoint ? 1 : 0)
  );
}

/**
 * Mount points that the pass of their parent does not enter: of other file systems, and of bind mounts, which lie on
 * the same device as their parent, so that rsync's -x would walk in.
 */
export function mountpoints(view: View, machine: string): string[] {
  const guest = view.state.machines[machine]?.observed?.guest;
  return [...(guest?.fileSystems ?? []).map(fs => fs.mountpoint), ...(guest?.views ?? [])];
}
