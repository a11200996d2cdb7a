import { z } from 'zod';
import { NAME_PATTERN } from '../foundation/names.ts';

/**
 * What lies of an evacuation at the target site, in `mirror.json` beside it. Written last: what it names is there, whole.
 * The journal may have grown since; only its first `bytes` count.
 */

/** The directory of all mirrors on a hypervisor. */
export const MIRROR_ROOT = '/var/lib/landfall';
export const MANIFEST_NAME = 'mirror.json';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** A path that stays inside, of names that landfall gives. */
const inside = z
  .string()
  .max(600)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@:+%,=-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.@:+%,=-]*)*$/);

const manifestSchema = z.object({
  v: z.literal(1),
  evacuation: z.string().regex(NAME_PATTERN),
  /** Epoch ms; when it was written, and by whom. */
  at: z.number(),
  by: z.string().max(300),
  landfall: z.string().max(60),
  journal: z.object({
    upTo: z.int().min(1),
    /** Head of the hash chain at `upTo`. */
    head: sha256,
    bytes: z.int().min(1),
    sha256,
    /** When event `upTo` was written. */
    lastAt: z.number(),
    /** SHA-256 of its first line: two evacuations of one name are told apart by it. */
    born: sha256,
  }),
  files: z.array(z.object({ path: inside, size: z.int().min(0), sha256 })).max(50_000),
  leftOut: z.array(z.object({ path: z.string(), why: z.string() })),
});

export type MirrorManifest = z.infer<typeof manifestSchema>;

/** Undefined where the text is no manifest that this landfall can read. */
export function readManifest(text: string): MirrorManifest | undefined {
  try {
    const parsed = manifestSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not even JSON: the same answer.
    return undefined;
  }
}

export const mirrorDirectory = (evacuation: string): string => `${MIRROR_ROOT}/${evacuation}`;
