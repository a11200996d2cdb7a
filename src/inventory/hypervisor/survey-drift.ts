import { harmless } from '../../foundation/text.ts';
import type { DomainSurvey, HypervisorSurvey } from '../../journal/facts-site.ts';
import { appeared, compare, turned } from '../differences.ts';

/**
 * What changed on a hypervisor between two surveys, as harmless sentences. What landfall makes and takes away itself is no
 * change, and of what one of the two could not list nothing is said.
 */
export function hypervisorDrift(before: HypervisorSurvey, after: HypervisorSurvey): string[] {
  const known = (what: RegExp): boolean =>
    ![...before.gaps, ...after.gaps].some(gap => what.test(gap.what) || BEYOND.test(gap.what));
  return [
    ...(known(/\bdomains?\b/) ? domains(before.domains, after.domains) : []),
    ...(known(/\bpools?\b/) ? active('the pool', before.pools, after.pools) : []),
    ...(known(/\bnetworks?\b/)
      ? active('the network', before.networks.filter(isForeign), after.networks.filter(isForeign))
      : []),
    ...(known(/\bbridges\b/) && known(/\bnetworks?\b/)
      ? appeared('the bridge', ownBridges(before), ownBridges(after))
      : []),
    ...turned('libvirt', before.versions.libvirt, after.versions.libvirt),
    ...turned('QEMU', before.versions.qemu, after.versions.qemu),
    ...turned('the kernel', before.versions.kernel, after.versions.kernel),
  ].map(harmless);
}

/** Gaps that were left out because there were too many. */
const BEYOND = /^\d+ more that could not be learned$/;

const isForeign = ({ name }: { readonly name: string }): boolean => !name.startsWith('landfall-');

/** By UUID: under another name it is the same one. */
function domains(before: readonly DomainSurvey[], after: readonly DomainSurvey[]): string[] {
  const theirs = (all: readonly DomainSurvey[]): DomainSurvey[] =>
    all.filter(({ landfall }) => landfall !== true);
  const { added, removed, kept } = compare(theirs(before), theirs(after), ({ uuid }) => uuid);
  return [
    ...added.map(({ name, state }) => `the domain ${name} is new (${state})`),
    ...removed.map(({ name }) => `the domain ${name} is gone`),
    ...kept.flatMap(([was, is]) => [
      ...turned('the name of a domain', was.name, is.name),
      ...(was.autostart === is.autostart
        ? []
        : [`the domain ${is.name} ${is.autostart ? 'starts' : 'does not start'} by itself now`]),
    ]),
  ];
}

interface Startable {
  readonly name: string;
  readonly active: boolean;
}

function active(what: string, before: readonly Startable[], after: readonly Startable[]): string[] {
  const { added, removed, kept } = compare(before, after, ({ name }) => name);
  return [
    ...added.map(({ name }) => `${what} ${name} is new`),
    ...removed.map(({ name }) => `${what} ${name} is gone`),
    ...kept.flatMap(([was, is]) =>
      was.active === is.active
        ? []
        : [`${what} ${is.name} is ${is.active ? 'active again' : 'not active any more'}`],
    ),
  ];
}

/** Bridges that no network of libvirt makes: those come and go with their network. */
const ownBridges = ({ bridges, networks }: HypervisorSurvey): string[] =>
  bridges.filter(name => !networks.some(({ bridge }) => bridge === name));
