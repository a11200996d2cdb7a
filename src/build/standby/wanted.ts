import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { beginningOf, evacuationOf, replicaVolume } from '../names.ts';
import { targetOf } from '../site.ts';
import { keepsVariables, sourceVariables } from './firmware.ts';
import { type Unfit, unfitness } from './fitness.ts';
import { type Retargeted, retarget, sourceDomain } from './retarget.ts';
import type { DiskPlace, NetworkMap, RetargetWish } from './wish.ts';
import { xmlDiff } from './xml-diff.ts';
import { find, textOf } from './xml-tree.ts';

/** What a machine's standby is to be, from recorded facts alone: for the step, its preview and the Build screen. */
export interface WantedStandby extends Retargeted {
  /** The domain's name, the same as at the source. */
  readonly domain: string;
  readonly uuid: string;
  /** libvirt's definition of the source. */
  readonly sourceXml: string;
  /** From the source's definition to the standby's, a unified diff. */
  readonly diff: string;
  /** What the target hypervisor lacks for it; empty where it can run it. */
  readonly unfit: readonly Unfit[];
  /** The source's file of UEFI variables, where a copy of it serves the standby. */
  readonly variables: string | undefined;
}

/** Undefined while the machine's definition or what the target can run is not recorded. Throws `build.unfit`. */
export function wantedStandby(view: View, machine: string): WantedStandby | undefined {
  const { plan, state } = view;
  const sourceXml = state.machines[machine]?.observed?.domainXml;
  const wish = wishOf(view, machine);
  if (sourceXml === undefined || wish === undefined) return undefined;
  const source = sourceDomain(sourceXml, machine);
  const made = retarget(sourceXml, wish);
  return {
    ...made,
    domain: textOf(find(source, 'name')),
    uuid: textOf(find(source, 'uuid')).toLowerCase(),
    sourceXml,
    diff: xmlDiff(sourceXml, made.xml),
    unfit: unfitness(source, wish, targetOf(plan, machine).hypervisor),
    variables: keepsVariables(source, wish.virtualization) ? sourceVariables(source) : undefined,
  };
}

function wishOf(view: View, machine: string): RetargetWish | undefined {
  const { plan, state } = view;
  const site = targetOf(plan, machine);
  const hypervisor = state.hypervisors[site.hypervisor];
  const virtualization = hypervisor?.virtualization;
  if (virtualization === undefined) return undefined;
  return {
    evacuation: evacuationOf(view),
    begun: beginningOf(view),
    machine,
    virtualization,
    virt: plan.hypervisors[site.hypervisor]?.virt ?? 'auto',
    disks: placesOf(view, machine, site.target.pool, hypervisor?.pools[site.target.pool]?.path),
    networks: networkMap(plan, site.network, hypervisor?.networks ?? []),
  };
}

/** Where the replica's volumes are or, before they are made, will be. */
function placesOf(
  view: View,
  machine: string,
  pool: string,
  poolPath: string | undefined,
): Record<string, DiskPlace> {
  const recorded = view.state.machines[machine];
  const made = new Map(recorded?.replica?.volumes.map(volume => [volume.disk, volume]));
  const places = (recorded?.observed?.domain.disks ?? []).map(({ target }): [string, DiskPlace] => {
    const volume = replicaVolume(evacuationOf(view), machine, target);
    const known = made.get(target);
    if (known !== undefined) return [target, { pool: known.pool, volume: known.volume, path: known.path }];
    return [target, { pool, volume, path: poolPath === undefined ? '' : `${poolPath}/${volume}` }];
  });
  return Object.fromEntries(places);
}

/** What the plan says which network of the target replaces which of the source. */
export function networkMap(plan: Plan, otherwise: string, known: readonly string[]): NetworkMap {
  const replaced = Object.values(plan.networks).flatMap(({ libvirt, replaces }): [string, string][] => {
    const source = replaces === undefined ? undefined : plan.networks[replaces]?.libvirt;
    return source === undefined ? [] : [[source, libvirt]];
  });
  return { replaced: Object.fromEntries(replaced), otherwise, known };
}

/** Machines whose standbys of the same name would be on one hypervisor: only one of them can be. */
export function nameClash(plan: Plan, state: State, machine: string): string | undefined {
  const name = domainOf(state, machine);
  const on = plan.machines[machine]?.target.hypervisor;
  return Object.entries(plan.machines).find(
    ([other, { target }]) =>
      other !== machine && target.hypervisor === on && name !== undefined && domainOf(state, other) === name,
  )?.[0];
}

const domainOf = (state: State, machine: string): string | undefined =>
  state.machines[machine]?.observed?.domain.name;
