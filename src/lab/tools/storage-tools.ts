import { tidyPath } from '../hosts/mounts.ts';
import { devices, fileSystemOf, findDevice } from '../world/block-devices.ts';
import {
  type AttachedDisk,
  answer,
  type Mount,
  refusal,
  type SimHost,
  type ToolCall,
  type World,
} from '../world/world.ts';
import { diskUsage } from './disk-usage.ts';
import { parseOptions, usageError } from './options.ts';
import { type Cell, type Row, tableTool } from './table-tool.ts';
import type { Tool } from './tool-box.ts';

/** Tools that tell of disks and mounts. */

const LSBLK_COLUMNS = [
  'NAME',
  'PATH',
  'TYPE',
  'SIZE',
  'FSTYPE',
  'UUID',
  'LABEL',
  'PARTUUID',
  'SERIAL',
  'PKNAME',
];
const FINDMNT_COLUMNS = ['TARGET', 'SOURCE', 'FSTYPE', 'OPTIONS', 'UUID', 'LABEL', 'SIZE', 'USED', 'AVAIL'];

function lsblkRows(host: SimHost): Row[] {
  const all = devices(host);
  const cellsOf = (device: (typeof all)[number]): Record<string, Cell> => {
    const fs = fileSystemOf(device);
    return {
      NAME: device.name,
      PATH: device.path,
      TYPE: device.kind,
      SIZE: device.bytes,
      FSTYPE: fs?.type ?? null,
      UUID: fs?.uuid ?? null,
      LABEL: fs?.label ?? null,
      PARTUUID: device.kind === 'part' ? (device.partition?.partuuid ?? null) : null,
      SERIAL: device.kind === 'disk' ? device.attached.serial : null,
      PKNAME: device.parent,
    };
  };
  const rowsBelow = (parent: string | null, disk: AttachedDisk | null): Row[] =>
    all
      .filter(device => device.parent === parent && (disk === null || device.attached === disk))
      .map(device => ({ cells: cellsOf(device), children: rowsBelow(device.name, device.attached) }));
  return rowsBelow(null, null);
}

/** Mounts that stand for block devices: what `--real` leaves. */
export const realMounts = (host: SimHost): Mount[] =>
  host.mounts.filter(mount => findDevice(host, mount.source) !== undefined);

/** A fresh ext4 keeps about 2 % for itself. */
const usableBytes = (bytes: number): number => Math.floor((bytes * 0.98) / 4096) * 4096;

function findmntRows(host: SimHost, wantsUsage: boolean): Row[] {
  const mounts = realMounts(host);
  const rowOf = (mount: Mount): Row => {
    const device = findDevice(host, mount.source);
    const fs = device === undefined ? null : fileSystemOf(device);
    const size = usableBytes(device?.bytes ?? 0);
    const used = wantsUsage ? diskUsage(mount.directory).bytes : 0;
    return {
      cells: {
        TARGET: mount.path,
        SOURCE: mount.source,
        FSTYPE: mount.type,
        OPTIONS: 'rw,relatime',
        UUID: fs?.uuid ?? null,
        LABEL: fs?.label ?? null,
        SIZE: size,
        USED: used,
        AVAIL: size - used,
      },
      children: mounts.filter(other => other !== mount && parentOf(mounts, other) === mount).map(rowOf),
    };
  };
  return mounts.filter(mount => parentOf(mounts, mount) === undefined).map(rowOf);
}

/** The mount on whose files this one is mounted. */
function parentOf(mounts: readonly Mount[], mount: Mount): Mount | undefined {
  return mounts
    .filter(other => other !== mount && mount.path.startsWith(other.path === '/' ? '/' : `${other.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

const mountpoint: Tool = ({ args, host }) => {
  const parsed = parseOptions(args, ['-q'], []);
  if (!parsed.ok) return refusal(usageError('mountpoint', parsed));
  const [path] = parsed.operands;
  if (path === undefined)
    return refusal("mountpoint: bad usage\nTry 'mountpoint --help' for more information.\n");
  const found = host.mounts.some(mount => mount.path === tidyPath(path));
  const text = `${path} is ${found ? '' : 'not '}a mountpoint\n`;
  return answer(parsed.flags.has('-q') ? '' : text, found ? 0 : 32);
};

/** What a hypervisor's own disk has. */
const HYPERVISOR_BYTES = 1024 ** 4;

const plainBytes = ({ role }: SimHost): number => (role === 'hypervisor' ? HYPERVISOR_BYTES : 2 ** 31);

function df(
  { scratchRoom: room, noInodes }: Pick<World, 'scratchRoom' | 'noInodes'>,
  { args, host }: ToolCall,
): ReturnType<Tool> {
  const parsed = parseOptions(args, ['-i', '-P', '-k', '-B1'], ['--output']);
  if (!parsed.ok) return refusal(usageError('df', parsed));
  const { flags, values, operands } = parsed;
  const output = values.get('--output');
  if (output !== undefined && (output !== 'avail' || !flags.has('-B1')))
    return refusal('df: the lab knows --output=avail with -B1 only\n');
  const avails: number[] = [];
  const asked = operands.length === 0 ? realMounts(host).map(mount => mount.path) : operands;
  const rows: string[][] = [
    flags.has('-i')
      ? ['Filesystem', 'Inodes', 'IUsed', 'IFree', 'IUse%', 'Mounted on']
      : ['Filesystem', '1024-blocks', 'Used', 'Available', 'Capacity', 'Mounted on'],
  ];
  for (const path of asked) {
    const mount = [...host.mounts]
      .sort((a, b) => b.path.length - a.path.length)
      .find(({ path: at }) => at === '/' || tidyPath(path) === at || path.startsWith(`${at}/`));
    if (mount === undefined) return refusal(`df: ${path}: No such file or directory\n`);
    const bytes = usableBytes(findDevice(host, mount.source)?.bytes ?? plainBytes(host));
    const used = diskUsage(mount.directory);
    const isOut = noInodes.has(host.id) && mount.path.startsWith('/mnt/t');
    const [total, taken] = flags.has('-i')
      ? [Math.floor(bytes / 16_384), isOut ? Math.floor(bytes / 16_384) : used.inodes]
      : [bytes / 1024, used.bytes / 1024];
    avails.push(Math.min((total - taken) * 1024, room.get(host.id) ?? Number.POSITIVE_INFINITY));
    const percent = `${Math.ceil((taken / total) * 100)}%`;
    rows.push([mount.source, String(total), String(taken), String(total - taken), percent, mount.path]);
  }
  if (output !== undefined) return answer(`     Avail\n${avails.map(bytes => `${bytes}\n`).join('')}`);
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0))) ?? [];
  const line = (row: string[]): string =>
    row
      .map((cell, at) => (at === 0 || at === row.length - 1 ? cell : cell.padStart(widths[at] ?? 0)))
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell))
      .join(' ');
  return answer(`${rows.map(line).join('\n')}\n`);
}

const blockdev: Tool = ({ args, host }) => {
  const [flag = '', path = ''] = args;
  if (flag !== '--getsize64' || args.length !== 2) return refusal('Usage:\n blockdev --getsize64 DEVICE\n');
  const device = findDevice(host, path);
  return device === undefined
    ? refusal(`blockdev: cannot open ${path}: No such file or directory\n`)
    : answer(`${device.bytes}\n`);
};

export const storageTools = (
  world: Pick<World, 'scratchRoom' | 'noInodes'>,
): Readonly<Record<string, Tool>> => ({
  lsblk: tableTool('blockdevices', LSBLK_COLUMNS, host => lsblkRows(host)),
  findmnt: tableTool('filesystems', FINDMNT_COLUMNS, (host, wanted) =>
    findmntRows(host, wanted.includes('USED') || wanted.includes('AVAIL')),
  ),
  mountpoint,
  df: call => df(world, call),
  blockdev,
});
