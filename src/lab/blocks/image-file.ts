import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { Disk } from '../world/world.ts';
import type { Change, DiskChange } from './change.ts';
import { CLUSTER } from './manifest.ts';

/**
 * An image that travels: one real file with what a qcow2 of the same origin would hold. Its head names what lies below
 * it and can be written anew in place, as `qemu-img rebase -u` does; the rest never changes. Volumes of a pool are
 * stubs (volume-files.ts) and begin alike, so that one look tells what a file is.
 */

const MAGIC = 'QFI\u00fb\n';
/** The head is padded to this, so that another backing file fits in its place. */
const HEAD_BYTES = 4096;

const headSchema = z.object({
  kind: z.literal('piece'),
  id: z.string(),
  bytes: z.number(),
  backing: z.object({ file: z.string(), format: z.string() }).nullable(),
  index: z.number(),
});
export type ImageHead = z.output<typeof headSchema>;

/** Which instant of which disk it holds. */
export interface ImageOrigin {
  readonly machine: string;
  readonly disk: string;
  /** Id of the instant that a disk has when this was applied. */
  readonly instant: string;
  /** The instant that it has to have before; null for a full one. */
  readonly base: string | null;
  /** Partition table and file systems, their directories left out. */
  readonly layout: Disk;
  /** Bytes of the disk that it covers, where that is not all of it. */
  readonly range?: readonly [from: number, to: number];
}

/** Where the clusters of a file lie in the image; -1 for one of zeros. */
export type StoredChange = Change & { readonly data?: readonly (readonly [cluster: number, at: number])[] };

export interface ImageBody extends ImageOrigin {
  readonly places: Readonly<
    Record<string, { readonly changes: readonly StoredChange[]; readonly removed: readonly string[] }>
  >;
}

export interface Image {
  readonly file: string;
  readonly head: ImageHead;
  readonly body: ImageBody;
}

export const clusterLength = (bytes: number, cluster: number): number =>
  Math.min(CLUSTER, bytes - cluster * CLUSTER);

export type ReadCluster = (place: string, change: Change, cluster: number) => Buffer;

/** Writes an image whole; the file must not be there. */
export function writeImage(
  file: string,
  { id, bytes, backing }: Pick<ImageHead, 'id' | 'bytes' | 'backing'>,
  origin: ImageOrigin,
  change: DiskChange,
  read: ReadCluster,
): void {
  const wanted: [place: string, change: Change, cluster: number][] = [];
  let at = 0;
  const places: Record<string, ImageBody['places'][string]> = {};
  for (const [place, { changes, removed }] of Object.entries(change)) {
    const stored = changes.map((one): StoredChange => {
      if (one.clusters === undefined) return lean(one);
      const data = one.clusters.map((cluster): readonly [number, number] => {
        if (one.entry.clusters?.[cluster] === '') return [cluster, -1];
        wanted.push([place, one, cluster]);
        const from = at;
        at += clusterLength(one.entry.bytes, cluster);
        return [cluster, from];
      });
      return { ...lean(one), data };
    });
    places[place] = { changes: stored, removed };
  }
  const body = Buffer.from(JSON.stringify({ ...origin, places } satisfies ImageBody));
  const fd = openSync(file, 'wx', 0o600);
  try {
    writeSync(fd, headBytes({ kind: 'piece', id, bytes, backing, index: body.length }));
    writeSync(fd, body);
    for (const [place, one, cluster] of wanted) writeSync(fd, read(place, one, cluster));
  } finally {
    closeSync(fd);
  }
}

/** Hashes stay at home: an image has the contents themselves. */
const lean = ({ entry, clusters: _clusters, ...change }: Change): StoredChange => {
  const { clusters: _hashes, racy: _racy, ...kept } = entry;
  return { ...change, entry: kept };
};

function headBytes(head: ImageHead): Buffer {
  const text = Buffer.from(`${MAGIC}${JSON.stringify(head)}`);
  if (text.length >= HEAD_BYTES) throw new RangeError('the head of an image does not fit');
  return Buffer.concat([text, Buffer.alloc(HEAD_BYTES - text.length - 1, ' '), Buffer.from('\n')]);
}

/** Undefined where the file is no image that travels; an error where it is one that was cut short. */
export function readHead(file: string): ImageHead | undefined {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const length = readSync(fd, bytes, 0, HEAD_BYTES, 0);
    const text = bytes.toString('utf8', 0, length);
    if (length < HEAD_BYTES || !text.startsWith(MAGIC)) return undefined;
    const parsed = headSchema.safeParse(JSON.parse(text.slice(MAGIC.length)));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

export function readImage(file: string): Image | undefined {
  const head = readHead(file);
  if (head === undefined) return undefined;
  const fd = openSync(file, 'r');
  try {
    const text = Buffer.alloc(head.index);
    if (readSync(fd, text, 0, head.index, HEAD_BYTES) < head.index) return undefined;
    // The lab itself wrote this; a schema over thousands of entries would say nothing more.
    const body: ImageBody = JSON.parse(text.toString('utf8'));
    return { file, head, body };
  } finally {
    closeSync(fd);
  }
}

/** Says which image of whose clusters; answers the bytes of one cluster. */
export function imageReader({ file, head }: Pick<Image, 'file' | 'head'>): {
  cluster(change: StoredChange, cluster: number): Buffer;
  close(): void;
} {
  const fd = openSync(file, 'r');
  const data = HEAD_BYTES + head.index;
  return {
    cluster({ entry, data: stored = [] }, cluster) {
      const length = clusterLength(entry.bytes, cluster);
      const at = stored.find(([number]) => number === cluster)?.[1] ?? -1;
      const bytes = Buffer.alloc(length);
      if (at >= 0 && readSync(fd, bytes, 0, length, data + at) < length)
        throw new RangeError(`${file} ends in the middle of its data`);
      return bytes;
    },
    close: () => closeSync(fd),
  };
}

/** Bytes that the whole file must have; a shorter one was cut off on its way. */
export function wholeBytes({ head, body }: Image): number {
  const lengths = Object.values(body.places).flatMap(({ changes }) =>
    changes.flatMap(({ entry, data = [] }) =>
      data.map(([cluster, at]) => (at < 0 ? 0 : clusterLength(entry.bytes, cluster))),
    ),
  );
  return HEAD_BYTES + head.index + lengths.reduce((sum, length) => sum + length, 0);
}

/** Another backing file, in place. */
export function rebaseImage(file: string, backing: ImageHead['backing']): void {
  const head = readHead(file);
  if (head === undefined) throw new RangeError(`${file} is no image`);
  const fd = openSync(file, 'r+');
  try {
    writeSync(fd, headBytes({ ...head, backing }), 0, HEAD_BYTES, 0);
  } finally {
    closeSync(fd);
  }
}
