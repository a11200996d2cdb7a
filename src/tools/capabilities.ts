import { harmless } from '../foundation/text.ts';
import { parseXml, type XmlNode } from './libvirt-xml.ts';

/** What `virsh domcapabilities --virttype TYPE` tells of one kind of domain. */
export interface DomainCapabilities {
  /** `kvm`, `qemu` */
  readonly type: string;
  readonly emulator: string;
  readonly firmwares: readonly string[];
  readonly loaders: readonly string[];
  readonly cpu: { readonly modes: string[]; readonly hostModel?: string; readonly models: string[] };
}

/** Undefined where the XML is no such answer. */
export function parseDomainCapabilities(xml: string): DomainCapabilities | undefined {
  const root = parseXml(xml)?.child('domainCapabilities');
  const type = root?.child('domain').text;
  const emulator = root?.child('path').text;
  if (root === undefined || type === undefined || emulator === undefined) return undefined;
  const os = root.child('os');
  const modes = root.child('cpu').children('mode').filter(isSupported);
  const mode = (name: string): XmlNode | undefined => modes.find(each => each.attribute('name') === name);
  const hostModel = mode('host-model')?.child('model').text;
  const offersEfi = enumOf(os, 'firmware').includes('efi');
  return {
    type: harmless(type),
    emulator: harmless(emulator),
    // A BIOS comes with QEMU itself, and only machines of PCs have one.
    firmwares: [
      ...(/86$|_64$/.test(root.child('arch').text ?? '') ? ['bios'] : []),
      ...(offersEfi ? ['efi'] : []),
    ],
    loaders: texts(os.child('loader').children('value')),
    cpu: {
      modes: modes.flatMap(each => each.attribute('name') ?? []).map(harmless),
      ...(hostModel === undefined ? {} : { hostModel: harmless(hostModel) }),
      models: texts(
        (mode('custom')?.children('model') ?? []).filter(model => model.attribute('usable') !== 'no'),
      ),
    },
  };
}

const isSupported = (node: XmlNode): boolean => node.attribute('supported') !== 'no';

const texts = (nodes: readonly XmlNode[]): string[] => nodes.flatMap(node => node.text ?? []).map(harmless);

const enumOf = (node: XmlNode, name: string): string[] =>
  texts(
    node
      .children('enum')
      .filter(each => each.attribute('name') === name)
      .flatMap(each => each.children('value')),
  );

export interface MachineTypes {
  readonly machines: string[];
  /** `q35` -> `pc-q35-7.2` */
  readonly aliases: Record<string, string>;
}

/**
 * `virsh capabilities`: every machine type for guests of the host's own architecture, whether listed for all its kinds
 * of domain or for one of them. Undefined where the XML is no such answer.
 */
export function parseMachineTypes(xml: string): MachineTypes | undefined {
  const root = parseXml(xml)?.child('capabilities');
  if (root === undefined || !root.exists) return undefined;
  const own = root.child('host', 'cpu', 'arch').text;
  const arches = root
    .children('guest')
    .map(guest => guest.child('arch'))
    .filter(arch => own === undefined || arch.attribute('name') === own);
  const listed = arches.flatMap(arch => [
    ...arch.children('machine'),
    ...arch.children('domain').flatMap(domain => domain.children('machine')),
  ]);
  const aliases = listed.flatMap((machine): [string, string][] => {
    const [name, canonical] = [machine.text, machine.attribute('canonical')];
    return name === undefined || canonical === undefined ? [] : [[harmless(name), harmless(canonical)]];
  });
  const real = listed.filter(machine => machine.attribute('canonical') === undefined);
  const machines = [...new Set([...texts(real), ...aliases.map(([, canonical]) => canonical)])];
  return { machines: machines.sort(), aliases: Object.fromEntries(aliases) };
}

/** `virsh nodememstats`: bytes that a new domain could take, the file cache counted as free. */
export function freeMemory(text: string): number | undefined {
  const kibibytes = (name: string): number =>
    Number(new RegExp(`^${name}\\s*:\\s*(\\d+)\\s*KiB`, 'm').exec(text)?.[1]);
  const free = kibibytes('free');
  if (Number.isNaN(free)) return undefined;
  return (free + (kibibytes('buffers') || 0) + (kibibytes('cached') || 0)) * 1024;
}
