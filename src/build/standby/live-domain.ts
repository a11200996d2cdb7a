import { LandfallError } from '../../foundation/errors.ts';
import { diskTarget, onVolume } from './disks.ts';
import { released } from './hold.ts';
import { marked, type Owner } from './mark.ts';
import type { DiskPlace } from './wish.ts';
import { attribute, find, mapAt, parseTree, printTree, type XmlElement } from './xml-tree.ts';

export interface LiveDomainWish extends Owner {
  /** What it runs on, by the source's disk: vda. Its overlays in a cutover, the replica itself once that is final. */
  readonly disks: Readonly<Record<string, DiskPlace>>;
}

export interface LiveDomain {
  /** For `virsh define --validate`. */
  readonly xml: string;
  /** The same stands in its mark; another than that of the held standby, so that the build sees the difference. */
  readonly digest: string;
}

/**
 * The standby as it runs at a cutover: its definition without the hold, on these volumes. Everything else is the
 * standby's own, its UUID, network cards and UEFI variables among it. Throws `build.unfit` where the text is no domain
 * or has a disk for which there is no volume: a machine is not started without one of its disks.
 */
export function liveDomain(standbyXml: string, wish: LiveDomainWish): LiveDomain {
  const standby = parseTree(standbyXml);
  if (standby?.name !== 'domain')
    throw unfit(wish.machine, 'its definition is no libvirt domain', standbyXml.split('\n').slice(0, 3));
  const onDisks = mapAt(released(standby), ['devices', 'disk'], disk => placed(disk, wish));
  const { domain, digest } = marked(onDisks, 'standby', wish);
  return { xml: printTree(domain), digest };
}

function placed(disk: XmlElement, { disks, machine }: LiveDomainWish): XmlElement {
  const device = attribute(disk, 'device') ?? 'disk';
  if (device !== 'disk' && device !== 'lun') return disk;
  const place = disks[diskTarget(disk)];
  if (place === undefined) throw unfit(machine, `no volume is recorded for its disk ${diskTarget(disk)}`, []);
  return onVolume(disk, place, {});
}

/** What a domain stands on: the file of each of its disks by target, and a block job that goes on there. */
export interface DiskUse {
  readonly target: string;
  readonly file: string | undefined;
  /** A copy into another file that has begun: `active-commit`. */
  readonly job?: string;
  /** True where that copy has everything and only has to be switched to. */
  readonly isReady: boolean;
}

/** From `virsh dumpxml`; undefined where the text is no domain. Drives for media are left out. */
export function disksInUse(xml: string): DiskUse[] | undefined {
  const domain = parseTree(xml);
  if (domain?.name !== 'domain') return undefined;
  const uses: DiskUse[] = [];
  mapAt(domain, ['devices', 'disk'], disk => {
    const device = attribute(disk, 'device') ?? 'disk';
    if (device !== 'disk' && device !== 'lun') return disk;
    const source = find(disk, 'source');
    const mirror = find(disk, 'mirror');
    uses.push({
      target: diskTarget(disk),
      file: attribute(source, 'file') ?? attribute(source, 'dev') ?? attribute(source, 'volume'),
      ...(mirror === undefined ? {} : { job: attribute(mirror, 'job') ?? 'copy' }),
      isReady: attribute(mirror, 'ready') === 'yes',
    });
    return disk;
  });
  return uses;
}

const unfit = (machine: string, why: string, evidence: readonly string[]): LandfallError =>
  new LandfallError('build.unfit', {
    what: `the standby of ${machine} cannot be started: ${why}`,
    where: { machine },
    evidence,
    next: ['take a new inventory and build again: landfall run PLAN', 'then order the same item again'],
  });
