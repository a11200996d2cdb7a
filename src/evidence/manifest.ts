import { createHash } from 'node:crypto';
import { z } from 'zod';
import { NAME_PATTERN } from '../foundation/names.ts';

/**
 * What is in an evidence pack: every file with its SHA-256, and the head of the journal's hash chain. Whoever wrote head
 * and hash of the archive down elsewhere can tell later that not even the pack as a whole was made anew.
 */

export const MANIFEST = 'MANIFEST.json';
/** The same sums as `sha256sum --check` reads them, for people without landfall. */
export const SUMS = 'SHA256SUMS';

export const INSIDE = /^[A-Za-z0-9_][A-Za-z0-9_.@:+%,=-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.@:+%,=-]*)*$/;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const manifestSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('landfall-evidence'),
  evacuation: z.string().regex(NAME_PATTERN),
  /** Epoch ms: the verdict in the pack is that of this instant. */
  at: z.number(),
  by: z.string().max(300),
  landfall: z.string().max(60),
  journal: z.strictObject({ upTo: z.int().min(1), head: sha256 }),
  files: z.array(z.strictObject({ path: z.string().max(600).regex(INSIDE), size: z.int().min(0), sha256 })),
  leftOut: z.array(z.strictObject({ path: z.string(), why: z.string() })),
});

export type Manifest = z.infer<typeof manifestSchema>;

export const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Undefined where it is none that this landfall can read. */
export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not even JSON: the same answer.
    return undefined;
  }
}
