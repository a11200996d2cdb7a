import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import type { Copies } from '../boot/copies.ts';
import { parseOptions } from '../tools/options.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { GOLDEN_VOLUME, POOL_PATH } from '../world/layout.ts';
import { answer, type Disk, type Domain, type SimHost, type Volume, type World } from '../world/world.ts';
import { readerOf, volumeDisks } from './domains.ts';
import { noDomain, unsupported, type Verb, virshError } from './virsh-verbs.ts';
import { settleVolume } from './volume-files.ts';

/** `blockcommit`: the running domain's overlay becomes part of what lies below it, and the domain goes on without it. */
export function blockWrites(world: World, copies: Copies): Readonly<Record<string, Verb>> {
  const find = (host: SimHost, name: string): Domain | undefined =>
    world.state.domains.find(
      found => found.hypervisor === host.id && (found.name === name || found.uuid === name),
    );

  return {
    blockcommit({ host, args }) {
      const parsed = parseOptions(args, ['--active', '--pivot', '--wait', '--verbose'], []);
      if (!parsed.ok) return unsupported('blockcommit', parsed.unknown);
      const [name = '', target = '', ...more] = parsed.operands;
      if (more.length > 0) return virshError(`unexpected data '${more[0]}'`);
      const domain = find(host, name);
      if (domain === undefined) return noDomain(name);
      if (!domain.running) return virshError('Requested operation is not valid: domain is not running');
      const disks = volumeDisks(world, domain);
      const top = typeof disks === 'string' ? undefined : disks.find(disk => disk.target === target)?.volume;
      if (top === undefined) return virshError(`invalid argument: No device found for specified path`);
      const base = world.state.volumes.find(
        volume => volume.hypervisor === host.id && volume.name === top.backing,
      );
      if (base === undefined || base.name === GOLDEN_VOLUME) {
        return virshError(
          `invalid argument: top '${POOL_PATH}/${top.name}' in chain for '${target}' has no backing file`,
        );
      }
      if (!parsed.flags.has('--active')) {
        return virshError(`invalid argument: commit of '${target}' active layer requires active flag`);
      }
      if (!parsed.flags.has('--pivot')) return virshError("the lab knows 'blockcommit' with --pivot only");
      const other = world.state.volumes.find(volume => volume !== top && volume.backing === base.name);
      const reader = other === undefined ? undefined : readerOf(world, base);
      if (reader !== undefined && reader !== domain) {
        world.violation(
          host.id,
          `virsh blockcommit ${args.join(' ')}`,
          `${other?.name} lies over ${base.name} and is ruined by this`,
        );
      }
      merge(world, top, base, copies.hostOf(domain));
      domain.xml = domain.xml.replaceAll(top.name, base.name);
      settleVolume(world, base);
      settleVolume(world, top);
      world.changed(copies.hostOf(domain)?.id);
      return answer('\nSuccessfully pivoted\n');
    },
    blockjob({ host, args }) {
      const parsed = parseOptions(args, ['--pivot', '--info', '--abort'], []);
      if (!parsed.ok) return unsupported('blockjob', parsed.unknown);
      const [name = '', target = ''] = parsed.operands;
      if (find(host, name) === undefined) return noDomain(name);
      // A commit of the lab ends with its command, so that none is ever left standing.
      return parsed.flags.has('--pivot') || parsed.flags.has('--abort')
        ? virshError(`invalid argument: disk ${target} does not have an active block job`)
        : answer(`No current block job for ${target}\n`);
    },
  };
}

/**
 * The trees of the upper layer are whole copies with every write since: they take the place of those below. Open files
 * stay open over a rename, as they do over a pivot.
 */
function merge(world: World, top: Volume, base: Volume, host: SimHost | undefined): void {
  const places = new Map(fileSystemsOn(base.disk).map(({ place, fs }) => [place, fs.directory]));
  const moved = new Map<string, string>();
  for (const { place, fs } of fileSystemsOn(top.disk)) {
    const below = places.get(place) ?? fs.directory;
    if (fs.directory === null || below === null || below === fs.directory) continue;
    if (existsSync(below)) removeTreeSync(below, world.directory);
    mkdirSync(path.dirname(below), { recursive: true });
    renameSync(fs.directory, below);
    moved.set(fs.directory, below);
  }
  const merged = relocated(top.disk, moved, base.disk.bytes);
  top.disk = { bytes: top.disk.bytes, table: null, partitions: [], fs: null };
  base.disk = merged;
  base.isMachine = true;
  if (host === undefined) return;
  host.disks = host.disks.map(disk =>
    moved.size > 0 && [...moved.keys()].some(directory => holds(disk.disk, directory))
      ? { ...disk, disk: merged }
      : disk,
  );
  host.mounts = host.mounts.map(mount => ({
    ...mount,
    directory: moved.get(mount.directory) ?? mount.directory,
  }));
}

const holds = (disk: Disk, directory: string): boolean =>
  fileSystemsOn(disk).some(({ fs }) => fs.directory === directory);

/** The same disk with its trees where they lie now. */
function relocated(disk: Disk, moved: ReadonlyMap<string, string>, bytes: number): Disk {
  const text = JSON.stringify({ ...disk, bytes });
  return JSON.parse(text, (key, value: unknown) =>
    key === 'directory' && typeof value === 'string' ? (moved.get(value) ?? value) : value,
  );
}
