import { XMLBuilder } from 'fast-xml-parser';
import { parseXml } from '../../tools/libvirt-xml.ts';
import { replicaSerial } from '../names.ts';

/** The disks that are plugged into a running receiver, as libvirt's XML says them. */

/** A volume that is or shall be in the receiver, for one disk of the source. */
export interface ReceiverVolume {
  /** The source's target name: vda. */
  readonly disk: string;
  readonly pool: string;
  readonly volume: string;
}

/** As `virsh attach-device` and `detach-device` read it. libvirt finds the disk to detach by its target alone. */
export function pluggedDiskXml({ disk, pool, volume }: ReceiverVolume, index: number): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  });
  return builder.build({
    disk: {
      '@type': 'volume',
      '@device': 'disk',
      driver: { '@name': 'qemu', '@type': 'qcow2', '@discard': 'unmap' },
      source: { '@pool': pool, '@volume': volume },
      target: { '@dev': pluggedTarget(index), '@bus': 'scsi' },
      serial: replicaSerial(disk),
    },
  });
}

/** By the place among the source's disks, whatever volume it is: a replica and its overlay have the same target. */
export const pluggedTarget = (index: number): string => `sd${diskLetters(index)}`;

/** 0 is a, 25 is z, 26 is aa: the kernel's own way of naming disks. */
export function diskLetters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : diskLetters(Math.floor(index / 26) - 1) + last;
}

/** A disk of a domain that bears a serial of ours. */
export interface PluggedDisk {
  readonly serial: string;
  readonly target: string;
  readonly pool: string | undefined;
  readonly volume: string | undefined;
  readonly file: string | undefined;
}

/** From `virsh dumpxml`; undefined where the text is no domain. */
export function readPlugged(xml: string): PluggedDisk[] | undefined {
  const domain = parseXml(xml)?.child('domain');
  if (domain === undefined || !domain.exists) return undefined;
  return domain
    .child('devices')
    .children('disk')
    .flatMap(disk => {
      const serial = disk.child('serial').text;
      if (serial === undefined || !serial.startsWith(replicaSerial(''))) return [];
      const source = disk.child('source');
      return {
        serial,
        target: disk.child('target').attribute('dev') ?? '',
        pool: source.attribute('pool'),
        volume: source.attribute('volume'),
        file: source.attribute('file') ?? source.attribute('dev'),
      };
    });
}

/** True where the disk in the domain is this volume at this place; `path` is where the volume lies, if that is known. */
export function isPlugged(found: PluggedDisk, wanted: ReceiverVolume, index: number, path?: string): boolean {
  if (found.serial !== replicaSerial(wanted.disk) || found.target !== pluggedTarget(index)) return false;
  if (found.pool !== undefined) return found.pool === wanted.pool && found.volume === wanted.volume;
  return path !== undefined && found.file === path;
}
