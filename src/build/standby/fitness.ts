import { formatBytes } from '../../foundation/units.ts';
import type { VirtualizationFacts } from '../../journal/facts.ts';
import { describeCpu, fitCpu } from './cpu.ts';
import { isUefi } from './firmware.ts';
import { chooseMachineType } from './machine-type.ts';
import { memoryOf } from './memory.ts';
import { domainType, type RetargetWish } from './wish.ts';
import { attribute, find, type XmlElement } from './xml-tree.ts';

/** Why a machine cannot run at the target, and what would change that. */
export interface Unfit {
  /** One sentence without its full stop. */
  readonly what: string;
  readonly remedy: readonly string[];
}

type Wish = Pick<RetargetWish, 'virt' | 'virtualization'>;

/** What the target hypervisor lacks for the source's domain; empty where it can run it. `host` is landfall's name of it. */
export function unfitness(domain: XmlElement, wish: Wish, host: string): Unfit[] {
  const checks = [virtualizationFits, architectureFits, machineFits, cpuFits, firmwareFits, memoryFits];
  return checks.flatMap(check => check(domain, wish, host) ?? []);
}

type Check = (domain: XmlElement, wish: Wish, host: string) => Unfit | undefined;

const virtualizationFits: Check = (_domain, { virt, virtualization }, host) => {
  if (virt === 'auto' || virtualization.types.includes(virt)) return undefined;
  const offered = virtualization.types.join(', ') || 'nothing';
  return {
    what: `the plan asks for ${virt}, but libvirt on ${host} offers ${offered}`,
    remedy: [
      ...(virt === 'kvm'
        ? [
            `switch virtualization on in the firmware of ${host}, load kvm_intel or kvm_amd, and look: virt-host-validate`,
          ]
        : []),
      `or take what is there: hypervisors.${host}.virt: auto`,
    ],
  };
};

/** Emulators of QEMU are named for what they emulate; `/usr/libexec/qemu-kvm` is named for nothing and is not judged. */
const architectureFits: Check = (domain, { virtualization }, host) => {
  const wanted = attribute(find(domain, 'os', 'type'), 'arch');
  const [, offered] = /\/qemu-system-([a-z0-9_]+)$/.exec(virtualization.emulator) ?? [];
  if (wanted === undefined || offered === undefined || wanted === offered) return undefined;
  if (wanted === 'i686' && offered === 'x86_64') return undefined;
  return {
    what: `it is a ${wanted} machine, and ${host} runs ${offered}`,
    remedy: [`give it a target hypervisor with ${wanted} processors: machines.NAME.target.hypervisor`],
  };
};

const machineFits: Check = (domain, { virtualization }, host) => {
  const wanted = attribute(find(domain, 'os', 'type'), 'machine');
  if (wanted === undefined || chooseMachineType(wanted, virtualization) !== undefined) return undefined;
  return {
    what: `${host} knows no machine type of the kind of ${wanted}`,
    remedy: [
      `see what it knows: virsh domcapabilities --machine q35; ${host} may need a QEMU with that chipset`,
      'another chipset has another PCI layout: moving the source to it first is a change of its own, with a restart',
    ],
  };
};

const cpuFits: Check = (domain, wish, host) => {
  const cpu = find(domain, 'cpu');
  const fit = cpu === undefined ? undefined : fitCpu(cpu, wish);
  const { modes } = wish.virtualization.cpu;
  if (cpu === undefined || fit === undefined || modes.length === 0 || modes.includes(fit.mode))
    return undefined;
  return {
    what: `${host} can show neither the processor ${describeCpu(cpu)} nor ${fit.mode}`,
    remedy: [
      `see what it can: virsh domcapabilities --virttype ${domainType(wish)}`,
      'give the source a processor model that both sites know',
    ],
  };
};

const firmwareFits: Check = (domain, { virtualization }, host) => {
  if (!isUefi(domain) || offersUefi(virtualization)) return undefined;
  return {
    what: `it boots by UEFI, and ${host} has no UEFI firmware for guests`,
    remedy: [
      `install it on ${host}: the package ovmf (Debian, Ubuntu) or edk2-ovmf (Red Hat, SUSE: qemu-ovmf-x86_64)`,
    ],
  };
};

const offersUefi = ({ firmwares, loaders }: VirtualizationFacts): boolean =>
  firmwares.includes('efi') || loaders.length > 0;

const memoryFits: Check = (domain, { virtualization }, host) => {
  const wanted = memoryOf(domain);
  const { memoryFree } = virtualization;
  if (wanted === undefined || wanted <= memoryFree) return undefined;
  return {
    what: `it has ${formatBytes(wanted)} of memory, and ${host} has ${formatBytes(memoryFree)} free`,
    remedy: [
      `free memory on ${host}, or give the machine another hypervisor: machines.NAME.target.hypervisor`,
      'then take a new inventory: landfall inventory PLAN',
    ],
  };
};
