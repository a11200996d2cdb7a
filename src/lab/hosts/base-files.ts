import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MachineFacts } from '../world/layout.ts';
import type { Mount, SimHost } from '../world/world.ts';
import { writeDevices } from './device-files.ts';

/** What every simulated host has: the mounts of a running Linux and the few kernel files that landfall reads. */

const KERNEL_MOUNTS: readonly (readonly [path: string, source: string, type: string])[] = [
  ['/run', 'tmpfs', 'tmpfs'],
  ['/sys', 'sysfs', 'sysfs'],
  ['/dev', 'udev', 'devtmpfs'],
  ['/tmp', 'tmpfs', 'tmpfs'],
];

/** The processes of a host are real ones, so its /proc is the real one; but what tells of its disks is its own. */
const OWN_IN_PROC = ['swaps', 'mounts', 'self/mounts', 'cmdline', 'sys/kernel/random/boot_id'];

function procMounts(directory: string): Mount[] {
  const own = OWN_IN_PROC.map(
    (name): Mount => ({
      path: `/proc/${name}`,
      source: 'proc',
      type: 'proc',
      directory: path.join(directory, 'fs', 'proc', name),
    }),
  );
  return [{ path: '/proc', source: 'proc', type: 'proc', directory: '/proc' }, ...own];
}

/** Everything that is mounted without a disk. */
export function kernelMounts(directory: string): Mount[] {
  return [
    ...KERNEL_MOUNTS.map(([at, source, type]) => ({
      path: at,
      source,
      type,
      directory: path.join(directory, 'fs', at.slice(1)),
    })),
    ...procMounts(directory),
  ];
}

export const baseMounts = (directory: string, rootDevice: string): Mount[] => [
  { path: '/', source: rootDevice, type: 'ext4', directory: path.join(directory, 'fs', 'root') },
  ...kernelMounts(directory),
];

/** Mounts of a source machine, as its layout says. */
export function machineMounts(machine: MachineFacts, directory: string): Mount[] {
  const real = machine.mounts.map(({ path: at, device, fs }): Mount => {
    if (fs.directory === null) throw new RangeError(`${machine.name} mounts ${device}, which holds no files`);
    return { path: at, source: device, type: fs.type, directory: fs.directory };
  });
  return [...real, ...kernelMounts(directory)];
}

/** Makes the directories behind the mounts, the mount points, and the kernel's files. Safe to repeat. */
export function writeBaseFiles(
  host: SimHost,
  identity: { readonly uuid: string | null; readonly swaps: MachineFacts['swaps'] },
): void {
  const fs = (...parts: string[]): string => path.join(host.directory, 'fs', ...parts);
  for (const mount of host.mounts) if (mount.type !== 'proc') mkdirSync(mount.directory, { recursive: true });
  for (const [at] of [...KERNEL_MOUNTS, ['/proc']]) mkdirSync(fs('root', at), { recursive: true });
  mkdirSync(fs('proc', 'sys', 'kernel', 'random'), { recursive: true });
  mkdirSync(fs('root', 'root'), { recursive: true, mode: 0o700 });
  mkdirSync(fs('sys', 'class', 'dmi', 'id'), { recursive: true });
  if (identity.uuid !== null)
    writeFileSync(fs('sys', 'class', 'dmi', 'id', 'product_uuid'), `${identity.uuid}\n`);
  const rows = identity.swaps.map(
    ({ file, kib }, at) => `${file.padEnd(40)}${'partition'.padEnd(16)}${kib}\t\t0\t\t${-2 - at}\n`,
  );
  writeFileSync(fs('proc', 'swaps'), `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${rows.join('')}`);
  writeLinks(host);
  mkdirSync(fs('sys', 'block'), { recursive: true });
  writeFileSync(fs('proc', 'cmdline'), `${host.system.cmdline}\n`);
  writeFileSync(fs('proc', 'sys', 'kernel', 'random', 'boot_id'), `${host.system.bootId}\n`);
  writeDevices(host);
}

/** What the kernel says of network cards; the cable of a copy is plugged in while it runs. */
export function writeLinks(host: SimHost): void {
  for (const { name, mac, up } of host.system.nics) {
    const place = path.join(host.directory, 'fs', 'sys', 'class', 'net', name);
    mkdirSync(path.join(place, 'device'), { recursive: true });
    writeFileSync(path.join(place, 'address'), `${mac}\n`);
    writeFileSync(path.join(place, 'carrier'), up ? '1\n' : '0\n');
    writeFileSync(path.join(place, 'operstate'), up ? 'up\n' : 'down\n');
  }
}
