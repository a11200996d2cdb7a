import type {
  AttachedDisk,
  Disk,
  FileSystem,
  LogicalVolume,
  Partition,
  SimHost,
  VolumeGroup,
} from './world.ts';

/** Block devices of a host by path, and the questions one asks about them. */

export interface Device {
  readonly path: string;
  /** As lsblk calls it: vda1, `app2--vg-root`. */
  readonly name: string;
  readonly kind: 'disk' | 'part' | 'lvm';
  readonly bytes: number;
  readonly attached: AttachedDisk;
  readonly partition: Partition | null;
  readonly logical: LogicalVolume | null;
  /** The name of the device that it lies on. */
  readonly parent: string | null;
}

/** device-mapper doubles the hyphens within names, because one hyphen joins them. */
export const mapperName = (group: string, volume: string): string =>
  `${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;

/** A physical volume of a host, whether its group is active or not. */
export interface PhysicalVolume {
  readonly device: Device;
  readonly uuid: string;
  readonly group: VolumeGroup | null;
}

function plainDevices(attached: AttachedDisk): Device[] {
  const { target, disk } = attached;
  const common = { attached, logical: null };
  return [
    {
      ...common,
      path: `/dev/${target}`,
      name: target,
      kind: 'disk',
      bytes: disk.bytes,
      partition: null,
      parent: null,
    },
    ...disk.partitions.map(
      (partition): Device => ({
        ...common,
        path: `/dev/${target}${partition.number}`,
        name: `${target}${partition.number}`,
        kind: 'part',
        bytes: partition.sectors * 512,
        partition,
        parent: target,
      }),
    ),
  ];
}

export function devices(host: SimHost): Device[] {
  return host.disks.flatMap(attached =>
    plainDevices(attached).flatMap(device => {
      const group = fileSystemOf(device)?.group;
      if (!group || !host.groups.includes(group.name)) return [device];
      const volumes = group.volumes.map((logical): Device => {
        const name = mapperName(group.name, logical.name);
        return {
          ...{ path: `/dev/mapper/${name}`, name, kind: 'lvm', bytes: logical.bytes },
          ...{ attached, partition: device.partition, logical, parent: device.name },
        };
      });
      return [device, ...volumes];
    }),
  );
}

export function physicalVolumes(host: SimHost): PhysicalVolume[] {
  return host.disks.flatMap(plainDevices).flatMap(device => {
    const fs = fileSystemOf(device);
    return fs?.type === 'LVM2_member' ? [{ device, uuid: fs.uuid, group: fs.group ?? null }] : [];
  });
}

/** `/dev/GROUP/VOLUME` and the links of udev are other names of the same. */
export function findDevice(host: SimHost, path: string): Device | undefined {
  const all = devices(host);
  const uuid = /^\/dev\/disk\/by-uuid\/(.+)$/.exec(path)?.[1];
  if (uuid !== undefined) return all.find(device => fileSystemOf(device)?.uuid === uuid);
  const [, group, volume] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const mapped =
    group === undefined || volume === undefined || group === 'mapper'
      ? path
      : `/dev/mapper/${mapperName(group, volume)}`;
  return all.find(device => device.path === mapped);
}

export function fileSystemOf(device: Device): FileSystem | null {
  if (device.logical !== null) return device.logical.fs;
  return device.partition === null ? device.attached.disk.fs : device.partition.fs;
}

export function setFileSystem(device: Device, fs: FileSystem | null): void {
  if (device.logical !== null) device.logical.fs = fs;
  else if (device.partition === null) device.attached.disk.fs = fs;
  else device.partition.fs = fs;
}

export const isMounted = (host: SimHost, path: string): boolean => {
  const device = findDevice(host, path);
  return host.mounts.some(
    ({ source }) => source === path || (device !== undefined && source === device.path),
  );
};

export interface Placed {
  /** Where on the disk: nothing for all of it, a partition's number, `GROUP/VOLUME`. */
  readonly place: string;
  readonly fs: FileSystem;
}

/** Every file system on a disk with its place, those inside of volume groups too. */
export function fileSystemsOn(disk: Disk): Placed[] {
  const plain = [
    { place: '', fs: disk.fs },
    ...disk.partitions.map(({ number, fs }) => ({ place: String(number), fs })),
  ];
  return plain.flatMap(({ place, fs }) => (fs === null ? [] : [{ place, fs }, ...volumesOn(fs)]));
}

const volumesOn = ({ group }: FileSystem): Placed[] =>
  (group?.volumes ?? []).flatMap(({ name, fs }) =>
    fs === null ? [] : [{ place: `${group?.name ?? ''}/${name}`, fs }],
  );
