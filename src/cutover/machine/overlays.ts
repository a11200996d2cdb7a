import { dirname } from 'node:path/posix';
import {
  evacuationOf,
  findVolume,
  type ReceiverVolume,
  replicaVolumes,
  type Target,
  targetOf,
} from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import { get } from '../../journal/maps.ts';
import type { Host } from '../../remote/host.ts';
import { fact } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { changed, type ExecAction, exec } from './hands.ts';
import { liveVolume } from './names.ts';

/** The layer over one disk of the replica: what the standby writes to until the commit. */
export interface LiveOverlay {
  readonly disk: string;
  /** As receiver and domain take it. */
  readonly volume: ReceiverVolume;
  readonly base: ReceiverVolume;
  /** Where the replica's own volume lies, and its layer beside it; undefined before the build. */
  readonly basePath: string | undefined;
  readonly path: string | undefined;
  readonly create: ExecAction;
  readonly remove: ExecAction;
}

/** One a disk, in the source's order; empty before the inventory. */
export function overlaysOf(view: View, machine: string): LiveOverlay[] {
  const site = targetOf(view.plan, machine);
  const made = get(view.state.machines, machine)?.replica?.volumes;
  return (replicaVolumes(view, machine) ?? []).map(base => {
    const volume = { ...base, volume: liveVolume(evacuationOf(view), machine, base.disk) };
    const own = made?.find(({ disk }) => disk === base.disk);
    return {
      disk: base.disk,
      volume,
      base,
      basePath: own?.path,
      path: own === undefined ? undefined : `${dirname(own.path)}/${volume.volume}`,
      create: exec(site.hypervisor, [
        ...site.write('vol-create-as', volume.pool, volume.volume),
        fact(own?.capacity, `capacity of disk ${base.disk}`, `build/${machine}/replica`),
        '--format',
        'qcow2',
        '--backing-vol',
        base.volume,
        '--backing-vol-format',
        'qcow2',
      ]),
      remove: exec(site.hypervisor, site.write('vol-delete', volume.volume, '--pool', volume.pool)),
    };
  });
}

/** The layers that are there now; throws `build.foreign-object` where one of that name lies over something else. */
export async function findOverlays(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<LiveOverlay[]> {
  const site = targetOf(context.plan, machine);
  const there: LiveOverlay[] = [];
  for (const overlay of overlaysOf(context, machine)) {
    const { pool, volume } = overlay.volume;
    const found = await findVolume(host, site, pool, volume, signal);
    if (found === undefined) continue;
    if (overlay.basePath === undefined || found.backing !== overlay.basePath)
      throw foreignVolume(site, overlay, found.backing);
    there.push(overlay);
  }
  return there;
}

/** What was written since it was laid is gone with it: nothing may run on it. */
export async function removeOverlays(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { remove } of await findOverlays(context, host, machine, signal))
    await changed(context, remove, ['volume-absent'], signal);
}

function foreignVolume(site: Target, overlay: LiveOverlay, backing: string | undefined): LandfallError {
  const { pool, volume } = overlay.volume;
  return new LandfallError('build.foreign-object', {
    what: `the volume ${volume} on ${site.hypervisor} is no layer over this replica`,
    why: 'landfall starts and deletes only what it has made for this evacuation',
    where: { host: site.hypervisor, machine: site.machine },
    evidence: [
      `its base: ${harmless(backing ?? 'none')}`,
      `the replica: ${overlay.basePath ?? 'not recorded'}`,
    ],
    next: [
      `look at it: virsh vol-dumpxml ${volume} --pool ${pool}`,
      `where nobody needs it: virsh vol-delete ${volume} --pool ${pool}`,
    ],
  });
}
