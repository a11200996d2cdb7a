import { copiedMounts, movedAddress, targetOf } from '../../build/index.ts';
import { asLandfallError, LandfallError } from '../../foundation/errors.ts';
import { formatDuration } from '../../foundation/units.ts';
import { COLLECTOR_TIMEOUT_MS, collectorCommand, decodeSections, readGuest } from '../../inventory/index.ts';
import type { GuestFacts } from '../../journal/facts.ts';
import { get } from '../../journal/maps.ts';
import type { ProofCheck } from '../../journal/proof-facts.ts';
import { hasLogin } from '../../plan/login.ts';
import { checkCommand, judgeRunning, type RunningAnswers } from '../../prove/index.ts';
import type { Host } from '../../remote/host.ts';
import type { Action } from '../../step/action.ts';
import { isLinkFault, LINK_RETRY } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import type { Deed } from '../deed.ts';
import { besideSourceActions, refuseBesideSource } from './beside-source.ts';
import { checkOutsideDeed } from './check-outside.ts';
import { doneTo, look, observedOf } from './hands.ts';
import { locate, locateCommands } from './locate.ts';
import { standbyHost } from './names.ts';

const PAUSE_MS = 5_000;
/** A check of the plan may try twice, thirty seconds each. */
const CHECK_TIMEOUT_MS = 120_000;
/** However a check ends is its answer. */
const ANY_CODE: readonly number[] = Array.from({ length: 256 }, (_, code) => code);

/**
 * Asks the running standby itself whether it is its source: who it is, on what it stands, what runs, who listens, and
 * what the plan wants to be true. It has as long as a proof has to come up. Only looks.
 */
export function checkDeed(machine: string): Deed {
  const outside = checkOutsideDeed(machine);
  const inside: Deed = {
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    // An answer of a moment: what counts is that it was asked in this cutover.
    done: async context => context.state.cutover?.items[`check/${machine}`]?.outcome === 'done',
    run: (context, signal) => run(context, machine, signal),
  };
  const deedFor = (view: View): Deed => (hasLogin(view.plan, machine) ? inside : outside);
  return {
    ...inside,
    preview: view => deedFor(view).preview(view),
    run: (context, signal) => deedFor(context).run(context, signal),
  };
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const limitMs = context.plan.proof.boot_within;
  const source = await sourceStaysOff(context, machine, signal);
  const began = context.clock.monotonic();
  for (;;) {
    const asked = await ask(context, machine, signal);
    if (asked.ok) return [...asked.evidence, ...source];
    const waited = context.clock.monotonic() - began;
    if (waited >= limitMs) throw asked.error;
    context.sample({ text: `${asked.error.message}; asking again`, fraction: waited / limitMs });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

/** Between its power-off and now somebody may have started it. Production at the target waits for no site that is gone. */
async function sourceStaysOff(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (context.state.cutover?.dark === true) return [];
  try {
    return [await refuseBesideSource(context, machine, signal)];
  } catch (error) {
    if (!(error instanceof LandfallError) || !isLinkFault(error)) throw error;
    return [`whether its source is still off could not be asked: ${error.message}`];
  }
}

type Asked =
  | { readonly ok: true; readonly evidence: string[] }
  | { readonly ok: false; readonly error: LandfallError };

async function ask(context: StepContext, machine: string, signal: AbortSignal): Promise<Asked> {
  await findAddress(context, machine, signal);
  let answers: RunningAnswers;
  try {
    answers = await answersOf(context, await context.host(standbyHost(machine)), machine, signal);
  } catch (thrown) {
    const error = asLandfallError(thrown);
    if (!mayComeUp(error)) throw error;
    return { ok: false, error: silent(context, machine, error) };
  }
  refuseSource(context, machine, answers.guest);
  const { all, failed } = judgeRunning(expectedOf(context, machine), answers);
  if (failed.length > 0) return { ok: false, error: notItself(machine, failed) };
  return { ok: true, evidence: all.filter(({ verdict }) => verdict === 'pass').map(({ found }) => found) };
}

/** While a system boots, its SSH is not there, lets nobody in, or ends in the middle of an answer. */
const mayComeUp = (error: LandfallError): boolean =>
  isLinkFault(error) ||
  [
    'ssh.auth-refused',
    'ssh.protocol',
    'remote.timeout',
    'remote.answer-unreadable',
    'remote.no-exit-status',
  ].includes(error.code);

/** Where the plan names no address, the hypervisor is asked; what it says is on record for every later look. */
async function findAddress(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  if (get(context.plan.machines, machine)?.address_after !== undefined) return;
  const host = await context.host(targetOf(context.plan, machine).hypervisor);
  const address = await locate(context, host, machine, signal);
  const { started } = doneTo(context, machine);
  if (address === undefined || started === undefined || started.address === address) return;
  await context.emit({ type: 'cutover.standby-started', machine, domain: started.domain, address });
}

async function answersOf(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<RunningAnswers> {
  const { stdout } = await host.exec(collectorCommand('/'), {
    timeoutMs: COLLECTOR_TIMEOUT_MS,
    maxBytes: 48 * 1024 ** 2,
    signal,
  });
  const guest = readGuest(decodeSections(stdout.toString('utf8'), host.id), host.id).facts;
  const checks = new Map<number, { rc: number; text: string }>();
  for (const [index, check] of (get(context.plan.machines, machine)?.checks ?? []).entries()) {
    const result = await host.exec(checkCommand(check), {
      codes: ANY_CODE,
      timeoutMs: CHECK_TIMEOUT_MS,
      signal,
    });
    checks.set(index, {
      rc: result.code,
      text: Buffer.concat([result.stdout, result.stderr]).toString('utf8'),
    });
  }
  return { guest, checks };
}

/** Where both sites share a network, the source may answer in the standby's place: by the boot that it was seen in. */
function refuseSource(view: View, machine: string, guest: RunningAnswers['guest']): void {
  const { bootId } = observedOf(view, machine).guest;
  if (bootId === undefined || guest.bootId !== bootId) return;
  throw new LandfallError('identity.mismatch', {
    what: `what answers as the standby of ${machine} is the source itself: it still runs`,
    why: 'two of one machine would damage data; nothing goes on until one of them is off',
    where: { host: standbyHost(machine), machine },
    evidence: [`its boot: ${bootId}`],
    next: [
      `shut the source down: power-off/${machine}`,
      `look at machines.${machine}.address_after in the plan`,
    ],
  });
}

/** Its own facts, with the addresses at which it listens as they are at the target. */
function expectedOf(view: View, machine: string) {
  const { guest } = observedOf(view, machine);
  const moved: GuestFacts = {
    ...guest,
    sockets: guest.sockets.map(socket => ({
      ...socket,
      address: movedAddress(view.plan, socket.address) ?? socket.address,
    })),
  };
  return {
    machine,
    guest: moved,
    copied: copiedMounts(view, machine),
    checks: get(view.plan.machines, machine)?.checks ?? [],
  };
}

function silent(context: StepContext, machine: string, cause: LandfallError): LandfallError {
  const site = targetOf(context.plan, machine);
  const { name } = observedOf(context, machine).domain;
  const address =
    get(context.plan.machines, machine)?.address_after ?? doneTo(context, machine).started?.address;
  return new LandfallError('cutover.standby-failed', {
    what: `the standby of ${machine} does not answer by SSH${address === undefined ? '' : ` at ${address}`}`,
    why: 'nobody can say that it works before it has answered for itself',
    where: { host: standbyHost(machine), machine },
    evidence: [cause.facts.what, ...(cause.facts.evidence ?? []).slice(0, 3)],
    next: [
      `see how far it came, on ${site.hypervisor}: virsh console ${name}`,
      ...(address === undefined
        ? [`say where it is reached: machines.${machine}.address_after in the plan, or in ssh_config`]
        : [`see whether that address is its own: virsh domifaddr ${name} --source agent`]),
      'then order the same item again, or abort: the source is as it was',
    ],
    cause,
  });
}

function notItself(machine: string, failed: readonly ProofCheck[]): LandfallError {
  return new LandfallError('cutover.standby-failed', {
    what: `the standby of ${machine} is not as its source was, ${failed.length} of its checks: ${failed[0]?.found ?? ''}`,
    why: 'users would find something else than they left',
    where: { host: standbyHost(machine), machine },
    evidence: failed
      .flatMap(({ found, detail }) => [found, ...detail.slice(0, 4).map(line => `  ${line}`)])
      .slice(0, 16),
    next: [
      'put it right in the standby itself: what is done there is in its layers and stays with the commit',
      `then order this again: check/${machine}`,
      'or abort: the source is as it was',
    ],
  });
}

function preview(view: View, machine: string): Action[] {
  const site = targetOf(view.plan, machine);
  const planned = get(view.plan.machines, machine);
  const host = standbyHost(machine);
  return [
    ...(view.state.cutover?.dark === true ? [] : besideSourceActions(view, machine)),
    ...(planned?.address_after === undefined
      ? locateCommands(view, machine).map(argv => look(site.hypervisor, argv, 'where it is reached'))
      : []),
    look(
      host,
      collectorCommand('/'),
      `again and again, for ${formatDuration(view.plan.proof.boot_within)} at most: it may still be booting`,
    ),
    ...(planned?.checks ?? []).map(check => look(host, checkCommand(check))),
  ];
}
