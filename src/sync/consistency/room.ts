import type { FileSystemFacts, GuestFacts, VolumeGroupFacts } from '../../journal/facts.ts';
import type { View } from '../../step/step.ts';
import { mapperPath } from '../../tools/lvm.ts';

/** Room for snapshots in volume groups, from facts alone. Sizes in bytes. */

/** What a snapshot of one file system may have. */
export interface Room {
  /** Undefined where there is not enough. */
  readonly size: number | undefined;
  /** Below this it would run full at once. */
  readonly least: number;
  /** What the group has for it. */
  readonly free: number;
}

const DEFAULT_EXTENT = 4 * 1024 * 1024;
/** A tenth of the origin, unless passes have shown that more is written meanwhile. */
const SHARE = 0.1;
/** Never below so much or this share of the origin: the first seconds alone would fill less. */
const LEAST_BYTES = 16 * 1024 * 1024;
const LEAST_SHARE = 0.01;
/** Blocks are kept as chunks, and writes come in bursts: room for more than the last pass has seen. */
const SPARE = 2;

/** A pool fuller than this takes no snapshot: one that runs full stops every volume in it, production first. */
const THIN_DATA = 0.85;
const THIN_METADATA = 0.75;

export function findVolume(
  { state }: View,
  machine: string,
  device: string,
): { group: VolumeGroupFacts; volume: VolumeGroupFacts['logical'][number] } | undefined {
  for (const group of guestOf(state, machine)?.volumeGroups ?? []) {
    const volume = group.logical.find(
      each => each.device === device || `/dev/${group.name}/${each.name}` === device,
    );
    if (volume !== undefined) return { group, volume };
  }
  return undefined;
}

/** What each thick volume's snapshot may have, by mount point: what is free is shared where it is not enough for all. */
export function roomsOf(view: View, machine: string, systems: readonly FileSystemFacts[]): Map<string, Room> {
  const out = new Map<string, Room>();
  const asked = systems.flatMap(system => {
    const found = findVolume(view, machine, system.device);
    if (found === undefined || found.volume.kind === 'thin' || found.group.free === undefined) return [];
    return [{ ...found, mountpoint: system.mountpoint, ...needs(view, machine, system, found.volume.size) }];
  });
  for (const { name, free = 0, extent = DEFAULT_EXTENT } of guestOf(view.state, machine)?.volumeGroups ??
    []) {
    const of = asked.filter(({ group }) => group.name === name);
    const usable = Math.max(0, free - view.plan.care.space);
    const share = Math.min(1, usable / of.reduce((sum, { wanted }) => sum + wanted, 0));
    for (const { mountpoint, wanted, least } of of) {
      const size = Math.floor(Math.min(wanted * share, usable) / extent) * extent;
      out.set(mountpoint, { size: size >= least && size > 0 ? size : undefined, least, free: usable });
    }
  }
  return out;
}

function needs(view: View, machine: string, { mountpoint }: FileSystemFacts, origin: number): Needs {
  const known = view.state.machines[machine];
  const deltas = (known?.passes ?? []).filter(pass => pass.kind === 'delta').slice(-3);
  const seen = deltas.flatMap(pass =>
    (pass.ended?.runs ?? []).filter(run => run.mountpoint === mountpoint).map(run => run.literalBytes),
  );
  const predicted = Math.max(0, ...seen) * SPARE;
  const trouble = known?.snapshotTroubles?.find(each => each.mountpoint === mountpoint);
  const wanted = Math.min(
    Math.max(origin * SHARE, predicted, LEAST_BYTES, (trouble?.size ?? 0) * SPARE),
    origin * 1.05,
  );
  return {
    wanted,
    least: Math.min(wanted, Math.max(origin * LEAST_SHARE, LEAST_BYTES, predicted, trouble?.size ?? 0)),
  };
}

interface Needs {
  readonly wanted: number;
  readonly least: number;
}

/** Why no thin snapshot is taken there; undefined where one can be. */
export function thinRefusal({ state }: View, machine: string, group: VolumeGroupFacts): string | undefined {
  const prefix = mapperPath(group.name, '').replace('/dev/mapper/', '');
  const pools = (guestOf(state, machine)?.thinPools ?? []).filter(({ name }) => name.startsWith(prefix));
  if (pools.length === 0) return `nobody knows how full the thin pool of ${group.name} is`;
  const full = pools.find(({ data, metadata }) => data > THIN_DATA || metadata > THIN_METADATA);
  if (full === undefined) return undefined;
  return `the thin pool ${full.name} is ${Math.round(full.data * 100)} % full (metadata ${Math.round(full.metadata * 100)} %): if it ran full, production would stop`;
}

const guestOf = (state: View['state'], machine: string): GuestFacts | undefined =>
  state.machines[machine]?.observed?.guest;
