import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { userOf } from '../hypervisor/domains.ts';
import { settleVolume, volumeFile } from '../hypervisor/volume-files.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { GOLDEN_VOLUME, hostDirectory, POOL, POOL_PATH } from '../world/layout.ts';
import type { Volume, World } from '../world/world.ts';
import { applyImage } from './apply.ts';
import { type Image, readImage, wholeBytes } from './image-file.ts';

/**
 * The files of a pool are what its volumes are: whoever moves, removes or brings one with `mv`, `rm` or rsync has moved,
 * removed or brought the disk. Looked at before a tool of a hypervisor speaks of volumes.
 */

export interface PoolFiles {
  /** Resolves when the volumes of a hypervisor are what the files of its pool say. */
  adopt(hypervisor: string): Promise<void>;
}

export const volumeHome = (world: World, volume: Pick<Volume, 'pool' | 'id' | 'name'>): string =>
  path.join(world.directory, 'volumes', volume.pool, volume.id ?? volume.name);

export function createPoolFiles(world: World): PoolFiles {
  const { state } = world;
  let last: Promise<unknown> = Promise.resolve();

  const named = (hypervisor: string, name: string): Volume | undefined =>
    state.volumes.find(volume => volume.hypervisor === hypervisor && volume.name === name);

  /** Its file is gone, or another one lies in its place. */
  const lose = (volume: Volume, why: string): void => {
    const user = userOf(world, volume);
    if (user !== undefined)
      world.violation(volume.hypervisor, `${volume.name}: ${why}`, `${user.name} has it open`);
    state.volumes = state.volumes.filter(other => other !== volume);
    if (volume.name === GOLDEN_VOLUME) return;
    for (const { fs } of fileSystemsOn(volume.disk))
      if (fs.directory !== null) removeTreeSync(fs.directory, world.directory);
  };

  const rename = (volume: Volume, name: string): void => {
    const before = named(volume.hypervisor, name);
    if (before !== undefined) lose(before, 'replaced by mv');
    volume.name = name;
    volume.isUnlisted = before === undefined || before.isUnlisted === true;
  };

  const arrive = async (hypervisor: string, name: string, image: Image): Promise<void> => {
    const before = named(hypervisor, name);
    const { machine, disk, instant } = image.body;
    const volume: Volume = {
      ...{ hypervisor, pool: POOL, name, format: 'qcow2', backing: null, quota: null, instant },
      ...{ id: randomUUID(), replicaOf: { machine, disk } },
      disk: { bytes: image.head.bytes, table: null, partitions: [], fs: null },
      isUnlisted: before === undefined || before.isUnlisted === true,
    };
    volume.disk = await applyImage(image, volume.disk, volumeHome(world, volume));
    if (before !== undefined) lose(before, 'replaced by mv');
    state.volumes.push(volume);
    settleVolume(world, volume);
  };

  const look = async (hypervisor: string): Promise<void> => {
    const pool = path.join(hostDirectory(world.directory, hypervisor), 'fs', 'root', POOL_PATH);
    if (!existsSync(pool)) return;
    let changed = false;
    for (const name of readdirSync(pool)) {
      const file = path.join(pool, name);
      if (!statSync(file).isFile()) continue;
      const id = stubId(file);
      const volume = id === undefined ? undefined : state.volumes.find(other => other.id === id);
      if (volume?.name === name) continue;
      const old = volume === undefined ? undefined : volumeFile(world, volume);
      if (volume !== undefined && old !== undefined && !existsSync(old)) {
        rename(volume, name);
        changed = true;
        continue;
      }
      const image = id === undefined ? readImage(file) : undefined;
      if (image === undefined || image.body.base !== null || statSync(file).size < wholeBytes(image))
        continue;
      await arrive(hypervisor, name, image);
      changed = true;
    }
    for (const volume of state.volumes.filter(found => found.hypervisor === hypervisor)) {
      if (existsSync(volumeFile(world, volume))) continue;
      lose(volume, 'removed by rm');
      changed = true;
    }
    if (changed) world.changed();
  };

  return {
    adopt(hypervisor) {
      const next = last.then(() => look(hypervisor));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** Which volume a stub stands for. */
function stubId(file: string): string | undefined {
  if (statSync(file).size > 4096) return undefined;
  return /"id":"([0-9a-f-]+)"/.exec(readFileSync(file, 'utf8').split('\n')[1] ?? '')?.[1];
}
