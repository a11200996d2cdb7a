import { type FileHandle, open } from 'node:fs/promises';
import { decodeEvent } from './codec.ts';
import type { Event, EventOf } from './events.ts';
import { errno, unreadable } from './troubles.ts';

/** What the two ends of a journal tell, for lists of many: its beginning, and where it stands. */
export interface Glance {
  readonly created: Event & EventOf<'evacuation.created'>;
  /** The newest event. */
  readonly last: Event;
  /** The newest start or end in the tail. Where there is none, the evacuation has long been running. */
  readonly turn?: Event & EventOf<'evacuation.started' | 'evacuation.ended'>;
  /** An engineer ordered the end that `turn` is. */
  readonly isStopped: boolean;
  /** True where the tail is the whole journal. */
  readonly isWhole: boolean;
}

const HEAD_BYTES = 64 * 1024;
const TAIL_BYTES = 64 * 1024;

/**
 * Reads a few lines, however long the journal is; undefined where they do not say enough, and it has to be read as a
 * whole. Nothing is proven about what lies between. Throws `state.damaged` where the file cannot be read at all.
 */
export async function glanceAt(path: string): Promise<Glance | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    const [first] = eventsIn(await piece(handle, 0, Math.min(size, HEAD_BYTES)));
    const start = Math.max(0, size - TAIL_BYTES);
    const tail = eventsIn(await piece(handle, start, size - start));
    const last = tail.at(-1);
    if (first?.type !== 'evacuation.created' || last === undefined) return undefined;
    const turn = tail.findLast(e => e.type === 'evacuation.started' || e.type === 'evacuation.ended');
    const order = tail.findLast(e => e.type === 'evacuation.started' || e.type === 'stop.requested');
    const isStopped = turn?.type === 'evacuation.ended' && order?.type === 'stop.requested';
    return { created: first, last, ...(turn === undefined ? {} : { turn }), isStopped, isWhole: start === 0 };
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw errno(error) === undefined ? error : unreadable(path, error);
  } finally {
    await handle?.close();
  }
}

async function piece(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

/** The whole lines among these bytes; what the cut has torn at either side does not decode. */
function eventsIn(bytes: Buffer): Event[] {
  const found: Event[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1) break;
    const decoded = decodeEvent(bytes.subarray(start, end));
    if (decoded.ok) found.push(decoded.event);
    start = end + 1;
  }
  return found;
}
