import { randomUUID } from 'node:crypto';
import { type HypervisorFacts, KERNEL, KERNEL_NIC, type MachineFacts } from '../world/layout.ts';
import { seededUuid } from '../world/random.ts';
import type { RunningSystem, SourceState } from '../world/world.ts';
import { listening } from './units.ts';

/** What runs on the hosts that are there from the start, and on receivers. */

/** The word after `root=`: device-mapper names stand for themselves, everything else is found by its UUID. */
export const rootSpec = ({ device, fs }: MachineFacts['mounts'][number]): string =>
  device.startsWith('/dev/mapper/') ? device : `UUID=${fs.uuid}`;

export function machineSystem(machine: MachineFacts, state: SourceState): RunningSystem {
  const stopped = state.stopped ?? [];
  const services = machine.services.filter(name => !stopped.includes(`${name}.service`));
  const root = machine.mounts.find(({ path }) => path === '/');
  const boot = machine.mounts.some(({ path }) => path === '/boot') ? '' : '/boot';
  return {
    bootId: state.bootId ?? seededUuid(machine.uuid, 'boot'),
    cmdline: `BOOT_IMAGE=${boot}/vmlinuz-${KERNEL} root=${root === undefined ? '' : rootSpec(root)} ro quiet`,
    nics: [{ name: KERNEL_NIC, mac: machine.mac, addresses: [`${machine.address}/24`], up: true }],
    services,
    failed: [],
    sockets: listening(machine, services),
    stopped: [...stopped],
  };
}

export const hypervisorSystem = (facts: HypervisorFacts): RunningSystem => ({
  bootId: seededUuid(facts.machineId, 'boot'),
  cmdline: `BOOT_IMAGE=/boot/vmlinuz-${KERNEL} root=/dev/nvme0n1p2 ro quiet`,
  nics: [{ name: 'eno1', mac: '52:54:00:77:00:01', addresses: [`${facts.address}/24`], up: true }],
  services: ['libvirtd', 'ssh'],
  failed: [],
  sockets: [['0.0.0.0', 22, 'sshd']],
});

export const receiverSystem = (nic: { readonly mac: string; readonly address: string }): RunningSystem => ({
  bootId: randomUUID(),
  cmdline: `BOOT_IMAGE=/boot/vmlinuz-${KERNEL} root=/dev/vda1 ro quiet console=ttyS0`,
  nics: [{ name: KERNEL_NIC, mac: nic.mac, addresses: [`${nic.address}/24`], up: true }],
  services: ['qemu-guest-agent', 'ssh'],
  failed: [],
  sockets: [['0.0.0.0', 22, 'sshd']],
});
