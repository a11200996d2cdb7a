import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/foundation/clock.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import type { Event } from '../../../src/journal/events.ts';
import { openFileJournal } from '../../../src/journal/file-store.ts';
import type { JournalStore, Mended } from '../../../src/journal/store.ts';

/** A directory of this test alone, gone when it ends. */
export async function tempDir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'landfall-journal-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A clock that stands still until it is set. */
export class StillClock implements Clock {
  ms = Date.UTC(2026, 8, 1, 12);
  now = (): number => this.ms;
  monotonic = (): number => this.ms;
  sleep = (): Promise<void> => Promise.resolve();
}

export function storeAt(path: string, redactor = createRedactor()): Promise<JournalStore> {
  return openFileJournal({ path, by: 'engine@jump1:4711', clock: new StillClock(), redactor });
}

/** Opens, reads to the end and closes; what is torn is mended. */
export async function readAll(path: string): Promise<{ events: Event[]; mended?: Mended }> {
  const store = await storeAt(path);
  const events: Event[] = [];
  try {
    const { mended } = await store.replay(event => events.push(event));
    return { events, ...(mended === undefined ? {} : { mended }) };
  } finally {
    await store.close();
  }
}
