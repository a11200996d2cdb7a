import type { FileHandle } from 'node:fs/promises';
import { harmlessBytes } from '../foundation/text.ts';
import { decodeEvent, MAX_LINE_BYTES } from './codec.ts';
import type { Event } from './events.ts';
import { createLineSplitter } from './lines.ts';
import { journalDamaged, journalNewer } from './troubles.ts';

/** Where a journal ends: after `goodBytes` there are `tornBytes` of a line that was never acknowledged. */
export interface JournalEnd {
  readonly lastSeq: number;
  readonly goodBytes: number;
  readonly tornBytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a journal from its first byte and hands every event to `visit`, in bounded memory. The end may be torn; any
 * other fault throws `state.damaged` or `state.newer` with the line.
 */
export async function scanJournal(
  handle: FileHandle,
  file: string,
  visit: (event: Event) => void,
): Promise<JournalEnd> {
  const lines = createLineSplitter();
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = 0;
  let goodBytes = 0;
  let lastSeq = 0;
  let hole: { readonly line: number; readonly reason: string; readonly text: string } | undefined;

  const onLine = (bytes: Uint8Array): void => {
    // Sequence numbers have no gap, so the number of the line follows from them.
    const line = lastSeq + 1;
    if (hole !== undefined) throw journalDamaged(file, hole.line, hole.reason, hole.text);
    const decoded = decodeEvent(bytes);
    const evidence = (): string => harmlessBytes(bytes.subarray(0, 200));
    if (!decoded.ok) {
      if (decoded.fault === 'newer') throw journalNewer(file, line, decoded.reason);
      // JSON never holds a NUL: zeros are pages that a power failure kept from the disk. At the very end of the file
      // they are a torn line like any other.
      if (!bytes.includes(0)) throw journalDamaged(file, line, decoded.reason, evidence());
      hole = { line, reason: decoded.reason, text: evidence() };
      return;
    }
    if (decoded.event.seq !== line) {
      const found = decoded.event.seq;
      const kind = found > line ? 'events are missing before it' : 'it repeats an earlier number';
      throw journalDamaged(file, line, `it has number ${found} where ${line} belongs: ${kind}`, evidence());
    }
    visit(decoded.event);
    lastSeq = line;
    goodBytes += bytes.length + 1;
  };

  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return { lastSeq, goodBytes, tornBytes: position - goodBytes };
    position += bytesRead;
    lines.push(buffer.subarray(0, bytesRead), onLine);
    if (lines.openBytes > MAX_LINE_BYTES) {
      throw journalDamaged(file, lastSeq + 1, 'it is longer than any line that landfall writes', '');
    }
  }
}
