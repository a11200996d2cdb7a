import { harmless } from '../../foundation/text.ts';
import type { BlockFacts, FileSystemFacts, GuestFacts, RsyncFacts } from '../../journal/facts.ts';
import { isOwnDisk, parseLsblkJson, parseLsblkPairs } from '../../tools/block-devices.ts';
import { withoutOwnSnapshots } from '../../tools/lvm.ts';
import { type MountRow, parseFindmnt, parseProcMounts, unescapeOctal } from '../../tools/mounts.ts';
import { parseRsyncVersion } from '../../tools/rsync-version.ts';
import { unreadable } from '../../tools/virsh.ts';
import { parseAddresses, parsePlainAddresses } from './addresses.ts';
import { readPreparation } from './preparation.ts';
import { answered, type Sections } from './sections.ts';
import { parseServices, parseSockets } from './services.ts';

export interface GuestReading {
  /** Everything but rsync, which a guest may lack. */
  readonly facts: Omit<GuestFacts, 'rsync'>;
  readonly rsync: RsyncFacts | undefined;
  /** Hardware addresses, lower case: the second proof of identity where the SMBIOS UUID cannot be read. */
  readonly macs: readonly string[];
}

/**
 * Facts from the collector's sections. What nothing can do without (identity, devices, mounts) is refused with
 * `remote.answer-unreadable` when it cannot be read; the rest is left empty.
 */
export function readGuest(sections: Sections, host: string): GuestReading {
  const blocks = readBlocks(sections, host);
  const machineId = answered(sections, 'machine-id')?.trim() ?? '';
  const productUuid = answered(sections, 'product-uuid')?.trim();
  const ip = answered(sections, 'ip');
  const network =
    (ip === undefined ? undefined : parseAddresses(ip)) ??
    parsePlainAddresses(answered(sections, 'ip-addresses') ?? '', answered(sections, 'ip-links') ?? '');
  const bootMode = answered(sections, 'efi') === undefined ? 'bios' : 'uefi';
  return {
    facts: {
      ...readPreparation(sections, bootMode),
      links: network.links,
      hostname: harmless(answered(sections, 'hostname')?.trim() ?? ''),
      machineId,
      ...(productUuid ? { productUuid: productUuid.toLowerCase() } : {}),
      os: parseOsRelease(answered(sections, 'os-release') ?? ''),
      kernel: harmless(answered(sections, 'kernel')?.trim() ?? ''),
      architecture: harmless(answered(sections, 'architecture')?.trim() ?? ''),
      bootMode,
      blocks,
      fileSystems: readFileSystems(sections, blocks, host),
      views: readViews(sections),
      swap: parseSwaps(answered(sections, 'swaps') ?? '', blocks, mappedNames(sections)),
      partitionTables: readPartitionTables(sections),
      addresses: network.addresses,
      sockets: parseSockets(answered(sections, 'ss') ?? ''),
      services: parseServices(answered(sections, 'services') ?? ''),
    },
    rsync: parseRsyncVersion(answered(sections, 'rsync') ?? ''),
    macs: network.macs,
  };
}

/** os-release is shell syntax: `KEY=value`, `KEY="value"` or `KEY='value'`. */
export function parseOsRelease(text: string): GuestFacts['os'] {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key, raw] = /^\s*([A-Z_]+)=(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined || raw === undefined) continue;
    const quoted = /^"((?:[^"\\]|\\.)*)"$|^'([^']*)'$/.exec(raw);
    values.set(
      key,
      harmless(quoted === null ? raw : (quoted[1]?.replace(/\\(.)/g, '$1') ?? quoted[2] ?? '')),
    );
  }
  const id = values.get('ID') ?? 'linux';
  const version = values.get('VERSION_ID') ?? '';
  return { id, version, pretty: values.get('PRETTY_NAME') ?? `${id} ${version}`.trim() };
}

function readBlocks(sections: Sections, host: string): BlockFacts[] {
  const json = answered(sections, 'lsblk');
  const pairs = answered(sections, 'lsblk-pairs');
  const blocks =
    (json === undefined ? undefined : parseLsblkJson(json)) ??
    (pairs === undefined ? undefined : parseLsblkPairs(pairs));
  if (blocks === undefined) throw unreadable(host, 'lsblk', json ?? pairs ?? '');
  return withoutOwnSnapshots(blocks.filter(isOwnDisk));
}

/** Types that hold a machine's own files; everything else mounted is virtual, borrowed or an image. */
const OWN_TYPES = /^(?:ext[234]|xfs|vfat|msdos|btrfs|zfs|f2fs|jfs|reiserfs|ntfs3?|exfat|nilfs2|bcachefs)$/;

function readFileSystems(sections: Sections, blocks: readonly BlockFacts[], host: string): FileSystemFacts[] {
  const json = answered(sections, 'findmnt');
  const listed = json === undefined ? undefined : parseFindmnt(json);
  const rows = listed ?? parseProcMounts(answered(sections, 'mounts') ?? '');
  const own = ownMounts(rows);
  if (!own.some(row => row.target === '/')) {
    throw unreadable(host, listed === undefined ? 'cat /proc/mounts' : 'findmnt -J --real', json ?? '');
  }
  const inodes = parseDf(answered(sections, 'df-inodes') ?? '');
  const kibibytes = parseDf(answered(sections, 'df-blocks') ?? '');
  return own.map(row => {
    const device = deviceBelow(row.source, blocks);
    const uuid = row.uuid ?? blocks.find(block => block.device === device)?.uuid ?? '';
    const plain = kibibytes.get(row.target);
    return {
      mountpoint: row.target,
      device,
      type: row.fstype,
      uuid,
      ...(row.label === undefined ? {} : { label: row.label }),
      size: plain === undefined ? row.size : plain.total * 1024,
      used: plain === undefined ? row.used : plain.used * 1024,
      inodesUsed: inodes.get(row.target)?.used ?? 0,
    };
  });
}

/** Each file system once, where it was mounted first: bind mounts show as `device[/path]` or as a second mount. */
function ownMounts(rows: readonly MountRow[]): MountRow[] {
  const seen = new Set<string>();
  return rows.filter(row => {
    if (!OWN_TYPES.test(row.fstype)) return false;
    if (row.fstype !== 'btrfs' && row.source.includes('[')) return false;
    if (row.fstype !== 'zfs' && !row.source.startsWith('/dev/')) return false;
    if (row.source.startsWith('/dev/loop')) return false;
    // A snapshot of ours, as long as a pass reads from it.
    if (row.target.startsWith('/run/landfall/')) return false;
    if (seen.has(row.source)) return false;
    seen.add(row.source);
    return true;
  });
}

/**
 * Where a directory shows that has a place of its own as well: a pass that walked in would copy it twice, into a place
 * that is empty without the bind mount. A directory that is bound onto itself, or whose own place is hidden by another
 * mount, shows nowhere else and is no view. Without findmnt nobody can say what is bound where.
 */
function readViews(sections: Sections): string[] {
  const json = answered(sections, 'findmnt');
  const rows = (json === undefined ? undefined : parseFindmnt(json)) ?? [];
  const own = ownMounts(rows);
  return rows
    .filter(row => {
      const [, device, below = '/'] = /^([^[]+)(?:\[(.*)\])?$/s.exec(row.source) ?? [];
      const main = own.find(mount => mount.source === device);
      if (main === undefined || main === row || row.fstype === 'btrfs') return false;
      const place = `${main.target}/${below}`.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
      return place !== row.target && deepest(rows, place) === main;
    })
    .map(row => row.target);
}

/** The mount in which a path lies; of several at one place, the last one hides the others. */
function deepest(rows: readonly MountRow[], path: string): MountRow | undefined {
  const holds = ({ target }: MountRow): boolean =>
    target === '/' || path === target || path.startsWith(`${target}/`);
  return rows
    .filter(holds)
    .reduce<MountRow | undefined>(
      (best, row) => (best === undefined || row.target.length >= best.target.length ? row : best),
      undefined,
    );
}

/** Old kernels mount `/dev/root` or `/dev/disk/by-uuid/…`; the device that lsblk knows by that UUID is meant. */
function deviceBelow(source: string, blocks: readonly BlockFacts[]): string {
  const plain = source.replace(/\[.*$/, '');
  if (blocks.some(block => block.device === plain)) return plain;
  const uuid = /^\/dev\/disk\/by-uuid\/(.+)$/.exec(plain)?.[1];
  return blocks.find(block => block.uuid !== undefined && block.uuid === uuid)?.device ?? plain;
}

/** `df -P`: total and used by mount point, in whatever unit df was asked for. */
export function parseDf(text: string): Map<string, { total: number; used: number }> {
  const out = new Map<string, { total: number; used: number }>();
  for (const line of text.split('\n')) {
    const [, total, used, mountpoint] =
      /^.*?\s+(\d+|-)\s+(\d+|-)\s+(?:-?\d+|-)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line) ?? [];
    if (total === undefined || used === undefined || mountpoint === undefined) continue;
    out.set(mountpoint, { total: Number(total) || 0, used: Number(used) || 0 });
  }
  return out;
}

/** `dm-1 vg-swap`: what the kernel calls a mapped device, and its name below /dev/mapper. */
function mappedNames(sections: Sections): Map<string, string> {
  const lines = (answered(sections, 'mapped') ?? '').split('\n').map(line => /^(dm-\d+) (\S+)$/.exec(line));
  return new Map(
    lines.flatMap(match => {
      const [, kernel, name] = match ?? [];
      return kernel === undefined || name === undefined ? [] : [[`/dev/${kernel}`, `/dev/mapper/${name}`]];
    }),
  );
}

/** `/proc/swaps`; sizes there are KiB. Compressed memory is no swap that a copy would need. */
export function parseSwaps(
  text: string,
  blocks: readonly BlockFacts[],
  mapped: ReadonlyMap<string, string> = new Map(),
): GuestFacts['swap'] {
  return text
    .split('\n')
    .slice(1)
    .flatMap(line => {
      const [raw, , kibibytes] = line.split(/\s+/);
      if (raw === undefined || !/^\d+$/.test(kibibytes ?? '')) return [];
      const named = unescapeOctal(raw).replace(/ \(deleted\)$/, '');
      const path = mapped.get(named) ?? named;
      if (path.startsWith('/dev/zram')) return [];
      const uuid = blocks.find(block => block.device === path)?.uuid;
      return [{ path, size: Number(kibibytes) * 1024, ...(uuid === undefined ? {} : { uuid }) }];
    });
}

/**
 * `sfdisk --dump` by device. Before util-linux 2.26 sfdisk knows no GPT and dumps the protective entry instead: such
 * a table says nothing and is left out.
 */
function readPartitionTables(sections: Sections): Record<string, string> {
  const tables: [string, string][] = [];
  for (const [name, section] of sections) {
    if (!name.startsWith('sfdisk:') || section.rc !== 0 || section.text.trim() === '') continue;
    const isProtective = /\bId=\s*ee\b/i.test(section.text) && !/^label:/m.test(section.text);
    if (!isProtective) tables.push([name.slice('sfdisk:'.length), section.text]);
  }
  return Object.fromEntries(tables);
}
