import { appendFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { LandfallError } from '../../../src/foundation/errors.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { createEvacuationDirectory, type EvacuationDirectory } from '../../../src/journal/directory.ts';
import { fold } from '../../../src/journal/fold.ts';
import { openJournal, readState } from '../../../src/journal/journal.ts';
import { EMPTY_STATE } from '../../../src/journal/state.ts';
import { bodies } from './bodies.ts';
import { readAll, StillClock, tempDir } from './temp.ts';

const { created, started, note } = bodies;

async function evacuation() {
  const root = await tempDir();
  return { root, directory: await createEvacuationDirectory(root, 'miami', { planText: 'name: miami\n' }) };
}

const open = (directory: EvacuationDirectory, onLockLost?: (error: LandfallError) => void) =>
  openJournal({
    directory,
    owner: { pid: process.pid, user: 'anna' },
    by: 'engine@jump1:4711',
    clock: new StillClock(),
    redactor: createRedactor(),
    heartbeatMs: 0,
    ...(onLockLost === undefined ? {} : { onLockLost }),
  });

describe('an open journal', () => {
  test('folds and announces what is durable, in order, with the state of that moment', async () => {
    const { root, directory } = await evacuation();
    const journal = await open(directory);
    const heard: string[] = [];
    const stop = journal.onEvent((event, state) => {
      expect(state.lastSeq).toBe(event.seq);
      heard.push(event.type);
    });
    const first = journal.append([created, started]);
    expect(journal.state).toBe(EMPTY_STATE);
    const second = journal.append(note('a'));
    await second;
    expect(heard).toEqual(['evacuation.created', 'evacuation.started', 'note.added']);
    const events = [...(await first), ...(await second)];
    expect(journal.state).toEqual(fold(events));
    expect((await readState(root, 'miami')).state).toEqual(journal.state);
    stop();
    await journal.append(note('b'));
    expect(heard).toHaveLength(3);
    await journal.close();
    const again = await open(directory);
    expect(again.state).toEqual(journal.state);
    await again.close();
  });

  test('is held by one, and free after it', async () => {
    const { directory } = await evacuation();
    const journal = await open(directory);
    await expect(open(directory)).rejects.toMatchObject({ code: 'state.locked' });
    await journal.close();
    await (await open(directory)).close();
  });

  test('tells those who only look how much of its last line is cut off, wherever the cut is', async () => {
    const { root, directory } = await evacuation();
    const journal = await open(directory);
    await journal.append(created);
    const good = (await stat(directory.journalPath)).size;
    await journal.append(note('größer'));
    await journal.close();
    const whole = await readFile(directory.journalPath);
    for (let size = whole.length - 1; size >= good; size -= 1) {
      await truncate(directory.journalPath, size);
      expect(await readState(root, 'miami')).toMatchObject({ tornBytes: size - good, state: { lastSeq: 1 } });
    }
    await writeFile(directory.journalPath, whole);
    expect(await readState(root, 'miami')).toMatchObject({ tornBytes: 0, state: { lastSeq: 2 } });
  });

  test('journals that it was mended, and keeps what was cut', async () => {
    const { root, directory } = await evacuation();
    const journal = await open(directory);
    await journal.append(created);
    await journal.close();
    await appendFile(directory.journalPath, '{"v":1,"se');
    expect(await readState(root, 'miami')).toMatchObject({ tornBytes: 10, state: { lastSeq: 1 } });
    const again = await open(directory);
    expect(again.mended).toMatchObject({ cutBytes: 10 });
    expect(await readFile(again.mended?.keptAs ?? '', 'utf8')).toBe('{"v":1,"se');
    await again.close();
    const { events } = await readAll(directory.journalPath);
    expect(events.map(e => e.type)).toEqual(['evacuation.created', 'journal.mended']);
  });

  test('that is damaged gives the lock back', async () => {
    const { root, directory } = await evacuation();
    await writeFile(directory.journalPath, 'not an event\n');
    await expect(open(directory)).rejects.toMatchObject({
      code: 'state.damaged',
      facts: { where: { line: 1 } },
    });
    await expect(readFile(directory.lockPath)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readState(root, 'miami')).rejects.toMatchObject({ code: 'state.damaged' });
  });

  test('refuses to go on after the lock was lost', async () => {
    const { directory } = await evacuation();
    let tell: (error: LandfallError) => void = () => {};
    const lost = new Promise<LandfallError>(resolve => {
      tell = resolve;
    });
    const journal = await openJournal({
      directory,
      owner: { pid: process.pid, user: 'anna' },
      by: 'x',
      clock: new StillClock(),
      redactor: createRedactor(),
      heartbeatMs: 5,
      onLockLost: error => tell(error),
    });
    await journal.append(created);
    await rm(directory.lockPath);
    expect((await lost).code).toBe('state.locked');
    await expect(journal.append(note('late'))).rejects.toMatchObject({ code: 'state.locked' });
    await journal.close();
    expect((await readAll(directory.journalPath)).events).toHaveLength(1);
  });
});

test('an evacuation that has not begun has the empty state', async () => {
  const { root } = await evacuation();
  expect(await readState(root, 'miami')).toEqual({ state: EMPTY_STATE, tornBytes: 0 });
  await expect(readState(root, 'tampa')).rejects.toMatchObject({ code: 'state.absent' });
});
