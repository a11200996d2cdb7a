import { beginningOf, evacuationOf, type Retargeted, retarget, targetOf } from '../build/index.ts';
import type { View } from '../step/step.ts';

/** The standby as the recorded facts have it; undefined before they are recorded. */
export function standbyDefinition(view: View, machine: string): Retargeted | undefined {
  const { plan, state } = view;
  const site = targetOf(plan, machine);
  const known = state.machines[machine];
  const hypervisor = state.hypervisors[site.hypervisor];
  const sourceXml = known?.observed?.domainXml;
  if (sourceXml === undefined || known?.replica === undefined || hypervisor?.virtualization === undefined)
    return undefined;
  const replaced = Object.entries(plan.networks).flatMap(([, { libvirt, replaces }]) => {
    const source = replaces === undefined ? undefined : plan.networks[replaces];
    return source === undefined ? [] : [[source.libvirt, libvirt] as const];
  });
  return retarget(sourceXml, {
    evacuation: evacuationOf(view),
    begun: beginningOf(view),
    machine,
    virtualization: hypervisor.virtualization,
    virt: plan.hypervisors[site.hypervisor]?.virt ?? 'auto',
    disks: Object.fromEntries(
      known.replica.volumes.map(({ disk, pool, volume, path }) => [disk, { pool, volume, path }]),
    ),
    networks: { replaced: Object.fromEntries(replaced), otherwise: site.network, known: hypervisor.networks },
  });
}
