import { LandfallError } from '../../foundation/errors.ts';
import type { MachineState } from '../../journal/state.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { type Action, fact } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { needVirsh, unreadable } from '../../tools/virsh.ts';
import { evacuationOf, pluggedXml, receiverDomain, replicaSerial, replicaVolume } from '../names.ts';
import { type Target, targetOf } from '../site.ts';
import { isPlugged, type PluggedDisk, pluggedDiskXml, type ReceiverVolume, readPlugged } from './disk-xml.ts';

/**
 * Disks go in and out of the running receiver here. It boots with its own disk alone, so that no boot ever sees a
 * replica; what it works on is plugged in when it is up. A proof takes the replica out and puts overlays in.
 */

type ExecAction = Action & { kind: 'exec' };

/** How long the hypervisor and the receiver's kernel may take to show that a disk has come or gone. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** The volumes of the replica itself, one a disk, in the source's order; undefined before the inventory. */
export function replicaVolumes(view: View, machine: string): ReceiverVolume[] | undefined {
  const { target } = targetOf(view.plan, machine);
  return view.state.machines[machine]?.observed?.domain.disks.map(disk => ({
    disk: disk.target,
    pool: target.pool,
    volume: replicaVolume(evacuationOf(view), machine, disk.target),
  }));
}

const onHypervisor = (site: Target, argv: ExecAction['argv'], note?: string): ExecAction => ({
  kind: 'exec',
  host: site.hypervisor,
  argv,
  ...(note === undefined ? {} : { note }),
});

interface Plug {
  readonly xml: Action & { kind: 'write' };
  readonly attach: ExecAction;
  readonly detach: ExecAction;
}

/** What is done to one volume: the file that describes it, and the two verbs that read the file. */
function plugOf(view: View, machine: string, volume: ReceiverVolume, index: number): Plug {
  const site = targetOf(view.plan, machine);
  const evacuation = evacuationOf(view);
  const domain = receiverDomain(evacuation, machine);
  const file = pluggedXml(evacuation, volume.volume);
  return {
    xml: {
      kind: 'write',
      host: site.hypervisor,
      path: file,
      mode: 0o600,
      content: pluggedDiskXml(volume, index),
    },
    attach: onHypervisor(site, site.write('attach-device', domain, file, '--live')),
    detach: onHypervisor(site, site.write('detach-device', domain, file, '--live')),
  };
}

/**
 * Everything that `plug` may perform for these volumes, for a preview: what else sits in their places goes out first.
 * `volumes`: one a disk, in the source's order; undefined (before the inventory) gives placeholders.
 */
export function plugActions(
  view: View,
  machine: string,
  volumes: readonly ReceiverVolume[] | undefined,
): Action[] {
  if (volumes === undefined) return unknownPlugs(view, machine, 'attach-device');
  return volumes.flatMap((volume, index) => {
    const { xml, detach, attach } = plugOf(view, machine, volume, index);
    return [
      xml,
      { ...detach, note: `only where another volume bears the serial ${replicaSerial(volume.disk)}` },
      attach,
    ];
  });
}

/** Everything that `unplug` may perform, for a preview. */
export function unplugActions(view: View, machine: string): Action[] {
  const volumes = replicaVolumes(view, machine);
  if (volumes === undefined) return unknownPlugs(view, machine, 'detach-device');
  return volumes.flatMap((volume, index) => {
    const { xml, detach } = plugOf(view, machine, volume, index);
    return [xml, detach];
  });
}

function unknownPlugs(view: View, machine: string, verb: string): Action[] {
  const site = targetOf(view.plan, machine);
  const file = fact(undefined, 'the XML file of each replica disk', `inventory/${machine}`);
  return [
    onHypervisor(site, [...site.write(verb, receiverDomain(evacuationOf(view), machine)), file, '--live']),
  ];
}

/** The disks with a serial of ours that are in the running receiver now. */
export async function pluggedDisks(
  host: Host,
  site: Target,
  domain: string,
  signal: AbortSignal,
): Promise<PluggedDisk[]> {
  const argv = site.read('dumpxml', domain);
  const xml = await needVirsh(host, argv, { signal });
  const disks = readPlugged(xml);
  if (disks === undefined) throw unreadable(host.id, formatArgv(argv), xml);
  return disks;
}

/** Where a volume of the replica lies, as it was recorded when it was made. */
export const recordedPath = (machine: MachineState | undefined, volume: ReceiverVolume): string | undefined =>
  machine?.replica?.volumes.find(({ pool, volume: name }) => pool === volume.pool && name === volume.volume)
    ?.path;

/** True where exactly these volumes are in the receiver, each at its place, and nothing else of ours. */
export function hasExactly(
  found: readonly PluggedDisk[],
  volumes: readonly ReceiverVolume[],
  machine: MachineState | undefined,
): boolean {
  return (
    found.length === volumes.length &&
    volumes.every((volume, index) =>
      found.some(disk => isPlugged(disk, volume, index, recordedPath(machine, volume))),
    )
  );
}

/**
 * Puts these volumes, and no others, into the running receiver. One that is there stays; whatever else bears a serial
 * of ours goes out first: it must not be mounted (`unmountReplica`). Says nothing about what the receiver's kernel
 * shows: see `observeDevices`.
 */
export async function plug(
  context: StepContext,
  machine: string,
  volumes: readonly ReceiverVolume[],
  signal: AbortSignal,
): Promise<void> {
  const { site, domain, host } = await receiverOf(context, machine);
  const known = context.state.machines[machine];
  const found = await pluggedDisks(host, site, domain, signal);
  const isThere = (volume: ReceiverVolume, index: number): boolean =>
    found.some(disk => isPlugged(disk, volume, index, recordedPath(known, volume)));
  const missing = volumes.flatMap((volume, index) => (isThere(volume, index) ? [] : [{ volume, index }]));
  const others = found.filter(
    disk => !volumes.some((volume, index) => isPlugged(disk, volume, index, recordedPath(known, volume))),
  );
  for (const disk of others) {
    const at = volumes.findIndex(volume => replicaSerial(volume.disk) === disk.serial);
    const volume = volumes[at];
    if (volume === undefined) throw foreignDisk(site, domain, disk);
    await detachOne(context, machine, volume, at, signal);
  }
  for (const { volume, index } of missing) {
    const { xml, attach } = plugOf(context, machine, volume, index);
    await context.perform(xml);
    await context.perform(attach, { signal });
  }
}

/** Takes everything with a serial of ours out of the running receiver; it must not be mounted there. */
export async function unplug(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const { site, domain, host } = await receiverOf(context, machine);
  const volumes = replicaVolumes(context, machine) ?? [];
  for (const disk of await pluggedDisks(host, site, domain, signal)) {
    const at = volumes.findIndex(volume => replicaSerial(volume.disk) === disk.serial);
    const volume = volumes[at];
    if (volume === undefined) throw foreignDisk(site, domain, disk);
    await detachOne(context, machine, volume, at, signal);
  }
}

/** The verb may return before the guest has let go: it is done when libvirt no longer shows the disk. */
async function detachOne(
  context: StepContext,
  machine: string,
  volume: ReceiverVolume,
  index: number,
  signal: AbortSignal,
): Promise<void> {
  const { site, domain, host } = await receiverOf(context, machine);
  const { xml, detach } = plugOf(context, machine, volume, index);
  const serial = replicaSerial(volume.disk);
  await context.perform(xml);
  await context.perform(detach, { signal });
  const started = context.clock.monotonic();
  while ((await pluggedDisks(host, site, domain, signal)).some(disk => disk.serial === serial)) {
    if (context.clock.monotonic() - started >= PATIENCE_MS) throw staysPlugged(site, domain, serial);
    context.sample({ text: `waiting until the receiver of ${machine} has let go of ${serial}` });
    await context.clock.sleep(PAUSE_MS, signal);
  }
}

async function receiverOf(
  context: StepContext,
  machine: string,
): Promise<{ site: Target; domain: string; host: Host }> {
  const site = targetOf(context.plan, machine);
  const domain = receiverDomain(evacuationOf(context), machine);
  return { site, domain, host: await context.host(site.hypervisor) };
}

function staysPlugged(site: Target, domain: string, serial: string): LandfallError {
  return new LandfallError('remote.command-failed', {
    what: `the receiver ${domain} does not let go of the disk ${serial}`,
    why: 'two must never use one replica at a time',
    where: { host: site.hypervisor, machine: site.machine, command: 'virsh detach-device' },
    next: [
      'see in the receiver what still uses it: lsblk, fuser -vm /mnt/t, dmsetup ls',
      `the receiver is disposable, what is in the replica is not lost with it: virsh destroy ${domain}; then run the same command again`,
    ],
  });
}

function foreignDisk(site: Target, domain: string, disk: PluggedDisk): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `the receiver ${domain} has a disk ${disk.serial}, which is no disk of ${site.machine}`,
    where: { host: site.hypervisor, machine: site.machine },
    evidence: [`its volume: ${disk.pool ?? ''} ${disk.volume ?? disk.file ?? 'unknown'}`],
    next: [
      `a source that has lost a disk needs a fresh receiver: virsh destroy ${domain}; virsh undefine ${domain}`,
      'then run the same command again',
    ],
  });
}
