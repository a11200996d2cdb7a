import type { BlockFacts, DomainFacts } from '../journal/facts.ts';

/**
 * Which device inside the guest is which disk of the domain. libvirt's target names are only a wish to the guest's
 * kernel, so a serial decides where there is one, then name and size together, then a size that occurs once.
 * A disk without an answer is absent from the map.
 */
export function guestDevices(domain: DomainFacts, blocks: readonly BlockFacts[]): Map<string, string> {
  const free = new Set(blocks.filter(block => block.type === 'disk'));
  const out = new Map<string, string>();
  const take = (disk: string, block: BlockFacts | undefined): void => {
    if (block === undefined) return;
    out.set(disk, block.device);
    free.delete(block);
  };
  const open = () => domain.disks.filter(disk => !out.has(disk.target));

  for (const disk of open()) {
    if (disk.serial === undefined) continue;
    take(
      disk.target,
      [...free].find(block => block.serial === disk.serial),
    );
  }
  for (const disk of open()) {
    take(
      disk.target,
      [...free].find(block => block.device === `/dev/${disk.target}` && block.size === disk.capacity),
    );
  }
  for (const disk of open()) {
    const equals = [...free].filter(block => block.size === disk.capacity);
    const rivals = open().filter(other => other.capacity === disk.capacity);
    if (equals.length === 1 && rivals.length === 1) take(disk.target, equals[0]);
  }
  return out;
}
