import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { writeDevices } from '../hosts/device-files.ts';
import { locate } from '../hosts/real-tools.ts';
import { isMounted, mapperName, physicalVolumes } from '../world/block-devices.ts';
import { seededId } from '../world/random.ts';
import {
  answer,
  type LogicalVolume,
  refusal,
  type SimHost,
  type VolumeGroup,
  type World,
} from '../world/world.ts';
import { parseOptions, usageError } from './options.ts';
import type { Tool } from './tool-box.ts';

/**
 * Snapshots of logical volumes, thick ones: a copy of the tree at one instant. It is made in one call, and the writer of the
 * lab writes in the same thread, so that nothing comes in between. What is written to the origin afterwards fills it.
 * A real one outlives a restart of the lab; these do not.
 */

const FAILED = 5;
export const EXTENT = 4 * 1024 * 1024;
const failed = (...lines: string[]) => refusal(lines.map(line => `  ${line}\n`).join(''), FAILED);

/** Bytes of a group that no volume has. */
export function freeBytes(group: VolumeGroup, device: { readonly bytes: number }): number {
  const round = (bytes: number): number => Math.ceil(bytes / EXTENT) * EXTENT;
  const used = group.volumes.reduce((sum, { bytes, snapshot }) => sum + round(snapshot?.room ?? bytes), 0);
  return Math.max(0, Math.floor(device.bytes / EXTENT) * EXTENT - EXTENT - used);
}

/** How full a snapshot is, in percent of its room; from 100 on it is lost, and what it held cannot be read. */
export function percentOf(volume: LogicalVolume): number {
  const { snapshot } = volume;
  if (snapshot === undefined) return 0;
  if (snapshot.lost === true) return 100;
  const since = `@${(snapshot.takenAt / 1000).toFixed(3)}`;
  const { stdout } = spawnSync(
    locate('find') ?? 'find',
    [snapshot.from, '-type', 'f', '-newermt', since, '-printf', '%s\n'],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const written = stdout.split('\n').reduce((sum, size) => sum + (Number(size) || 0), 0);
  const percent = Math.min(100, (written / snapshot.room) * 100);
  if (percent >= 100 && volume.fs?.directory) {
    // Whoever reads it gets errors from now on: it must not look like an empty file system.
    renameSync(volume.fs.directory, `${volume.fs.directory}.lost`);
    snapshot.lost = true;
  }
  return percent;
}

const bytesOf = (size: string | undefined): number => {
  const [, number, unit = 'm'] = /^(\d+)([bkmg])?$/.exec(size ?? '') ?? [];
  const factor = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit] ?? 1;
  return Math.ceil((Number(number ?? 0) * factor) / EXTENT) * EXTENT;
};

export function snapshotTools(world: World): Readonly<Record<string, Tool>> {
  const find = (host: SimHost, name: string) => {
    const [group, volume] = name.split('/');
    const pv = physicalVolumes(host).find(each => each.group?.name === group);
    const logical = pv?.group?.volumes.find(each => each.name === volume);
    return pv?.group && logical ? { pv, group: pv.group, logical } : undefined;
  };
  /** On a source, only what bears landfall's name comes and goes. */
  const mayTouch = (host: SimHost, name: string, line: string): boolean => {
    if (host.role !== 'machine' || name.startsWith('landfall-')) return true;
    world.violation(host.id, line, 'a source machine is production: its volumes are not changed');
    return false;
  };

  const lvcreate: Tool = ({ host, args }) => {
    const parsed = parseOptions(args, ['-s', '--snapshot', '-kn'], ['-L', '--size', '-n', '--name']);
    if (!parsed.ok) return refusal(usageError('lvcreate', parsed), 3);
    const name = parsed.values.get('-n') ?? parsed.values.get('--name') ?? '';
    const room = bytesOf(parsed.values.get('-L') ?? parsed.values.get('--size'));
    const found = find(host, parsed.operands[0] ?? '');
    if (!parsed.flags.has('-s') || name === '' || room === 0)
      return failed('the lab makes thick snapshots with a name and a size only');
    if (found === undefined) return failed(`Failed to find logical volume "${parsed.operands[0] ?? ''}"`);
    const { pv, group, logical } = found;
    if (!mayTouch(host, name, ['lvcreate', ...args].join(' '))) return failed('Operation not permitted');
    if (group.volumes.some(volume => volume.name === name))
      return failed(`Logical Volume "${name}" already exists in volume group "${group.name}"`);
    const free = freeBytes(group, pv.device);
    if (room > free)
      return failed(
        `Volume group "${group.name}" has insufficient free space (${free / EXTENT} extents): ${room / EXTENT} required.`,
      );
    if (!logical.fs?.directory) return failed(`the lab takes snapshots of file systems only`);
    const from = logical.fs.directory;
    const to = path.join(host.directory, 'snapshots', name);
    mkdirSync(path.dirname(to), { recursive: true });
    const takenAt = world.clock.now();
    const copied = spawnSync(locate('cp') ?? 'cp', ['-a', '--reflink=auto', '--', from, to]);
    if (copied.status !== 0) return failed(`cp ended with ${copied.status}: ${String(copied.stderr)}`);
    group.volumes.push({
      name,
      uuid: seededId(world.seed, `snapshot/${host.id}/${name}`),
      bytes: logical.bytes,
      fs: { ...logical.fs, directory: to },
      snapshot: { origin: logical.name, from, room, takenAt },
    });
    writeDevices(host);
    world.changed(host.id);
    return answer(`  Logical volume "${name}" created.\n`);
  };

  const lvremove: Tool = ({ host, args }) => {
    const parsed = parseOptions(args, ['-f', '--force', '-y', '--yes'], []);
    if (!parsed.ok) return refusal(usageError('lvremove', parsed), 3);
    const found = find(host, parsed.operands[0] ?? '');
    if (found === undefined) return failed(`Failed to find logical volume "${parsed.operands[0] ?? ''}"`);
    const { group, logical } = found;
    if (!mayTouch(host, logical.name, ['lvremove', ...args].join(' ')))
      return failed('Operation not permitted');
    if (logical.snapshot === undefined) return failed('the lab removes snapshots only');
    if (isMounted(host, `/dev/mapper/${mapperName(group.name, logical.name)}`))
      return failed(`Logical volume ${group.name}/${logical.name} contains a filesystem in use.`);
    group.volumes.splice(group.volumes.indexOf(logical), 1);
    if (logical.fs?.directory)
      for (const place of [logical.fs.directory, `${logical.fs.directory}.lost`])
        removeTreeSync(place, host.directory);
    writeDevices(host);
    world.changed(host.id);
    return answer(`  Logical volume "${logical.name}" successfully removed.\n`);
  };

  return { lvcreate, lvremove };
}
