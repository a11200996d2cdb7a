import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import { redactBody } from './body-redaction.ts';
import { decodeEvent, encodeEvent } from './codec.ts';
import { syncDirectory } from './durable-file.ts';
import type { Event, EventBody } from './events.ts';
import { mendTornEnd } from './mend.ts';
import { scanJournal } from './scan.ts';
import type { JournalStore, Replayed } from './store.ts';
import { errno, unreadable, unwritable } from './troubles.ts';

export interface FileJournalOptions {
  readonly path: string;
  /** Author of the events: `engine@jump1:4711`. */
  readonly by: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

interface Waiting {
  readonly events: Event[];
  readonly lines: string;
  readonly resolve: (events: Event[]) => void;
  readonly reject: (error: LandfallError) => void;
}

/**
 * A journal in one file of JSON lines. An append is one write of whole lines and one fdatasync; appends that arrive
 * while the disk is busy share the next one. The caller holds the lock of the evacuation.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<JournalStore> {
  return new FileJournal(options, await openOrCreate(options.path));
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    // Appending, not writing at a place: should two writers ever meet, neither overwrites the other's lines.
    const created = await open(path, 'ax+', 0o600).catch((error: unknown) => {
      if (errno(error) === 'EEXIST') return undefined;
      throw error;
    });
    if (created === undefined) return await open(path, 'a+');
    await created.sync();
    await syncDirectory(dirname(path));
    return created;
  } catch (error) {
    throw unwritable(path, error);
  }
}

class FileJournal implements JournalStore {
  readonly #options: FileJournalOptions;
  readonly #handle: FileHandle;
  /** Undefined until the replay has found the end. */
  #lastSeq: number | undefined;
  /** Bytes that are known to be durable and whole. */
  #goodBytes = 0;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #broken: LandfallError | undefined;

  constructor(options: FileJournalOptions, handle: FileHandle) {
    this.#options = options;
    this.#handle = handle;
  }

  async replay(visit: (event: Event) => void): Promise<Replayed> {
    const { path } = this.#options;
    const end = await scanJournal(this.#handle, path, visit).catch((error: unknown) => {
      throw errno(error) === undefined ? error : unreadable(path, error);
    });
    const mended = end.tornBytes === 0 ? undefined : await mendTornEnd(this.#handle, path, end);
    this.#goodBytes = end.goodBytes;
    this.#lastSeq = end.lastSeq;
    return { lastSeq: end.lastSeq, ...(mended === undefined ? {} : { mended }) };
  }

  async append(bodies: readonly EventBody[], by = this.#options.by): Promise<Event[]> {
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#lastSeq === undefined) throw misused('it was not replayed before the first append');
    const first = this.#lastSeq + 1;
    const at = this.#options.clock.now();
    const lines = bodies.map((body, index) =>
      encodeEvent(redactBody(body, this.#options.redactor), {
        seq: first + index,
        at,
        by,
      }),
    );
    // What is folded live is what a replay will read: the events are taken from the lines, not from the bodies.
    const events = lines.map(readBack);
    this.#lastSeq += lines.length;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, lines: lines.join(''), resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    this.#broken ??= misused('it is closed');
    await this.#handle.close();
  }

  /** Writes until nothing waits. Never rejects: failures go to those who wait. */
  async #flush(): Promise<void> {
    // Lets appends of the same turn of the event loop join the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.from(batch.map(item => item.lines).join('')));
        for (const { events, resolve } of batch) resolve(events);
      } catch (error) {
        const broken = error instanceof LandfallError ? error : unwritable(this.#options.path, error);
        this.#broken = broken;
        for (const { reject } of [...batch, ...this.#waiting]) reject(broken);
        this.#waiting = [];
      }
    }
    this.#flushing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#refuseIfTouched();
    try {
      for (let written = 0; written < bytes.length; ) {
        written += (await this.#handle.write(bytes, written)).bytesWritten;
      }
      await this.#handle.datasync();
    } catch (error) {
      throw unwritable(this.#options.path, await this.#takeBack(error));
    }
    this.#goodBytes += bytes.length;
  }

  /** Leaves no half line behind; where even that fails, the next start mends the torn end. */
  async #takeBack(error: unknown): Promise<unknown> {
    try {
      await this.#handle.truncate(this.#goodBytes);
      await this.#handle.sync();
      return error;
    } catch (second) {
      return new AggregateError(
        [error, second],
        `${messageOf(error)}; cutting it back failed: ${messageOf(second)}`,
      );
    }
  }

  /** An editor, a checkout or a second writer: appending to what is no longer our file would lose events. */
  async #refuseIfTouched(): Promise<void> {
    const { size, nlink } = await this.#handle.stat();
    if (size === this.#goodBytes && nlink > 0) return;
    throw new LandfallError('state.damaged', {
      what:
        nlink === 0
          ? 'the journal was deleted or replaced while landfall was writing it'
          : `the journal was changed by something else: it has ${size} bytes, ${this.#goodBytes} were written`,
      where: { file: this.#options.path },
      why: 'events written now could be lost or contradict the ones before',
      next: [
        'leave the evacuation directory to landfall while it runs',
        'run the same command again: it reads the journal anew',
      ],
    });
  }
}

function readBack(line: string): Event {
  const decoded = decodeEvent(Buffer.from(line.slice(0, -1)));
  if (!decoded.ok) throw misused(`it cannot read its own line: ${decoded.reason}`);
  return decoded.event;
}

function misused(how: string): LandfallError {
  return new LandfallError('bug', {
    what: `the journal was asked for something impossible: ${how}`,
    next: ['report this with the journal of the evacuation; the work done so far is kept'],
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
