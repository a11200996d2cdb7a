import {
  endLeftCopy,
  fixupActions,
  leftCopyActions,
  networkMoves,
  performFixups,
  planFixups,
  putIn,
  putInActions,
  REPLICA_ROOT,
  readTree,
  readTreeAction,
  receiverHost,
  replicaVolumes,
  stepsBeforeBoot,
  takeOut,
  takeOutActions,
  targetHypervisor,
  targetOf,
  unfitted,
} from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless, tailLines } from '../../foundation/text.ts';
import { counted } from '../../foundation/units.ts';
import { get } from '../../journal/maps.ts';
import type { PassState } from '../../journal/state.ts';
import { openPass, passAfter, safeCopy } from '../../readiness/copy.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact } from '../../step/action.ts';
import { hasReceiver } from '../../step/receiver.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import { finishMerge, finishMergeActions } from '../../sync/index.ts';
import { VIRSH_CODES } from '../../tools/virsh.ts';
import type { Deed } from '../deed.ts';
import { besideSourceActions, refuseBesideSource } from './beside-source.ts';
import { bringUpUndo } from './bring-up-undo.ts';
import { changed, doneTo, exec, look, observedOf } from './hands.ts';
import { type LiveOverlay, overlaysOf, removeOverlays } from './overlays.ts';
import { freshReceiver, freshReceiverActions, receiverOff, receiverOffActions } from './receiver.ts';
import { findStandby, isOnLayers, type StandbyLook, standbyActions } from './standby.ts';

/**
 * Starts the standby on layers over the replica, with what it needs at the target written into the layers: the replica
 * stays as the last pass left it until the commit. Never while the source runs.
 */
export function bringUpDeed(machine: string, options: { readonly dark?: boolean } = {}): Deed {
  const dark = options.dark === true;
  return {
    needs: view => stepsBeforeBoot(view, machine),
    retry: LINK_RETRY,
    preview: view => preview(view, machine, dark),
    done: (context, signal) => isUp(context, machine, signal),
    run: (context, signal) => run(context, machine, dark, signal),
    undo: bringUpUndo(machine, dark),
  };
}

async function isUp(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  const { overlaid, started, committedAt } = doneTo(context, machine);
  if (overlaid === undefined || started === undefined) return false;
  const host = await context.host(targetOf(context.plan, machine).hypervisor);
  const standby = await findStandby(context, host, machine, signal);
  return standby?.isOn === true && (committedAt !== undefined || isOnLayers(context, machine, standby));
}

async function run(
  context: StepContext,
  machine: string,
  dark: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const { site, name } = standbyActions(context, machine);
  const host = await targetHypervisor(context, site, signal);
  const source = dark
    ? 'the source was not asked whether it runs: it is taken for lost, and kept from coming back by people'
    : await refuseBesideSource(context, machine, signal);
  const standby = await findStandby(context, host, machine, signal);
  if (standby === undefined) throw notDefined(machine, site.hypervisor);
  if (standby.isOn) refuseOffLayers(context, machine, standby);
  else {
    if (doneTo(context, machine).overlaid === undefined) await layOver(context, host, machine, dark, signal);
    if (hasReceiver(context, machine)) await receiverOff(context, host, machine, signal);
    await start(context, machine, signal);
  }
  if (doneTo(context, machine).started === undefined) {
    await context.emit({
      type: 'cutover.standby-started',
      machine,
      domain: observedOf(context, machine).domain.name,
    });
  }
  const why = unfitted(context, machine);
  const fixups = why === undefined ? (get(context.state.machines, machine)?.fixups?.fixups ?? []) : [];
  return [
    `${String(name)} runs on ${site.hypervisor}, on ${counted(overlaysOf(context, machine).length, 'layer')} over the replica`,
    source,
    ...(why === undefined ? [] : [`as it was at the source: ${why}`]),
    ...(fixups.length === 0 ? [] : [`fitted to the target: ${fixups.map(({ title }) => title).join('; ')}`]),
    ...copyWords(context, machine, dark),
  ];
}

/** In words: what it was started from, where that is not the last copy of a quiet source; as exposure has said before. */
function copyWords(view: View, machine: string, dark: boolean): string[] {
  if (!dark) return [];
  const known = get(view.state.machines, machine);
  const copy = safeCopy(known);
  if (copy.kind === 'none') return [`its copy cannot be relied on: ${copy.why}`];
  const [open, newer] = [openPass(known), passAfter(known, copy.pass)];
  return [
    `as of ${new Date(copy.since).toISOString()}: pass ${copy.pass}, compared byte by byte`,
    ...(newer === undefined
      ? []
      : [`pass ${newer.pass} came after it and was not compared: some files are newer than that`]),
    ...(open === undefined ? [] : [underWayWords(open, known?.advanced?.pass === open.pass)]),
  ];
}

/** Files of an open pass lie between older ones; blocks of one are all in the replica, or none. */
function underWayWords({ pass, mover }: PassState, isIn: boolean): string {
  const begun = `pass ${pass} was under way when the source went`;
  if (mover === 'files') return `${begun}: some files may be newer than that`;
  return isIn
    ? `${begun}, and all its pieces had arrived: the copy is as of the beginning of that pass, and was not compared`
    : `${begun}, and nothing of it is in the copy`;
}

function refuseOffLayers(context: StepContext, machine: string, standby: StandbyLook): void {
  if (isOnLayers(context, machine, standby)) return;
  const { site, name } = standbyActions(context, machine);
  throw new LandfallError('build.foreign-object', {
    what: `the standby ${String(name)} runs on ${site.hypervisor}, but not on the layers that landfall laid for it`,
    why: 'somebody has started it by hand: it may write into the replica itself, and then an abort has no copy to go on with',
    where: { host: site.hypervisor, machine },
    evidence: standby.disks.map(({ target, file }) => `${target}: ${harmless(file ?? 'nothing')}`),
    next: [
      `end it: virsh destroy ${String(name)}`,
      'then order the same item again; where it wrote into the replica, let a pass repair that first',
    ],
  });
}

/** Layers over the replica, fitted to the target where that can be done. Begins by clearing away. */
async function layOver(
  context: StepContext,
  host: Host,
  machine: string,
  dark: boolean,
  signal: AbortSignal,
): Promise<void> {
  const why = unfitted(context, machine);
  await endLeftCopy(context, targetOf(context.plan, machine), host, signal);
  await finishMerge(context, machine, signal);
  if (why === undefined) {
    if (dark) await freshReceiver(context, host, machine, signal);
    await takeOut(context, machine, signal);
  }
  await removeOverlays(context, host, machine, signal);
  context.sample({ text: 'laying layers over the replica' });
  const overlays = overlaysOf(context, machine);
  for (const { create } of overlays) await context.perform(create, { signal });
  if (why === undefined) await fitUp(context, machine, overlays, signal);
  else context.sample({ text: why });
  await context.emit({
    type: 'cutover.overlaid',
    machine,
    volumes: overlays.map(({ volume, path }) => ({ ...volume, path: path ?? '' })),
  });
}

/** What the copied system needs to come up here, written into its layers. */
async function fitUp(
  context: StepContext,
  machine: string,
  overlays: readonly LiveOverlay[],
  signal: AbortSignal,
): Promise<void> {
  const receiver = receiverHost(machine);
  await putIn(
    context,
    machine,
    overlays.map(({ volume }) => volume),
    signal,
  );
  context.sample({ text: 'looking at the copied system' });
  const { guest, domain } = observedOf(context, machine);
  const tree = await readTree(await context.host(receiver), REPLICA_ROOT, signal);
  const moves = networkMoves(context.plan);
  const fixups = planFixups(tree, { guest, domain, topologyKept: true, moves, purpose: 'cutover' });
  await context.emit({ type: 'fixups.planned', machine, purpose: 'cutover', fixups });
  await performFixups(context, receiver, REPLICA_ROOT, fixups, signal);
  await takeOut(context, machine, signal);
}

async function start(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const { site, liveXml, defineLive, start: begin, name } = standbyActions(context, machine);
  context.sample({ text: `starting ${machine} at the target` });
  await context.perform(liveXml);
  const defined = await context.perform(defineLive, { codes: VIRSH_CODES, signal });
  if (defined.code !== 0) {
    throw new LandfallError('build.xml-refused', {
      what: `libvirt on ${site.hypervisor} refuses the definition with which ${machine} is to start`,
      where: { host: site.hypervisor, machine, command: `virsh define --validate ${liveXml.path}` },
      evidence: tailLines(defined.stderr.toString('utf8'), 4),
      next: [
        `look at it there: ${liveXml.path}`,
        'report this with that file',
        'the source can be started again: abort',
      ],
    });
  }
  await changed(context, begin, ['already-active'], signal);
  const standby = await findStandby(context, await context.host(site.hypervisor), machine, signal);
  if (standby?.isOn === true) return;
  throw new LandfallError('cutover.standby-failed', {
    what: `the standby ${String(name)} was started on ${site.hypervisor} and is off again`,
    where: { host: site.hypervisor, machine, command: `virsh start ${String(name)}` },
    evidence: [`its state: ${standby?.state ?? 'no such domain'}`],
    next: [
      `see why, on ${site.hypervisor}: tail -n 30 /var/log/libvirt/qemu/${String(name)}.log`,
      'then order the same item again, or abort: the source is as it was',
    ],
  });
}

const notDefined = (machine: string, hypervisor: string): LandfallError =>
  new LandfallError('cutover.standby-failed', {
    what: `${machine} has no standby on ${hypervisor}`,
    where: { host: hypervisor, machine },
    next: ['build it: landfall run PLAN', 'then order the same item again'],
  });

/** In the order of the run; what the fix-ups change is known once the copied system was read. */
function preview(view: View, machine: string, dark: boolean): Action[] {
  const actions = standbyActions(view, machine);
  const { site, name } = actions;
  const receiver = receiverHost(machine);
  const overlays = overlaysOf(view, machine);
  const isKnown = replicaVolumes(view, machine) !== undefined;
  const isFitted = unfitted(view, machine) === undefined;
  return [
    look(site.hypervisor, ['cat', '/etc/machine-id']),
    ...(dark ? [] : besideSourceActions(view, machine)),
    look(site.hypervisor, [...site.read('dumpxml'), name]),
    look(site.hypervisor, [...site.read('domstate'), name]),
    ...leftCopyActions(view, site),
    ...finishMergeActions(view, machine),
    ...(dark && isFitted ? freshReceiverActions(view, machine) : []),
    ...(isFitted ? takeOutActions(view, machine) : []),
    ...overlays.flatMap(({ volume, remove }) => [
      look(site.hypervisor, site.read('vol-dumpxml', '--pool', volume.pool, volume.volume)),
      { ...remove, note: 'only where an earlier attempt has left it' },
    ]),
    ...overlays.map(({ create }) => create),
    ...(isFitted
      ? [
          ...putInActions(view, machine, isKnown ? overlays.map(({ volume }) => volume) : undefined),
          readTreeAction(receiver, REPLICA_ROOT),
          ...fixupsOf(view, machine),
        ]
      : []),
    ...(hasReceiver(view, machine) ? receiverOffActions(view, machine) : []),
    actions.liveXml,
    actions.defineLive,
    actions.start,
  ];
}

function fixupsOf(view: View, machine: string): Action[] {
  const receiver = receiverHost(machine);
  const planned = get(view.state.machines, machine)?.fixups;
  const since = view.state.cutover?.startedAt;
  if (planned?.purpose === 'cutover' && since !== undefined && planned.at >= since)
    return fixupActions(receiver, REPLICA_ROOT, planned.fixups);
  const from = `cutover/${machine}/bring-up`;
  return [
    exec(receiver, [
      fact(undefined, 'the fix-ups that this copy needs at the target, in its layers only', from),
    ]),
  ];
}
