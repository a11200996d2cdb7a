import type { BootFacts } from '../../journal/facts.ts';
import type { FileEdit, Fixup, TreeCommand } from '../../journal/proof-facts.ts';
import { file, fixupOf } from './edit.ts';
import { familyOf } from './family.ts';
import { type Tree, textAt } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

const about = {
  id: 'initramfs',
  title: 'put the drivers of the disks into the initramfs',
  why: 'Without them the kernel does not see the disk on which its root is.',
};

/** What a kernel needs before its root is mounted, by the bus of a disk; others come with every distribution. */
const DRIVERS: Readonly<Record<string, readonly string[]>> = {
  virtio: ['virtio_pci', 'virtio_blk'],
  scsi: ['virtio_pci', 'virtio_scsi'],
};

type Kernel = BootFacts['kernels'][number];

/** Only for kernels that lack a driver; their images are made by the copy's own tool. */
export function initramfsFixup(tree: Tree, wish: FinalizeWish): Fixup | undefined {
  const drivers = [...new Set(wish.domain.disks.flatMap(disk => DRIVERS[disk.bus] ?? []))].sort();
  const lacking = (wish.guest.boot?.kernels ?? [])
    .filter(kernel => /^[A-Za-z0-9]/.test(kernel.version) && !/rescue/.test(kernel.version))
    .filter(kernel => drivers.some(driver => kernel.drivers[driver] === 'missing'));
  if (lacking.length === 0) return undefined;
  const missing = drivers.filter(driver => lacking.some(kernel => kernel.drivers[driver] === 'missing'));
  const made = maker(tree, wish, lacking, missing);
  if (made !== undefined) return fixupOf(about, made);
  return fixupOf(about, {
    warnings: [
      `The initramfs of ${lacking.map(kernel => kernel.version).join(', ')} lacks ${missing.join(', ')}, and the copy has no update-initramfs, dracut or mkinitrd that could add it.`,
    ],
  });
}

function maker(
  tree: Tree,
  wish: FinalizeWish,
  kernels: readonly Kernel[],
  drivers: readonly string[],
): { edits: (FileEdit | undefined)[]; commands: TreeCommand[] } | undefined {
  const why = (kernel: Kernel): string => `the initramfs of ${kernel.version} with ${drivers.join(', ')}`;
  if (tree.programs.has('update-initramfs')) {
    return {
      edits: [modulesFile(tree, drivers)],
      commands: kernels.map(kernel => ({
        // `-u` would leave alone an image that is not there.
        argv: ['update-initramfs', kernel.initramfs === undefined ? '-c' : '-u', '-k', kernel.version],
        why: why(kernel),
      })),
    };
  }
  const rhel = familyOf(wish.guest.os) === 'rhel';
  const image = (kernel: Kernel): string =>
    kernel.initramfs ?? (rhel ? `/boot/initramfs-${kernel.version}.img` : `/boot/initrd-${kernel.version}`);
  if (tree.programs.has('dracut')) {
    const config = `add_drivers+=" ${drivers.join(' ')} "\n`;
    return {
      edits: [file(tree, '/etc/dracut.conf.d/99-landfall.conf', config)],
      commands: kernels.map(kernel => ({
        argv: ['dracut', '--force', image(kernel), kernel.version],
        why: why(kernel),
      })),
    };
  }
  if (!tree.programs.has('mkinitrd')) return undefined;
  return {
    edits: [],
    commands: kernels.map(kernel => ({
      argv: rhel
        ? ['mkinitrd', '-f', ...drivers.map(each => `--with=${each}`), image(kernel), kernel.version]
        : ['mkinitrd', '-k', kernel.image, '-i', image(kernel), '-m', drivers.join(' ')],
      why: why(kernel),
    })),
  };
}

/** Names that the file has already are not said twice. */
function modulesFile(tree: Tree, drivers: readonly string[]): FileEdit | undefined {
  const path = '/etc/initramfs-tools/modules';
  const text = textAt(tree, path) ?? '';
  const known = text.split('\n').map(line => line.trim().split(/\s/)[0]);
  const added = drivers.filter(driver => !known.includes(driver));
  if (added.length === 0) return undefined;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return file(tree, path, `${text}${gap}${added.join('\n')}\n`);
}
