import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootPaths,
  kernelsOf,
  loaderOf,
  parseBuiltin,
  parseInitramfs,
} from '../../../src/tools/boot-files.ts';

const listing = (...drivers: readonly string[]): string => `${drivers.join('\n')}\nnames 483\n`;

describe('kernels', () => {
  it.each([
    ['Debian', '/boot/vmlinuz-6.1.0-32-amd64', '/boot/initrd.img-6.1.0-32-amd64', '6.1.0-32-amd64'],
    [
      'Red Hat',
      '/boot/vmlinuz-5.14.0-1.el9.x86_64',
      '/boot/initramfs-5.14.0-1.el9.x86_64.img',
      '5.14.0-1.el9.x86_64',
    ],
    ['SUSE', '/boot/vmlinuz-6.4.0-1-default', '/boot/initrd-6.4.0-1-default', '6.4.0-1-default'],
    ['Alpine', '/boot/vmlinuz-lts', '/boot/initramfs-lts', 'lts'],
    ['Arch', '/boot/vmlinuz-linux', '/boot/initramfs-linux.img', 'linux'],
    ['a loader entry', '/boot/efi/0f0f/6.8.0/linux', '/boot/efi/0f0f/6.8.0/initrd', '6.8.0'],
  ])('%s: image and initramfs belong together', (_name, image, initramfs, version) => {
    const [kernel] = kernelsOf([image, initramfs], new Map(), new Map());
    expect(kernel).toMatchObject({ version, image, initramfs });
    expect(kernel?.drivers['virtio_blk']).toBe('unknown');
  });

  it('tells of each driver where it is, and of nothing that it does not know', () => {
    const paths = ['/boot/vmlinuz-1', '/boot/initrd.img-1', '/boot/vmlinuz-2', '/boot/vmlinuz-0-rescue-abc'];
    const builtin = parseBuiltin(
      '/lib/modules/1/modules.builtin\nkernel/drivers/virtio/virtio_pci.ko\n/lib/modules/2/modules.builtin\n',
    );
    const inside = parseInitramfs(listing('virtio_blk', 'virtio-net'));
    if (inside === undefined) throw new Error('the listing is long enough');
    const kernels = kernelsOf(paths, builtin, new Map([['/boot/initrd.img-1', inside]]));
    expect(kernels.map(({ version, drivers }) => [version, drivers])).toEqual([
      [
        '1',
        {
          virtio_blk: 'included',
          virtio_pci: 'builtin',
          virtio_net: 'included',
          virtio_scsi: 'missing',
        },
      ],
      ['2', { virtio_blk: 'missing', virtio_pci: 'missing', virtio_net: 'missing', virtio_scsi: 'missing' }],
    ]);
  });

  it('takes an archive of a few names (microcode) or none for unread', () => {
    expect(parseInitramfs('names 4\n')).toBeUndefined();
    expect(parseInitramfs('names 0\n')).toBeUndefined();
    expect(parseInitramfs('')).toBeUndefined();
  });
});

describe('loaders', () => {
  const grub = ['/boot/grub/grub.cfg'];
  it.each([
    [
      'GRUB in a boot sector',
      'bios',
      grub,
      ['\0\0', '\ufffdc\0GRUB \0Geom\0Hard Disk\0Read\0 Error'],
      'grub',
    ],
    ['files of GRUB, but empty sectors', 'bios', grub, ['\0'.repeat(512)], 'none'],
    ['a partition table behind empty code', 'bios', grub, [`${'\0'.repeat(446)}\u0080 table`], 'none'],
    ['code that nobody knows', 'bios', grub, [`\ufffd\ufffd${'\0'.repeat(500)}`], 'unknown'],
    ['no sector readable', 'bios', grub, undefined, 'grub'],
    ['nothing known', 'bios', [], undefined, 'unknown'],
    ['extlinux', 'bios', ['/boot/extlinux/extlinux.conf'], ['Missing operating system.'], 'extlinux'],
    ['GRUB by EFI', 'uefi', ['/boot/efi/EFI/debian/grubx64.efi'], ['\0'], 'grub'],
    [
      'systemd-boot',
      'uefi',
      ['/boot/efi/EFI/systemd/systemd-bootx64.efi', ...grub],
      undefined,
      'systemd-boot',
    ],
    ['an ESP that is not mounted', 'uefi', [], ['\0'], 'unknown'],
  ] as const)('%s', (_name, mode, paths, sectors, loader) => {
    expect(loaderOf(mode, paths, sectors)).toBe(loader);
  });
});

it('takes a root off in front of /boot, and never throws', () => {
  expect(bootPaths('/mnt/t/boot/vmlinuz-1\n/boot/efi/EFI/boot/x.efi\nnoise\n')).toEqual([
    '/boot/efi/EFI/boot/x.efi',
    '/boot/vmlinuz-1',
  ]);
  fc.assert(
    fc.property(fc.string(), text => {
      kernelsOf(bootPaths(text), parseBuiltin(text), new Map());
      parseInitramfs(text);
      loaderOf('bios', bootPaths(text), [text]);
    }),
  );
});
