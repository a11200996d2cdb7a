import { freshness } from '../../estate/freshness.ts';
import type { Inventory } from '../../reports/inventory/inventory.ts';
import { isoInstant } from '../../reports/render.ts';
import type { View } from '../../step/step.ts';

export interface Shown {
  readonly now: number;
  /** Only these machines; none is all. */
  readonly machines: readonly string[];
}

/**
 * What `landfall inventory --json` prints. Keys are added, never renamed; sizes in bytes, instants in epoch ms. `machines`
 * holds what building and copying need of each, null where nobody looked; `surveyed` and `peers` what else was seen.
 */
export function inventoryJson({ plan, state }: View, inventory: Inventory, { now, machines }: Shown): object {
  const names = machines.length > 0 ? machines : Object.keys(plan.machines);
  const each = <T>(of: (name: string) => T): Record<string, T | null> =>
    Object.fromEntries(names.map(name => [name, of(name) ?? null]));
  return {
    v: 1,
    type: 'inventory',
    evacuation: plan.name,
    generated: isoInstant(now),
    generatedAt: now,
    findings: inventory.findings,
    hypervisors: state.hypervisors,
    surveys: state.surveys ?? {},
    machines: each(name => state.machines[name]?.observed),
    surveyed: each(name => state.machines[name]?.surveyed),
    peers: each(name => Object.values(state.machines[name]?.peers ?? {})),
    servers: state.servers ?? {},
    links: state.links ?? {},
    since: state.drift ?? {},
    dependencies: inventory.dependencies ?? null,
    drift: inventory.drift ?? null,
    sizing: inventory.sizing ?? null,
    ages: each(name => {
      const at = state.machines[name]?.observed?.at;
      return at === undefined ? undefined : freshness('inventory', at, now);
    }),
  };
}
