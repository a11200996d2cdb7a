import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import { INSIDE, sumOf } from './manifest.ts';

/**
 * The archive around a pack: tar in gzip, which any system unpacks. It is read in memory and strictly: nothing of a
 * foreign archive ever becomes a file, a link or a path, and every byte of it is accounted for. The comment of the gzip
 * header carries the SHA-256 of everything behind it.
 */

export const MOST_ARCHIVE_BYTES = 512 * 1024 ** 2;
const MOST_INFLATED_BYTES = 1024 ** 3;
const MOST_MEMBERS = 60_000;
const BLOCK = 512;
/** gzip, deflate, with a comment, no time, best compression, Unix. */
const HEAD = Buffer.from([0x1f, 0x8b, 0x08, 0x10, 0, 0, 0, 0, 0x02, 0x03]);
const COMMENT = /^sha256:([0-9a-f]{64})$/;
const COMMENT_BYTES = 'sha256:'.length + 64;
const BODY_AT = HEAD.length + COMMENT_BYTES + 1;

/** The gzip file of a tar file. */
export function wrap(tar: Uint8Array): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc32(tar), 0);
  tail.writeUInt32LE(tar.length, 4);
  const body = Buffer.concat([deflateRawSync(tar, { level: 9 }), tail]);
  return Buffer.concat([HEAD, Buffer.from(`sha256:${sumOf(body)}\0`), body]);
}

/** The tar file in it. Throws `state.damaged` where a single bit is not as it was written. */
export function unwrap(archive: Uint8Array): Buffer {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  if (bytes.length > MOST_ARCHIVE_BYTES) throw refused(`it is larger than ${MOST_ARCHIVE_BYTES} bytes`);
  const said = COMMENT.exec(bytes.toString('latin1', HEAD.length, BODY_AT - 1))?.[1];
  if (!bytes.subarray(0, HEAD.length).equals(HEAD) || said === undefined || bytes[BODY_AT - 1] !== 0)
    throw refused('it is no evidence pack of landfall');
  const body = bytes.subarray(BODY_AT);
  if (sumOf(body) !== said)
    throw refused('its bytes are not those that were written: the sum in its head differs');
  let tar: Buffer;
  try {
    tar = inflateRawSync(body.subarray(0, -8), { maxOutputLength: MOST_INFLATED_BYTES });
  } catch (error) {
    throw refused('it cannot be unpacked, or becomes too large', error);
  }
  if (body.readUInt32LE(body.length - 8) !== crc32(tar))
    throw refused('its checksum does not match what is in it');
  return tar;
}

/** The members of a tar file, in their order. Only ordinary files below one directory, each once. */
export function membersOf(tar: Buffer): Map<string, Buffer> {
  const members = new Map<string, Buffer>();
  let at = 0;
  for (;;) {
    const head = tar.subarray(at, at + BLOCK);
    if (head.length < BLOCK) throw refused('it ends in the middle of a file');
    if (isZero(head)) break;
    const { path, size } = headerOf(head);
    const from = at + BLOCK;
    const to = from + size;
    if (to > tar.length) throw refused(`${harmless(path)} is cut off`);
    if (members.has(path)) throw refused(`${harmless(path)} is in it twice`);
    if (members.size >= MOST_MEMBERS) throw refused(`it has more than ${MOST_MEMBERS} files`);
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    if (!isZero(tar.subarray(to, at))) throw refused(`something stands behind ${harmless(path)}`);
    members.set(path, tar.subarray(from, to));
  }
  if (!isZero(tar.subarray(at))) throw refused('something stands behind its end');
  return members;
}

function headerOf(head: Buffer): { readonly path: string; readonly size: number } {
  const text = (from: number, length: number): string => {
    const field = head.toString('latin1', from, from + length);
    const end = field.indexOf('\0');
    return end === -1 ? field : field.slice(0, end);
  };
  const name = text(0, 100);
  const prefix = text(345, 155);
  const path = prefix === '' ? name : `${prefix}/${name}`;
  const shown = harmless(path);
  if (numberOf(text(148, 8)) !== checksum(head)) throw refused(`the entry of ${shown} is damaged`);
  if (text(257, 6) !== 'ustar' || text(156, 1) !== '0') throw refused(`${shown} is no ordinary file`);
  if (!INSIDE.test(path) || path.length > 255) throw refused(`${shown} is no name that landfall gives`);
  const size = numberOf(text(124, 12));
  if (size === undefined) throw refused(`the size of ${shown} cannot be read`);
  return { path, size };
}

/** An octal field, filled up with blanks. */
function numberOf(field: string): number | undefined {
  const digits = /^ *([0-7]{1,11}) *$/.exec(field)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** The sum of a header's bytes, its own field counted as blanks. */
function checksum(head: Buffer): number {
  let sum = 0;
  for (const [index, byte] of head.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every(byte => byte === 0);

function refused(how: string, cause?: unknown): LandfallError {
  return new LandfallError('state.damaged', {
    what: `the archive is refused: ${how}`,
    why: 'evidence that cannot be proved is none',
    next: [
      'take another copy of the same pack; its SHA-256 was printed when it was made',
      'or make a new one while the evacuation is there: landfall evidence NAME',
    ],
    cause,
  });
}
