import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeDevices } from '../hosts/device-files.ts';
import { mapPath, tidyPath } from '../hosts/mounts.ts';
import { makeInitramfs, modulesIn, readInitramfs } from '../trees/initramfs.ts';
import { fileSystemOf, findDevice } from '../world/block-devices.ts';
import { KERNEL } from '../world/layout.ts';
import { type Answer, answer, refusal, type SimHost, type World } from '../world/world.ts';
import type { Tool } from './tool-box.ts';

/** `chroot`, and the programs of a copied system that the lab can run in it: those that make it boot. */

interface InTree {
  readonly world: World;
  readonly host: SimHost;
  /** The copy's root as a path of the host, and as a directory of the lab. */
  readonly root: string;
  readonly directory: string;
  readonly args: readonly string[];
}

const DIRECTORIES = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin'];

const PROGRAMS: Readonly<Record<string, (call: InTree) => Answer>> = {
  'grub-install': installGrub,
  'update-initramfs': updateInitramfs,
  'update-grub': () => answer('', 0, 'Generating grub configuration file ...\ndone\n'),
};

function installGrub({ world, host, root, directory, args }: InTree): Answer {
  const device = findDevice(host, args.findLast(word => !word.startsWith('-')) ?? '');
  if (device === undefined || device.kind !== 'disk') {
    return refusal('grub-install: error: cannot find a device for the install.\n');
  }
  if (!existsSync(path.join(directory, 'usr/lib/grub/i386-pc'))) {
    const missing = '/usr/lib/grub/i386-pc/modinfo.sh';
    return refusal(
      `grub-install: error: ${missing} doesn't exist. Please specify --target or --directory.\n`,
    );
  }
  const mount =
    host.mounts.find(({ path: at }) => at === tidyPath(`${root}/boot`)) ??
    host.mounts.find(({ path: at }) => at === tidyPath(root));
  const boot = mount && findDevice(host, mount.source);
  const fs = boot && fileSystemOf(boot);
  if (!fs) return refusal("grub-install: error: failed to get canonical path of `/boot/grub'.\n");
  const core = path.join(mapPath(world.directory, host.mounts, `${tidyPath(root)}/boot`), 'grub', 'i386-pc');
  mkdirSync(core, { recursive: true });
  writeFileSync(path.join(core, 'core.img'), `prefix ${fs.uuid}\n`);
  device.attached.disk.bootCode = fs.uuid;
  writeDevices(host);
  world.changed(host.id);
  return answer('', 0, 'Installing for i386-pc platform.\nInstallation finished. No error reported.\n');
}

function updateInitramfs({ world, host, root, directory, args }: InTree): Answer {
  const wanted = args[args.indexOf('-k') + 1] ?? KERNEL;
  if (wanted !== 'all' && wanted !== KERNEL) {
    return answer(
      '',
      0,
      `W: missing /lib/modules/${wanted}\nW: Ensure all necessary drivers are built into the linux image!\n`,
    );
  }
  const boot = mapPath(world.directory, host.mounts, `${tidyPath(root)}/boot`);
  const image = path.join(boot, `initrd.img-${KERNEL}`);
  const files = existsSync(image) ? (readInitramfs(readFileSync(image)) ?? []) : [];
  const list = path.join(directory, 'etc/initramfs-tools/modules');
  const added = existsSync(list)
    ? readFileSync(list, 'utf8')
        .split('\n')
        .flatMap(line => /^\s*([A-Za-z0-9_-]+)/.exec(line)?.[1] ?? [])
    : [];
  const ballast = files.find(({ name }) => name.endsWith('/ballast'))?.content ?? Buffer.alloc(0);
  writeFileSync(image, makeInitramfs(KERNEL, [...new Set([...modulesIn(files), ...added])], ballast));
  return answer(`update-initramfs: Generating /boot/initrd.img-${KERNEL}\n`);
}

export function bootTools(world: World): Readonly<Record<string, Tool>> {
  const chroot: Tool = ({ host, args }) => {
    const [root = '', command = '', ...words] = args;
    const directory = mapPath(world.directory, host.mounts, tidyPath(root));
    if (host.role === 'machine') {
      world.violation(
        host.id,
        ['chroot', ...args].join(' '),
        'nothing is run in a chroot of a source machine',
      );
      return refusal(`chroot: cannot change root directory to '${root}': Operation not permitted\n`, 125);
    }
    const name = path.basename(command);
    const isThere = DIRECTORIES.some(place => existsSync(path.join(directory, place, name)));
    const program = PROGRAMS[name];
    if (!isThere || program === undefined) {
      return refusal(`chroot: failed to run command '${command}': No such file or directory\n`, 127);
    }
    return program({ world, host, root, directory, args: words });
  };

  const lsinitramfs: Tool = ({ host, args }) => {
    const [name = ''] = args.filter(word => !word.startsWith('-'));
    const file = mapPath(world.directory, host.mounts, name);
    const files = existsSync(file) ? readInitramfs(readFileSync(file)) : undefined;
    return files === undefined
      ? refusal(`cpio: premature end of archive\n`)
      : answer(files.map(found => `${found.name}\n`).join(''));
  };

  /** On a running host they would change what it starts from: the lab has no reason to, and a source is production. */
  const ownBoot: Tool = ({ host, tool, args }) => {
    if (host.role === 'machine') {
      world.violation(
        host.id,
        [tool, ...args].join(' '),
        'a source machine is production: its boot loader stays',
      );
    }
    return refusal(`${tool}: the lab runs this in a copy only\n`);
  };

  return {
    chroot,
    lsinitramfs,
    ...Object.fromEntries(Object.keys(PROGRAMS).map(name => [name, ownBoot])),
  };
}
