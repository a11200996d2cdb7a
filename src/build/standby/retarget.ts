import { LandfallError } from '../../foundation/errors.ts';
import { consoles } from './consoles.ts';
import { cpu } from './cpu.ts';
import { disks } from './disks.ts';
import { emulator } from './emulator.ts';
import { firmware } from './firmware.ts';
import { graphics } from './graphics.ts';
import { hold } from './hold.ts';
import { machineType } from './machine-type.ts';
import { marked } from './mark.ts';
import { nics } from './nics.ts';
import { removed } from './removed.ts';
import type { RetargetWish, Rule } from './wish.ts';
import { parseTree, printTree, type XmlElement } from './xml-tree.ts';

export interface Retargeted {
  /** For `virsh define --validate`. */
  readonly xml: string;
  /** What was changed of the source's definition, one plain sentence each. */
  readonly changes: readonly string[];
  /** SHA-256 of the definition; the same stands in its mark. */
  readonly digest: string;
}

/** In the order in which an engineer reads a definition. */
const RULES: readonly Rule[] = [
  emulator,
  machineType,
  cpu,
  firmware,
  removed,
  disks,
  nics,
  graphics,
  consoles,
  hold,
];

/**
 * The source's domain as the target can run it, from `virsh dumpxml` of the source. Name, UUID, memory, MACs, PCI
 * addresses, disk targets and serials, SMBIOS, clock and everything that no rule speaks of stay. The same input gives
 * the same text. Throws `build.unfit` where the text is no domain.
 */
export function retarget(sourceXml: string, wish: RetargetWish): Retargeted {
  const changes: string[] = [];
  let domain = sourceDomain(sourceXml, wish.machine);
  for (const rule of RULES) {
    const rewritten = rule(domain, wish);
    domain = rewritten.domain;
    changes.push(...rewritten.changes);
  }
  const { domain: ours, digest } = marked(domain, 'standby', wish);
  return { xml: printTree(ours), changes: [...new Set(changes)], digest };
}

/** The recorded definition as a tree. */
export function sourceDomain(sourceXml: string, machine: string): XmlElement {
  const domain = parseTree(sourceXml);
  if (domain?.name === 'domain') return domain;
  throw new LandfallError('build.unfit', {
    what: `the recorded definition of ${machine} is no libvirt domain`,
    where: { machine },
    evidence: sourceXml.split('\n').slice(0, 3),
    next: ['take a new inventory: landfall inventory PLAN'],
  });
}
