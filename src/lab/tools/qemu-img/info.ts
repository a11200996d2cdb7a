import type { Found } from './places.ts';

/** What `qemu-img info` of QEMU 7.2 prints. */

export function infoJson({ file, format, compat, bytes, allocated, backing, bitmaps }: Found): object {
  const data = {
    compat,
    ...(compat === '0.10'
      ? { 'compression-type': 'zlib', 'refcount-bits': 16 }
      : {
          ...{ 'compression-type': 'zlib', 'lazy-refcounts': false },
          ...(bitmaps.length === 0 ? {} : { bitmaps }),
          ...{ 'refcount-bits': 16, corrupt: false, 'extended-l2': false },
        }),
  };
  return {
    ...(backing === null ? {} : { 'backing-filename-format': backing.format }),
    'virtual-size': bytes,
    filename: file,
    ...(format === 'raw' ? {} : { 'cluster-size': 65_536 }),
    format,
    'actual-size': allocated,
    ...(format === 'raw' ? {} : { 'format-specific': { type: 'qcow2', data } }),
    ...(backing === null ? {} : { 'full-backing-filename': backing.file, 'backing-filename': backing.file }),
    'dirty-flag': false,
  };
}

export function infoText({ file, format, compat, bytes, allocated, backing, bitmaps }: Found): string {
  const GiB = 1024 ** 3;
  const lines = [
    `image: ${file}`,
    `file format: ${format}`,
    `virtual size: ${bytes / GiB} GiB (${bytes} bytes)`,
    `disk size: ${Math.round(allocated / 1024 ** 2)} MiB`,
    ...(format === 'raw' ? [] : ['cluster_size: 65536']),
    ...(backing === null ? [] : [`backing file: ${backing.file}`, `backing file format: ${backing.format}`]),
    ...(format === 'raw'
      ? []
      : [
          ...['Format specific information:', `    compat: ${compat}`, '    compression type: zlib'],
          ...(compat === '0.10' ? [] : ['    lazy refcounts: false']),
          ...(bitmaps.length === 0 ? [] : ['    bitmaps:']),
          ...bitmaps.flatMap(({ flags, name, granularity }, at) => [
            `        [${at}]:\n            flags:`,
            ...flags.map((flag, number) => `                [${number}]: ${flag}`),
            `            name: ${name}\n            granularity: ${granularity}`,
          ]),
          '    refcount bits: 16',
          ...(compat === '0.10' ? [] : ['    corrupt: false', '    extended l2: false']),
        ]),
  ];
  return `${lines.join('\n')}\n`;
}
