import { harmless } from '../foundation/text.ts';
import { parseXml } from './libvirt-xml.ts';

/** What virsh tells of checkpoints, backups and other jobs of a running domain. */

export interface CheckpointDisk {
  readonly disk: string;
  /** Bytes written since the checkpoint; undefined where the bitmap is missing or broken, or sizes were not asked for. */
  readonly bytes: number | undefined;
}

/** `virsh checkpoint-dumpxml --size --no-domain`: the disks that the checkpoint covers. Undefined where it is no such XML. */
export function parseCheckpoint(xml: string): { name: string; disks: CheckpointDisk[] } | undefined {
  const root = parseXml(xml)?.child('domaincheckpoint');
  const name = root?.child('name').text;
  if (root === undefined || name === undefined) return undefined;
  const disks = root
    .child('disks')
    .children('disk')
    .filter(disk => disk.attribute('checkpoint') !== 'no')
    .flatMap((disk): CheckpointDisk[] => {
      const target = disk.attribute('name');
      return target === undefined
        ? []
        : [{ disk: harmless(target), bytes: wholeNumber(disk.attribute('size')) }];
    });
  return { name: harmless(name), disks };
}

/** `virsh backup-dumpxml`: how the running backup goes, and to which files. */
export function parseBackup(xml: string): { mode: string; files: string[] } | undefined {
  const root = parseXml(xml)?.child('domainbackup');
  if (root === undefined || !root.exists) return undefined;
  const files = root
    .child('disks')
    .children('disk')
    .flatMap(disk => [disk.child('target').attribute('file'), disk.child('scratch').attribute('file')])
    .filter(file => file !== undefined);
  return { mode: harmless(root.attribute('mode') ?? 'push'), files: files.map(harmless) };
}

/** `virsh domjobinfo --rawstats`. */
export interface JobStats {
  /** 0 none, 1 and 2 running, 3 completed, 4 failed, 5 cancelled: libvirt's virDomainJobType. */
  readonly type: number;
  /** 9 is a backup: libvirt's virDomainJobOperation. */
  readonly operation: number | undefined;
  readonly processed: number | undefined;
  readonly total: number | undefined;
  readonly elapsedMs: number | undefined;
}

export const BACKUP_OPERATION = 9;

export function parseJobStats(text: string): JobStats | undefined {
  const number = (pattern: RegExp): number | undefined => wholeNumber(pattern.exec(text)?.[1]);
  const type = number(/^Job type:\s*(\d+)/m);
  if (type === undefined) return undefined;
  return {
    type,
    operation: number(/^operation:\s*(\d+)/m),
    processed: number(/^disk_processed:\s*(\d+)/m),
    total: number(/^disk_total:\s*(\d+)/m),
    elapsedMs: number(/^time_elapsed:\s*(\d+)/m),
  };
}

export const isRunningJob = ({ type }: JobStats): boolean => type === 1 || type === 2;

/** A disk of a domain as `virsh dumpxml` of the running one shows it. */
export interface LiveDisk {
  readonly target: string;
  /** `file`, `block`, `network`, `volume`. */
  readonly type: string;
  readonly format: string;
  readonly path: string | undefined;
  /** A block job that copies it elsewhere: its kind. */
  readonly mirror: string | undefined;
  readonly shared: boolean;
}

export interface LiveDomain {
  readonly uuid: string | undefined;
  readonly disks: readonly LiveDisk[];
  /** Whether the guest agent has its end of the channel open. */
  readonly agent: boolean;
}

/** `virsh dumpxml`: the disks that hold data. Undefined where the text is no domain. */
export function parseLiveDomain(xml: string): LiveDomain | undefined {
  const domain = parseXml(xml)?.child('domain');
  const devices = domain?.child('devices');
  if (devices === undefined || !devices.exists) return undefined;
  const disks = devices.children('disk').flatMap((disk): LiveDisk[] => {
    const device = disk.attribute('device') ?? 'disk';
    const target = disk.child('target').attribute('dev');
    if (device !== 'disk' || target === undefined || disk.child('readonly').exists) return [];
    const source = disk.child('source');
    const path = source.attribute('file') ?? source.attribute('dev');
    const mirror = disk.child('mirror');
    return [
      {
        target: harmless(target),
        type: harmless(disk.attribute('type') ?? 'file'),
        format: harmless(disk.child('driver').attribute('type') ?? 'raw'),
        path: path === undefined ? undefined : path,
        mirror: mirror.exists ? harmless(mirror.attribute('job') ?? 'copy') : undefined,
        shared: disk.child('shareable').exists,
      },
    ];
  });
  const agent = devices
    .children('channel')
    .map(channel => channel.child('target'))
    .some(
      target =>
        target.attribute('name') === 'org.qemu.guest_agent.0' && target.attribute('state') === 'connected',
    );
  const uuid = domain?.child('uuid').text;
  return { uuid: uuid === undefined ? undefined : harmless(uuid.trim().toLowerCase()), disks, agent };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
