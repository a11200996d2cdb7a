import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { addLostAndFound } from '../trees/lost-found.ts';
import {
  type Device,
  devices,
  fileSystemOf,
  findDevice,
  isMounted,
  setFileSystem,
} from '../world/block-devices.ts';
import { answer, refusal, type World } from '../world/world.ts';
import { parseOptions, usageError } from './options.ts';
import { dumpTable, parseDump } from './partition-dump.ts';
import type { Tool } from './tool-box.ts';

/** Tools that change what is on a disk. On a source machine they are a violation, and refused. */

const MKFS: Readonly<
  Record<string, { readonly flags: readonly string[]; readonly valued: readonly string[] }>
> = {
  'mkfs.ext2': { flags: ['-q', '-F'], valued: ['-U', '-L', '-N'] },
  'mkfs.ext3': { flags: ['-q', '-F'], valued: ['-U', '-L', '-N'] },
  'mkfs.ext4': { flags: ['-q', '-F'], valued: ['-U', '-L', '-N'] },
  'mkfs.xfs': { flags: ['-q', '-f'], valued: ['-m', '-L'] },
  'mkfs.vfat': { flags: [], valued: ['-i', '-n', '-F'] },
  mkswap: { flags: [], valued: ['-U', '-L'] },
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The identifier that the options ask for; undefined where it is malformed. */
function wantedUuid(tool: string, values: ReadonlyMap<string, string>, fallback: string): string | undefined {
  if (tool === 'mkfs.vfat') {
    const id = values.get('-i');
    if (id === undefined)
      return fallback
        .slice(0, 8)
        .toUpperCase()
        .replace(/^(.{4})/, '$1-');
    return /^[0-9A-Fa-f]{8}$/.test(id) ? `${id.slice(0, 4)}-${id.slice(4)}`.toUpperCase() : undefined;
  }
  const given =
    tool === 'mkfs.xfs'
      ? /^uuid=(.*)$/.exec(values.get('-m') ?? `uuid=${fallback}`)?.[1]
      : (values.get('-U') ?? fallback);
  return given !== undefined && UUID.test(given) ? given.toLowerCase() : undefined;
}

/** A new file system gets a directory of its own, so that nothing of the old one shines through. */
function freshDirectory(world: World, device: Device): string {
  const volume = world.state.volumes.find(({ disk }) => disk === device.attached.disk);
  const home =
    volume === undefined
      ? path.join(world.directory, 'volumes', '.scratch')
      : path.join(world.directory, 'volumes', volume.pool, volume.name);
  world.state.counter += 1;
  const name = device.logical?.name ?? `p${device.partition?.number ?? 0}`;
  const directory = path.join(home, `${name}-${world.state.counter}`);
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  return directory;
}

export function blockTools(world: World): Readonly<Record<string, Tool>> {
  const makeFileSystem: Tool = ({ host, tool, args }) => {
    const known = MKFS[tool];
    const parsed = known && parseOptions(args, known.flags, known.valued);
    if (parsed === undefined) return refusal(`${tool}: not known\n`, 127);
    if (!parsed.ok) return refusal(usageError(tool, parsed));
    const [name = '', ...more] = parsed.operands;
    if (more.length > 0) return refusal(`${tool}: extra operand '${more[0]}'\n`);
    const device = findDevice(host, name);
    if (device === undefined) return refusal(`${tool}: cannot open ${name}: No such file or directory\n`);
    if (host.role === 'machine') {
      world.violation(
        host.id,
        [tool, ...args].join(' '),
        'a source machine is production: its disks are not written',
      );
      return refusal(`${tool}: cannot open ${name}: Operation not permitted\n`);
    }
    if (isMounted(host, name)) return refusal(`${name} is mounted; will not make a filesystem here!\n`);
    world.state.counter += 1;
    const fallback = `00000000-0000-4000-a000-${String(world.state.counter).padStart(12, '0')}`;
    const uuid = wantedUuid(tool, parsed.values, fallback);
    if (uuid === undefined) return refusal(`${tool}: invalid UUID\n`);
    const old = fileSystemOf(device)?.directory;
    if (old) removeTreeSync(old, world.directory);
    const label = parsed.values.get('-L') ?? parsed.values.get('-n') ?? null;
    if (tool === 'mkswap') {
      setFileSystem(device, { type: 'swap', uuid, label, directory: null });
    } else {
      const directory = freshDirectory(world, device);
      addLostAndFound({ type: tool.replace('mkfs.', ''), directory });
      setFileSystem(device, { type: tool.replace('mkfs.', ''), uuid, label, directory });
    }
    world.changed(host.id);
    const text =
      tool === 'mkswap'
        ? `Setting up swapspace version 1, size = ${Math.floor(device.bytes / 1024)} KiB\nno label, UUID=${uuid}\n`
        : tool === 'mkfs.vfat'
          ? 'mkfs.fat 4.2 (2021-01-31)\n'
          : '';
    return answer(text);
  };

  const sfdisk: Tool = ({ host, args, stdin }) => {
    const parsed = parseOptions(args, ['--dump', '-d', '--quiet', '-q', '--force'], ['--wipe', '-w']);
    if (!parsed.ok) return refusal(usageError('sfdisk', parsed));
    const [name = ''] = parsed.operands;
    const device = findDevice(host, name);
    if (device === undefined || device.partition !== null) {
      return refusal(`sfdisk: cannot open ${name}: No such file or directory\n`);
    }
    const { disk } = device.attached;
    if (parsed.flags.has('--dump') || parsed.flags.has('-d')) {
      return disk.table === null
        ? refusal(`sfdisk: ${name}: does not contain a recognized partition table\n`)
        : answer(dumpTable(name, disk));
    }
    if (host.role === 'machine') {
      world.violation(
        host.id,
        ['sfdisk', ...args].join(' '),
        'a source machine is production: its disks are not written',
      );
      return refusal(`sfdisk: cannot open ${name}: Operation not permitted\n`);
    }
    const inUse = devices(host).filter(({ attached }) => attached === device.attached);
    if (inUse.some(({ kind, path: at }) => kind === 'lvm' || isMounted(host, at))) {
      return refusal(
        `Checking that no-one is using this disk right now ... FAILED\n\nThis disk is currently in use - repartitioning is probably a bad idea.\nsfdisk: Use the --no-reread flag to suppress this check.\n`,
      );
    }
    const script = parseDump(stdin.toString('utf8'), disk.bytes);
    if (!script.ok) return refusal(`sfdisk: line ${script.line}: unsupported command\n`);
    for (const { fs } of disk.partitions) if (fs?.directory) removeTreeSync(fs.directory, world.directory);
    if (disk.fs?.directory) removeTreeSync(disk.fs.directory, world.directory);
    disk.fs = null;
    disk.table = script.table;
    disk.partitions = script.partitions;
    world.changed(host.id);
    return answer(
      'Checking that no-one is using this disk right now ... OK\n\nThe partition table has been altered.\nCalling ioctl() to re-read partition table.\nSyncing disks.\n',
    );
  };

  return { ...Object.fromEntries(Object.keys(MKFS).map(tool => [tool, makeFileSystem])), sfdisk };
}
