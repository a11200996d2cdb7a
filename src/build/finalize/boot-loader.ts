import type { Fixup } from '../../journal/proof-facts.ts';
import { bootDiskOf } from './disks.ts';
import { fixupOf } from './edit.ts';
import { efiFixup } from './efi.ts';
import { familyOf } from './family.ts';
import type { Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

const about = {
  id: 'boot-loader',
  title: 'write the boot loader to the disk',
  why: 'Its first part lies before the file systems, where no copy of files reaches.',
};

const MODULES = ['/usr/lib/grub/i386-pc', '/usr/lib/grub2/i386-pc', '/usr/share/grub2/i386-pc'];

const PACKAGES = {
  debian: 'grub-pc-bin and grub2-common',
  rhel: 'grub2-pc, grub2-pc-modules and grub2-tools',
  suse: 'grub2 and grub2-i386-pc',
  other: "GRUB's tools and its i386-pc modules",
} as const;

/** With BIOS the loader is always written, with UEFI a path is made that firmware finds without its own memory. */
export function bootLoaderFixup(tree: Tree, wish: FinalizeWish): Fixup | undefined {
  if (wish.domain.firmware === 'uefi' || wish.guest.bootMode === 'uefi') return efiFixup(tree, wish);
  const warn = (...warnings: string[]): Fixup | undefined => fixupOf(about, { warnings });
  const loader = wish.guest.boot?.loader ?? 'unknown';
  const disk = bootDiskOf(tree, wish);
  if (disk === undefined)
    return warn('It is not known from which disk the machine starts: no boot loader is written.');
  if (loader === 'none' || !disk.partitioned) {
    return warn(
      `Disk ${disk.target} has no boot loader at the source: its hypervisor must give the kernel (direct boot), at the target too.`,
    );
  }
  if (loader === 'extlinux' || loader === 'systemd-boot') {
    return warn(`The machine starts by ${loader}, which landfall cannot write to a disk: write it by hand.`);
  }
  if (disk.device === undefined) {
    return warn(`No disk with the serial of ${disk.target} is plugged in where the copy is mounted.`);
  }
  const tool = ['grub-install', 'grub2-install'].find(name => tree.programs.has(name));
  if (tool === undefined || !MODULES.some(path => tree.entries.has(path))) {
    return warn(
      `The copy cannot write its boot loader: ${tool === undefined ? 'grub-install' : 'the i386-pc modules of GRUB'} is missing. It comes with ${PACKAGES[familyOf(wish.guest.os)]}; install it at the source.`,
    );
  }
  return fixupOf(about, {
    commands: [
      {
        argv: [tool, '--target=i386-pc', '--recheck', disk.device],
        why: `the boot loader of ${disk.target}`,
      },
    ],
    warnings: disk.first
      ? []
      : [
          `The machine starts from ${disk.target}, but firmware looks at the first disk first unless the domain says so.`,
        ],
  });
}
