import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqlError } from '../errors.ts';
import { type BackupHeader, headerSchema } from './header.ts';

/**
 * A backup file of the double: the mark, then one backup set after the other, each a length (u32, little-endian), the header
 * as JSON, a length (u64), the payload, and SHA-256 over header and payload.
 */

const MARK = Buffer.from('LFBAK001');

export interface BackupSet {
  readonly header: BackupHeader;
  /** The header as it was written. */
  readonly head: Uint8Array;
  /** From 1. */
  readonly position: number;
  readonly offset: number;
  readonly length: number;
}

/** A set that is in its file and can still be taken out of it. */
export interface WrittenSet {
  keep(): Promise<void>;
  undo(): Promise<void>;
}

export interface NewSet {
  readonly header: BackupHeader;
  readonly payload: AsyncIterable<Uint8Array>;
  readonly length: number;
  readonly signal: AbortSignal;
}

/** Adds a set behind those of a file, or makes the file anew; a failure leaves the file as it was. */
export async function writeSet(file: string, set: NewSet, anew: boolean): Promise<WrittenSet> {
  await mkdir(dirname(file), { recursive: true });
  const path = anew ? `${file}~` : file;
  const handle = await open(path, anew ? 'w' : 'a');
  const before = (await handle.stat()).size;
  const undo = (): Promise<void> => (before === 0 ? rm(path, { force: true }) : truncate(path, before));
  try {
    if (before === 0) await handle.write(MARK);
    await writeContent(handle, set);
    await handle.sync();
    await handle.close();
  } catch (error) {
    await handle.close();
    await undo();
    throw error;
  }
  return { keep: async () => (anew ? rename(path, file) : undefined), undo };
}

async function writeContent(handle: FileHandle, { header, payload, length, signal }: NewSet): Promise<void> {
  const text = Buffer.from(JSON.stringify(header));
  const digest = createHash('sha256').update(text);
  await handle.write(framed(text.length, 4));
  await handle.write(text);
  await handle.write(framed(length, 8));
  for await (const piece of payload) {
    signal.throwIfAborted();
    digest.update(piece);
    await handle.write(piece);
  }
  await handle.write(digest.digest());
}

function framed(value: number, bytes: 4 | 8): Uint8Array {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 4) buffer.writeUInt32LE(value);
  else buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
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
      if (at + 12 > size) throw torn(device);
      const headerLength = (await take(handle, at, 4)).readUInt32LE();
      if (at + 4 + headerLength + 8 > size) throw torn(device);
      const head = await take(handle, at + 4, headerLength);
      const header = parse(head, device);
      const length = Number((await take(handle, at + 4 + headerLength, 8)).readBigUInt64LE());
      const offset = at + 4 + headerLength + 8;
      if (offset + length + 32 > size) throw torn(device);
      sets.push({ header, head, position: sets.length + 1, offset, length });
      at = offset + length + 32;
    }
    return sets;
  } finally {
    await handle.close();
  }
}

/** As `readSets`; undefined where there is no file. @throws SqlError 3241, 3203 */
export async function setsThere(file: string, device: string): Promise<readonly BackupSet[] | undefined> {
  try {
    return await readSets(file, device);
  } catch (error) {
    if (error instanceof SqlError && error.number === 3201) return undefined;
    throw error;
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

/**
 * The payload of a set as it was written; the last piece comes when all of it has been compared with its digest.
 *
 * @throws SqlError 3189 where a byte of it has changed
 */
export async function* readPayload(
  file: string,
  set: BackupSet,
  device: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { offset, length } = set;
  const digest = createHash('sha256').update(set.head);
  let last: Uint8Array | undefined;
  if (length > 0) {
    const pieces: AsyncIterable<Uint8Array> = createReadStream(file, {
      start: offset,
      end: offset + length - 1,
    });
    for await (const piece of pieces) {
      if (last) yield last;
      digest.update(piece);
      last = piece;
    }
  }
  const handle = await openDevice(file, device);
  try {
    const expected = await take(handle, offset + length, 32);
    if (!digest.digest().equals(expected))
      throw new SqlError(3189, `Damage to the backup set was detected. (${device}, file ${set.position})`);
  } finally {
    await handle.close();
  }
  if (last) yield last;
}
