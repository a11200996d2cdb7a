import { formatBytes } from '../../foundation/units.ts';
import type { HypervisorState, MachineState } from '../../journal/state.ts';
import type { MachinePlan } from '../../plan/schema.ts';
import type { View } from '../../step/step.ts';
import { virsh } from '../by-hand.ts';
import { own } from '../copy.ts';
import { ago, isRecent } from '../evidence.ts';
import type { GateFacts } from '../gate.ts';

/**
 * What a started standby writes goes into overlays until the cutover is committed: this share of what its file systems
 * hold, and never less than the floor. A rule of thumb; a machine that writes more in an hour is rare.
 */
const OVERLAY_SHARE = 0.1;
const OVERLAY_FLOOR = 1024 ** 3;
/** More virtual processors than this for each real one, and everything is slow. */
const CPUS_PER_CPU = 4;

interface Need {
  memory: number;
  vcpus: number;
  readonly overlays: Record<string, number>;
  readonly unknown: string[];
}

/** Whether the target can run every standby at once: each alone has been proved, together they have not. */
export function capacity(view: View, now: number): GateFacts {
  const needs = needsByHypervisor(view);
  const looks = [...needs].map(([name, need]) => ({
    name,
    ...judged(name, need, own(view.state.hypervisors, name), now),
  }));
  const fails = looks.flatMap(each => each.fails);
  const doubts = looks.flatMap(each => each.doubts);
  const unknown = looks.flatMap(each => each.unknown);
  const ages = looks.flatMap(each => each.at ?? []);
  const first = looks[0];
  return {
    check: 'capacity',
    title: 'The target can run all standbys together',
    severity: fails.length + unknown.length > 0 || doubts.length === 0 ? 'critical' : 'warning',
    verdict:
      fails.length > 0
        ? 'fail'
        : unknown.length > 0 || looks.length === 0
          ? 'unproven'
          : doubts.length > 0
            ? 'fail'
            : 'pass',
    evidence:
      looks.length === 0
        ? ['the plan names no machine']
        : [...fails, ...doubts, ...unknown, ...looks.flatMap(each => each.fits)],
    evidenceAt: ages.length === 0 ? undefined : Math.min(...ages),
    checkByHand: first === undefined ? undefined : virsh(view.plan, first.name, ['nodememstats']),
    remedy:
      fails.length + doubts.length > 0
        ? [
            'shut down there what may be shut down, or enlarge it',
            'or spread the machines over more hypervisors in the plan (target.hypervisor)',
          ]
        : 'take the inventory: landfall inventory <the plan file>',
    costOfIgnoring: 'the last standbys do not start, or all of them crawl, in the middle of the cutover',
  };
}

function needsByHypervisor({ plan, state }: View): Map<string, Need> {
  const needs = new Map<string, Need>();
  for (const [name, machine] of Object.entries(plan.machines)) {
    const { hypervisor } = machine.target;
    const need = needs.get(hypervisor) ?? { memory: 0, vcpus: 0, overlays: {}, unknown: [] };
    needs.set(hypervisor, need);
    // A standby that runs has what it needs.
    if (own(state.cutover?.machines ?? {}, name)?.started !== undefined) continue;
    add(need, name, machine, own(state.machines, name));
  }
  return needs;
}

function add(need: Need, name: string, { target }: MachinePlan, machine: MachineState | undefined): void {
  const observed = machine?.observed;
  if (observed === undefined) {
    need.unknown.push(name);
    return;
  }
  const used = observed.guest.fileSystems.reduce((sum, each) => sum + each.used, 0);
  need.memory += observed.domain.memory;
  need.vcpus += observed.domain.vcpus;
  need.overlays[target.pool] =
    (own(need.overlays, target.pool) ?? 0) + Math.max(OVERLAY_FLOOR, used * OVERLAY_SHARE);
}

interface Judged {
  readonly fails: readonly string[];
  readonly doubts: readonly string[];
  readonly unknown: readonly string[];
  readonly fits: readonly string[];
  readonly at?: number;
}

function judged(name: string, need: Need, host: HypervisorState | undefined, now: number): Judged {
  const unseen = need.unknown.map(each => `${each} was never observed: what it needs is not counted`);
  if (host === undefined)
    return { fails: [], doubts: [], unknown: [`${name} was never looked at`], fits: unseen };
  const stale = isRecent(host.observedAt, now) ? [] : [`${name} was looked at ${ago(host.observedAt, now)}`];
  const free = host.virtualization?.memoryFree;
  const short = Object.entries(need.overlays).flatMap(([pool, bytes]) => {
    const available = own(host.pools, pool)?.available;
    if (available === undefined) return [`${name} has no pool called ${pool}`];
    return available < bytes
      ? [
          `the pool ${pool} of ${name} has ${formatBytes(available)} left, overlays may need ${formatBytes(bytes)}`,
        ]
      : [];
  });
  const wanted = `the standbys on ${name} need ${formatBytes(need.memory)} of memory`;
  return {
    fails: [
      ...(need.memory > host.memory ? [`${wanted}, it has ${formatBytes(host.memory)}`] : []),
      ...short,
    ],
    doubts: [
      // Receivers and whatever else runs there now count as taken: that can be changed.
      ...(need.memory <= host.memory && free !== undefined && need.memory > free
        ? [`${wanted}, ${formatBytes(free)} are free now`]
        : []),
      ...(need.vcpus > host.cpus * CPUS_PER_CPU
        ? [`the standbys on ${name} have ${need.vcpus} processors, it has ${host.cpus}`]
        : []),
    ],
    // A machine of which nothing is known is not ready by its own gates; here only a target without any is not known.
    unknown: [...stale, ...(need.memory === 0 ? unseen : [])],
    fits: [
      ...(need.memory === 0 ? [] : unseen),
      `${name}: ${formatBytes(need.memory)} of ${formatBytes(host.memory)} memory for standbys`,
    ],
    at: host.observedAt,
  };
}
