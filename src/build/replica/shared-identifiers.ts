import type { BlockFacts, GuestFacts } from '../../journal/facts.ts';
import type { MountRow } from '../../tools/mounts.ts';
import type { Layout } from './layout.ts';

/**
 * A replica carries the identifiers of its source. Where the source was once made from the same image as the receiver,
 * both disks answer to one name while the replica is plugged in. Nothing boots then, but what is mounted by name could
 * be the wrong one, and XFS refuses to mount a twin: so it is known which names are shared.
 */

/** UUIDs, partition GUIDs and labels that the receiver's own disk has in common with what the replica will bear. */
export function sharedIdentifiers(
  layout: Layout,
  source: GuestFacts,
  blocks: readonly BlockFacts[],
  mounts: readonly MountRow[],
): string[] {
  const replicas = new Set(layout.disks.map(disk => String(disk.device)));
  const own = blocks.filter(block => !isBelow(block, replicas, blocks));
  const devices = new Set(own.map(block => block.device));
  const labels = mounts.filter(row => devices.has(row.source)).map(row => row.label);
  const names = new Set(
    [...own.flatMap(block => [block.uuid, block.partuuid]), ...labels].flatMap(
      name => name?.toLowerCase() ?? [],
    ),
  );
  const wanted = [
    ...layout.formats.map(format => format.uuid),
    ...layout.disks.flatMap(disk => disk.partitions.map(partition => partition.partuuid)),
    ...source.fileSystems.map(fs => fs.label),
  ];
  return [...new Set(wanted.flatMap(name => name ?? []))]
    .filter(name => names.has(name.toLowerCase()))
    .sort();
}

/** A replica's disk, a partition of it, or a logical volume on that. */
function isBelow(block: BlockFacts, disks: ReadonlySet<string>, blocks: readonly BlockFacts[]): boolean {
  if (disks.has(block.device)) return true;
  const parent = blocks.find(({ device }) => device === block.parent);
  return parent !== undefined && parent !== block && isBelow(parent, disks, blocks);
}
