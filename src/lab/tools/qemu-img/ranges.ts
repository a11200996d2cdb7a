import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { type ClusterView, extentsOf } from '../../blocks/clusters.ts';
import { CLUSTER } from '../../blocks/manifest.ts';
import { unmapPath } from '../../hosts/mounts.ts';
import type { SimHost } from '../../world/world.ts';
import { findImage, hostPath, type QemuImgParts, viewOf } from './places.ts';

/** `--image-opts`: a disk, or a part of one, by the options of QEMU's block drivers. */

export interface ImageOptions {
  readonly offset: number;
  readonly size: number | undefined;
  /** A file on this host, or a disk that a backup job offers. */
  readonly of:
    | { readonly kind: 'file'; readonly file: string; readonly format: string }
    | {
        readonly kind: 'export';
        readonly socket: string;
        readonly name: string;
        readonly bitmap: string | undefined;
      };
}

/** Commas within a value are doubled. */
function options(text: string): Map<string, string> {
  const parts = text.split(/(?<!,),(?!,)/).map(part => part.replaceAll(',,', ','));
  return new Map(
    parts.map(part => {
      const at = part.indexOf('=');
      return at < 0 ? ['file.filename', part] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

/** A text says which option the lab does not know. */
export function readOptions(text: string, cwd: string | undefined): ImageOptions | string {
  const given = options(text);
  const range = given.get('driver') === 'raw' && (given.has('offset') || given.has('size'));
  const offset = Number(given.get('offset') ?? 0);
  const size = given.has('size') ? Number(given.get('size')) : undefined;
  const inner = new Map(
    range
      ? [...given].flatMap(([key, value]): [string, string][] =>
          key.startsWith('file.') ? [[key.slice('file.'.length), value]] : [],
        )
      : given,
  );
  const known = [
    'driver',
    'server.type',
    'server.path',
    'export',
    'x-dirty-bitmap',
    'file.driver',
    'file.filename',
  ];
  const unknown = [...inner.keys()].find(key => !known.includes(key));
  if (unknown !== undefined) return `Block protocol 'file' doesn't support the option '${unknown}'`;
  if (inner.get('driver') === 'nbd') {
    const bitmap = inner.get('x-dirty-bitmap');
    return {
      offset,
      size,
      of: {
        ...{ kind: 'export', name: inner.get('export') ?? '' },
        ...{ socket: hostPath(cwd, inner.get('server.path') ?? ''), bitmap },
      },
    };
  }
  const file = inner.get('file.filename');
  if (file === undefined) return "A block device must be specified for 'file'";
  return {
    ...{ offset, size },
    of: { kind: 'file', file: hostPath(cwd, file), format: inner.get('driver') ?? 'raw' },
  };
}

/** What lies behind options: a disk as bytes. */
export interface Readable {
  readonly view: ClusterView;
  /** Of a bitmap: the clusters that are dirty. */
  readonly dirty: readonly number[] | undefined;
  readonly from: number;
  readonly to: number;
}

/** A text is what QEMU would say. */
export function openRange(
  parts: QemuImgParts,
  host: SimHost,
  { offset, size, of }: ImageOptions,
  isShared: boolean,
): Readable | string {
  const bounds = (capacity: number) => ({
    from: offset,
    to: size === undefined ? capacity : Math.min(capacity, offset + size),
  });
  if (of.kind === 'export') {
    const job = parts.backups.onSocket(host, of.socket);
    if (job === undefined) return `Failed to connect to '${of.socket}': No such file or directory`;
    const disk = job.disks.find(({ exportName }) => exportName === of.name);
    if (disk?.view === undefined) return `Requested export not available`;
    const wanted = of.bitmap?.replace(/^qemu:dirty-bitmap:/, '');
    if (wanted !== undefined && wanted !== disk.exportBitmap)
      return `requested meta context 'qemu:dirty-bitmap:${wanted}' not available`;
    return {
      view: disk.view,
      dirty: wanted === undefined ? undefined : disk.dirty,
      ...bounds(disk.capacity),
    };
  }
  // A script has written it into the option as it has it itself.
  const file = unmapPath(host.mounts, of.file);
  const found = findImage(parts, host, file);
  if (found === undefined) return `Could not open '${of.file}': No such file or directory`;
  if (found === 'damaged') return `Image is not in qcow2 format`;
  if (found.isLocked && !isShared)
    return `Failed to get shared "write" lock\nIs another process using the image [${of.file}]?`;
  if (found.format !== of.format) return `Image is not in ${of.format} format`;
  const view = viewOf(parts, found);
  return view === undefined
    ? 'the lab reads ranges of disks, not of images that travel'
    : { view, dirty: undefined, ...bounds(found.bytes) };
}

/** As `qemu-img map --output=json` prints it: of a bitmap, what is dirty has no data. */
export function mapJson({ view, dirty, from, to }: Readable): string {
  const rows = extentsOf(dirty ?? view.keys(), from, to).map(({ start, length, marked }) => {
    const hasData = dirty === undefined ? marked : !marked;
    const isZero = dirty === undefined && !marked;
    return `{ "start": ${start - from}, "length": ${length}, "depth": 0, "present": true, "zero": ${isZero}, "data": ${hasData}${hasData ? `, "offset": ${start}` : ''}}`;
  });
  return `[${rows.join(',\n')}]\n`;
}

/** Writes the bytes of a range into a file, with holes where there are none. */
export function writeRaw(file: string, { view, from, to }: Readable): void {
  const fd = openSync(file, 'w', 0o644);
  try {
    ftruncateSync(fd, to - from);
    for (const [cluster, bytes] of view) {
      const at = cluster * CLUSTER;
      if (at >= from && at + bytes.length <= to) writeSync(fd, bytes, 0, bytes.length, at - from);
    }
  } finally {
    closeSync(fd);
  }
}
