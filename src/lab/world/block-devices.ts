import type { AttachedDisk, Disk, FileSystem, Partition, SimHost } from './world.ts';

/** Block devices of a host by path, and the questions one asks about them. */

export interface Device {
  readonly path: string;
  readonly name: string;
  readonly kind: 'disk' | 'part';
  readonly bytes: number;
  readonly attached: AttachedDisk;
  readonly partition: Partition | null;
}

export function devices(host: SimHost): Device[] {
  return host.disks.flatMap(attached => [
    {
      path: `/dev/${attached.target}`,
      name: attached.target,
      kind: 'disk' as const,
      bytes: attached.disk.bytes,
      attached,
      partition: null,
    },
    ...attached.disk.partitions.map(partition => ({
      path: `/dev/${attached.target}${partition.number}`,
      name: `${attached.target}${partition.number}`,
      kind: 'part' as const,
      bytes: partition.sectors * 512,
      attached,
      partition,
    })),
  ]);
}

export const findDevice = (host: SimHost, path: string): Device | undefined =>
  devices(host).find(device => device.path === path);

export const fileSystemOf = (device: Device): FileSystem | null =>
  device.partition === null ? device.attached.disk.fs : device.partition.fs;

export function setFileSystem(device: Device, fs: FileSystem | null): void {
  if (device.partition === null) device.attached.disk.fs = fs;
  else device.partition.fs = fs;
}

export const isMounted = (host: SimHost, path: string): boolean =>
  host.mounts.some(mount => mount.source === path);

/** Every file system with files on a disk, with the partition number (0 for the whole disk). */
export function fileSystemsOn(disk: Disk): { readonly number: number; readonly fs: FileSystem }[] {
  const whole = disk.fs === null ? [] : [{ number: 0, fs: disk.fs }];
  return [...whole, ...disk.partitions.flatMap(({ number, fs }) => (fs === null ? [] : [{ number, fs }]))];
}
