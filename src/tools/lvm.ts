import { harmless } from '../foundation/text.ts';
import type { BlockFacts, ThinPoolFacts, VolumeGroupFacts } from '../journal/facts.ts';

/** What LVM's reports say, as `--noheadings --nosuffix --units b --separator '|'` prints them. */
export interface LvmReports {
  /** `pvs -o pv_name,vg_name,pv_uuid,pv_size` */
  readonly pvs: string;
  /** `vgs -o vg_name,vg_uuid,vg_seqno` */
  readonly vgs: string;
  /** `lvs -a -o vg_name,lv_name,lv_uuid,lv_size,segtype,lv_attr`: one row for each segment. */
  readonly lvs: string;
  /** `vgs -o vg_name,vg_free,vg_extent_size`; absent where it was not asked. */
  readonly room?: string | undefined;
  /** Metadata by volume group. */
  readonly backups: ReadonlyMap<string, string>;
}

type LogicalVolume = VolumeGroupFacts['logical'][number];

export function readVolumeGroups(reports: LvmReports): VolumeGroupFacts[] {
  const pvs = rowsOf(reports.pvs, 4);
  const all = rowsOf(reports.lvs, 6);
  const lvs = all.filter(([, name = '']) => !isOwnSnapshot(name.replace(/^\[(.*)\]$/, '$1')));
  const room = rowsOf(reports.room ?? '', 3);
  return rowsOf(reports.vgs, 2).map(([name = '', uuid = '']) => ({
    name,
    uuid,
    ...roomOf(
      room.find(([group]) => group === name),
      // A snapshot of ours gives its room back when its pass is over.
      all.filter(
        ([group, volume = '', , , kind]) => group === name && kind !== 'thin' && isOwnSnapshot(volume),
      ),
    ),
    physical: pvs
      .filter(([, group]) => group === name)
      .map(([device = '', , id = '', size = '']) => ({ device, uuid: id, size: Number(size) || 0 })),
    logical: volumesOf(lvs.filter(([group]) => group === name)),
    backup: reports.backups.get(name) ?? '',
  }));
}

/** What landfall itself has in a volume group while a pass runs: no part of the machine. */
export const isOwnSnapshot = (volume: string): boolean => /^landfall-.+-p\d+-\d+$/.test(volume);

/**
 * Block devices as they are without snapshots of ours: these are gone after their pass, and with them the hidden device that
 * device-mapper puts below a volume as long as it has a thick one.
 */
export function withoutOwnSnapshots(blocks: readonly BlockFacts[]): BlockFacts[] {
  const isOwn = (device: string): boolean =>
    /^\/dev\/mapper\/.+-landfall--.+--p\d+--\d+(?:-cow)?$/.test(device);
  if (!blocks.some(({ device }) => isOwn(device))) return [...blocks];
  const hidden = new Map(
    blocks.flatMap(({ device, parent }): [string, string | undefined][] => {
      const isHidden = device.endsWith('-real') && blocks.some(each => `${each.device}-real` === device);
      return isHidden ? [[device, parent]] : [];
    }),
  );
  return blocks
    .filter(({ device }) => !isOwn(device) && !hidden.has(device))
    .map(block => {
      const { parent, ...rest } = block;
      const above = parent !== undefined && hidden.has(parent) ? hidden.get(parent) : parent;
      return above === undefined ? rest : { ...rest, parent: above };
    });
}

function roomOf(
  row: readonly string[] | undefined,
  own: readonly (readonly string[])[],
): Pick<VolumeGroupFacts, 'free' | 'extent'> {
  const [, free, extent] = (row ?? []).map(Number);
  if (free === undefined || extent === undefined || !Number.isFinite(free + extent)) return {};
  return { free: own.reduce((sum, [, , , size]) => sum + (Number(size) || 0), free), extent };
}

/**
 * `dmsetup status --target thin-pool`: `vg0-pool-tpool: 0 20971520 thin-pool 1 118/4096 1000/163840 - rw …`, sectors of 512
 * bytes, then blocks of metadata and of data, used of all.
 */
export function parseThinPools(text: string): ThinPoolFacts[] {
  return text.split('\n').flatMap(line => {
    const [, name, sectors, metaUsed, metaAll, dataUsed, dataAll] =
      /^(\S+): \d+ (\d+) thin-pool \d+ (\d+)\/(\d+) (\d+)\/(\d+)\b/.exec(line) ?? [];
    if (name === undefined) return [];
    const share = (used: string | undefined, all: string | undefined): number =>
      Number(all) > 0 ? Math.min(1, Number(used) / Number(all)) : 1;
    return [
      {
        name: harmless(name.replace(/-tpool$/, '')),
        size: Number(sectors) * 512,
        data: share(dataUsed, dataAll),
        metadata: share(metaUsed, metaAll),
      },
    ];
  });
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
