import type { KnownNames } from '../../inventory/discover/offers.ts';
import { draftOf } from '../../plan/draft.ts';
import type { PlanValue } from '../../plan/edit.ts';
import { isMapping, valueAt } from '../../plan/edit-value.ts';
import type { HypervisorAt } from '../discover.ts';

/** What a plan that may still have open places says of its sites. */
export interface PlanSites {
  readonly source: readonly HypervisorAt[];
  readonly target: readonly HypervisorAt[];
  readonly sshConfig: string | undefined;
  readonly known: KnownNames;
}

/** Reads it from the plan as plain data: entries that cannot be understood are left out. Pure. */
export function sitesOf(plain: PlanValue): PlanSites {
  const { sites, hypervisors, networks, images } = draftOf(plain);
  const siteWith = (role: 'source' | 'target'): string =>
    [...sites.entries].find(([, site]) => site.role === role)?.[0] ?? role;
  const names = { source: siteWith('source'), target: siteWith('target') };
  const at = (site: string): HypervisorAt[] =>
    [...hypervisors.entries]
      .filter(([, host]) => host.site === site)
      .map(([name, { address, port, user, sudo, uri }]) => ({ name, address, port, user, sudo, uri }));
  const config = valueAt(plain, ['ssh', 'config']);
  return {
    source: at(names.source),
    target: at(names.target),
    sshConfig: typeof config === 'string' ? config : undefined,
    known: {
      sites: names,
      taken: ['machines', 'hypervisors', 'databases'].flatMap(section => keysAt(plain, section)),
      // A machine whose target is still open is in the plan all the same.
      machines: keysAt(plain, 'machines').map(name => ({
        hypervisor: textAt(plain, 'machines', name, 'source', 'hypervisor') ?? '',
        domain: textAt(plain, 'machines', name, 'source', 'domain') ?? name,
      })),
      networks: [...networks.entries]
        .filter(([, network]) => network.site === names.target)
        .map(([name, { libvirt }]) => ({ name, libvirt })),
      images: [...images.entries].map(([name, image]) => ({ name, ...image })),
    },
  };
}

function keysAt(plain: PlanValue, section: string): string[] {
  const entries = valueAt(plain, [section]);
  return isMapping(entries) ? Object.keys(entries) : [];
}

function textAt(plain: PlanValue, ...path: string[]): string | undefined {
  const value = valueAt(plain, path);
  return typeof value === 'string' ? value : undefined;
}
