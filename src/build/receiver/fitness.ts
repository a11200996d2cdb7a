import { LandfallError } from '../../foundation/errors.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { VirtualizationFacts } from '../../journal/facts.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import type { Action } from '../../step/action.ts';
import type { View } from '../../step/step.ts';
import { nameLines, needVirsh } from '../../tools/virsh.ts';
import { type Target, targetOf } from '../site.ts';
import { boardOf, type DomainKind, RECEIVER_SIZE } from './receiver-xml.ts';

/** Whether the target can run what is to be built there: asked before the first write for a machine. */

export interface Fitness {
  /** What stands against it; the first is told. */
  readonly refusals: readonly LandfallError[];
  /** What will be slow, or short later: one sentence each. */
  readonly warnings: readonly string[];
}

/** KVM where the target offers it, unless the plan asks for emulation. An old journal does not know, and takes KVM. */
export function domainKind(
  plan: Plan,
  hypervisor: string,
  facts: VirtualizationFacts | undefined,
): DomainKind {
  const wish = plan.hypervisors[hypervisor]?.virt ?? 'auto';
  if (wish !== 'auto') return wish;
  return facts === undefined || facts.types.includes('kvm') ? 'kvm' : 'qemu';
}

/** From `libvirt 9.0.0, QEMU 7.2.22`: an older libvirt refuses a domain with elements that it does not know. */
export function limitsTranslation(version: string | undefined): boolean {
  const major = /^libvirt (\d+)\./.exec(version ?? '')?.[1];
  return major !== undefined && Number(major) >= 8;
}

/** Judged from recorded facts alone; what was not recorded is not judged. */
export function fitnessOf(view: View, machine: string): Fitness {
  const site = targetOf(view.plan, machine);
  const facts = view.state.hypervisors[site.hypervisor]?.virtualization;
  if (facts === undefined) return { refusals: [], warnings: [] };
  const kind = domainKind(view.plan, site.hypervisor, facts);
  const judged = [
    kindOf(view, site, facts, kind),
    boardFits(view, site, facts),
    memoryFits(view, site, facts, kind),
  ];
  return {
    refusals: judged.flatMap(({ refusal }) => refusal ?? []),
    warnings: judged.flatMap(({ warning }) => warning ?? []),
  };
}

interface Judgement {
  readonly refusal?: LandfallError;
  readonly warning?: string;
}

function kindOf(view: View, site: Target, facts: VirtualizationFacts, kind: DomainKind): Judgement {
  if (!facts.types.includes(kind)) {
    return {
      refusal: new LandfallError('build.unfit', {
        what: `libvirt on ${site.hypervisor} runs no domains of type ${kind}, which the plan asks for`,
        where: { host: site.hypervisor, machine: site.machine },
        evidence: [`it offers: ${facts.types.join(', ') || 'nothing'}`],
        next: [
          kind === 'kvm'
            ? `see why KVM is missing: virt-host-validate qemu (BIOS settings, nested virtualization, /dev/kvm)`
            : `install the emulator on ${site.hypervisor}: qemu-system-x86`,
          `or let landfall choose: hypervisors.${site.hypervisor}.virt: auto`,
        ],
      }),
    };
  }
  const isForced = view.plan.hypervisors[site.hypervisor]?.virt === 'qemu';
  if (kind === 'kvm' || isForced) return {};
  return {
    warning: `${site.hypervisor} has no KVM: ${site.machine} will be emulated there, many times slower`,
  };
}

function boardFits(view: View, site: Target, facts: VirtualizationFacts): Judgement {
  const architecture = view.state.machines[site.machine]?.observed?.guest.architecture;
  if (architecture === undefined) return {};
  const { machine } = boardOf(architecture);
  const has = facts.aliases[machine] !== undefined || facts.machines.some(name => name.includes(machine));
  if (has) return {};
  return {
    refusal: new LandfallError('build.unfit', {
      what: `${site.hypervisor} cannot run ${site.machine}: it is a ${architecture} machine, and libvirt there knows no machine type "${machine}"`,
      where: { host: site.hypervisor, machine: site.machine },
      evidence: [
        `emulator: ${facts.emulator}`,
        `machine types: ${facts.machines.slice(0, 8).join(', ') || 'none'}`,
      ],
      next: [
        `name a ${architecture} hypervisor: machines.${site.machine}.target.hypervisor`,
        `or install the emulator for ${architecture} on ${site.hypervisor}`,
      ],
    }),
  };
}

function memoryFits(view: View, site: Target, facts: VirtualizationFacts, kind: DomainKind): Judgement {
  const known = view.state.machines[site.machine];
  // A receiver that runs has its memory already.
  const receiver = known?.receiver === undefined ? RECEIVER_SIZE[kind].memory : 0;
  if (facts.memoryFree < receiver) {
    return {
      refusal: new LandfallError('build.unfit', {
        what: `${site.hypervisor} has ${formatBytes(facts.memoryFree)} of memory free, and the receiver of ${site.machine} needs ${formatBytes(receiver)}`,
        where: { host: site.hypervisor, machine: site.machine },
        next: [
          `end or shrink domains on ${site.hypervisor}, or name another one: machines.${site.machine}.target.hypervisor`,
          'then run the same command again: the inventory looks anew',
        ],
      }),
    };
  }
  const standby = known?.observed?.domain.memory ?? 0;
  if (facts.memoryFree - receiver >= standby) return {};
  return {
    warning: `${site.hypervisor} has ${formatBytes(facts.memoryFree)} of memory free: too little for the standby of ${site.machine}, which takes ${formatBytes(standby)} at cutover`,
  };
}

const activeNetworks = (site: Target) => site.read('net-list', '--name');

/** What `refuseUnfit` asks the hypervisor, for a preview. */
export const fitnessLooks = (site: Target): Action[] => [
  {
    kind: 'exec',
    host: site.hypervisor,
    argv: activeNetworks(site),
    reads: true,
    note: `the network ${site.network} must be up`,
  },
];

/** Throws the first refusal; gives back the warnings. The network is asked for now, because it may have been stopped. */
export async function refuseUnfit(
  view: View,
  host: Host,
  site: Target,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { refusals, warnings } = fitnessOf(view, site.machine);
  if (refusals[0] !== undefined) throw refusals[0];
  const active = nameLines(await needVirsh(host, activeNetworks(site), { signal }));
  if (active.includes(site.network)) return warnings;
  throw new LandfallError('build.network', {
    what: `the libvirt network "${site.network}" is not active on ${site.hypervisor}`,
    why: `the receiver of ${site.machine} could not start, and later neither could its standby`,
    where: { host: site.hypervisor, machine: site.machine, command: 'virsh net-list' },
    evidence: [`active: ${active.join(', ') || 'none'}`],
    next: [
      `start it, also after a reboot: virsh net-start ${site.network}; virsh net-autostart ${site.network}`,
      'a bridge of the host becomes a libvirt network by <forward mode="bridge"/> and <bridge name="br0"/>: virsh net-define FILE',
    ],
  });
}
