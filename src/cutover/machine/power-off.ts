import { type Target, targetOf } from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { formatDuration } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import { hasLogin } from '../../plan/login.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact, type Word } from '../../step/action.ts';
import { isLinkFault, LINK_RETRY } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import { virshRead, virshWrite } from '../../tools/virsh.ts';
import type { Deed } from '../deed.ts';
import {
  askDomain,
  changed,
  type DomainLook,
  doneTo,
  exec,
  handleOf,
  look,
  observedOf,
  SHUT_OFF,
  wordsOf,
} from './hands.ts';
import { refuseAwakened } from './still-quiet.ts';

const PAUSE_MS = 2_000;
/** A server with much memory and many disks takes minutes to come up again. */
const BOOT_PATIENCE_MS = 900_000;

/**
 * Shuts the source down, and keeps its host from starting it again: two machines of one name must never run. What its
 * autostart was is recorded before it is changed.
 */
export function powerOffDeed(machine: string): Deed {
  return {
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    done: (context, signal) => isOff(context, machine, signal),
    run: (context, signal) => run(context, machine, signal),
    undo: {
      preview: view => undoPreview(view, machine),
      done: async context => doneTo(context, machine).poweredOff === undefined,
      run: (context, signal) => powerOn(context, machine, signal),
    },
  };
}

/** The source's domain as commands name it. */
function sourceOf({ plan, state }: View, machine: string) {
  const { hypervisor } = targetOf(plan, machine).source;
  const uri = get(plan.hypervisors, hypervisor)?.uri ?? '';
  const observed = get(state.machines, machine)?.observed;
  const name: Word =
    observed === undefined
      ? fact(undefined, `name of the domain of ${machine}`, `inventory/${machine}`)
      : handleOf(observed);
  return {
    hypervisor,
    info: [...virshRead(uri, 'dominfo'), name],
    noAutostart: exec(
      hypervisor,
      [...virshWrite(uri, 'autostart', '--disable'), name],
      'its host must not start it again: that would be two of it',
    ),
    autostart: exec(hypervisor, [...virshWrite(uri, 'autostart'), name]),
    shutdown: exec(hypervisor, [...virshWrite(uri, 'shutdown'), name], 'asks the guest to shut down cleanly'),
    start: exec(hypervisor, [...virshWrite(uri, 'start'), name]),
  };
}

/** The domain at the source, once it is certain that it is this machine's. */
async function lookAtSource(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<DomainLook & { isThere: true }> {
  const { domain } = observedOf(context, machine);
  const found = await askDomain(host, wordsOf(sourceOf(context, machine).info), signal);
  if (found.isThere && found.uuid === domain.uuid.toLowerCase()) return found;
  throw new LandfallError('identity.mismatch', {
    what: found.isThere
      ? `the domain ${domain.name} on ${host.id} is not the one that the inventory saw`
      : `there is no domain ${domain.name} on ${host.id} any more`,
    why: 'only the very source that was copied is shut down or started',
    where: { host: host.id, machine, command: `virsh dominfo ${domain.name}` },
    evidence: [`recorded: ${domain.uuid}`, ...(found.isThere ? [`found:    ${found.uuid}`] : [])],
    next: [
      `look at it: virsh list --all; virsh dominfo ${domain.name}`,
      `where it has another name now: virsh domrename NEW ${domain.name}; then order the same item again`,
      'where it is gone for good, there is nothing to shut down or to start: landfall mode PLAN dark, abort, then begin --dark',
    ],
  });
}

async function isOff(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  if (doneTo(context, machine).poweredOff?.offAt === undefined) return false;
  const host = await context.host(sourceOf(context, machine).hypervisor);
  const found = await lookAtSource(context, host, machine, signal);
  return found.state === SHUT_OFF && !found.autostart;
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const source = sourceOf(context, machine);
  const host = await context.host(source.hypervisor);
  const found = await lookAtSource(context, host, machine, signal);
  const { domain } = observedOf(context, machine);
  let unasked: readonly string[] = [];
  if (doneTo(context, machine).poweredOff === undefined) {
    if (found.state !== SHUT_OFF) unasked = await refuseAwakened(context, machine, signal);
    await context.emit({
      type: 'cutover.powering-off',
      ...{ machine, domain: domain.name, autostart: found.autostart },
    });
  }
  if (found.autostart) await context.perform(source.noAutostart, { signal });
  const began = context.clock.monotonic();
  if (found.state !== SHUT_OFF) {
    context.sample({ text: `${machine} shuts down` });
    await changed(context, source.shutdown, ['not-running'], signal);
    await awaitOff(context, host, machine, signal);
  }
  const seconds = formatDuration(context.clock.monotonic() - began);
  const evidence = [
    found.state === SHUT_OFF
      ? `${domain.name} on ${source.hypervisor} was off already`
      : `${domain.name} on ${source.hypervisor} is off, after ${seconds}`,
    `autostart is off${doneTo(context, machine).poweredOff?.autostart === true ? '; it was on' : ''}`,
    ...unasked,
  ];
  await context.emit({ type: 'cutover.powered-off', machine, evidence });
  return evidence;
}

async function awaitOff(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  const within = context.plan.cutover.shutdown_within;
  const began = context.clock.monotonic();
  for (;;) {
    const { state } = await lookAtSource(context, host, machine, signal);
    if (state === SHUT_OFF) return;
    const waited = context.clock.monotonic() - began;
    if (waited >= within) throw staysOn(context, machine, state);
    context.sample({ text: `waiting until ${machine} is off: it is ${state}`, fraction: waited / within });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

function staysOn(context: StepContext, machine: string, state: string): LandfallError {
  const { hypervisor } = sourceOf(context, machine);
  const { name } = observedOf(context, machine).domain;
  return new LandfallError('cutover.still-on', {
    what: `${name} on ${hypervisor} is still ${state}, ${formatDuration(context.plan.cutover.shutdown_within)} after it was asked to shut down`,
    why: 'its standby is not started as long as the source runs; landfall pulls the plug of nothing by itself',
    where: { host: hypervisor, machine, command: `virsh shutdown ${name}` },
    next: [
      `see what it waits for: virsh console ${name}, or virsh screenshot ${name}`,
      `its copy is complete: to pull the plug, on ${hypervisor}: virsh destroy ${name}`,
      `then order the same item again: power-off/${machine}`,
    ],
  });
}

/** The way back: started, its autostart as it was, and waited for until it answers. Never beside a running standby. */
async function powerOn(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const before = doneTo(context, machine).poweredOff;
  if (before === undefined) return [`${machine} was not shut down`];
  await refuseBesideStandby(context, machine, signal);
  const source = sourceOf(context, machine);
  const host = await context.host(source.hypervisor);
  const found = await lookAtSource(context, host, machine, signal);
  if (found.state === SHUT_OFF) await changed(context, source.start, ['already-active'], signal);
  if (before.autostart && !found.autostart) await context.perform(source.autostart, { signal });
  const ms = await awaitAnswer(context, machine, signal);
  await context.emit({ type: 'cutover.taken-back', machine, part: 'poweredOff' });
  const how = hasLogin(context.plan, machine) ? `runs and answers, after ${formatDuration(ms)}` : 'runs';
  return [
    `${before.domain} on ${source.hypervisor} ${how}`,
    `autostart is ${before.autostart ? 'on' : 'off'}, as it was`,
  ];
}

async function refuseBesideStandby(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  const site = targetOf(context.plan, machine);
  const observed = observedOf(context, machine);
  const { started } = doneTo(context, machine);
  let standby: DomainLook;
  try {
    const target = await context.host(site.hypervisor);
    standby = await askDomain(target, site.read('dominfo', handleOf(observed)), signal);
  } catch (error) {
    // A standby that was never started cannot run; production must not wait for a site that is gone.
    if (started === undefined && error instanceof LandfallError && isLinkFault(error)) return;
    throw error;
  }
  if (!standby.isThere || standby.state === SHUT_OFF) return;
  throw twoRun(site, `the standby of ${machine} runs on ${site.hypervisor} (${standby.state})`, [
    `let the abort take it down first: bring-up/${machine}`,
    `or by hand, on ${site.hypervisor}: virsh destroy ${handleOf(observed)}`,
  ]);
}

export const twoRun = (site: Target, what: string, next: readonly string[]): LandfallError =>
  new LandfallError('cutover.two-run', {
    what,
    why: 'source and standby have one name, one address and one set of jobs: both at once would damage data',
    where: { machine: site.machine },
    next,
  });

/** Until SSH works and the machine is the one that it was. ms. */
async function awaitAnswer(context: StepContext, machine: string, signal: AbortSignal): Promise<number> {
  const began = context.clock.monotonic();
  const { guest } = observedOf(context, machine);
  for (;;) {
    const waited = context.clock.monotonic() - began;
    try {
      if (!hasLogin(context.plan, machine)) return await awaitRunning(context, machine, signal);
      const host = await context.host(machine);
      const { stdout } = await host.exec(['cat', '/etc/machine-id'], { signal });
      if (stdout.toString('utf8').trim() === guest.machineId) return waited;
      throw otherAnswers(machine);
    } catch (error) {
      const isPending =
        error instanceof LandfallError && (isLinkFault(error) || error.code === 'ssh.auth-refused');
      if (!isPending || waited >= BOOT_PATIENCE_MS) throw error;
    }
    context.sample({ text: `waiting until ${machine} has come up again` });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

/** Nobody logs in to it: that its hypervisor runs it is all that can be seen from here. */
async function awaitRunning(context: StepContext, machine: string, signal: AbortSignal): Promise<number> {
  const host = await context.host(sourceOf(context, machine).hypervisor);
  const { state } = await lookAtSource(context, host, machine, signal);
  if (state === SHUT_OFF) throw offAgain(context, machine);
  return 0;
}

const offAgain = (context: StepContext, machine: string): LandfallError =>
  new LandfallError('remote.command-failed', {
    what: `${machine} was started at the source and is off again`,
    where: { host: sourceOf(context, machine).hypervisor, machine },
    next: [
      `see why: tail -n 30 /var/log/libvirt/qemu/${observedOf(context, machine).domain.name}.log`,
      'start it by hand, then let the abort go on: it asks again',
    ],
  });

const otherAnswers = (machine: string): LandfallError =>
  new LandfallError('identity.mismatch', {
    what: `another machine answers at the address of ${machine}`,
    where: { host: machine, machine, command: 'cat /etc/machine-id' },
    next: ['look at who has that address now, and at the standby', 'then let the abort go on'],
  });

function preview(view: View, machine: string): Action[] {
  const source = sourceOf(view, machine);
  const units = doneTo(view, machine).stopped?.units ?? [];
  return [
    look(source.hypervisor, source.info, 'that it is the source that was copied'),
    ...(units.length === 0
      ? []
      : [look(machine, ['systemctl', 'is-active', ...units], 'all of it stayed down')]),
    source.noAutostart,
    source.shutdown,
  ];
}

function undoPreview(view: View, machine: string): Action[] {
  const source = sourceOf(view, machine);
  const site = targetOf(view.plan, machine);
  const before = doneTo(view, machine).poweredOff;
  const name = source.info.slice(-1);
  return [
    look(site.hypervisor, [...site.read('dominfo'), ...name], 'that no standby runs beside it'),
    look(source.hypervisor, source.info),
    source.start,
    ...(before?.autostart === false ? [] : [source.autostart]),
    ...(hasLogin(view.plan, machine) ? [look(machine, ['cat', '/etc/machine-id'], 'until it answers')] : []),
  ];
}
