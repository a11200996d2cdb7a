import { z } from 'zod';
import type { BlockFacts } from '../journal/facts.ts';

/**
 * lsblk's answer as flat facts, parents before children. util-linux before 2.33 has no PATH column and writes
 * numbers as text; before 2.27 it has no JSON at all, only `KEY="value"` pairs.
 */

export const LSBLK: readonly [string, ...string[]] = [
  'lsblk',
  '-J',
  '-b',
  '-o',
  'NAME,PATH,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME',
];

/** For util-linux 2.27 to 2.32, which refuses the column PATH. */
export const LSBLK_WITHOUT_PATH: readonly [string, ...string[]] = [
  'lsblk',
  '-J',
  '-b',
  '-o',
  'NAME,TYPE,SIZE,FSTYPE,UUID,PARTUUID,SERIAL,PKNAME',
];

const text = z.string().nullish();
const bytes = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).nullish();

const node = z.object({
  name: z.string(),
  path: text,
  type: z.string(),
  size: bytes,
  fstype: text,
  uuid: text,
  partuuid: text,
  serial: text,
  pkname: text,
  get children() {
    return z.array(node).optional();
  },
});
const answer = z.object({ blockdevices: z.array(node) });
type Node = z.output<typeof node>;

/** Undefined where the text is no answer of `lsblk -J`. */
export function parseLsblkJson(json: string): BlockFacts[] | undefined {
  const parsed = answer.safeParse(jsonOrUndefined(json));
  if (!parsed.success) return undefined;
  const out = new Map<string, BlockFacts>();
  const walk = (nodes: readonly Node[], parent: string | undefined): void => {
    for (const item of nodes) {
      const device = item.path ?? devicePath(item.name, item.type);
      const above = parent ?? (item.pkname ? `/dev/${item.pkname}` : undefined);
      // A device above two others is listed below each of them; the first place wins.
      if (!out.has(device)) out.set(device, blockOf({ ...item, device, parent: above }));
      walk(item.children ?? [], device);
    }
  };
  walk(parsed.data.blockdevices, undefined);
  return [...out.values()];
}

/** `lsblk -P -b -o NAME,TYPE,SIZE,FSTYPE,UUID,SERIAL,PKNAME`; undefined where no line has the expected shape. */
export function parseLsblkPairs(pairs: string): BlockFacts[] | undefined {
  const out = new Map<string, BlockFacts>();
  for (const line of pairs.split('\n')) {
    const row = new Map<string, string>();
    for (const [, key, value] of line.matchAll(/([A-Z]+)="((?:[^"\\]|\\.)*)"/g)) {
      if (key !== undefined && value !== undefined) row.set(key, unescapeHex(value));
    }
    const name = row.get('NAME');
    const type = row.get('TYPE');
    const size = row.get('SIZE');
    if (name === undefined || type === undefined || size === undefined || !/^\d+$/.test(size)) continue;
    const device = devicePath(name, type);
    const parent = row.get('PKNAME');
    if (out.has(device)) continue;
    out.set(
      device,
      blockOf({
        device,
        type,
        size: Number(size),
        parent: parent ? `/dev/${parent}` : undefined,
        fstype: row.get('FSTYPE'),
        uuid: row.get('UUID'),
        partuuid: row.get('PARTUUID'),
        serial: row.get('SERIAL'),
      }),
    );
  }
  return out.size === 0 ? undefined : [...out.values()];
}

function blockOf(raw: {
  device: string;
  type: string;
  size?: number | null | undefined;
  parent: string | undefined;
  fstype?: string | null | undefined;
  uuid?: string | null | undefined;
  partuuid?: string | null | undefined;
  serial?: string | null | undefined;
}): BlockFacts {
  return {
    device: raw.device,
    type: raw.type,
    size: raw.size ?? 0,
    ...(raw.parent ? { parent: raw.parent } : {}),
    ...(raw.fstype ? { fstype: raw.fstype } : {}),
    ...(raw.uuid ? { uuid: raw.uuid } : {}),
    ...(raw.partuuid ? { partuuid: raw.partuuid } : {}),
    ...(raw.serial ? { serial: raw.serial.trim() } : {}),
  };
}

/** Optical drives, memory disks and loop mounts (snaps) are no part of a machine's disks. */
export function isOwnDisk(block: BlockFacts): boolean {
  return block.type !== 'rom' && block.type !== 'loop' && !/^\/dev\/(?:zram|ram|fd|nbd)\d/.test(block.device);
}

/** What the missing PATH column would have said: device-mapper names live below /dev/mapper. */
function devicePath(name: string, type: string): string {
  const mapped = ['lvm', 'crypt', 'dm', 'mpath', 'dmraid'].includes(type);
  return mapped ? `/dev/mapper/${name}` : `/dev/${name.replaceAll('!', '/')}`;
}

function unescapeHex(value: string): string {
  return value.replace(/\\x([0-9a-fA-F]{2})/g, (_all, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

export function jsonOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** `/dev/vda1` of `/dev/vda` is 1, `/dev/nvme0n1p2` of `/dev/nvme0n1` is 2; undefined where it is no partition. */
export function partitionNumber(disk: string, partition: string): number | undefined {
  if (!partition.startsWith(disk)) return undefined;
  const digits = /^(?:p)?(\d+)$/.exec(partition.slice(disk.length))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What stands between a disk's path and a partition's number: `p` after a digit, nothing otherwise. */
export const partitionInfix = (disk: string): string => (/\d$/.test(disk) ? 'p' : '');
