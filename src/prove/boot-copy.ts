import {
  heldUnits,
  networkMoves,
  performFixups,
  planFixups,
  putIn,
  REPLICA_ROOT,
  readTree,
  receiverHost,
  takeOut,
  unfitted,
  wantedStandby,
} from '../build/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import { collectorCommand } from '../inventory/index.ts';
import type { GuestFacts } from '../journal/facts.ts';
import type { Host } from '../remote/host.ts';
import type { StepContext, View } from '../step/step.ts';
import { type Deeds, deedsOf, overlaysOf } from './deeds.ts';
import { egressTargets } from './egress.ts';
import { hasAgent } from './judge/identity.ts';
import { consoleFile, evidenceFile } from './names.ts';
import { proofScript } from './script.ts';
import { type Watched, watch } from './watch.ts';

/** How long units may take to settle before the copy is asked, seconds; a small part of the time it has. */
const settleSeconds = (limitMs: number): number => Math.max(20, Math.min(180, Math.round(limitMs / 5000)));

/** Layers over the replica, fix-ups in them, and a boot of them on the island. Leaves what it made to `putBack`. */
export async function bootCopy(
  context: StepContext,
  host: Host,
  machine: string,
  nonce: string,
  signal: AbortSignal,
): Promise<Watched> {
  const deeds = deedsOf(context, machine);
  context.sample({ text: 'laying overlays over the replica' });
  await context.perform(deeds.directory, { signal });
  for (const { create } of deeds.overlays) await context.perform(create, { signal });
  const why = unfitted(context, machine);
  if (why === undefined) {
    await putIn(context, machine, overlaysOf(deeds), signal);
    await fixUp(context, machine, nonce, signal);
    await takeOut(context, machine, signal);
  } else context.sample({ text: why });
  await start(context, deeds, signal);
  return watch(context, host, deeds, watchOptions(context, machine, nonce), signal);
}

/** What the copy needs to come up at the target, and what makes it answer; in the overlay only. */
async function fixUp(
  context: StepContext,
  machine: string,
  nonce: string,
  signal: AbortSignal,
): Promise<void> {
  const { guest, domain } = observedOf(context, machine);
  const receiver = receiverHost(machine);
  context.sample({ text: 'looking at the copied system' });
  const tree = await readTree(await context.host(receiver), REPLICA_ROOT, signal);
  const fixups = planFixups(tree, {
    guest,
    domain,
    topologyKept: true,
    moves: networkMoves(context.plan),
    purpose: 'proof',
    proof: {
      nonce,
      hold: heldOf(context, machine),
      script: scriptOf(context, machine, nonce),
      scriptSeconds: Math.round(context.plan.proof.boot_within / 1000),
    },
  });
  await context.emit({ type: 'fixups.planned', machine, purpose: 'proof', fixups });
  await performFixups(context, receiver, REPLICA_ROOT, fixups, signal);
}

export function heldOf(view: View, machine: string): string[] {
  return heldUnits(observedOf(view, machine).guest, view.plan.machines[machine]?.hold ?? []);
}

export const scriptOf = (view: View, machine: string, nonce: string): string =>
  proofScript({
    nonce,
    collector: collectorCommand('/'),
    egress: egressTargets(view, machine),
    checks: view.plan.machines[machine]?.checks ?? [],
    settleSeconds: settleSeconds(view.plan.proof.boot_within),
  });

async function start(context: StepContext, deeds: Deeds, signal: AbortSignal): Promise<void> {
  context.sample({ text: 'starting the copy on a network of its own' });
  await context.perform(deeds.islandXml);
  await context.perform(deeds.createIsland, { signal });
  await context.perform(deeds.domainXml);
  await context.perform(deeds.createDomain, { signal });
}

function watchOptions({ plan, state, evacuation }: StepContext, machine: string, nonce: string) {
  const outside = unfitted({ plan, state }, machine) !== undefined;
  return {
    machine,
    nonce,
    limitMs: plan.proof.boot_within,
    outside,
    // Where nobody can say what runs in it, its definition tells whether an agent could answer.
    agent: outside
      ? hasAgentChannel(wantedStandby({ plan, state }, machine)?.xml)
      : hasAgent(observedOf({ plan, state }, machine).guest),
    files: { console: consoleFile(evacuation, machine), evidence: evidenceFile(evacuation, machine) },
  };
}

const hasAgentChannel = (standby: string | undefined): boolean =>
  standby?.includes('org.qemu.guest_agent.0') === true;

export function observedOf(
  { state }: View,
  machine: string,
): NonNullable<View['state']['machines'][string]['observed']> {
  const observed = state.machines[machine]?.observed;
  if (observed !== undefined) return observed;
  throw new LandfallError('bug', {
    what: `a proof of ${machine} began before its inventory was recorded`,
    next: ['report this with the journal of the evacuation'],
  });
}

/** For the judges. */
export const guestOf = (view: View, machine: string): GuestFacts => observedOf(view, machine).guest;
