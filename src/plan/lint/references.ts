import { didYouMean } from '../../foundation/spelling.ts';
import type { Draft, Section } from '../draft.ts';
import { type Finding, fault, type PlanPath } from '../finding.ts';

type Names = Pick<Section<unknown>, 'written' | 'names'>;

/** Every name that stands for something else must be there. */
export function lintReferences(draft: Draft): Finding[] {
  const { sites, hypervisors, networks, images, tiers, machines, databases } = draft;
  const findings: Finding[] = [];
  const refer = (path: PlanPath, wanted: string, known: Names, kind: string): void => {
    if (known.written && !known.names.has(wanted)) findings.push(dangling(path, wanted, known.names, kind));
  };

  for (const [name, { site }] of hypervisors.entries)
    refer(['hypervisors', name, 'site'], site, sites, 'site');
  for (const [name, network] of networks.entries) {
    refer(['networks', name, 'site'], network.site, sites, 'site');
    if (network.replaces !== undefined) {
      refer(['networks', name, 'replaces'], network.replaces, networks, 'network');
    }
  }
  for (const [name, { hypervisor }] of images.entries) {
    refer(['images', name, 'hypervisor'], hypervisor, hypervisors, 'hypervisor');
  }
  const standing = { written: machines.written, names: new Set([...machines.names, ...databases.names]) };
  for (const [name, machine] of machines.entries) {
    const path = ['machines', name];
    refer([...path, 'tier'], machine.tier, tiers, 'tier');
    refer([...path, 'source', 'hypervisor'], machine.source.hypervisor, hypervisors, 'hypervisor');
    refer([...path, 'target', 'hypervisor'], machine.target.hypervisor, hypervisors, 'hypervisor');
    refer([...path, 'target', 'image'], machine.target.image, images, 'image');
    refer([...path, 'target', 'network'], machine.target.network, networks, 'network');
    for (const [index, other] of machine.after.entries()) {
      refer([...path, 'after', index], other, standing, 'machine or database');
    }
  }
  for (const [name, database] of databases.entries) {
    refer(['databases', name, 'tier'], database.tier, tiers, 'tier');
    for (const [index, other] of database.after.entries()) {
      refer(['databases', name, 'after', index], other, standing, 'machine or database');
    }
  }
  return findings;
}

function dangling(path: PlanPath, wanted: string, known: ReadonlySet<string>, kind: string): Finding {
  const suggestion = didYouMean(wanted, known) ?? `the plan has no ${kind} at all`;
  return fault(path, `no ${kind} is called "${wanted}"`, { suggestion });
}
