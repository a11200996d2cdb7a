import type { VirtualizationFacts } from '../journal/facts.ts';
import type { Host } from '../remote/host.ts';
import {
  type DomainCapabilities,
  freeMemory,
  parseDomainCapabilities,
  parseMachineTypes,
} from '../tools/capabilities.ts';
import { askVirsh, virshRead } from '../tools/virsh.ts';

/** Best first: what the processor does itself, then emulation. */
export const VIRTUALIZATION_TYPES = ['kvm', 'qemu'] as const;

/** The questions, as verbs of virsh. */
export const VIRTUALIZATION_VERBS: readonly (readonly string[])[] = [
  ...VIRTUALIZATION_TYPES.map(type => ['domcapabilities', '--virttype', type]),
  ['capabilities'],
  ['nodememstats'],
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
  const ask = async (verb: readonly string[]): Promise<string | undefined> => {
    const answer = await askVirsh(host, virshRead(uri, ...verb), { signal });
    return answer.ok ? answer.text : undefined;
  };
  const offered: DomainCapabilities[] = [];
  for (const type of VIRTUALIZATION_TYPES) {
    const text = await ask(['domcapabilities', '--virttype', type]);
    const capabilities = text === undefined ? undefined : parseDomainCapabilities(text);
    if (capabilities !== undefined) offered.push(capabilities);
  }
  // Processors differ between the two: what is told is that of the kind which the plan will use.
  const chosen = offered.find(({ type }) => type === wanted) ?? offered[0];
  const machines = parseMachineTypes((await ask(['capabilities'])) ?? '');
  const memoryFree = freeMemory((await ask(['nodememstats'])) ?? '');
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
