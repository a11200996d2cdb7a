import { formatBytes } from '../../foundation/units.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../journal/facts-site.ts';
import { get } from '../../journal/maps.ts';
import type { View } from '../../step/step.ts';
import { driftId } from './build.ts';
import type { Drift } from './shape.ts';

type Surveyed = HypervisorSurvey & { readonly at: number };

/** Domains of the source that the plan does not have. What landfall made itself is none, and a target has its own life. */
export function domainDrift(view: View): Drift[] {
  const { plan, state } = view;
  const listed = listedDomains(view);
  return Object.entries(state.surveys ?? {}).flatMap(([hypervisor, survey]) => {
    if (!isSource(view, hypervisor)) return [];
    return survey.domains
      .filter(
        domain =>
          domain.landfall !== true && !listed.has(domain.uuid) && !listed.has(`${hypervisor} ${domain.name}`),
      )
      .map(domain => unlisted(plan.name, hypervisor, survey, domain));
  });
}

function unlisted(plan: string, hypervisor: string, { at }: Surveyed, domain: DomainSurvey): Drift {
  const runs = domain.state !== 'shut off';
  const bytes = domain.disks.reduce((sum, { capacity }) => sum + capacity, 0);
  return {
    id: driftId('unlisted-domain', hypervisor, domain.name),
    kind: 'unlisted-domain',
    subject: plan,
    severity: runs ? 'critical' : 'warning',
    what: `the domain "${domain.name}" on ${hypervisor} is ${runs ? domain.state : 'shut off'} and not in the plan`,
    why: runs
      ? 'nobody copies it: it is lost with the site, and whatever needs it stops'
      : 'nobody copies it: it is lost with the site',
    evidence: [
      `UUID ${domain.uuid}, ${domain.vcpus} CPU, ${formatBytes(domain.memory)} of memory, disks of ${formatBytes(bytes)}`,
      ...(domain.addresses.length > 0 ? [`seen at ${domain.addresses.join(', ')}`] : []),
      ...(domain.autostart ? ['it starts by itself with its hypervisor'] : []),
    ],
    next: [
      `find out whose it is; if it must survive, list it in the plan under machines, with source.hypervisor ${hypervisor}`,
      'if it may be lost, waive this with the name of whoever said so',
    ],
    seenAt: at,
  };
}

/** UUIDs of the machines that were seen, and `<hypervisor> <domain>` of all that the plan names. */
function listedDomains({ plan, state }: View): Set<string> {
  return new Set(
    Object.entries(plan.machines).flatMap(([name, { source }]) =>
      [
        `${source.hypervisor} ${source.domain ?? name}`,
        get(state.machines, name)?.observed?.domain.uuid ?? [],
      ].flat(),
    ),
  );
}

export function isSource({ plan }: View, hypervisor: string): boolean {
  const site = get(plan.hypervisors, hypervisor)?.site;
  return site !== undefined && get(plan.sites, site)?.role === 'source';
}
