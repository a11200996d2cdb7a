import {
  beginningOf,
  type DiskUse,
  disksInUse,
  evacuationOf,
  isOwn,
  liveDomain,
  type Owner,
  readMark,
  type Target,
  targetOf,
  wantedStandby,
} from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { get } from '../../journal/maps.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { fact, type Word } from '../../step/action.ts';
import type { StepContext, View } from '../../step/step.ts';
import { askVirsh, needVirsh, unreadable, virshError } from '../../tools/virsh.ts';
import { type ExecAction, exec, handleOf, SHUT_OFF, type WriteAction } from './hands.ts';
import { finalDefinition, liveDefinition } from './names.ts';
import { overlaysOf } from './overlays.ts';

/** The standby's domain at the target: how it is defined for a cutover, and what it is now. */
export interface StandbyActions {
  readonly site: Target;
  readonly name: Word;
  readonly liveXml: WriteAction;
  readonly defineLive: ExecAction;
  readonly start: ExecAction;
  readonly destroy: ExecAction;
  readonly finalXml: WriteAction;
  readonly defineFinal: ExecAction;
  readonly autostart: ExecAction;
}

export function standbyActions(view: View, machine: string): StandbyActions {
  const site = targetOf(view.plan, machine);
  const evacuation = evacuationOf(view);
  const observed = get(view.state.machines, machine)?.observed;
  const name: Word =
    observed === undefined
      ? fact(undefined, `name of the domain of ${machine}`, `inventory/${machine}`)
      : handleOf(observed);
  const file = (path: string, content: Word): WriteAction => ({
    kind: 'write',
    host: site.hypervisor,
    path,
    mode: 0o600,
    content,
  });
  const [live, final] = [liveDefinition(evacuation, machine), finalDefinition(evacuation, machine)];
  const on = (argv: readonly Word[], note?: string): ExecAction => exec(site.hypervisor, argv, note);
  return {
    site,
    name,
    liveXml: file(live, definition(view, machine, 'layers')),
    defineLive: on(site.write('define', '--validate', live), 'on its layers, without the hold'),
    start: on([...site.write('start'), name]),
    destroy: on([...site.write('destroy'), name], 'what it wrote since its start is given up'),
    finalXml: file(final, definition(view, machine, 'replica')),
    defineFinal: on(
      site.write('define', '--validate', final),
      'only where libvirt did not note it by itself',
    ),
    autostart: on([...site.write('autostart'), name]),
  };
}

function definition(view: View, machine: string, on: 'layers' | 'replica'): Word {
  const standby = wantedStandby(view, machine);
  const volumes = get(view.state.machines, machine)?.replica?.volumes;
  if (standby === undefined || volumes === undefined)
    return fact(undefined, `definition of the standby of ${machine}`, `build/${machine}/standby`);
  const disks = Object.fromEntries(
    overlaysOf(view, machine).map(({ disk, volume, base, path, basePath }) => [
      disk,
      on === 'layers'
        ? { pool: volume.pool, volume: volume.volume, path: path ?? '' }
        : { pool: base.pool, volume: base.volume, path: basePath ?? '' },
    ]),
  );
  return liveDomain(standby.xml, { ...ownerOf(view, machine), disks }).xml;
}

const ownerOf = (view: View, machine: string): Owner => ({
  evacuation: evacuationOf(view),
  begun: beginningOf(view),
  machine,
});

export interface StandbyLook {
  /** `running`, `shut off`, `paused` … in libvirt's words. */
  readonly state: string;
  readonly isOn: boolean;
  /** On what it runs, or would run where it is off. */
  readonly disks: readonly DiskUse[];
}

/** The standby as it is; undefined where none is defined. Throws `build.foreign-object` where it is not ours. */
export async function findStandby(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<StandbyLook | undefined> {
  const { site, name } = standbyActions(context, machine);
  const argv = site.read('dumpxml', String(name));
  const answer = await askVirsh(host, argv, { signal });
  if (!answer.ok && answer.refusal === 'domain-absent') return undefined;
  if (!answer.ok) throw virshError(host.id, argv, answer.result);
  const [mark, disks] = [readMark(answer.text, 'standby'), disksInUse(answer.text)];
  if (mark === undefined || disks === undefined) throw unreadable(host.id, formatArgv(argv), answer.text);
  if (!isOwn(mark, ownerOf(context, machine))) throw foreign(site, String(name));
  const state = (await needVirsh(host, site.read('domstate', String(name)), { signal })).trim();
  return { state, isOn: state !== SHUT_OFF, disks };
}

/** Whether each of its disks is the layer that landfall laid for it. */
export function isOnLayers(view: View, machine: string, { disks }: StandbyLook): boolean {
  const layers = overlaysOf(view, machine);
  return (
    disks.length > 0 &&
    disks.every(({ target, file }) =>
      layers.some(
        ({ disk, path, volume }) =>
          disk === target && file !== undefined && [path, volume.volume].includes(file),
      ),
    )
  );
}

const foreign = (site: Target, domain: string): LandfallError =>
  new LandfallError('build.foreign-object', {
    what: `the domain ${domain} on ${site.hypervisor} is not the standby of this evacuation`,
    why: 'landfall starts, ends and changes only domains that it has made for this evacuation',
    where: { host: site.hypervisor, machine: site.machine },
    next: [
      `look at it: virsh dumpxml ${domain}`,
      'where nobody needs it: rename it (virsh domrename) and run the build again: landfall run PLAN',
    ],
  });

/** On what the standby runs; with `--inactive`, on what it would start the next time. */
export async function disksOf(
  view: View,
  host: Host,
  machine: string,
  which: readonly '--inactive'[],
  signal: AbortSignal,
): Promise<readonly DiskUse[]> {
  const { site, name } = standbyActions(view, machine);
  const argv = site.read('dumpxml', ...which, String(name));
  const xml = await needVirsh(host, argv, { signal });
  const disks = disksInUse(xml);
  if (disks === undefined) throw unreadable(host.id, formatArgv(argv), xml);
  return disks;
}
