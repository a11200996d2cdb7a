import { asLandfallError, type LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { BlockFacts, DomainFacts } from '../../journal/facts.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import { hasLogin } from '../../plan/login.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Action } from '../../step/action.ts';
import { isLinkFault } from '../../step/retry.ts';
import type { Step, StepContext } from '../../step/step.ts';
import { isOwnDisk, LSBLK } from '../../tools/block-devices.ts';
import { lookAtBlocks } from '../../tools/look.ts';
import { askVirsh, unreadable, virshError, virshRead } from '../../tools/virsh.ts';
import { readDomain } from './domain.ts';
import { machineStep, machineStepId } from './step.ts';

type Observed = NonNullable<MachineState['observed']>;

export const lookStepId = (machine: string, pass: number): string => `sync/${machine}/look-${pass}`;

/**
 * Before a pass: whether the machine still has the disks and cards of its inventory, by two short questions. Where it has
 * not, that is recorded, and the whole inventory is taken anew, so that whatever rests on it is judged by what is there. A
 * host that does not answer just now delays no pass: the next one asks again.
 */
export function lookStep(plan: Plan, machine: string, pass: number): Step {
  const whole = machineStep(plan, machine);
  return {
    id: lookStepId(machine, pass),
    phase: 'sync',
    subject: machine,
    title: `see whether ${machine} is as its inventory knows it, before pass ${pass}`,
    needs: [machineStepId(machine)],
    resources: [],
    preview: view => [...questions(plan, machine), ...whole.preview(view)],
    async done({ state }) {
      return get(state.machines, machine)?.passes.some(each => each.pass === pass) === true;
    },
    async run(context, signal) {
      const known = get(context.state.machines, machine)?.observed;
      const found = known === undefined ? [] : await changes(context, machine, known, signal);
      if (found.length === 0) return;
      const before = get(context.state.drift ?? {}, machine)?.found;
      if (JSON.stringify(before) !== JSON.stringify(found))
        await context.emit({ type: 'drift.seen', subject: machine, found });
      await lookAgain(whole, context, signal);
    },
  };
}

/** What was recorded stands as a gate; passes of the disks that can be copied go on. Another machine at its address ends them. */
async function lookAgain(whole: Step, context: StepContext, signal: AbortSignal): Promise<void> {
  try {
    await whole.run(context, signal);
  } catch (thrown) {
    const error = asLandfallError(thrown);
    if (isGrave(error)) throw error;
  }
}

const isGrave = ({ family, code }: LandfallError): boolean =>
  family === 'cancelled' || family === 'bug' || code === 'identity.mismatch';

/** Sentences; none where nothing changed, or where somebody does not answer. */
async function changes(
  context: StepContext,
  machine: string,
  known: Observed,
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const [outside, inside] = await Promise.all([
      lookOutside(context, machine, known.domain, signal),
      lookInside(context, machine, known, signal),
    ]);
    return [...outside, ...inside];
  } catch (thrown) {
    const error = asLandfallError(thrown);
    // libvirt that is restarted, a guest that is slow: the pass finds out for itself whether it can run.
    if (isLinkFault(error) || error.code === 'remote.timeout' || error.code === 'remote.command-failed')
      return [];
    throw error;
  }
}

async function lookInside(
  context: StepContext,
  machine: string,
  { guest: known }: Observed,
  signal: AbortSignal,
): Promise<string[]> {
  if (!hasLogin(context.plan, machine) || known.login === false) return [];
  const blocks = await lookAtBlocks(await context.host(machine), signal);
  return blockChanges(known.blocks, blocks.filter(isOwnDisk));
}

const TIMEOUT_MS = 20_000;

async function lookOutside(
  context: StepContext,
  machine: string,
  known: DomainFacts,
  signal: AbortSignal,
): Promise<string[]> {
  const { host: id, argv } = domainQuestion(context.plan, machine);
  const host = await context.host(id);
  const answer = await askVirsh(host, argv, { timeoutMs: TIMEOUT_MS, signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return [`its domain is not on ${id} any more`];
  if (!answer.ok) throw virshError(id, argv, answer.result);
  const domain = readDomain(answer.text, '', known.state);
  if (domain === undefined) throw unreadable(id, argv.join(' '), answer.text);
  return domainChanges(known, domain);
}

function domainQuestion(plan: Plan, machine: string) {
  const source = plan.machines[machine]?.source;
  const host = source?.hypervisor ?? '';
  const uri = plan.hypervisors[host]?.uri ?? 'qemu:///system';
  return { host, argv: virshRead(uri, 'dumpxml', source?.domain ?? machine) };
}

function questions(plan: Plan, machine: string): Action[] {
  return [
    {
      kind: 'exec',
      ...domainQuestion(plan, machine),
      reads: true,
      note: 'where anything differs from the inventory, that is taken anew:',
    },
    ...(hasLogin(plan, machine) ? [{ kind: 'exec' as const, host: machine, argv: LSBLK, reads: true }] : []),
  ];
}

/** What differs between two looks at a domain, sizes aside: those show in the guest. Texts are harmless. */
export function domainChanges(was: DomainFacts, is: DomainFacts): string[] {
  const disk = (facts: DomainFacts, target: string) => facts.disks.find(each => each.target === target);
  const card = (facts: DomainFacts, mac: string) => facts.interfaces.find(each => each.mac === mac);
  return [
    ...(was.uuid === is.uuid ? [] : [`the domain UUID changed from ${was.uuid} to ${is.uuid}`]),
    ...is.disks
      .filter(({ target }) => disk(was, target) === undefined)
      .map(({ target, source }) => `disk ${target} was added (${source})`),
    ...was.disks
      .filter(({ target }) => disk(is, target) === undefined)
      .map(({ target }) => `disk ${target} was removed`),
    ...is.disks.flatMap(({ target, source }) => {
      const before = disk(was, target)?.source;
      return before === undefined || before === source
        ? []
        : [`disk ${target} now lies at ${source}, not at ${before}`];
    }),
    ...is.interfaces
      .filter(({ mac }) => card(was, mac) === undefined)
      .map(({ mac, network }) => `the network card ${mac} on ${network} is new`),
    ...was.interfaces
      .filter(({ mac }) => card(is, mac) === undefined)
      .map(({ mac }) => `the network card ${mac} is gone`),
  ].map(harmless);
}

/** The same for the block devices that a guest has. */
export function blockChanges(was: readonly BlockFacts[], is: readonly BlockFacts[]): string[] {
  const at = (all: readonly BlockFacts[], device: string) => all.find(each => each.device === device);
  return [
    ...is
      .filter(({ device }) => at(was, device) === undefined)
      .map(({ device, size }) => `${device} (${formatBytes(size)}) is new in the guest`),
    ...was
      .filter(({ device }) => at(is, device) === undefined)
      .map(({ device }) => `${device} is gone from the guest`),
    ...is.flatMap(({ device, size, fstype, uuid }) => {
      const before = at(was, device);
      if (before === undefined) return [];
      if (before.size !== size)
        return [`${device} went from ${formatBytes(before.size)} to ${formatBytes(size)}`];
      return before.fstype === fstype && before.uuid === uuid ? [] : [`${device} holds something else now`];
    }),
  ].map(harmless);
}
