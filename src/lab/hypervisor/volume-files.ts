import { createHash, randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileSystemsOn } from '../world/block-devices.ts';
import { hostDirectory, POOL_PATH } from '../world/layout.ts';
import type { Disk, Volume, World } from '../world/world.ts';

/**
 * A volume lies in its pool as a small file that stands for its content: whoever looks at it with `stat` or
 * `sha256sum` before and after sees whether something wrote on the disk in between. It is brought up to date whenever
 * a guest lets go of the disk, because before that its content is in motion anyway.
 */

export const volumeFile = (world: World, volume: Pick<Volume, 'hypervisor' | 'name'>): string =>
  path.join(hostDirectory(world.directory, volume.hypervisor), 'fs', 'root', POOL_PATH, volume.name);

/** Writes the file anew where the disk holds something else than it says. */
export function settleVolume(world: World, volume: Volume): void {
  const file = volumeFile(world, volume);
  volume.id ??= randomUUID();
  const content = `QFI\u00fb\n${JSON.stringify({
    id: volume.id,
    size: volume.disk.bytes,
    backing: volume.backing,
    content: fingerprint(volume.disk),
  })}\n`;
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== content)
    writeFileSync(file, content, { mode: 0o600 });
}

export function removeVolumeFile(world: World, volume: Volume): void {
  rmSync(volumeFile(world, volume), { force: true });
}

/** Depends on everything that a write changes, also on one that puts the same bytes in place; not on reading. */
function fingerprint(disk: Disk): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(disk, (key, value: unknown) => (key === 'directory' ? undefined : value)));
  for (const { place, fs } of fileSystemsOn(disk)) {
    hash.update(`\0${place}\0`);
    if (fs.directory !== null) visit(Buffer.from(fs.directory), line => hash.update(line));
  }
  return hash.digest('hex');
}

function visit(directory: Buffer, tell: (line: string) => void): void {
  const names = existsSync(directory)
    ? readdirSync(directory, { encoding: 'buffer' }).sort(Buffer.compare)
    : [];
  for (const name of names) {
    const place = Buffer.concat([directory, Buffer.from(path.sep), name]);
    const stat = lstatSync(place, { bigint: true });
    tell(`${name.toString('latin1')}\0${stat.mode}\0${stat.size}\0${stat.mtimeNs}\0${stat.ctimeNs}\0`);
    if (stat.isDirectory()) visit(place, tell);
  }
}
