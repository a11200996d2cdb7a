import { tidyPath } from '../hosts/mounts.ts';
import { devices, fileSystemOf, findDevice } from '../world/block-devices.ts';
import { answer, type Mount, refusal, type SimHost, type ToolCall, type World } from '../world/world.ts';
import { diskUsage } from './disk-usage.ts';
import { parseOptions, usageError } from './options.ts';
import type { Tool } from './tool-box.ts';

/** Tools that only tell how a host is. */

type Cell = string | number | null;
interface Row {
  readonly cells: Readonly<Record<string, Cell>>;
  readonly children: readonly Row[];
}

/** The JSON of util-linux: three spaces a level, objects joined by `},{`. */
export function utilLinuxJson(root: string, rows: readonly Row[], columns: readonly string[]): string {
  const list = (name: string, entries: readonly Row[], indent: number): string => {
    const pad = ' '.repeat(indent);
    const bodies = entries.map(({ cells, children }) => {
      const lines = columns.map(
        column => `${pad}      "${column.toLowerCase()}": ${JSON.stringify(cells[column] ?? null)}`,
      );
      if (children.length > 0) lines.push(list('children', children, indent + 6));
      return lines.join(',\n');
    });
    return `${pad}"${name}": [\n${pad}   {\n${bodies.join(`\n${pad}   },{\n`)}\n${pad}   }\n${pad}]`;
  };
  return `{\n${list(root, rows, 3)}\n}\n`;
}

const flatten = (rows: readonly Row[]): Row[] => rows.flatMap(row => [row, ...flatten(row.children)]);

function plainColumns(rows: readonly Row[], columns: readonly string[], heading: boolean): string {
  const table = [
    ...(heading ? [columns.map(column => column)] : []),
    ...flatten(rows).map(({ cells }) => columns.map(column => String(cells[column] ?? ''))),
  ];
  const widths = columns.map((_, at) => Math.max(...table.map(row => row[at]?.length ?? 0)));
  return table
    .map(
      row =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('');
}

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
      PARTUUID: device.partition?.partuuid ?? null,
      SERIAL: device.partition === null ? device.attached.serial : null,
      PKNAME: device.partition === null ? null : device.attached.target,
    };
  };
  return all
    .filter(device => device.kind === 'disk')
    .map(disk => ({
      cells: cellsOf(disk),
      children: all
        .filter(part => part.kind === 'part' && part.attached === disk.attached)
        .map(part => ({ cells: cellsOf(part), children: [] })),
    }));
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

function lister(
  root: string,
  known: readonly string[],
  rows: (host: SimHost, wanted: string[]) => Row[],
): Tool {
  return ({ tool, host, args }) => {
    const parsed = parseOptions(args, ['-J', '-b', '-d', '-n', '-l', '--real'], ['-o']);
    if (!parsed.ok) return refusal(usageError(tool, parsed));
    const { flags, values, operands } = parsed;
    const wanted = (values.get('-o') ?? '').split(',').filter(column => column !== '');
    const unknown = wanted.find(column => !known.includes(column));
    if (unknown !== undefined) return refusal(`${tool}: unknown column: ${unknown}\n`);
    if (wanted.length === 0 || (!flags.has('-b') && wanted.includes('SIZE'))) {
      return refusal(`${tool}: the lab knows this tool with -b and -o COLUMNS only\n`);
    }
    let found = rows(host, wanted);
    if (flags.has('-d')) found = found.map(({ cells }) => ({ cells, children: [] }));
    if (operands.length > 0) {
      found = flatten(found).filter(({ cells }) =>
        operands.some(
          operand => tidyPath(operand) === cells['PATH'] || tidyPath(operand) === cells['TARGET'],
        ),
      );
      const [first = ''] = operands;
      if (found.length === 0)
        return refusal(
          tool === 'lsblk' ? `lsblk: ${first}: not a block device\n` : '',
          tool === 'lsblk' ? 32 : 1,
        );
    }
    return answer(
      flags.has('-J') ? utilLinuxJson(root, found, wanted) : plainColumns(found, wanted, !flags.has('-n')),
    );
  };
}

const uname: Tool = ({ args, host }) => {
  const kernel = '6.1.0-32-amd64';
  const facts: Readonly<Record<string, string>> = {
    '-r': kernel,
    '-m': 'x86_64',
    '-s': 'Linux',
    '-n': host.hostname,
    '-a': `Linux ${host.hostname} ${kernel} #1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06) x86_64 GNU/Linux`,
  };
  const [flag = '-s', ...more] = args;
  const fact = facts[flag];
  return fact === undefined || more.length > 0
    ? refusal(
        `uname: invalid option -- '${flag.replace(/^-+/, '')}'\nTry 'uname --help' for more information.\n`,
      )
    : answer(`${fact}\n`);
};

const hostname: Tool = ({ args, host }) =>
  args.length === 0 ? answer(`${host.hostname}\n`) : refusal(`hostname: invalid option -- '${args[0]}'\n`);

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

function df({ args, host }: ToolCall): ReturnType<Tool> {
  const parsed = parseOptions(args, ['-i', '-P', '-k'], []);
  if (!parsed.ok) return refusal(usageError('df', parsed));
  const { flags, operands } = parsed;
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
    const bytes = usableBytes(findDevice(host, mount.source)?.bytes ?? 2 ** 31);
    const used = diskUsage(mount.directory);
    const [total, taken] = flags.has('-i')
      ? [Math.floor(bytes / 16_384), used.inodes]
      : [bytes / 1024, used.bytes / 1024];
    const percent = `${Math.ceil((taken / total) * 100)}%`;
    rows.push([mount.source, String(total), String(taken), String(total - taken), percent, mount.path]);
  }
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0))) ?? [];
  const line = (row: string[]): string =>
    row
      .map((cell, at) => (at === 0 || at === row.length - 1 ? cell : cell.padStart(widths[at] ?? 0)))
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell))
      .join(' ');
  return answer(`${rows.map(line).join('\n')}\n`);
}

const ipAddr: Tool = ({ args, host }) => {
  if (args.join(' ') !== '-j addr') return refusal(`Object "${args[0] ?? ''}" is unknown, try "ip help".\n`);
  const mac = host.machine?.mac ?? '52:54:00:00:00:01';
  const inet = (local: string, prefixlen: number, label: string) => ({
    family: 'inet',
    local,
    prefixlen,
    scope: prefixlen === 8 ? 'host' : 'global',
    label,
  });
  return answer(
    `${JSON.stringify([
      {
        ifindex: 1,
        ifname: 'lo',
        flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
        mtu: 65536,
        operstate: 'UNKNOWN',
        link_type: 'loopback',
        address: '00:00:00:00:00:00',
        addr_info: [inet('127.0.0.1', 8, 'lo')],
      },
      {
        ifindex: 2,
        ifname: 'eth0',
        flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
        mtu: 1500,
        operstate: 'UP',
        link_type: 'ether',
        address: mac,
        addr_info: [inet(host.address, 24, 'eth0')],
      },
    ])}\n`,
  );
};

const ss: Tool = ({ args, host }) => {
  if (args.join(' ') !== '-H -tulnp') return refusal(`ss: the lab knows "ss -H -tulnp" only\n`);
  const sockets =
    host.role === 'machine' ? (host.machine?.sockets ?? []) : [['0.0.0.0', 22, 'sshd'] as const];
  return answer(
    sockets
      .map(
        ([address, port, name], at) =>
          `tcp   LISTEN 0      128    ${`${address}:${port}`.padStart(18)}  0.0.0.0:*    users:(("${name}",pid=${400 + at * 7},fd=3))\n`,
      )
      .join(''),
  );
};

const systemctl: Tool = ({ args, host }) => {
  if (args.join(' ') !== 'list-units --type=service --state=running --plain --no-legend') {
    return refusal(`Unknown command verb '${args[0] ?? ''}'.\n`);
  }
  const services = host.role === 'machine' ? (host.machine?.services ?? []) : ['qemu-guest-agent', 'ssh'];
  return answer(
    services.map(name => `${`${name}.service`.padEnd(28)} loaded active running ${name}\n`).join(''),
  );
};

const blockdev: Tool = ({ args, host }) => {
  const [flag = '', path = ''] = args;
  if (flag !== '--getsize64' || args.length !== 2) return refusal('Usage:\n blockdev --getsize64 DEVICE\n');
  const device = findDevice(host, path);
  return device === undefined
    ? refusal(`blockdev: cannot open ${path}: No such file or directory\n`)
    : answer(`${device.bytes}\n`);
};

export function guestTools(_world: World): Readonly<Record<string, Tool>> {
  return {
    lsblk: lister('blockdevices', LSBLK_COLUMNS, host => lsblkRows(host)),
    findmnt: lister('filesystems', FINDMNT_COLUMNS, (host, wanted) =>
      findmntRows(host, wanted.includes('USED') || wanted.includes('AVAIL')),
    ),
    uname,
    hostname,
    mountpoint,
    df,
    ip: ipAddr,
    ss,
    systemctl,
    blockdev,
    sync: () => answer(''),
  };
}
