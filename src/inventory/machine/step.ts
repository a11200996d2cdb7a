import { LandfallError } from '../../foundation/errors.ts';
import type { DomainFacts, GuestFacts } from '../../journal/facts.ts';
import type { SurveyFacts } from '../../journal/facts-survey.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import { hasLogin } from '../../plan/login.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Action } from '../../step/action.ts';
import { moverOf } from '../../step/mover.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { isOwnDisk } from '../../tools/block-devices.ts';
import { lookAtBlocks, lookAtProductUuid, PRODUCT_UUID_FILE } from '../../tools/look.ts';
import { suggestion } from '../../tools/suggest.ts';
import { unsupportedLayout } from '../../tools/unsupported.ts';
import { askVirsh, nameLines, needVirsh, unreadable, virshError, virshRead } from '../../tools/virsh.ts';
import { COLLECTOR_TIMEOUT_MS, surveyByInput } from '../collector/collector.ts';
import { drift } from '../drift.ts';
import { isFresh } from '../fresh.ts';
import { type GuestReading, readGuest } from '../guest/guest.ts';
import { decodeSections } from '../guest/sections.ts';
import { hypervisorStepId } from '../hypervisor/step.ts';
import { readSurvey, type SurveyReading } from '../survey/survey.ts';
import { surveyDrift } from '../survey-drift.ts';
import { tellChanges } from '../tell-changes.ts';
import { digestOf } from './digest.ts';
import { readDomain } from './domain.ts';
import { keptDefinition } from './kept-definition.ts';
import { guestInfo, outsideFacts } from './outside.ts';
import { refuseSwapped } from './swapped.ts';

export const machineStepId = (machine: string): string => `inventory/${machine}`;

/**
 * Looks at one source machine from outside (libvirt) and from inside (the collector), proves that both are the same
 * machine, and records what was found. `done` when the facts are younger than an hour, their layout can be built, and
 * the guest still answers with the same UUID and the same block devices: two cheap questions.
 */
export function machineStep(plan: Plan, machine: string): Step {
  const source = plan.machines[machine]?.source;
  const hypervisor = source?.hypervisor ?? '';
  return {
    id: machineStepId(machine),
    phase: 'inventory',
    subject: machine,
    title: `look at the machine ${machine}`,
    needs: [hypervisorStepId(hypervisor)],
    resources: [{ key: 'look', units: 1 }],
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    done: (context, signal) => isKnown(context, machine, signal),
    async run(context, signal) {
      const before = get(context.state.machines, machine);
      const { domain, xml } = await observeDomain(context, machine, signal);
      const kept = xml.length <= LONGEST_XML ? { domainXml: keptDefinition(xml) } : {};
      if (!hasLogin(context.plan, machine)) return observeOutside(context, machine, domain, kept, signal);
      const guest = await context.host(machine);
      const { reading, wide } = await collect(guest, signal);
      refuseStranger(domain, reading, guest.id);
      refuseSuccessor(context.state.machines[machine], domain, machine);
      const rsync = reading.rsync;
      const byFiles = travelsByFiles(context, machine);
      if (rsync === undefined && byFiles) throw rsyncMissing(reading.facts, guest.id);
      const facts: GuestFacts = { ...reading.facts, ...(rsync === undefined ? {} : { rsync }) };
      await context.emit({
        type: 'machine.observed',
        machine,
        domain,
        guest: facts,
        digest: digestOf(domain, facts),
        ...kept,
      });
      await tellSurvey(context, machine, wide);
      await tellSince(context, machine, before, { domain, guest: facts, survey: wide.survey });
      if (byFiles) refuseUnsupported(domain, facts, machine);
    },
  };
}

interface Found {
  readonly domain: DomainFacts;
  readonly guest: GuestFacts;
  readonly survey?: SurveyFacts;
}

/** What is not as it was at the inventory before; nothing where this is the first. */
async function tellSince(
  context: StepContext,
  machine: string,
  before: MachineState | undefined,
  { domain, guest, survey }: Found,
): Promise<void> {
  const { observed, surveyed } = before ?? {};
  if (observed === undefined) return;
  const around = surveyed === undefined || survey === undefined ? [] : surveyDrift(surveyed, survey);
  await tellChanges(context, machine, [...drift(observed, { domain, guest }), ...around], observed.at);
}

async function tellSurvey(context: StepContext, machine: string, wide: SurveyReading): Promise<void> {
  const { survey, digest, peers } = wide;
  await context.emit({ type: 'machine.surveyed', machine, survey, digest });
  if (peers !== undefined)
    await context.emit({ type: 'peers.sampled', machine, ...peers, peers: [...peers.peers] });
}

/** A domain with hundreds of devices stays below this; what is longer is no definition that could be made again. */
const LONGEST_XML = 256 * 1024;

const domainName = (plan: Plan, machine: string): string => plan.machines[machine]?.source.domain ?? machine;

function virshOf(plan: Plan, machine: string): (...verb: string[]) => ReturnType<typeof virshRead> {
  const hypervisor = plan.machines[machine]?.source.hypervisor ?? '';
  const uri = plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';
  return (...verb) => virshRead(uri, ...verb);
}

function preview({ plan }: View, machine: string): Action[] {
  const host = plan.machines[machine]?.source.hypervisor ?? '';
  const virsh = virshOf(plan, machine);
  const domain = domainName(plan, machine);
  const uri = plan.hypervisors[host]?.uri ?? 'qemu:///system';
  return [
    { kind: 'exec', host, argv: virsh('domstate', domain), reads: true },
    { kind: 'exec', host, argv: virsh('dumpxml', domain), reads: true },
    { kind: 'exec', host, argv: virsh('domblkinfo', domain, '--all'), reads: true },
    hasLogin(plan, machine)
      ? {
          kind: 'exec',
          host: machine,
          ...surveyByInput(),
          reads: true,
          note: 'the collector: read-only, low priority, one line of JSON for each question',
        }
      : {
          kind: 'exec',
          host,
          argv: guestInfo(uri, domain),
          reads: true,
          note: 'what the guest agent tells, where there is one: nobody logs in',
        },
  ];
}

async function isKnown(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const known = context.state.machines[machine]?.observed;
  if (known === undefined || !isFresh(known.at, context.clock.now())) return false;
  // An older version looked at less than building needs now.
  if (known.domainXml === undefined) return false;
  if (hasLogin(context.plan, machine) && context.state.machines[machine]?.surveyed === undefined)
    return false;
  if (travelsByFiles(context, machine) && unsupportedLayout(known.domain, known.guest).length > 0)
    return false;
  if (!hasLogin(context.plan, machine)) return isStillRunning(context, machine, signal);
  if (known.guest.login === false) return false;
  const guest = await context.host(machine);
  if (known.guest.productUuid === undefined) return false;
  if ((await lookAtProductUuid(guest, signal)) !== known.guest.productUuid) return false;
  const now = await lookAtBlocks(guest, signal);
  const shape = (all: GuestFacts['blocks']): string =>
    JSON.stringify(all.map(b => [b.device, b.size, b.fstype ?? null, b.uuid ?? null]).sort());
  return shape(now.filter(isOwnDisk)) === shape(known.guest.blocks);
}

/** The one cheap question where nobody logs in: whether the domain is there and runs. */
async function isStillRunning(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const { plan } = context;
  const host = await context.host(plan.machines[machine]?.source.hypervisor ?? '');
  const answer = await askVirsh(host, virshOf(plan, machine)('domstate', domainName(plan, machine)), {
    signal,
  });
  return answer.ok && answer.text.trim() === 'running';
}

/** Records what is seen from outside: the domain, and what its agent tells; one without an agent is no fault. */
async function observeOutside(
  context: StepContext,
  machine: string,
  domain: DomainFacts,
  kept: { readonly domainXml?: string },
  signal: AbortSignal,
): Promise<void> {
  const { plan } = context;
  const before = get(context.state.machines, machine);
  refuseSuccessor(before, domain, machine);
  const hypervisor = plan.machines[machine]?.source.hypervisor ?? '';
  const uri = plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';
  const host = await context.host(hypervisor);
  const answer = await askVirsh(host, guestInfo(uri, domainName(plan, machine)), { signal });
  const guest = outsideFacts(domain, answer.ok ? answer.text : undefined);
  await context.emit({
    type: 'machine.observed',
    machine,
    domain,
    guest,
    digest: digestOf(domain, guest),
    ...kept,
  });
  await tellSince(context, machine, before, { domain, guest });
}

async function observeDomain(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<{ readonly domain: DomainFacts; readonly xml: string }> {
  const { plan } = context;
  const virsh = virshOf(plan, machine);
  const name = domainName(plan, machine);
  const host = await context.host(plan.machines[machine]?.source.hypervisor ?? '');

  const stateArgv = virsh('domstate', name);
  const stateAnswer = await askVirsh(host, stateArgv, { signal });
  if (!stateAnswer.ok && stateAnswer.refusal === 'domain-absent') {
    await refuseSwapped(context, machine, name, signal);
    const names = nameLines(await needVirsh(host, virsh('list', '--all', '--name'), { signal }));
    throw new LandfallError('inventory.machine-absent', {
      what: `there is no domain "${name}" on ${host.id}`,
      where: { host: host.id, machine },
      next: [
        suggestion(name, names, 'domain on that host'),
        `name it in the plan: machines.${machine}.source.domain`,
      ],
    });
  }
  if (!stateAnswer.ok) throw virshError(host.id, stateArgv, stateAnswer.result);
  const state = stateAnswer.text.trim();
  if (state !== 'running') {
    await refuseSwapped(context, machine, name, signal);
    throw new LandfallError('inventory.machine-not-running', {
      what: `the domain "${name}" on ${host.id} is not running: ${state}`,
      why: 'its files are read from inside, while it runs',
      where: { host: host.id, machine },
      next: [
        state === 'paused'
          ? `find out why it is paused, then: virsh resume ${name}`
          : `start it: virsh start ${name}`,
        'or take the machine out of the plan: landfall starts nothing at the source',
      ],
    });
  }

  const xmlArgv = virsh('dumpxml', name);
  const xml = await needVirsh(host, xmlArgv, { signal });
  const blkinfo = await needVirsh(host, virsh('domblkinfo', name, '--all'), { signal });
  const domain = readDomain(xml, blkinfo, state);
  if (domain === undefined) throw unreadable(host.id, formatArgv(xmlArgv), xml);
  return { domain, xml };
}

interface Collected {
  readonly reading: GuestReading;
  readonly wide: SurveyReading;
}

async function collect(guest: Host, signal: AbortSignal): Promise<Collected> {
  const { argv, stdin } = surveyByInput();
  const { stdout } = await guest.exec(argv, {
    stdin,
    timeoutMs: COLLECTOR_TIMEOUT_MS,
    maxBytes: 48 * 1024 ** 2,
    signal,
  });
  const sections = decodeSections(stdout.toString('utf8'), guest.id);
  return { reading: readGuest(sections, guest.id), wide: readSurvey(sections) };
}

/**
 * The guest that answered must be the domain that the hypervisor showed: by SMBIOS UUID, and where that cannot be
 * read (it needs root), by a hardware address that both know.
 */
export function refuseStranger(domain: DomainFacts, reading: GuestReading, guest: string): void {
  const uuid = reading.facts.productUuid;
  const domainMacs = domain.interfaces.map(nic => nic.mac);
  const isSame =
    uuid === undefined ? domainMacs.some(mac => reading.macs.includes(mac)) : uuid === domain.uuid;
  if (isSame) return;
  throw new LandfallError('identity.mismatch', {
    what: `the address of ${guest} does not reach the domain "${domain.name}": another machine answers`,
    why: 'landfall would copy the wrong machine',
    where: { host: guest },
    evidence:
      uuid === undefined
        ? [
            `the domain has ${domainMacs.join(', ') || 'no interface'}`,
            `the guest has ${reading.macs.join(', ') || 'none'} (${PRODUCT_UUID_FILE} is readable for root only)`,
          ]
        : [`UUID of the domain: ${domain.uuid}`, `UUID of the guest:  ${uuid}`],
    next: [
      `correct machines.${guest}.source.address or .domain in the plan`,
      'see what is behind the address: ssh to it and read /etc/hostname',
    ],
  });
}

/**
 * Once a machine has been copied, its replica is the copy of that machine: another one under its name and address (it
 * was built anew, or the plan points elsewhere now) would overwrite what may be the only copy of the first.
 */
export function refuseSuccessor(known: MachineState | undefined, domain: DomainFacts, machine: string): void {
  const before = known?.observed?.domain.uuid;
  const isCopied = known !== undefined && (known.passes.length > 0 || known.olderPasses !== undefined);
  if (before === undefined || before === domain.uuid || !isCopied) return;
  throw new LandfallError('identity.mismatch', {
    what: `${machine} is another machine than the one that was copied: its domain has another UUID`,
    why: 'its files would overwrite the copy of the first, which may be the only one',
    where: { machine },
    evidence: [`UUID of the domain that was copied: ${before}`, `UUID of the domain now: ${domain.uuid}`],
    next: [
      `see what happened to it: does machines.${machine}.source in the plan name the machine that you mean?`,
      'if it was built anew on purpose: give it a new name in the plan; it gets a replica of its own, and the old copy stays',
    ],
  });
}

function rsyncMissing(facts: GuestReading['facts'], guest: string): LandfallError {
  return new LandfallError('remote.command-missing', {
    what: `rsync is not installed on ${guest} (${facts.os.pretty})`,
    why: 'the files mover runs it on the source; landfall installs nothing there',
    where: { host: guest, machine: guest, command: 'rsync --version' },
    next: [
      `install it yourself on ${guest}: ${installCommand(facts.os.id)}`,
      'then run the same command again',
    ],
  });
}

function installCommand(os: string): string {
  if (/^(?:debian|ubuntu|linuxmint|raspbian)$/.test(os)) return 'apt-get install rsync';
  if (/^(?:rhel|centos|almalinux|rocky|fedora|ol|amzn)$/.test(os))
    return 'dnf install rsync (yum on version 7)';
  if (/suse|^sles$/.test(os)) return 'zypper install rsync';
  if (os === 'alpine') return 'apk add rsync';
  if (os === 'arch') return 'pacman -S rsync';
  return 'the package "rsync" of its distribution';
}

/** True where it is settled that its file systems are made anew: whole disks travel as they are, whatever lies on them. */
const travelsByFiles = (view: View, machine: string): boolean =>
  (get(view.plan.machines, machine)?.mover === 'files' ||
    get(view.state.machines, machine)?.mover !== undefined) &&
  moverOf(view, machine) === 'files';

function refuseUnsupported(domain: DomainFacts, guest: GuestFacts, machine: string): void {
  const findings = unsupportedLayout(domain, guest);
  const [first] = findings;
  if (first === undefined) return;
  throw new LandfallError('inventory.unsupported', {
    what: `the disks of ${machine} hold something that this version cannot build: ${findings.map(f => f.found).join('; ')}`,
    why: 'a replica that only looks complete would not start',
    where: { machine },
    next: [...new Set(findings.map(f => f.help))],
  });
}
