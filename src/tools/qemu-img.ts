import { z } from 'zod';
import { harmless } from '../foundation/text.ts';
import type { Argv } from '../remote/host.ts';

/** What `qemu-img info --output=json` tells of one image; older versions leave members out. */

const image = z.looseObject({
  filename: z.string(),
  format: z.string(),
  'virtual-size': z.number(),
  'actual-size': z.number().optional(),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
  'format-specific': z
    .looseObject({
      data: z
        .looseObject({
          compat: z.string().optional(),
          corrupt: z.boolean().optional(),
          bitmaps: z
            .array(z.looseObject({ name: z.string(), flags: z.array(z.string()).default([]) }))
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

const answer = z.union([z.array(image).min(1), image.transform(one => [one])]);

export interface ImageInfo {
  readonly path: string;
  readonly format: string;
  /** Bytes that the guest sees, and those that the file takes. */
  readonly capacity: number;
  readonly allocation: number;
  /** qcow2 only: `0.10` or `1.1`. */
  readonly compat: string | undefined;
  readonly corrupt: boolean;
  readonly backing: string | undefined;
  readonly bitmaps: readonly { readonly name: string; readonly flags: readonly string[] }[];
}

/** `-U`: a running QEMU holds the lock; only metadata are read, and only those that are in the file are seen. */
export const imageInfoArgv = (path: string): Argv => [
  'qemu-img',
  'info',
  '-U',
  '--backing-chain',
  '--output=json',
  path,
];

/** The image and what lies below it, topmost first; undefined where the text is no such answer. */
export function parseImageInfo(text: string): ImageInfo[] | undefined {
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  return parsed.data.map(one => {
    const data = one['format-specific']?.data;
    const backing = one['full-backing-filename'] ?? one['backing-filename'];
    return {
      path: harmless(one.filename),
      format: harmless(one.format),
      capacity: one['virtual-size'],
      allocation: one['actual-size'] ?? 0,
      compat: data?.compat === undefined ? undefined : harmless(data.compat),
      corrupt: data?.corrupt ?? false,
      backing: backing === undefined ? undefined : harmless(backing),
      bitmaps: (data?.bitmaps ?? []).map(({ name, flags }) => ({
        name: harmless(name),
        flags: flags.map(harmless),
      })),
    };
  });
}

/**
 * Bytes that a whole copy of an image takes at most, by what its files take: what lies in the images below is in it, too.
 * A compressed image takes more than that.
 */
export const bytesOfChain = (chain: readonly ImageInfo[]): number =>
  Math.max(
    chain[0]?.allocation ?? 0,
    Math.min(
      chain[0]?.capacity ?? 0,
      chain.reduce((sum, { allocation }) => sum + allocation, 0),
    ),
  );

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON at all is as unreadable as JSON of another shape.
    return undefined;
  }
}
