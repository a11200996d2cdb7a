import { dirname } from 'node:path/posix';
import {
  beginningOf,
  evacuationOf,
  islandXml,
  type Owner,
  proofDomain,
  type ReceiverVolume,
  replicaVolumes,
  type Target,
  targetOf,
  wantedStandby,
} from '../build/index.ts';
import { type Action, fact, type Word } from '../step/action.ts';
import type { View } from '../step/step.ts';
import { parseXml } from '../tools/libvirt-xml.ts';
import {
  consoleFile,
  evidenceFile,
  islandName,
  overlayVolume,
  proofDirectory,
  proofDomainName,
} from './names.ts';

export type ExecAction = Action & { kind: 'exec' };
export type WriteAction = Action & { kind: 'write' };

/** What a proof does on the target hypervisor, as actions made from recorded facts alone: preview and run share them. */
export interface Deeds {
  readonly site: Target;
  readonly domain: string;
  readonly island: string;
  readonly directory: ExecAction;
  readonly overlays: readonly OverlayDeed[];
  readonly islandXml: WriteAction;
  readonly createIsland: ExecAction;
  readonly destroyIsland: ExecAction;
  readonly domainXml: WriteAction;
  readonly createDomain: ExecAction;
  readonly destroyDomain: ExecAction;
  /** One for each network card, by its hardware address. */
  readonly linksUp: readonly ExecAction[];
  readonly removeFiles: ExecAction;
}

export interface OverlayDeed {
  /** Where the replica's own volume lies: only what lies over that is an overlay of ours. */
  readonly basePath: string | undefined;
  /** As the receiver and the domain take it; `disk` is the source's name. */
  readonly volume: ReceiverVolume;
  readonly base: ReceiverVolume;
  readonly create: ExecAction;
  readonly remove: ExecAction;
}

/** Whose everything is that a proof makes. */
export const ownerOf = (view: View, machine: string): Owner => ({
  evacuation: evacuationOf(view),
  begun: beginningOf(view),
  machine,
});

/** The overlays as the receiver takes them, in the source's order. */
export const overlaysOf = ({ overlays }: Deeds): ReceiverVolume[] => overlays.map(({ volume }) => volume);

export function deedsOf(view: View, machine: string): Deeds {
  const site = targetOf(view.plan, machine);
  const evacuation = evacuationOf(view);
  const domain = proofDomainName(evacuation, machine);
  const island = islandName(evacuation, machine);
  const directory = proofDirectory(evacuation, machine);
  const on = (argv: readonly Word[], note?: string): ExecAction => ({
    kind: 'exec',
    host: site.hypervisor,
    argv,
    ...(note === undefined ? {} : { note }),
  });
  const file = (name: string, content: Word): WriteAction => ({
    kind: 'write',
    host: site.hypervisor,
    path: `${directory}/${name}`,
    mode: 0o600,
    content,
  });
  const xml = domainXml(view, machine);
  return {
    site,
    domain,
    island,
    directory: on(['mkdir', '-p', directory]),
    overlays: overlayDeeds(view, machine, site, on),
    islandXml: file('island.xml', islandXml(island, ownerOf(view, machine))),
    createIsland: on(
      site.write('net-create', `${directory}/island.xml`),
      'a network without a way out and without an address of the host; gone when it is destroyed',
    ),
    destroyIsland: on(site.write('net-destroy', island)),
    domainXml: file('domain.xml', xml),
    createDomain: on(
      site.write('create', `${directory}/domain.xml`),
      'boots the overlays; nothing of this domain stays when it ends',
    ),
    destroyDomain: on(site.write('destroy', domain)),
    linksUp: macsOf(xml).map(mac =>
      on(
        site.write('domif-setlink', domain, mac, 'up'),
        'only inside the island, and only when its own services start',
      ),
    ),
    removeFiles: on(['rm', '-rf', directory]),
  };
}

function overlayDeeds(
  view: View,
  machine: string,
  site: Target,
  on: (argv: readonly Word[]) => ExecAction,
): OverlayDeed[] {
  const known = view.state.machines[machine];
  return (replicaVolumes(view, machine) ?? []).map(base => {
    const volume = { ...base, volume: overlayVolume(evacuationOf(view), machine, base.disk) };
    const made = known?.replica?.volumes.find(({ disk }) => disk === base.disk);
    const capacity = made?.capacity;
    return {
      basePath: made?.path,
      base,
      volume,
      create: on([
        ...site.write('vol-create-as', volume.pool, volume.volume),
        fact(capacity, `capacity of disk ${base.disk}`, `build/${machine}/replica`),
        '--format',
        'qcow2',
        '--backing-vol',
        base.volume,
        '--backing-vol-format',
        'qcow2',
      ]),
      remove: on(site.write('vol-delete', volume.volume, '--pool', volume.pool)),
    };
  });
}

/** The domain that boots: the standby's definition with overlays for disks, on the island. */
function domainXml(view: View, machine: string): Word {
  const evacuation = evacuationOf(view);
  const standby = wantedStandby(view, machine);
  const volumes = view.state.machines[machine]?.replica?.volumes;
  if (standby === undefined || volumes === undefined)
    return fact(undefined, `definition of the standby of ${machine}`, `build/${machine}/standby`);
  return proofDomain(standby.xml, {
    evacuation,
    begun: beginningOf(view),
    machine,
    domain: proofDomainName(evacuation, machine),
    disks: Object.fromEntries(
      volumes.map(({ disk, pool, path }) => {
        const volume = overlayVolume(evacuation, machine, disk);
        return [disk, { pool, volume, path: `${dirname(path)}/${volume}` }];
      }),
    ),
    island: islandName(evacuation, machine),
    console: consoleFile(evacuation, machine),
    evidence: evidenceFile(evacuation, machine),
    nvram: `${proofDirectory(evacuation, machine)}/nvram.fd`,
    memory: view.plan.proof.memory,
  });
}

function macsOf(xml: Word): string[] {
  if (typeof xml !== 'string') return [];
  const interfaces = parseXml(xml)?.child('domain').child('devices').children('interface') ?? [];
  return interfaces.flatMap(each => each.child('mac').attribute('address') ?? []);
}
