import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileSystemsOn } from '../world/block-devices.ts';
import type { AttachedDisk, FileSystem } from '../world/world.ts';

/** From power-on to the kernel: what SeaBIOS and GRUB find on the disks. */

export type Firmware =
  /** It ends with these lines on the screen. */
  | { readonly kind: 'screen'; readonly lines: readonly string[] }
  | { readonly kind: 'kernel'; readonly cmdline: string; readonly initramfs: Buffer | null };

const SEABIOS = ['SeaBIOS (version 1.16.2-debian-1.16.2-1)', '', '', 'Booting from Hard Disk...'];
const stop = (...lines: string[]): Firmware => ({ kind: 'screen', lines: [...SEABIOS, ...lines] });

export function firmware(disks: readonly AttachedDisk[]): Firmware {
  const bootCode = disks[0]?.disk.bootCode;
  if (!bootCode) return stop('Boot failed: not a bootable disk', '', 'No bootable device.');
  const fs = disks.flatMap(({ disk }) => fileSystemsOn(disk)).find(found => found.fs.uuid === bootCode)?.fs;
  if (fs?.directory === null || fs === undefined) {
    return stop(
      'GRUB loading.',
      'Welcome to GRUB!',
      '',
      `error: no such device: ${bootCode}.`,
      'Entering rescue mode...',
      'grub rescue> ',
    );
  }
  return grub(
    fs.directory,
    disks.flatMap(({ disk }) => fileSystemsOn(disk)).map(found => found.fs),
  );
}

/** The first entry of the menu, which boots by itself. */
function grub(home: string, fileSystems: readonly FileSystem[]): Firmware {
  const menu = ['grub/grub.cfg', 'boot/grub/grub.cfg'].map(name => path.join(home, name)).find(existsSync);
  if (menu === undefined) {
    return stop('GRUB loading.', 'Welcome to GRUB!', '', '         GNU GRUB  version 2.06', '', 'grub> ');
  }
  const text = readFileSync(menu, 'utf8');
  const entry = text.slice(Math.max(0, text.indexOf('menuentry ')));
  const searched = /search[^\n]*--fs-uuid[^\n]*?([0-9a-fA-F-]{9,36})\s*$/m.exec(entry)?.[1];
  const root = fileSystems.find(({ uuid }) => uuid === searched)?.directory ?? home;
  const [, image = '', words = ''] = /^\s*linux\s+(\S+)[ \t]*(.*)$/m.exec(entry) ?? [];
  const archive = /^\s*initrd\s+(\S+)/m.exec(entry)?.[1];
  if (image === '' || !existsSync(path.join(root, image))) {
    return stop(
      `error: file \`${image}' not found.`,
      'error: you need to load the kernel first.',
      '',
      'Press any key to continue...',
    );
  }
  const file = archive === undefined ? undefined : path.join(root, archive);
  if (file !== undefined && !existsSync(file)) {
    return stop(`error: file \`${archive}' not found.`, '', 'Press any key to continue...');
  }
  return {
    kind: 'kernel',
    cmdline: `BOOT_IMAGE=${image} ${words.trim()}`,
    initramfs: file === undefined ? null : readFileSync(file),
  };
}
