import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import type { Receivers } from '../hosts/receivers.ts';
import { parseOptions } from '../tools/options.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { GOLDEN_VOLUME, POOL, POOL_PATH } from '../world/layout.ts';
import { volumeOfFile } from '../world/volumes.ts';
import { answer, type Volume, type World } from '../world/world.ts';
import { userOf } from './domains.ts';
import { layOver } from './overlays.ts';
import { noPool, noVolume, unsupported, type Verb, virshError } from './virsh-verbs.ts';
import { removeVolumeFile, settleVolume } from './volume-files.ts';

/** The verbs that make and remove volumes. */

const emptyDisk = (bytes: number): Volume['disk'] => ({ bytes, table: null, partitions: [], fs: null });

export function volumeWrites(world: World, receivers: Receivers): Readonly<Record<string, Verb>> {
  const { state } = world;

  const createVolume: Verb = async ({ host, args }) => {
    const parsed = parseOptions(args, [], ['--format', '--backing-vol', '--backing-vol-format']);
    if (!parsed.ok) return unsupported('vol-create-as', parsed.unknown);
    const [pool = '', name = '', bytes = '', ...more] = parsed.operands;
    if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
    if (pool !== POOL) return noPool(pool);
    const format = parsed.values.get('--format') ?? 'raw';
    if (format !== 'qcow2' && format !== 'raw') return virshError(`unknown volume format type ${format}`);
    const size = /^\d+$/.test(bytes) ? Number(bytes) : Number.NaN;
    if (!(size > 0)) return virshError(`Malformed size ${bytes}`);
    if (state.volumes.some(volume => volume.hypervisor === host.id && volume.name === name)) {
      return virshError(`Failed to create vol ${name}`, `storage volume '${name}' exists already`);
    }
    const backing = parsed.values.get('--backing-vol') ?? null;
    const base = backing === null ? null : volumeOfFile(world, host.id, `${POOL_PATH}/${backing}`);
    if (base === undefined || base?.isUnlisted === true) return noVolume(backing ?? '');
    const writer = base === null ? undefined : userOf(world, base);
    if (writer !== undefined) {
      // libvirt allows it, and the overlay is ruined by the next write.
      world.violation(
        host.id,
        `virsh vol-create-as ${args.join(' ')}`,
        `${writer.name} has ${base?.name} for writing: nothing may lie over a disk that changes`,
      );
    }
    // A receiver's own tree is made at its first boot, with an identity of its own.
    const isLayered = base !== null && base.name !== GOLDEN_VOLUME;
    const disk = isLayered ? await layOver(world, base, { pool, name, bytes: size }) : emptyDisk(size);
    const volume: Volume = {
      hypervisor: host.id,
      pool,
      name,
      format,
      backing,
      disk,
      replicaOf: null,
      quota: null,
    };
    state.volumes.push(volume);
    settleVolume(world, volume);
    world.changed();
    return answer(`Vol ${name} created\n`);
  };

  const deleteVolume: Verb = ({ host, args }) => {
    const parsed = parseOptions(args, [], ['--pool']);
    if (!parsed.ok) return unsupported('vol-delete', parsed.unknown);
    const [name = ''] = parsed.operands;
    const volume = volumeOfFile(world, host.id, `${POOL_PATH}/${path.basename(name)}`);
    if (volume === undefined || volume.isUnlisted === true) return noVolume(name);
    if (userOf(world, volume) !== undefined) {
      return virshError(
        `Failed to delete vol ${name}`,
        `cannot unlink file '${POOL_PATH}/${volume.name}': Device or resource busy`,
      );
    }
    for (const { fs } of fileSystemsOn(volume.disk)) {
      if (fs.directory !== null) removeTreeSync(fs.directory, world.directory);
    }
    state.volumes.splice(state.volumes.indexOf(volume), 1);
    removeVolumeFile(world, volume);
    receivers.forget(volume);
    world.changed();
    return answer(`Vol ${name} deleted\n`);
  };

  return { 'vol-create-as': createVolume, 'vol-delete': deleteVolume };
}
