import type { NewMachine } from '../../plan/template.ts';
import { planName, unlike } from './names.ts';
import { candidates, type FoundSites, proposePlan } from './plan.ts';

/** What a plan calls the things that a look at its sites finds under libvirt's names. */
export interface KnownNames {
  readonly sites: { readonly source: string; readonly target: string };
  /** Names that are taken: machines, hypervisors, databases. */
  readonly taken: readonly string[];
  readonly machines: ReadonlyArray<{ readonly hypervisor: string; readonly domain: string }>;
  /** Of the target site. */
  readonly networks: ReadonlyArray<{ readonly name: string; readonly libvirt: string }>;
  readonly images: ReadonlyArray<{
    readonly name: string;
    readonly hypervisor: string;
    readonly pool: string;
    readonly volume: string;
  }>;
}

/**
 * The machines of the sites that a plan does not have yet, as they would stand in it, in its own names. The
 * hypervisors of the findings carry the plan's names. What the plan has no name for stays open. Pure.
 */
export function offersFor(
  found: FoundSites,
  known: KnownNames,
  addresses: ReadonlyMap<string, string>,
): NewMachine[] {
  const all = candidates(found.source);
  const proposed = proposePlan(found, {
    name: 'plan',
    schema: '',
    about: [],
    siteNames: known.sites,
    deadline: {},
    machines: all.map(({ name }) => name),
    addresses,
  });
  const has = new Set(known.machines.map(({ hypervisor, domain }) => `${hypervisor} ${domain}`));
  const taken = new Set(known.taken);
  return proposed.machines.flatMap((machine): NewMachine[] => {
    const domain = machine.source.domain ?? machine.name;
    if (has.has(`${machine.source.hypervisor} ${domain}`)) return [];
    const network = proposed.networks.find(({ name }) => name === machine.target.network)?.libvirt;
    const image = known.images.find(
      each =>
        each.hypervisor === machine.target.hypervisor &&
        proposed.images.some(
          ({ hypervisor, pool, volume }) =>
            hypervisor === each.hypervisor && pool === each.pool && volume === each.volume,
        ),
    );
    const name = unlike(planName(domain, 'machine'), taken);
    const { domain: _domain, ...source } = machine.source;
    return [
      {
        ...machine,
        name,
        source: name === domain ? source : { ...source, domain },
        target: {
          ...machine.target,
          network: known.networks.find(({ libvirt }) => libvirt === network)?.name,
          image: image?.name,
        },
      },
    ];
  });
}
