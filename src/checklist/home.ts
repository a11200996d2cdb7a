import type { State } from '../journal/state.ts';
import type { HomeFacts } from '../plan/failback.ts';
import type { Plan } from '../plan/schema.ts';

/** What the journal knows for the way home, machine by machine. Pure. */
export function homeFacts(plan: Plan, state: State): Record<string, HomeFacts> {
  return Object.fromEntries(
    Object.entries(plan.machines).map(([name, { source, address_after }]) => {
      const machine = state.machines[name];
      const domain = machine?.observed?.domain;
      const [disk] = domain?.disks ?? [];
      const place = disk === undefined ? undefined : placeOf(disk.source, state, source.hypervisor);
      return [
        name,
        {
          domain: machine?.standby?.domain,
          address: address_after ?? state.cutover?.machines[name]?.started?.address,
          pool: place?.pool,
          volume: place?.volume,
          network: domain?.interfaces[0]?.network,
          oldDomain: domain?.name,
        },
      ];
    }),
  );
}

/** Pool and volume of a disk; undefined where no pool of that hypervisor holds its file. */
function placeOf(
  path: string,
  state: State,
  hypervisor: string,
): { readonly pool: string; readonly volume: string } | undefined {
  const pools = Object.entries(state.hypervisors[hypervisor]?.pools ?? {});
  const found = pools.find(
    ([, pool]) => pool.path !== '' && path.startsWith(`${pool.path.replace(/\/+$/, '')}/`),
  );
  if (found === undefined) return undefined;
  const [pool, { path: folder }] = found;
  const volume = path.slice(folder.replace(/\/+$/, '').length + 1);
  return volume === '' || volume.includes('/') ? undefined : { pool, volume };
}
