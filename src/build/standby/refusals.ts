import { LandfallError } from '../../foundation/errors.ts';
import { harmless, tailLines } from '../../foundation/text.ts';
import type { ExecResult } from '../../remote/host.ts';
import type { Target } from '../site.ts';
import type { Unfit } from './fitness.ts';
import type { Found } from './mark.ts';

/** Why a standby is not defined, each with what to do about it. */

const place = (site: Target) => ({ host: site.hypervisor, machine: site.machine });

export function notRecorded(site: Target): LandfallError {
  return new LandfallError('build.unfit', {
    what: `the inventory does not have the definition of ${site.machine}, or not what ${site.hypervisor} can run`,
    why: 'a standby is made from both',
    where: place(site),
    next: ['take a new inventory: landfall inventory PLAN'],
  });
}

export function unfitTarget(site: Target, unfit: readonly Unfit[]): LandfallError {
  const [first] = unfit;
  return new LandfallError('build.unfit', {
    what: `${site.machine} cannot run on ${site.hypervisor}: ${first?.what ?? ''}`,
    why: 'its standby could not be started at cutover',
    where: place(site),
    evidence: unfit.slice(1).map(each => each.what),
    next: unfit
      .flatMap(each => each.remedy)
      .map(line => line.replaceAll('machines.NAME.', `machines.${site.machine}.`)),
  });
}

export function sameName(site: Target, domain: string, other: string): LandfallError {
  return new LandfallError('build.unfit', {
    what: `${site.machine} and ${other} are both domains named ${domain}, and ${site.hypervisor} can have only one of that name`,
    where: place(site),
    next: [`give one of them another hypervisor: machines.${site.machine}.target.hypervisor`],
  });
}

export function foreignDomain(site: Target, domain: string, { owner }: Found): LandfallError {
  if (owner !== undefined) {
    const whose =
      owner.machine === site.machine
        ? `evacuation ${harmless(owner.evacuation)}, begun at ${harmless(owner.begun)}`
        : `${harmless(owner.machine)} of evacuation ${harmless(owner.evacuation)}`;
    return new LandfallError('build.foreign-object', {
      what: `the domain ${domain} on ${site.hypervisor} is the standby of ${whose}`,
      why: 'it may be steered from another control machine right now',
      where: place(site),
      next: [
        'find out who runs that evacuation, and go on there: landfall run PLAN',
        `only where it is certainly over: virsh undefine ${domain} --nvram; then run again`,
      ],
    });
  }
  return new LandfallError('build.foreign-object', {
    what: `a domain named ${domain} exists on ${site.hypervisor}, and landfall did not make it`,
    why: `the standby of ${site.machine} needs that name, and landfall changes no domain that is not its own`,
    where: place(site),
    next: [
      `look at it: virsh dumpxml ${domain}`,
      `if it is an older copy that nobody needs: virsh undefine ${domain} --nvram (its disks stay); then run again`,
      `or give the machine another hypervisor: machines.${site.machine}.target.hypervisor`,
    ],
  });
}

export function running(site: Target, domain: string, state: string): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `the standby ${domain} is not shut off on ${site.hypervisor}: libvirt says "${harmless(state)}"`,
    why: 'it was started by somebody else than landfall, and a copy that runs is no replica any more',
    where: place(site),
    next: [
      `find out who started it; if it must not run: virsh destroy ${domain}`,
      'then take a full pass and a verification: what it wrote has to be overwritten',
    ],
  });
}

export function unreadableVariables(site: Target, path: string, result: ExecResult): LandfallError {
  const { hypervisor } = site.source;
  return new LandfallError('build.unfit', {
    what: `the UEFI variables of ${site.machine} cannot be read on ${hypervisor}: ${path}`,
    why: 'without them the standby has no boot entries',
    where: { host: hypervisor, machine: site.machine },
    evidence: tailLines(result.stderr.toString('utf8'), 3),
    next: [`let landfall read as root there: hypervisors.${hypervisor}.sudo: true`, 'then run again'],
  });
}

/** What libvirt's words for a refused definition mean for the engineer. */
const REMEDIES: ReadonlyArray<readonly [RegExp, (site: Target) => string]> = [
  [
    /TPM version|swtpm/i,
    site => `install a TPM emulator on ${site.hypervisor}: the package swtpm (and swtpm-tools)`,
  ],
  [
    /already exists with uuid|already defined with uuid/i,
    site =>
      `another domain on ${site.hypervisor} has the UUID of ${site.machine}: rename or remove that one (virsh list --all --uuid --name)`,
  ],
  [
    /Unable to find.*firmware|loader/i,
    site => `install UEFI firmware on ${site.hypervisor}: the package ovmf or edk2-ovmf`,
  ],
  [
    /emulator|QEMU binary|binary .* not found/i,
    site => `install QEMU on ${site.hypervisor}, then take a new inventory`,
  ],
];

export function refusedDefinition(site: Target, file: string, result: ExecResult): LandfallError {
  const stderr = result.stderr.toString('utf8');
  const known = REMEDIES.flatMap(([pattern, remedy]) => (pattern.test(stderr) ? [remedy(site)] : []));
  return new LandfallError('build.xml-refused', {
    what: `libvirt on ${site.hypervisor} refused the definition of the standby of ${site.machine}`,
    where: place(site),
    evidence: tailLines(stderr, 5),
    next: [
      ...known,
      `see for yourself: virt-xml-validate ${file} domain; virsh define --validate ${file}`,
      'what landfall changed of the source: landfall run PLAN --dry-run',
    ],
  });
}
