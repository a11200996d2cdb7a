import { LandfallError } from '../../foundation/errors.ts';
import type { BlockFacts, GuestFacts } from '../../journal/facts.ts';
import type { MountRow } from '../../tools/mounts.ts';
import type { Layout } from './layout.ts';

/**
 * A replica carries the identifiers of its source. Where the source was once made from the same image as the receiver,
 * both disks of the receiver answer to one name, and a second boot may take the replica for its root: the source's
 * system would run, and write. The first boot is safe, because the replica is empty then.
 */

/** UUIDs, partition GUIDs and labels that the receiver's own disk has in common with what the replica will bear. */
export function sharedIdentifiers(
  layout: Layout,
  source: GuestFacts,
  blocks: readonly BlockFacts[],
  mounts: readonly MountRow[],
): string[] {
  const replicas = new Set(layout.disks.map(disk => String(disk.device)));
  const own = blocks.filter(block => !replicas.has(block.device) && !replicas.has(block.parent ?? ''));
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

/** A receiver that is off is not started again while its boot could find the replica by the name of its own root. */
export function refuseSecondBoot(
  domain: string,
  hypervisor: string,
  machine: string,
  shared: readonly string[] | undefined,
): void {
  if (shared === undefined || shared.length === 0) return;
  throw new LandfallError('build.foreign-object', {
    what: `the receiver ${domain} is off and cannot be started safely: its image shares identifiers with ${machine}`,
    why: 'it could boot from the replica instead of its own disk, and a replica is never booted',
    where: { host: hypervisor, machine },
    evidence: shared.map(name => `shared: ${name}`),
    next: [
      `start it without the replica: virsh detach-disk ${domain} vdb --config (and vdc …), virsh start ${domain}, then attach the same volumes with the same serials to the running domain (virsh attach-device --live), and run again`,
      `or build it from an image that shares nothing with ${machine}: machines.${machine}.target.image`,
    ],
  });
}
