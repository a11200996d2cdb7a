import { existsSync } from 'node:fs';
import { mapPath, tidyPath } from '../hosts/mounts.ts';
import { fileSystemOf, findDevice } from '../world/block-devices.ts';
import { answer, refusal, type World } from '../world/world.ts';
import { parseOptions, usageError } from './options.ts';
import type { Tool } from './tool-box.ts';

/** mount and umount: entries of a host's mount table come and go. */

export function mountTools(world: World): Readonly<Record<string, Tool>> {
  const mount: Tool = ({ host, args }) => {
    const parsed = parseOptions(args, [], ['-t', '-o']);
    if (!parsed.ok) return refusal(usageError('mount', parsed));
    const [source = '', where = '', ...more] = parsed.operands;
    if (where === '' || more.length > 0) {
      return refusal("mount: bad usage\nTry 'mount --help' for more information.\n");
    }
    if (host.role === 'machine') {
      world.violation(host.id, ['mount', ...args].join(' '), 'nothing is mounted on a source machine');
      return refusal(`mount: ${where}: permission denied.\n`, 32);
    }
    const path = tidyPath(where);
    const device = findDevice(host, source);
    if (!existsSync(mapPath(world.directory, host.mounts, path))) {
      return refusal(`mount: ${path}: mount point does not exist.\n`, 32);
    }
    if (device === undefined)
      return refusal(`mount: ${path}: special device ${source} does not exist.\n`, 32);
    const fs = fileSystemOf(device);
    if (fs === null || fs.directory === null) {
      return refusal(
        `mount: ${path}: wrong fs type, bad option, bad superblock on ${source}, missing codepage or helper program, or other error.\n`,
        32,
      );
    }
    if (host.mounts.some(existing => existing.path === path && existing.source === source)) {
      return refusal(`mount: ${path}: ${source} already mounted on ${path}.\n`, 32);
    }
    const added = { path, source, type: fs.type, directory: fs.directory };
    host.mounts = [...host.mounts.filter(existing => existing.path !== path), added];
    world.state.mounts[host.id] = [
      ...(world.state.mounts[host.id] ?? []).filter(m => m.path !== path),
      added,
    ];
    world.changed(host.id);
    return answer('');
  };

  const umount: Tool = ({ host, args }) => {
    const parsed = parseOptions(args, [], []);
    if (!parsed.ok) return refusal(usageError('umount', parsed));
    const where = tidyPath(parsed.operands[0] ?? '');
    const mounts = world.state.mounts[host.id] ?? [];
    const found = mounts.find(entry => entry.path === where || entry.source === where);
    if (found === undefined) return refusal(`umount: ${where}: not mounted.\n`, 32);
    if (host.mounts.some(entry => entry.path.startsWith(`${found.path}/`))) {
      return refusal(`umount: ${found.path}: target is busy.\n`, 32);
    }
    host.mounts = host.mounts.filter(entry => entry !== found && entry.path !== found.path);
    world.state.mounts[host.id] = mounts.filter(entry => entry !== found);
    world.changed(host.id);
    return answer('');
  };

  return { mount, umount };
}
