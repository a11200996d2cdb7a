import { whatThereIs } from '../../foundation/spelling.ts';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault, type PathKey } from '../finding.ts';

type Role = 'source' | 'target';

/** One source, one target, and everything on its side. */
export function lintSites(draft: Draft): Finding[] {
  const wrong = roles(draft);
  // With the roles wrong, everything would seem to stand on the wrong side.
  return wrong.length > 0 ? wrong : [...images(draft), ...networks(draft), ...machines(draft)];
}

/** The role of the site of a hypervisor or network; undefined where a reference on the way is broken. */
const roleOf = (draft: Draft, site: string | undefined): Role | undefined =>
  draft.sites.entries.get(site ?? '')?.role;
const roleOfHypervisor = (draft: Draft, name: string): Role | undefined =>
  roleOf(draft, draft.hypervisors.entries.get(name)?.site);

function roles(draft: Draft): Finding[] {
  const { entries, names, written } = draft.sites;
  // A site that cannot be read may be the missing one: its own fault is reported already.
  if (!written || entries.size < names.size) return [];
  const findings: Finding[] = [];
  for (const role of ['source', 'target'] as const) {
    const sites = [...entries].filter(([, site]) => site.role === role).map(([name]) => name);
    if (sites.length === 0) {
      findings.push(
        fault(['sites'], `no site has the role "${role}"`, {
          on: 'key',
          suggestion: `exactly one site is the ${role}: set "role: ${role}" there`,
        }),
      );
    }
    for (const extra of sites.slice(1)) {
      findings.push(
        fault(['sites', extra, 'role'], `a second ${role} site; "${sites[0]}" is the ${role} already`, {
          suggestion: 'a plan moves one source site to one target site; make a plan for each pair',
        }),
      );
    }
  }
  return findings;
}

function images(draft: Draft): Finding[] {
  return [...draft.images.entries]
    .filter(([, image]) => roleOfHypervisor(draft, image.hypervisor) === 'source')
    .map(([name, image]) =>
      fault(
        ['images', name, 'hypervisor'],
        `"${image.hypervisor}" is at the source site; an image has to be at the target`,
        {
          ...among(hypervisorsOf(draft, 'target')),
        },
      ),
    );
}

function networks(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const replaced = new Map<string, string>();
  for (const [name, network] of draft.networks.entries) {
    if (network.replaces === undefined) continue;
    const path: PathKey[] = ['networks', name, 'replaces'];
    const first = replaced.get(network.replaces);
    if (roleOf(draft, network.site) === 'source') {
      findings.push(fault(path, `"${name}" is at the source site; only a target network replaces another`));
    } else if (roleOf(draft, draft.networks.entries.get(network.replaces)?.site) === 'target') {
      findings.push(
        fault(path, `"${network.replaces}" is at the target site itself`, among(networksOf(draft, 'source'))),
      );
    } else if (first !== undefined) {
      findings.push(caution(path, `"${first}" replaces "${network.replaces}" already`));
    }
    replaced.set(network.replaces, first ?? name);
  }
  return findings;
}

function machines(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const [name, { source, target }] of draft.machines.entries) {
    const path = ['machines', name];
    if (roleOfHypervisor(draft, source.hypervisor) === 'target') {
      findings.push(
        fault(
          [...path, 'source', 'hypervisor'],
          `"${source.hypervisor}" is at the target site; ${name} leaves from the source`,
          {
            ...among(hypervisorsOf(draft, 'source')),
          },
        ),
      );
    }
    if (roleOfHypervisor(draft, target.hypervisor) === 'source') {
      findings.push(
        fault(
          [...path, 'target', 'hypervisor'],
          `"${target.hypervisor}" is at the source site: ${name} would not leave it`,
          {
            ...among(hypervisorsOf(draft, 'target')),
          },
        ),
      );
    }
    const image = draft.images.entries.get(target.image);
    const comparable =
      roleOfHypervisor(draft, target.hypervisor) === 'target' &&
      draft.hypervisors.names.has(image?.hypervisor ?? '');
    if (image !== undefined && comparable && image.hypervisor !== target.hypervisor) {
      findings.push(
        fault(
          [...path, 'target', 'image'],
          `the image "${target.image}" is on "${image.hypervisor}", not on "${target.hypervisor}"`,
          {
            ...among(
              [...draft.images.entries].filter(([, i]) => i.hypervisor === target.hypervisor).map(([n]) => n),
            ),
          },
        ),
      );
    }
    if (roleOf(draft, draft.networks.entries.get(target.network)?.site) === 'source') {
      findings.push(
        fault([...path, 'target', 'network'], `the network "${target.network}" is at the source site`, {
          ...among(networksOf(draft, 'target')),
        }),
      );
    }
  }
  return findings;
}

const hypervisorsOf = (draft: Draft, role: Role): string[] =>
  [...draft.hypervisors.names].filter(name => roleOfHypervisor(draft, name) === role);
const networksOf = (draft: Draft, role: Role): string[] =>
  [...draft.networks.entries].filter(([, n]) => roleOf(draft, n.site) === role).map(([name]) => name);

const among = (names: readonly string[]): { suggestion?: string } =>
  names.length === 0 ? {} : { suggestion: whatThereIs(names) };
