import { applyImage } from '../../blocks/apply.ts';
import { rebaseImage } from '../../blocks/image-file.ts';
import { type PoolFiles, volumeHome } from '../../blocks/pool-files.ts';
import { mapPath } from '../../hosts/mounts.ts';
import { readerOf, userOf } from '../../hypervisor/domains.ts';
import { settleVolume } from '../../hypervisor/volume-files.ts';
import { volumeOfFile } from '../../world/volumes.ts';
import { type Answer, answer, refusal, type SimHost, type Volume } from '../../world/world.ts';
import { type Found, hostPath, type QemuImgParts } from './places.ts';

/** Pieces that are merged into what lies below them. */

export interface PoolParts extends QemuImgParts {
  readonly pools: PoolFiles;
}

export function rebase(
  { world }: QemuImgParts,
  host: SimHost,
  { image, file }: Found,
  {
    backing,
    format,
    cwd,
  }: { readonly backing: string; readonly format: string | undefined; readonly cwd: string | undefined },
): Answer {
  if (image === undefined)
    return refusal(
      `qemu-img: Could not change the backing file to '${backing}': the lab rebases pieces only\n`,
    );
  const below = backing === '' ? null : { file: hostPath(cwd, backing), format: format ?? 'raw' };
  rebaseImage(mapPath(world.directory, host.mounts, file), below);
  return answer('');
}

/** Undefined where it was merged. A piece that does not continue what is there would ruin it without a word. */
export async function commitImage(
  { world }: PoolParts,
  host: SimHost,
  { image, file, backing }: Found,
): Promise<Answer | undefined> {
  const failed = (why: string): Answer => refusal(`qemu-img: ${why}\n`);
  if (image === undefined || backing === null) return failed('Image does not have a backing file');
  const volume = volumeOfFile(world, host.id, backing.file);
  const cannot = `Could not open '${file}': Could not open backing file: `;
  if (volume === undefined)
    return failed(`${cannot}Could not open '${backing.file}': No such file or directory`);
  if (backing.format !== volume.format) return failed(`${cannot}Image is not in ${backing.format} format`);
  const user = userOf(world, volume) ?? readerOf(world, volume);
  if (user !== undefined)
    return failed(
      `${cannot}Failed to get "write" lock\nIs another process using the image [${backing.file}]?`,
    );
  for (const why of wrongs(world, volume, image.body))
    world.violation(host.id, `qemu-img commit ${file}`, why);
  volume.disk = await applyImage(image, volume.disk, volumeHome(world, volume), world.directory);
  volume.instant = image.body.instant;
  volume.replicaOf = { machine: image.body.machine, disk: image.body.disk };
  settleVolume(world, volume);
  world.changed();
  return undefined;
}

function wrongs(
  world: PoolParts['world'],
  volume: Volume,
  { machine, disk, base, instant }: NonNullable<Found['image']>['body'],
): string[] {
  const over = world.state.volumes.find(
    other => other.hypervisor === volume.hypervisor && other.backing === volume.name,
  );
  const isNext = base === null || volume.instant === base || volume.instant === instant;
  const isOwn =
    volume.replicaOf === null || (volume.replicaOf.machine === machine && volume.replicaOf.disk === disk);
  return [
    ...(over === undefined ? [] : [`${over.name} lies over ${volume.name} and is ruined by this`]),
    ...(isNext ? [] : [`the piece does not continue what is in ${volume.name}: it is ruined by this`]),
    ...(isOwn ? [] : [`${volume.name} is no replica of ${disk} of ${machine}`]),
  ];
}
