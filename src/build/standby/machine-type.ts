import type { VirtualizationFacts } from '../../journal/facts.ts';
import type { Rule } from './wish.ts';
import { attribute, find, mapAt, setAttributes } from './xml-tree.ts';

/** The machine type decides the guest's PCI layout, and with it the names of its NICs: the exact one where known. */
export const machineType: Rule = (domain, { virtualization }) => {
  const before = attribute(find(domain, 'os', 'type'), 'machine');
  if (before === undefined) return { domain, changes: [] };
  const chosen = chooseMachineType(before, virtualization);
  if (chosen === undefined || chosen.machine === before) return { domain, changes: [] };
  return {
    domain: mapAt(domain, ['os', 'type'], type => setAttributes(type, { machine: chosen.machine })),
    changes: [`machine type ${chosen.machine} instead of ${before}: ${chosen.why}`],
  };
};

interface Chosen {
  readonly machine: string;
  readonly why: string;
}

interface Parsed {
  /** `pc-q35`, `pc-i440fx`, `virt`. */
  readonly family: string;
  /** Who numbers it: '' for QEMU itself, `rhel` for Red Hat. */
  readonly vendor: string;
  /** Absent where a distribution names its types by words: `pc-q35-jammy`. */
  readonly version?: readonly number[];
}

/**
 * Exactly the source's machine type; else the nearest lower one of the same numbering; else the nearest higher one;
 * else what the target itself takes for the family. Undefined where the target has nothing of the family.
 */
export function chooseMachineType(wanted: string, known: VirtualizationFacts): Chosen | undefined {
  if (known.machines.includes(wanted) || known.aliases[wanted] !== undefined) {
    return { machine: wanted, why: 'the same' };
  }
  const want = parse(wanted);
  if (want === undefined) return undefined;
  const family = known.machines.filter(name => parse(name)?.family === want.family);
  const { version } = want;
  if (version !== undefined) {
    const same = family
      .flatMap(name => {
        const each = parse(name);
        return each?.vendor === want.vendor && each.version !== undefined
          ? [{ name, version: each.version }]
          : [];
      })
      .sort((a, b) => compare(a.version, b.version));
    const lower = same.findLast(each => compare(each.version, version) <= 0);
    if (lower !== undefined)
      return { machine: lower.name, why: 'the nearest one, not newer, that the target knows' };
    const [higher] = same;
    if (higher !== undefined) return { machine: higher.name, why: 'the target knows no lower one' };
  }
  const own = Object.entries(known.aliases).find(
    ([, machine]) => parse(machine)?.family === want.family,
  )?.[1];
  const machine = own ?? family[0];
  return machine === undefined
    ? undefined
    : { machine, why: 'the target numbers its machine types in another way' };
}

const ALIAS_FAMILIES: Readonly<Record<string, string>> = { q35: 'pc-q35', pc: 'pc-i440fx' };

/** The versions of QEMU that Ubuntu's releases are named for. */
const UBUNTU: Readonly<Record<string, string>> = {
  xenial: '2.5',
  bionic: '2.11',
  focal: '4.2',
  jammy: '6.2',
  noble: '8.2',
};

function parse(machine: string): Parsed | undefined {
  const alias = ALIAS_FAMILIES[machine];
  if (alias !== undefined) return { family: alias, vendor: '' };
  const [, family, rest] = /^(pc-q35|pc-i440fx|pc|[a-z0-9]+(?:-ccw-virtio)?)-(.+)$/.exec(machine) ?? [];
  if (family === undefined || rest === undefined) return undefined;
  const name = family === 'pc' ? 'pc-i440fx' : family;
  const [, vendor, version] = /^([a-z]*)(\d+(?:\.\d+)*)$/.exec(UBUNTU[rest] ?? rest) ?? [];
  if (vendor === undefined || version === undefined) return { family: name, vendor: rest };
  return { family: name, vendor, version: version.split('.').map(Number) };
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
