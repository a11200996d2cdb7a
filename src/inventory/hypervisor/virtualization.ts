import type { VirtualizationFacts } from '../../journal/facts.ts';
import type { Argv, Host } from '../../remote/host.ts';
import {
  type DomainCapabilities,
  freeMemory,
  parseDomainCapabilities,
  parseMachineTypes,
} from '../../tools/capabilities.ts';
import { askVirsh, virshRead, virshWrite } from '../../tools/virsh.ts';

/** Best first: what the processor does itself, then emulation. */
const VIRTUALIZATION_TYPES = ['kvm', 'qemu'] as const;

/** libvirt answers this one not through the read-only socket, though it changes nothing. */
const domainCapabilities = (uri: string, type: string): Argv =>
  virshWrite(uri, 'domcapabilities', '--virttype', type);

/** The questions, in the order in which they are asked. */
export const virtualizationQuestions = (uri: string): Argv[] => [
  ...VIRTUALIZATION_TYPES.map(type => domainCapabilities(uri, type)),
  virshRead(uri, 'capabilities'),
  virshRead(uri, 'nodememstats'),
];

/**
 * What a target hypervisor can run. A kind of domain that libvirt refuses is not offered; undefined where it offers
 * none, or does not tell its machine types and memory: then nobody may take a fit for granted.
 */
export async function lookAtVirtualization(
  host: Host,
  uri: string,
  wanted: 'auto' | 'kvm' | 'qemu',
  signal: AbortSignal,
): Promise<VirtualizationFacts | undefined> {
  const ask = async (argv: Argv): Promise<string | undefined> => {
    const answer = await askVirsh(host, argv, { signal });
    return answer.ok ? answer.text : undefined;
  };
  const offered: DomainCapabilities[] = [];
  for (const type of VIRTUALIZATION_TYPES) {
    const text = await ask(domainCapabilities(uri, type));
    const capabilities = text === undefined ? undefined : parseDomainCapabilities(text);
    if (capabilities !== undefined) offered.push(capabilities);
  }
  // Processors differ between the two: what is told is that of the kind which the plan will use.
  const chosen = offered.find(({ type }) => type === wanted) ?? offered[0];
  const machines = parseMachineTypes((await ask(virshRead(uri, 'capabilities'))) ?? '');
  const memoryFree = freeMemory((await ask(virshRead(uri, 'nodememstats'))) ?? '');
  if (chosen === undefined || machines === undefined || memoryFree === undefined) return undefined;
  return {
    types: offered.map(({ type }) => type),
    emulator: chosen.emulator,
    ...machines,
    cpu: chosen.cpu,
    firmwares: [...new Set(offered.flatMap(({ firmwares }) => firmwares))],
    loaders: [...new Set(offered.flatMap(({ loaders }) => loaders))],
    memoryFree,
  };
}
