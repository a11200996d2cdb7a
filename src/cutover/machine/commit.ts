import { targetHypervisor } from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { counted } from '../../foundation/units.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { StepContext, View } from '../../step/step.ts';
import { VIRSH_CODES, virshAnswer, virshError } from '../../tools/virsh.ts';
import type { Deed } from '../deed.ts';
import { askDomain, changed, doneTo, type ExecAction, exec, look } from './hands.ts';
import { findOverlays, type LiveOverlay, overlaysOf } from './overlays.ts';
import { disksOf, findStandby, standbyActions } from './standby.ts';

/** Gigabytes that were written since the start go from the layers into the replica. */
const COMMIT_TIMEOUT_MS = 6 * 3600_000;
const PAUSE_MS = 1_000;

/**
 * The layers are merged into the replica while the standby runs: from then on the copy is the machine. Behind the point
 * of no return, so nothing takes it back; cut off, it goes on where the hypervisor is.
 */
export function commitDeed(machine: string): Deed {
  return {
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    done: (context, signal) => isCommitted(context, machine, signal),
    run: (context, signal) => run(context, machine, signal),
  };
}

async function isCommitted(context: StepContext, machine: string, signal: AbortSignal): Promise<boolean> {
  if (doneTo(context, machine).committedAt === undefined) return false;
  const { site, name } = standbyActions(context, machine);
  const host = await context.host(site.hypervisor);
  const standby = await findStandby(context, host, machine, signal);
  const info = await askDomain(host, site.read('dominfo', String(name)), signal);
  return (
    standby !== undefined &&
    overlaysOf(context, machine).every(overlay => stateOf(overlay, standby.disks) === 'merged') &&
    info.isThere &&
    info.autostart
  );
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<string[]> {
  const actions = standbyActions(context, machine);
  const { site, name } = actions;
  const host = await targetHypervisor(context, site, signal);
  const standby = await findStandby(context, host, machine, signal);
  if (standby?.state !== 'running') throw notRunning(machine, site.hypervisor, String(name), standby?.state);
  const overlays = overlaysOf(context, machine);
  for (const overlay of overlays) await merge(context, host, machine, overlay, signal);

  // libvirt notes it in the definition that stays, too; where it did not, the next start would look for a layer.
  const kept = await disksOf(context, host, machine, ['--inactive'], signal);
  if (!overlays.every(overlay => stateOf(overlay, kept) === 'merged')) {
    await context.perform(actions.finalXml);
    const defined = await context.perform(actions.defineFinal, { codes: VIRSH_CODES, signal });
    if (defined.code !== 0) throw virshError(site.hypervisor, actions.defineFinal.argv.map(String), defined);
  }
  for (const overlay of await leftOverlays(context, host, machine, signal))
    await changed(context, overlay.remove, ['volume-absent'], signal);
  await context.perform(actions.autostart, { signal });
  await context.emit({ type: 'cutover.committed', machine });
  return [
    `${counted(overlays.length, 'disk')} of ${String(name)} ${overlays.length === 1 ? 'is' : 'are'} the replica itself, its layers are gone`,
    `it starts with ${site.hypervisor} from now on`,
  ];
}

/** `merged`: the domain runs on the replica itself; `over`: on the layer; anything else is not ours. */
function stateOf(
  { disk, base, basePath, volume, path }: LiveOverlay,
  disks: readonly { readonly target: string; readonly file: string | undefined }[],
): 'merged' | 'over' | 'foreign' {
  const file = disks.find(({ target }) => target === disk)?.file;
  if (file === undefined) return 'foreign';
  if (file === basePath || file === base.volume) return 'merged';
  return file === path || file === volume.volume ? 'over' : 'foreign';
}

function mergeActions(view: View, machine: string, { disk, base }: LiveOverlay) {
  const { site, name } = standbyActions(view, machine);
  return {
    merge: exec(
      site.hypervisor,
      [...site.write('blockcommit'), name, disk, '--active', '--pivot', '--wait'],
      `what it wrote since its start goes into ${base.volume}, while it runs`,
    ),
    pivot: exec(
      site.hypervisor,
      [...site.write('blockjob'), name, disk, '--pivot'],
      'only where an earlier attempt was cut off when all was merged',
    ),
  };
}

async function merge(
  context: StepContext,
  host: Host,
  machine: string,
  overlay: LiveOverlay,
  signal: AbortSignal,
): Promise<void> {
  const actions = mergeActions(context, machine, overlay);
  context.sample({ text: `merging what ${machine} wrote on ${overlay.disk} into its replica` });
  for (let attempt = 1; ; attempt += 1) {
    const disks = await disksOf(context, host, machine, [], signal);
    const state = stateOf(overlay, disks);
    if (state === 'merged') return;
    if (state === 'foreign' || attempt > 3) throw notMerged(context, machine, overlay, disks);
    const job = disks.find(({ target }) => target === overlay.disk);
    if (job?.job === undefined) await mergeNow(context, actions.merge, signal);
    else await pivotWhenReady(context, host, machine, overlay, actions.pivot, signal);
  }
}

/** A job that is there already goes on: an earlier attempt has begun it, and the next look finds it. */
async function mergeNow(context: StepContext, action: ExecAction, signal: AbortSignal): Promise<void> {
  const result = await context.perform(action, { codes: VIRSH_CODES, timeoutMs: COMMIT_TIMEOUT_MS, signal });
  const answer = virshAnswer(result);
  if (
    answer.ok ||
    /already (?:in an )?active block job|block job is already/i.test(result.stderr.toString('utf8'))
  )
    return;
  throw virshError(action.host, action.argv.map(String), result);
}

async function pivotWhenReady(
  context: StepContext,
  host: Host,
  machine: string,
  { disk }: LiveOverlay,
  pivot: ExecAction,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const job = (await disksOf(context, host, machine, [], signal)).find(({ target }) => target === disk);
    if (job?.job === undefined) return;
    if (job.isReady) {
      await context.perform(pivot, { signal });
      return;
    }
    context.sample({ text: `${disk} of ${machine}: a merge that had begun goes on` });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

/** A merged layer lies over the replica as before, and nothing uses it any more. */
async function leftOverlays(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<LiveOverlay[]> {
  const live = await disksOf(context, host, machine, [], signal);
  const inUse = overlaysOf(context, machine).find(overlay => stateOf(overlay, live) !== 'merged');
  if (inUse !== undefined) throw notMerged(context, machine, inUse, live);
  return findOverlays(context, host, machine, signal);
}

function notMerged(
  view: View,
  machine: string,
  { disk, basePath }: LiveOverlay,
  disks: readonly { readonly target: string; readonly file: string | undefined }[],
): LandfallError {
  const { site, name } = standbyActions(view, machine);
  return new LandfallError('cutover.standby-failed', {
    what: `disk ${disk} of ${String(name)} does not run on the replica after its merge`,
    why: 'its layer is not deleted as long as it is in use; the machine runs on, and nothing is lost',
    where: { host: site.hypervisor, machine, command: `virsh blockcommit ${String(name)} ${disk}` },
    evidence: [
      `it runs on: ${harmless(disks.find(({ target }) => target === disk)?.file ?? 'nothing')}`,
      `the replica: ${basePath ?? 'not recorded'}`,
    ],
    next: [
      `look at its jobs: virsh blockjob ${String(name)} ${disk}; virsh domblklist ${String(name)}`,
      `then order this again: commit/${machine}`,
    ],
  });
}

const notRunning = (
  machine: string,
  hypervisor: string,
  name: string,
  state: string | undefined,
): LandfallError =>
  new LandfallError('cutover.standby-failed', {
    what: `${name} does not run on ${hypervisor}: it is ${state ?? 'not there'}`,
    why: 'its layers are merged while it runs; they hold what it wrote, and nothing of it is lost',
    where: { host: hypervisor, machine, command: `virsh domstate ${name}` },
    next: [`start it: virsh start ${name}`, `then order this again: commit/${machine}`],
  });

function preview(view: View, machine: string): Action[] {
  const actions = standbyActions(view, machine);
  const { site, name } = actions;
  const overlays = overlaysOf(view, machine);
  return [
    look(site.hypervisor, ['cat', '/etc/machine-id']),
    look(site.hypervisor, [...site.read('dumpxml'), name]),
    look(site.hypervisor, [...site.read('domstate'), name]),
    ...(overlays.length === 0
      ? [
          exec(site.hypervisor, [
            ...site.write('blockcommit'),
            name,
            fact(undefined, 'each disk', `inventory/${machine}`),
            ...['--active', '--pivot', '--wait'],
          ]),
        ]
      : overlays.flatMap(overlay => Object.values(mergeActions(view, machine, overlay)))),
    look(site.hypervisor, [...site.read('dumpxml', '--inactive'), name]),
    actions.finalXml,
    actions.defineFinal,
    ...overlays.flatMap(({ volume, remove }) => [
      look(site.hypervisor, site.read('vol-dumpxml', '--pool', volume.pool, volume.volume)),
      remove,
    ]),
    actions.autostart,
  ];
}
