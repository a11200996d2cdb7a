import { modulesIn, readInitramfs } from '../trees/initramfs.ts';
import { fileSystemsOn, mapperName } from '../world/block-devices.ts';
import type { AttachedDisk, FileSystem } from '../world/world.ts';

/** From the kernel to its root: which disks the initramfs can drive, and whether the root is on one of them. */

export interface FoundFileSystem {
  /** As the kernel of the copy calls it. */
  readonly device: string;
  readonly fs: FileSystem;
}

/** Modules without which a disk on this bus is not seen; a bus that is not here needs nothing special. */
const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  virtio: ['virtio_pci', 'virtio_blk'],
  scsi: ['virtio_pci', 'virtio_scsi'],
};

export interface BusDisk extends AttachedDisk {
  readonly bus: string;
}

/** File systems on the disks that these modules drive. */
export function visibleFileSystems(disks: readonly BusDisk[], modules: readonly string[]): FoundFileSystem[] {
  return disks
    .filter(({ bus }) => (DRIVERS[bus] ?? []).every(module => modules.includes(module)))
    .flatMap(({ target, disk }) =>
      fileSystemsOn(disk).map(({ place, fs }) => {
        const [group = '', volume] = place.split('/');
        const device =
          volume === undefined ? `/dev/${target}${place}` : `/dev/mapper/${mapperName(group, volume)}`;
        return { device, fs };
      }),
    );
}

export const initramfsModules = (archive: Buffer | null): string[] =>
  archive === null ? [] : modulesIn(readInitramfs(archive) ?? []);

/** What `UUID=…`, `LABEL=…` or a device path names; swap and group members are found like anything else. */
export function findSpec(spec: string, found: readonly FoundFileSystem[]): FoundFileSystem | undefined {
  const [tag = '', raw = ''] = spec.split('=');
  const value = raw.replace(/^"|"$/g, '');
  if (tag === 'UUID') return found.find(({ fs }) => fs.uuid === value);
  if (tag === 'LABEL') return found.find(({ fs }) => fs.label === value);
  const uuid = /^\/dev\/disk\/by-uuid\/(.+)$/.exec(spec)?.[1];
  return found.find(({ device, fs }) => device === spec || fs.uuid === uuid);
}

/** What initramfs-tools of Debian says when it gives up. */
export const rootMissing = (spec: string): string[] => [
  'Loading, please wait...',
  'Starting systemd-udevd version 252.36-1~deb12u1',
  'Begin: Loading essential drivers ... done.',
  'Begin: Running /scripts/init-premount ... done.',
  'Begin: Mounting root file system ... Begin: Running /scripts/local-top ... done.',
  'Begin: Running /scripts/local-premount ... done.',
  'Begin: Waiting for root file system ... Begin: Running /scripts/local-block ... done.',
  ...Array.from({ length: 4 }, () => 'Begin: Running /scripts/local-block ... done.'),
  'done.',
  'Gave up waiting for root file system device.  Common problems:',
  ' - Boot args (cat /proc/cmdline)',
  '   - Check rootdelay= (did the system wait long enough?)',
  ' - Missing modules (cat /proc/modules; ls /dev)',
  `ALERT!  ${spec} does not exist.  Dropping to a shell!`,
  '',
  '',
  'BusyBox v1.35.0 (Debian 1:1.35.0-4+b3) built-in shell (ash)',
  "Enter 'help' for a list of built-in commands.",
  '',
  '(initramfs) ',
];

/** Without an initramfs the kernel finds its root by itself, or panics. */
export const panic = (spec: string): string[] => [
  `VFS: Cannot open root device "${spec}" or unknown-block(0,0): error -6`,
  'Please append a correct "root=" boot option; here are the available partitions:',
  'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
  '---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0) ]---',
];
