import { existsSync } from 'node:fs';
import { mapPath, tidyPath } from '../hosts/mounts.ts';
import { type Device, fileSystemOf, findDevice } from '../world/block-devices.ts';
import { type Answer, answer, type Mount, refusal, type SimHost, type World } from '../world/world.ts';
import { parseOptions, usageError } from './options.ts';
import type { Tool } from './tool-box.ts';

/** mount and umount: entries of a host's mount table come and go. */

/** What a script mounts in a mount namespace of its own: seen by nobody else, and gone with the script. */
const PRIVATE_FLAGS = ['--bind', '--rbind', '--make-rprivate', '--make-rslave', '--make-private'];

export function mountTools(world: World): Readonly<Record<string, Tool>> {
  const isThere = (host: SimHost, path: string): boolean =>
    existsSync(mapPath(world.directory, host.mounts, path));

  const remember = (host: SimHost): void => {
    const made = new Set((world.state.mounts[host.id] ?? []).map(({ path }) => path));
    world.state.mounts[host.id] = host.mounts.filter(({ path }) => made.has(path));
    world.changed(host.id);
  };

  const mount: Tool = ({ host, args, isPrivate }) => {
    const parsed = parseOptions(args, PRIVATE_FLAGS, ['-t', '-o']);
    if (!parsed.ok) return refusal(usageError('mount', parsed));
    const [source = '', where = '', ...more] = parsed.operands;
    const place = where === '' && parsed.flags.size > 0 ? source : where;
    if (place === '' || more.length > 0) {
      return refusal("mount: bad usage\nTry 'mount --help' for more information.\n");
    }
    const path = tidyPath(place);
    const isOwnSnapshot =
      findDevice(host, source)?.logical?.snapshot !== undefined && path.startsWith('/run/landfall/');
    if (host.role === 'machine' && !isOwnSnapshot) {
      world.violation(host.id, ['mount', ...args].join(' '), 'nothing is mounted on a source machine');
      return refusal(`mount: ${place}: permission denied.\n`, 32);
    }
    if (!isThere(host, path)) return refusal(`mount: ${path}: mount point does not exist.\n`, 32);
    if (isPrivate) return answer('');
    if (parsed.flags.size > 0) {
      return refusal(`mount: ${path}: the lab binds only in a mount namespace of its own (unshare).\n`, 1);
    }
    const device = findDevice(host, source);
    if (device === undefined) {
      return refusal(`mount: ${path}: special device ${source} does not exist.\n`, 32);
    }
    return mountDevice(host, device, path);
  };

  const mountDevice = (host: SimHost, device: Device, path: string): Answer => {
    const source = device.path;
    const fs = fileSystemOf(device);
    if (fs === null || fs.directory === null) {
      return refusal(
        fs?.type === 'LVM2_member'
          ? `mount: ${path}: unknown filesystem type 'LVM2_member'.\n`
          : `mount: ${path}: wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.\n`,
        32,
      );
    }
    if (host.mounts.some(existing => existing.path === path && existing.source === source)) {
      return refusal(`mount: ${path}: ${source} already mounted on ${path}.\n`, 32);
    }
    const added: Mount = { path, source, type: fs.type, directory: fs.directory };
    host.mounts = [...host.mounts.filter(existing => existing.path !== path), added];
    world.state.mounts[host.id] = [...(world.state.mounts[host.id] ?? []), added];
    remember(host);
    return answer('');
  };

  const umount: Tool = ({ host, args, isPrivate }) => {
    const parsed = parseOptions(args, ['-R', '--recursive', '-l', '--lazy'], []);
    if (!parsed.ok) return refusal(usageError('umount', parsed));
    if (isPrivate) return answer('');
    const where = tidyPath(parsed.operands[0] ?? '');
    const found = (world.state.mounts[host.id] ?? []).find(
      entry => entry.path === where || entry.source === where,
    );
    if (found === undefined) return refusal(`umount: ${where}: not mounted.\n`, 32);
    const below = host.mounts.filter(entry => entry.path.startsWith(`${found.path}/`));
    if (below.length > 0 && !parsed.flags.has('-R') && !parsed.flags.has('--recursive')) {
      return refusal(`umount: ${found.path}: target is busy.\n`, 32);
    }
    host.mounts = host.mounts.filter(entry => entry.path !== found.path && !below.includes(entry));
    remember(host);
    return answer('');
  };

  /** A script on a source goes on at once with what it has mounted. */
  const settling =
    (run: Tool): Tool =>
    async call => {
      const answered = await run(call);
      if (call.host.role === 'machine') await world.settled(call.host.id);
      return answered;
    };

  return { mount: settling(mount), umount: settling(umount) };
}
