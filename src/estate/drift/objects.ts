import type { HypervisorSurvey } from '../../journal/facts-site.ts';
import { get } from '../../journal/maps.ts';
import type { View } from '../../step/step.ts';
import { driftId } from './build.ts';
import type { Drift } from './shape.ts';

type Surveyed = HypervisorSurvey & { readonly at: number };

/** Networks, pools and processors of hypervisors that the plan counts on. */
export function objectDrift(view: View): Drift[] {
  return Object.entries(view.state.surveys ?? {}).flatMap(([hypervisor, survey]) => [
    ...networks(view, hypervisor, survey),
    ...pools(view, hypervisor, survey),
    ...processors(hypervisor, survey),
  ]);
}

function networks(view: View, hypervisor: string, survey: Surveyed): Drift[] {
  // Where the list itself could not be had, nothing is known to be gone.
  if (survey.gaps.some(({ what }) => /\bnetworks?\b/.test(what))) return [];
  const { plan } = view;
  const wanted = new Map<string, string[]>();
  const want = (name: string, by: string): void => void wanted.set(name, [...(wanted.get(name) ?? []), by]);
  for (const [name, machine] of Object.entries(plan.machines)) {
    if (machine.target.hypervisor !== hypervisor) continue;
    const network = get(plan.networks, machine.target.network)?.libvirt;
    if (network !== undefined) want(network, name);
  }
  return [...wanted].flatMap(([name, users]): Drift[] => {
    const found = survey.networks.find(network => network.name === name);
    const isThere = found?.active === true || (found === undefined && survey.bridges.includes(name));
    if (isThere) return [];
    const isDown = found !== undefined;
    return [
      {
        id: driftId('network-gone', hypervisor, name),
        kind: 'network-gone',
        subject: plan.name,
        severity: 'critical',
        what: isDown
          ? `the network "${name}" on ${hypervisor} is not active`
          : `the network "${name}" is gone from ${hypervisor}`,
        why: `${users.join(', ')} cannot be started there`,
        evidence: [`networks there: ${survey.networks.map(network => network.name).join(', ') || 'none'}`],
        next: [
          isDown
            ? `start it there, and let it start by itself: virsh net-start ${name}; virsh net-autostart ${name}`
            : `define it again on ${hypervisor}, or name another one in the plan under networks`,
          `look again: landfall inventory <the plan file>`,
        ],
        seenAt: survey.at,
      },
    ];
  });
}

function pools({ plan }: View, hypervisor: string, survey: Surveyed): Drift[] {
  if (survey.gaps.some(({ what }) => /\bpools?\b/.test(what))) return [];
  const wanted = new Set(
    Object.values(plan.machines)
      .filter(({ target }) => target.hypervisor === hypervisor)
      .map(({ target }) => target.pool),
  );
  return [...wanted].flatMap((name): Drift[] => {
    const found = survey.pools.find(pool => pool.name === name);
    if (found?.active === true) return [];
    return [
      {
        id: driftId('pool-gone', hypervisor, name),
        kind: 'pool-gone',
        subject: plan.name,
        severity: 'critical',
        what:
          found === undefined
            ? `the pool "${name}" is gone from ${hypervisor}`
            : `the pool "${name}" on ${hypervisor} is not active`,
        why: 'the replicas lie in it: nothing can be copied or started',
        evidence: [`pools there: ${survey.pools.map(pool => pool.name).join(', ') || 'none'}`],
        next: [
          found === undefined
            ? `define it again on ${hypervisor} over the same directory or device; do not build anew what lies there`
            : `start it there: virsh pool-start ${name}; virsh pool-autostart ${name}`,
        ],
        seenAt: survey.at,
      },
    ];
  });
}

function processors(hypervisor: string, survey: Surveyed): Drift[] {
  return survey.cpuFit
    .filter(({ fit }) => fit === 'incompatible')
    .map(({ source, detail }) => ({
      id: driftId('processor', source, hypervisor),
      kind: 'processor',
      subject: hypervisor,
      severity: 'warning',
      what: `the processors of ${hypervisor} lack something that those of ${source} have`,
      why: 'a machine that was told to use exactly the processor of its host may not start there, or a program in it may stop',
      evidence: [detail],
      next: [
        'prove every machine that goes there: a proof boots it on these very processors',
        'give machines that ask for the processor of their host a named model that both sites have',
      ],
      seenAt: survey.at,
    }));
}
