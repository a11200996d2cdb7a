/** An initial RAM disk as an uncompressed cpio archive (newc), so that whoever looks into it finds what a boot would. */

/** Where Debian keeps the modules that matter to a machine on virtio. */
const MODULE_PLACES: Readonly<Record<string, string>> = {
  virtio: 'drivers/virtio/virtio.ko',
  virtio_ring: 'drivers/virtio/virtio_ring.ko',
  virtio_pci: 'drivers/virtio/virtio_pci.ko',
  virtio_blk: 'drivers/block/virtio_blk.ko',
  virtio_scsi: 'drivers/scsi/virtio_scsi.ko',
  virtio_net: 'drivers/net/virtio_net.ko',
  ahci: 'drivers/ata/ahci.ko',
  ext4: 'fs/ext4/ext4.ko',
  'dm-mod': 'drivers/md/dm-mod.ko',
};

export const ALL_MODULES: readonly string[] = Object.keys(MODULE_PLACES);

const hex = (value: number): string => value.toString(16).padStart(8, '0');
const padding = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);

function entry(name: string, mode: number, content: Buffer, inode: number): Buffer {
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length + 1, 0];
  const head = Buffer.from(`070701${fields.map(hex).join('')}${name}\0`, 'latin1');
  return Buffer.concat([head, padding(head.length), content, padding(content.length)]);
}

/** With these modules of this kernel; `ballast` gives it the weight of a real one. */
export function makeInitramfs(kernel: string, modules: readonly string[], ballast: Buffer): Buffer {
  const files = modules.map(
    name => `usr/lib/modules/${kernel}/kernel/${MODULE_PLACES[name] ?? `extra/${name}.ko`}`,
  );
  const parts = [
    entry('init', 0o100755, Buffer.from('#!/bin/sh\n'), 1),
    ...files.map((name, at) => entry(name, 0o100644, Buffer.from(name), at + 2)),
    entry('usr/lib/firmware/ballast', 0o100644, ballast, files.length + 2),
    entry('TRAILER!!!', 0, Buffer.alloc(0), 0),
  ];
  return Buffer.concat(parts);
}

export interface InitramfsFile {
  readonly name: string;
  readonly content: Buffer;
}

/** Undefined where it is no such archive. */
export function readInitramfs(archive: Buffer): InitramfsFile[] | undefined {
  const files: InitramfsFile[] = [];
  let at = 0;
  for (;;) {
    if (archive.toString('latin1', at, at + 6) !== '070701') return undefined;
    const field = (index: number): number =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [size, nameSize] = [field(6), field(11)];
    const name = archive.toString('latin1', at + 110, at + 109 + nameSize);
    const start = at + 110 + nameSize + ((4 - ((110 + nameSize) % 4)) % 4);
    if (name === 'TRAILER!!!') return files;
    files.push({ name, content: archive.subarray(start, start + size) });
    at = start + size + ((4 - (size % 4)) % 4);
  }
}

/** Modules by the kernel's own names: `virtio_blk`. */
export const modulesIn = (files: readonly InitramfsFile[]): string[] =>
  files.flatMap(({ name }) => /([^/]+)\.ko$/.exec(name)?.[1] ?? []);
