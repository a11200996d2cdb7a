import { isDeepStrictEqual } from 'node:util';
import { asLandfallError, type LandfallError } from '../../foundation/errors.ts';
import type { DomainFacts } from '../../journal/facts.ts';
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
import { blockChanges, domainChanges } from '../drift.ts';
import { tellChanges } from '../tell-changes.ts';
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
      const before = get(context.state.drift ?? {}, machine);
      const since = known?.at;
      if (since !== undefined && !(before?.since === since && isDeepStrictEqual(before.found, found)))
        await tellChanges(context, machine, found, since);
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
