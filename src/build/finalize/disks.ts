import type { BlockFacts } from '../../journal/facts.ts';
import { guestDevices } from '../../tools/disk-map.ts';
import { replicaSerial } from '../names.ts';
import type { Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

/** The disk from which the machine starts: that of /boot, or of / where /boot is no file system of its own. */
export interface BootDisk {
  /** The domain's name of it: vda. */
  readonly target: string;
  /** Its device where the copy is mounted; absent where no disk has its serial. */
  readonly device?: string;
  /** False where the whole disk is one file system: there is no room for a boot loader. */
  readonly partitioned: boolean;
  /** False where the firmware would look at another disk first. */
  readonly first: boolean;
}

export function bootDiskOf(tree: Tree, { guest, domain }: FinalizeWish): BootDisk | undefined {
  const fs = ['/boot', '/'].map(path => guest.fileSystems.find(each => each.mountpoint === path));
  const device = fs.find(each => each !== undefined)?.device;
  if (device === undefined) return undefined;
  const disk = diskBelow(guest.blocks, device) ?? diskOfVolume({ guest }, device);
  const target = [...guestDevices(domain, guest.blocks)].find(([, each]) => each === disk)?.[0];
  if (disk === undefined || target === undefined) return undefined;
  const found = tree.blocks.find(block => block.serial === replicaSerial(target))?.device;
  return {
    target,
    ...(found === undefined ? {} : { device: found }),
    partitioned: guest.blocks.some(block => block.type === 'part' && block.parent === disk),
    first: domain.disks[0]?.target === target,
  };
}

/** Up the parents of a device to its disk; the length of the list ends a circle. */
function diskBelow(blocks: readonly BlockFacts[], device: string): string | undefined {
  let at = blocks.find(block => block.device === device);
  for (let hop = 0; hop < blocks.length && at !== undefined && at.type !== 'disk'; hop += 1) {
    const parent = at.parent;
    at = blocks.find(block => block.device === parent);
  }
  return at?.type === 'disk' ? at.device : undefined;
}

function diskOfVolume({ guest }: Pick<FinalizeWish, 'guest'>, device: string): string | undefined {
  const group = guest.volumeGroups?.find(each => each.logical.some(volume => volume.device === device));
  const physical = group?.physical[0]?.device;
  return physical === undefined ? undefined : diskBelow(guest.blocks, physical);
}
