import { harmless } from '../foundation/text.ts';
import type { VolumeGroupFacts } from '../journal/facts.ts';

/** What LVM's reports say, as `--noheadings --nosuffix --units b --separator '|'` prints them. */
export interface LvmReports {
  /** `pvs -o pv_name,vg_name,pv_uuid,pv_size` */
  readonly pvs: string;
  /** `vgs -o vg_name,vg_uuid,vg_seqno` */
  readonly vgs: string;
  /** `lvs -a -o vg_name,lv_name,lv_uuid,lv_size,segtype,lv_attr`: one row for each segment. */
  readonly lvs: string;
  /** Metadata by volume group. */
  readonly backups: ReadonlyMap<string, string>;
}

type LogicalVolume = VolumeGroupFacts['logical'][number];

export function readVolumeGroups(reports: LvmReports): VolumeGroupFacts[] {
  const pvs = rowsOf(reports.pvs, 4);
  const lvs = rowsOf(reports.lvs, 6);
  return rowsOf(reports.vgs, 2).map(([name = '', uuid = '']) => ({
    name,
    uuid,
    physical: pvs
      .filter(([, group]) => group === name)
      .map(([device = '', , id = '', size = '']) => ({ device, uuid: id, size: Number(size) || 0 })),
    logical: volumesOf(lvs.filter(([group]) => group === name)),
    backup: reports.backups.get(name) ?? '',
  }));
}

/** Rows of at least so many fields; anything else (a warning on the wrong channel) is no row. */
function rowsOf(text: string, fields: number): string[][] {
  return text
    .split('\n')
    .map(line => line.trim().split('|').map(harmless))
    .filter(row => row.length >= fields && row[0] !== undefined);
}

/** Plain volumes have no hidden ones beside them; a hidden one is told only where its kind explains the visible ones. */
function volumesOf(rows: readonly string[][]): LogicalVolume[] {
  const out = new Map<string, LogicalVolume>();
  for (const [group = '', raw = '', uuid = '', size = '', segment = '', attributes = ''] of rows) {
    const name = raw.replace(/^\[(.*)\]$/, '$1');
    const kind = kindOf(segment, attributes);
    const known = out.get(name);
    // Of a volume in several segments, the kind that is not plain is the one that counts.
    if (known !== undefined && !isPlain(known.kind)) continue;
    if (name !== raw && isPlain(kind)) continue;
    out.set(name, { name, device: mapperPath(group, name), uuid, size: Number(size) || 0, kind });
  }
  return [...out.values()];
}

/** The first attribute tells what the segment type does not: a snapshot's own segments look linear. */
function kindOf(segment: string, attributes: string): string {
  const first = attributes[0] ?? '-';
  if (first === 's' || first === 'S') return 'snapshot';
  if (first === 'p') return 'pvmove';
  return segment;
}

export const isPlain = (kind: string): boolean => kind === 'linear' || kind === 'striped';

/** Device-mapper doubles a dash inside a name, and puts one between group and volume. */
export const mapperPath = (group: string, volume: string): string =>
  `/dev/mapper/${group.replaceAll('-', '--')}-${volume.replaceAll('-', '--')}`;
