import { readdirSync, readFileSync } from 'node:fs';
import { diskTarget } from '../../../../src/build/standby/disks.ts';
import type { RetargetWish } from '../../../../src/build/standby/wish.ts';
import { elements, find, parseTree, type XmlElement } from '../../../../src/build/standby/xml-tree.ts';
import type { VirtualizationFacts } from '../../../../src/journal/facts.ts';

/** Definitions of domains as libvirt 9 prints them; those of Red Hat systems with that family's names. */
const FOLDER = new URL('domains/', import.meta.url);

export const DOMAINS: readonly string[] = readdirSync(FOLDER)
  .filter(name => name.endsWith('.xml'))
  .map(name => name.replace('.xml', ''));

export const domainXml = (name: string): string => readFileSync(new URL(`${name}.xml`, FOLDER), 'utf8');

export function tree(xml: string): XmlElement {
  const parsed = parseTree(xml);
  if (parsed === undefined) throw new Error('the test has no XML');
  return parsed;
}

/** A Debian 12 hypervisor with KVM. */
export const DEBIAN: VirtualizationFacts = {
  types: ['kvm', 'qemu'],
  emulator: '/usr/bin/qemu-system-x86_64',
  machines: ['pc-q35-7.2', 'pc-q35-7.1', 'pc-q35-6.2', 'pc-q35-4.2', 'pc-i440fx-7.2', 'pc-i440fx-2.12'],
  aliases: { q35: 'pc-q35-7.2', pc: 'pc-i440fx-7.2' },
  cpu: {
    modes: ['host-passthrough', 'maximum', 'host-model', 'custom'],
    hostModel: 'EPYC',
    models: ['qemu64', 'EPYC', 'Nehalem'],
  },
  firmwares: ['bios', 'efi'],
  loaders: ['/usr/share/OVMF/OVMF_CODE_4M.ms.fd'],
  memoryFree: 64 * 1024 ** 3,
};

/** Where the replica of that domain is: a volume for each of its disks. */
export function wishFor(name: string, over: Partial<RetargetWish> = {}): RetargetWish {
  const targets = elements(find(tree(domainXml(name)), 'devices'), 'disk').map(diskTarget);
  return {
    evacuation: 'storm',
    begun: '2026-11-22T12:00:00.000Z',
    machine: name,
    virtualization: DEBIAN,
    virt: 'auto',
    disks: Object.fromEntries(targets.map(target => [target, place(name, target)])),
    networks: {
      replaced: { prod: 'dallas', 'br-prod': 'dallas', 'br-dmz': 'br-dallas-dmz' },
      otherwise: 'servers',
      known: ['dallas', 'servers', 'default'],
    },
    ...over,
  };
}

export function place(machine: string, target: string, kind = '') {
  const volume = `landfall-storm-${machine}-${target}${kind}.qcow2`;
  return { pool: 'default', volume, path: `/var/lib/libvirt/images/${volume}` };
}

/** Every element of that name anywhere in the tree. */
export function everywhere(node: XmlElement, name: string): XmlElement[] {
  const below = elements(node).flatMap(child => everywhere(child, name));
  return node.name === name ? [node, ...below] : below;
}
