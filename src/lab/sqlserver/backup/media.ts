import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SqlError } from '../errors.ts';

/**
 * A backup file of the double: the mark, then one backup set after the other, each a length (u32, little-endian), the header
 * as JSON, a length (u64), the payload, and SHA-256 over header and payload.
 */

const MARK = Buffer.from('LFBAK001');

const lsn = z.string().regex(/^\d+$/);

const headerSchema = z.object({
  /** 1 database, 2 log. */
  type: z.union([z.literal(1), z.literal(2)]),
  setId: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  database: z.string(),
  server: z.string(),
  user: z.string(),
  databaseVersion: z.number(),
  compatibility: z.number(),
  collation: z.string(),
  recovery: z.enum(['SIMPLE', 'FULL', 'BULK_LOGGED']),
  copyOnly: z.boolean(),
  checksums: z.boolean(),
  compressed: z.boolean(),
  tail: z.boolean(),
  /** LSNs as decimal text of their 80 bits. */
  firstLsn: lsn,
  lastLsn: lsn,
  checkpointLsn: lsn,
  databaseBackupLsn: lsn,
  family: z.string(),
  recoveryFork: z.string(),
  software: z.object({ major: z.number(), minor: z.number(), build: z.number() }),
  created: z.number(),
  started: z.number(),
  finished: z.number(),
  /** Bytes before compression. */
  size: z.number(),
  files: z.array(
    z.object({
      id: z.number(),
      logicalName: z.string(),
      physicalName: z.string(),
      type: z.enum(['ROWS', 'LOG']),
      size: z.number(),
    }),
  ),
  /** Place of this file among those the set was striped over, from 0. */
  stripe: z.number(),
  stripes: z.number(),
  published: z.boolean(),
});

export type BackupHeader = z.infer<typeof headerSchema>;

export interface BackupSet {
  readonly header: BackupHeader;
  /** From 1. */
  readonly position: number;
  readonly offset: number;
  readonly length: number;
}

/**
 * Adds a set to a file, or makes the file anew.
 *
 * @throws SqlError 3241 where the file is no backup of the double
 */
export async function writeSet(
  file: string,
  header: BackupHeader,
  payload: AsyncIterable<Uint8Array>,
  length: number,
  anew: boolean,
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  if (!anew) await readSets(file, file).catch(absent);
  const handle = await open(file, anew ? 'w' : 'a');
  try {
    if ((await handle.stat()).size === 0) await handle.write(MARK);
    const text = Buffer.from(JSON.stringify(header));
    const digest = createHash('sha256').update(text);
    await handle.write(framed(text.length, 4));
    await handle.write(text);
    await handle.write(framed(length, 8));
    for await (const piece of payload) {
      digest.update(piece);
      await handle.write(piece);
    }
    await handle.write(digest.digest());
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function framed(value: number, bytes: 4 | 8): Uint8Array {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeUInt32LE(value);
  else buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function absent(error: unknown): void {
  if (!(error instanceof SqlError && error.number === 3201)) throw error;
}

/**
 * The sets of a file in their order; `device` is the name it is told by.
 *
 * @throws SqlError 3201 where it cannot be opened, 3241 where it is no backup, 3203 where it ends too early
 */
export async function readSets(file: string, device: string): Promise<readonly BackupSet[]> {
  const handle = await openDevice(file, device);
  try {
    const { size } = await handle.stat();
    const mark = await take(handle, 0, MARK.length);
    if (!mark.equals(MARK)) throw malformed(device);
    const sets: BackupSet[] = [];
    let at = MARK.length;
    while (at < size) {
      const headerLength = (await take(handle, at, 4)).readUInt32LE();
      if (headerLength > 1_000_000 || at + 4 + headerLength + 8 > size) throw torn(device);
      const header = parse(await take(handle, at + 4, headerLength), device);
      const length = Number((await take(handle, at + 4 + headerLength, 8)).readBigUInt64LE());
      const offset = at + 4 + headerLength + 8;
      if (offset + length + 32 > size) throw torn(device);
      sets.push({ header, position: sets.length + 1, offset, length });
      at = offset + length + 32;
    }
    return sets;
  } finally {
    await handle.close();
  }
}

async function openDevice(file: string, device: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SqlError(
      3201,
      `Cannot open backup device '${device}'. Operating system error 2(The system cannot find the file specified.).`,
      { state: 2 },
    );
  }
}

async function take(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function parse(bytes: Buffer, device: string): BackupHeader {
  try {
    return headerSchema.parse(JSON.parse(bytes.toString()));
  } catch {
    throw malformed(device);
  }
}

const malformed = (device: string): SqlError =>
  new SqlError(
    3241,
    `The media family on device '${device}' is incorrectly formed. SQL Server cannot process this media family.`,
  );

const torn = (device: string): SqlError =>
  new SqlError(3203, `Read on "${device}" failed: 38(Reached the end of the file.)`);

/** The payload of a set, as it was written. */
export const readPayload = (file: string, { offset, length }: BackupSet): AsyncIterable<Uint8Array> =>
  length === 0 ? nothing() : createReadStream(file, { start: offset, end: offset + length - 1 });

async function* nothing(): AsyncIterable<Uint8Array> {}

/**
 * Compares a set with its digest.
 *
 * @throws SqlError 3189 where a byte of it has changed
 */
export async function verifySet(file: string, set: BackupSet, device: string): Promise<void> {
  const digest = createHash('sha256').update(JSON.stringify(set.header));
  for await (const piece of readPayload(file, set)) digest.update(piece);
  const handle = await openDevice(file, device);
  try {
    const expected = await take(handle, set.offset + set.length, 32);
    if (!digest.digest().equals(expected))
      throw new SqlError(3189, `Damage to the backup set was detected. (${device}, file ${set.position})`);
  } finally {
    await handle.close();
  }
}
