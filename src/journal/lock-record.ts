import { createHash } from 'node:crypto';
import { type FileHandle, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { harmless } from '../foundation/text.ts';
import { errno } from './troubles.ts';

const instant = z.iso.datetime();

const lockRecord = z.object({
  v: z.literal(1),
  /** Unique to this one acquisition. */
  token: z.string().regex(/^[0-9a-f-]{36}$/),
  pid: z.int().min(1),
  startTicks: z.int().optional(),
  host: z.string(),
  machineId: z.string().optional(),
  bootId: z.string().optional(),
  pidNamespace: z.string().optional(),
  user: z.string(),
  command: z.string(),
  since: instant,
  /** Always 24 characters, so that it can be renewed in place. */
  heartbeat: instant,
});

/** Who holds an evacuation. */
export type LockRecord = z.infer<typeof lockRecord>;

/** What a lock file says; `record` is absent where it cannot be read as one of ours. */
export interface LockFile {
  readonly token: string;
  readonly record?: LockRecord;
}

export const formatRecord = (record: LockRecord): string => `${JSON.stringify(record)}\n`;

/** The content of a lock file; undefined where there is none. */
export async function readLockFile(path: string): Promise<LockFile | undefined> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const parsed = lockRecord.safeParse(parseJson(bytes.toString('utf8')));
  if (parsed.success) return { token: parsed.data.token, record: harmlessRecord(parsed.data) };
  // A name for these very bytes, so that even an unreadable lock has exactly one successor.
  return { token: `unreadable-${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}` };
}

/** Renews the heartbeat inside the open file: a lock that was replaced meanwhile is not touched. */
export async function renewHeartbeat(handle: FileHandle, record: LockRecord, now: number): Promise<void> {
  const before = formatRecord(record);
  const after = formatRecord({ ...record, heartbeat: new Date(now).toISOString() });
  // Same length by construction: a reader sees the old or the new instant, never a shorter file.
  if (after.length === before.length) await handle.write(after, 0, 'utf8');
}

function harmlessRecord(record: LockRecord): LockRecord {
  const { host, user, command } = record;
  return { ...record, host: harmless(host), user: harmless(user), command: harmless(command) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
