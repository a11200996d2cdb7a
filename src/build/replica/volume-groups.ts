import type { LandfallError } from '../../foundation/errors.ts';
import type { VolumeGroupFacts } from '../../journal/facts.ts';
import { isUnknown, type Word } from '../../step/action.ts';
import { isPlain } from '../../tools/lvm.ts';
import type { LayoutPlace, SourcePlace } from './layout.ts';

/** The source's volume groups as the replica is to have them: same names, same UUIDs of group, volumes and disks. */

export interface LayoutPhysical {
  readonly place: LayoutPlace;
  readonly device: Word;
  /** LVM's own: `Iq3fVv-…`. */
  readonly uuid: string;
}

export interface LayoutLogical {
  readonly name: string;
  /** `/dev/mapper/vg_data-srv`: the kernel names it after the group, so it is the same in the receiver. */
  readonly device: string;
}

export interface LayoutGroup {
  readonly name: string;
  readonly uuid: string;
  readonly physical: readonly LayoutPhysical[];
  readonly logical: readonly LayoutLogical[];
  /** Text of `vgcfgbackup`, from which it is made. */
  readonly backup: string;
}

/** `unplaced` makes the error for a group that the inventory should have refused. */
export function groupsOf(
  groups: readonly VolumeGroupFacts[],
  places: readonly SourcePlace[],
  unplaced: (what: string) => LandfallError,
): LayoutGroup[] {
  return groups.map(({ name, uuid, physical, logical, backup }) => {
    const odd = logical.find(({ kind }) => !isPlain(kind));
    // A thin pool or a mirror has metadata on its disks, which no backup of LVM holds.
    if (odd !== undefined) throw unplaced(`the ${odd.kind} volume ${name}/${odd.name}`);
    if (backup === '') throw unplaced(`the volume group ${name}, whose metadata could not be read,`);
    return {
      name,
      uuid,
      backup,
      physical: physical.map(disk => {
        const found = places.find(({ source }) => source.device === disk.device);
        if (found === undefined) throw unplaced(`the physical volume ${disk.device} of ${name}`);
        return { place: found.place, device: found.device, uuid: disk.uuid };
      }),
      logical: logical.map(volume => ({ name: volume.name, device: volume.device })),
    };
  });
}

/**
 * LVM's settings for one command: it sees the replica's physical volumes and nothing else, whatever the receiver's own
 * devices file or filters say. Unknown until the devices are.
 */
export function lvmConfig(groups: readonly LayoutGroup[]): Word {
  const devices = groups.flatMap(({ physical }) => physical.map(({ device }) => device));
  const missing = devices.find(isUnknown);
  if (missing !== undefined) return { unknown: `LVM filter for the ${missing.unknown}`, from: missing.from };
  const accepted = devices.map(device => `"a|^${String(device)}$|"`);
  const filter = `[${[...accepted, '"r|.*|"'].join(',')}]`;
  return `devices{use_devicesfile=0 filter=${filter} global_filter=${filter}}`;
}
