import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeEvent } from './codec.ts';
import { replaceFile } from './durable-file.ts';
import { createLineSplitter } from './lines.ts';
import { Notes, type NotesEntry, notesFile } from './notes-file.ts';
import { errno, unreadable, unwritable } from './troubles.ts';

const CHUNK_BYTES = 256 * 1024;
/** Where the journal writes the type of an event: behind its envelope. */
const TYPE = /^\{"v":\d+,"seq":\d+,"at":\d+,"by":"(?:[^"\\]|\\.)*","type":"([^"\\]+)"/;
/** By far the most events are of these types, and none of them makes a line. */
const NEVER: ReadonlySet<string> = new Set([
  'step.started',
  'step.done',
  'step.retrying',
  'pass.started',
  'pass.ended',
  'pass.judged',
  'database.observed',
  'reconcile.table',
  'machine.observed',
  'hypervisor.observed',
  'receiver.observed',
  'exposure.measured',
  'mirror.written',
  'mirror.failed',
  'surroundings.observed',
]);

/** The notes that a journal holds by now. What cannot be decoded makes no line: whoever folds the journal tells of it. */
export async function readNotes(journalPath: string): Promise<Notes> {
  const notes = new Notes();
  const lines = createLineSplitter();
  const handle = await open(journalPath, 'r').catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return undefined;
    throw unreadable(journalPath, error);
  });
  if (handle === undefined) return notes;
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    for (let position = 0; ; ) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return notes;
      position += bytesRead;
      lines.push(buffer.subarray(0, bytesRead), line => {
        const type = TYPE.exec(Buffer.from(line).toString('latin1', 0, 400))?.[1];
        if (type !== undefined && NEVER.has(type)) return;
        const decoded = decodeEvent(line);
        if (decoded.ok) notes.add(decoded.event);
      });
    }
  } catch (error) {
    throw unreadable(journalPath, error);
  } finally {
    await handle.close();
  }
}

/** Writes `notes.md` anew, with what people wrote into it above landfall's line. Throws `state.unwritable`. */
export async function writeNotes(directory: string, entries: readonly NotesEntry[]): Promise<void> {
  const path = join(directory, 'notes.md');
  try {
    const before = await readFile(path, 'utf8').catch((error: unknown) => {
      if (errno(error) === 'ENOENT') return '';
      throw error;
    });
    const after = notesFile(before, entries);
    if (after !== before) await replaceFile(path, after);
  } catch (error) {
    throw unwritable(path, error);
  }
}
