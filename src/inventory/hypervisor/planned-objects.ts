import type { Plan } from '../../plan/schema.ts';

export interface PlannedObjects {
  readonly pools: readonly { readonly name: string; readonly wantedBy: string }[];
  readonly networks: readonly { readonly name: string; readonly wantedBy: string }[];
  readonly images: readonly { readonly name: string; readonly pool: string; readonly volume: string }[];
}

/** What the plan expects to find at a target hypervisor: pools, networks and golden images; of a source, nothing. */
export function plannedObjects(plan: Plan, hypervisor: string): PlannedObjects {
  const pools = new Map<string, string>();
  const networks = new Map<string, string>();
  const images = Object.entries(plan.images)
    .filter(([, image]) => image.hypervisor === hypervisor)
    .map(([name, image]) => ({ name, pool: image.pool, volume: image.volume }));
  for (const image of images) pools.set(image.pool, `image ${image.name}`);
  for (const [name, machine] of Object.entries(plan.machines)) {
    if (machine.target.hypervisor !== hypervisor) continue;
    if (!pools.has(machine.target.pool)) pools.set(machine.target.pool, `machine ${name}`);
    const network = plan.networks[machine.target.network]?.libvirt;
    if (network !== undefined && !networks.has(network)) networks.set(network, `machine ${name}`);
  }
  const rows = (map: ReadonlyMap<string, string>) => [...map].map(([name, wantedBy]) => ({ name, wantedBy }));
  return { pools: rows(pools), networks: rows(networks), images };
}

/** Whether a standby of any machine will run there. */
export const isTarget = (plan: Plan, hypervisor: string): boolean =>
  Object.values(plan.machines).some(machine => machine.target.hypervisor === hypervisor);
