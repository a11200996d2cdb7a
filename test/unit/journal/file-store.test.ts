import { appendFile, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { encodeEvent } from '../../../src/journal/codec.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { arbitraryJournal } from '../../support/events.ts';
import { bodies } from './bodies.ts';
import { readAll, storeAt, tempDir } from './temp.ts';

const { note } = bodies;

/** The lines of a journal as the store writes them. */
function linesOf(events: readonly Event[]): Buffer[] {
  return events.map(({ v, seq, at, by, ...body }) =>
    // The rest of an event without its envelope is its body.
    Buffer.from(encodeEvent(body as EventBody, { seq, at, by })),
  );
}

const stored = (events: readonly Event[]): Event[] => JSON.parse(JSON.stringify(events));

const nonEmpty = arbitraryJournal.filter(events => events.length > 0);

describe('appending', () => {
  test('numbers from 1, keeps the order of calls, and continues after a restart', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const store = await storeAt(path);
    expect(await store.replay(() => {})).toEqual({ lastSeq: 0 });
    const answers = await Promise.all([
      store.append([note('a'), note('b')]),
      store.append([note('c')]),
      store.append([note('d')]),
    ]);
    expect(answers.flat().map(e => [e.seq, e.type === 'note.added' ? e.text : ''])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ]);
    await store.close();

    const again = await storeAt(path);
    const replayed: Event[] = [];
    expect(await again.replay(event => replayed.push(event))).toEqual({ lastSeq: 4 });
    expect(replayed).toEqual(answers.flat());
    expect((await again.append([note('e')]))[0]?.seq).toBe(5);
    await again.close();
    expect((await readAll(path)).events).toHaveLength(5);
  });

  test('is on the disk when it resolves', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const store = await storeAt(path);
    await store.replay(() => {});
    await store.append([note('a')]);
    expect(await readFile(path, 'utf8')).toMatch(/^\{"v":1,"seq":1,.*"text":"a","crc":"[0-9a-f]{8}"\}\n$/);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  test('never writes a secret, and never mistakes our own words for one', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const redactor = createRedactor();
    redactor.learn('hunter22');
    redactor.learn('delta');
    redactor.learn('web1');
    const store = await storeAt(path, redactor);
    await store.replay(() => {});
    const [, pass] = await store.append([
      note('it is hunter22, password=abc'),
      bodies.passStarted('web1', 2),
    ]);
    await store.close();
    const text = await readFile(path, 'utf8');
    expect(text).not.toMatch(/hunter22|abc/);
    expect(pass).toMatchObject({ machine: 'web1', kind: 'delta' });
    expect((await readAll(path)).events).toHaveLength(2);
  });

  test('refuses an impossible event without harm to the next', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const store = await storeAt(path);
    await store.replay(() => {});
    const broken = { type: 'note.added' } as unknown as EventBody;
    await expect(store.append([broken])).rejects.toMatchObject({ code: 'bug' });
    expect((await store.append([note('fine')]))[0]?.seq).toBe(1);
    await store.close();
    await expect(store.append([note('late')])).rejects.toMatchObject({ code: 'bug' });
  });

  test('before the replay is refused: the end is not known', async () => {
    const store = await storeAt(join(await tempDir(), 'journal.jsonl'));
    await expect(store.append([note('a')])).rejects.toMatchObject({ code: 'bug' });
    await store.close();
  });

  test.each([
    ['lengthened', (path: string) => appendFile(path, 'x')],
    [
      'replaced',
      async (path: string) => {
        await writeFile(`${path}.other`, await readFile(path));
        await rename(`${path}.other`, path);
      },
    ],
  ])('to a journal that somebody %s stops, for good', async (_how, touch) => {
    const path = join(await tempDir(), 'journal.jsonl');
    const store = await storeAt(path);
    await store.replay(() => {});
    await store.append([note('a')]);
    await touch(path);
    await expect(store.append([note('b')])).rejects.toMatchObject({ code: 'state.damaged' });
    await expect(store.append([note('c')])).rejects.toMatchObject({ code: 'state.damaged' });
    await store.close();
  });
});

describe('reading', () => {
  test('a file cut at any byte loses at most the last event, and says so', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    await fc.assert(
      fc.asyncProperty(nonEmpty, fc.nat(), async (events, place) => {
        const lines = linesOf(events);
        const whole = Buffer.concat(lines);
        const cut = place % (whole.length + 1);
        await writeFile(path, whole.subarray(0, cut));
        let good = 0;
        let count = 0;
        for (const line of lines) {
          if (good + line.length > cut) break;
          good += line.length;
          count += 1;
        }
        const { events: read, mended } = await readAll(path);
        expect(read).toEqual(stored(events.slice(0, count)));
        expect((await stat(path)).size).toBe(good);
        if (cut === good) {
          expect(mended).toBeUndefined();
        } else {
          expect(mended).toMatchObject({ cutBytes: cut - good, atByte: good });
          // Nothing is ever lost.
          expect(await readFile(mended?.keptAs ?? '')).toEqual(whole.subarray(good, cut));
        }
        expect(await readAll(path)).toEqual({ events: read });
      }),
      { numRuns: 60 },
    );
  });

  test('any one byte changed is refused with the right line, or changes nothing but the very end', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    await fc.assert(
      fc.asyncProperty(nonEmpty, fc.nat(), fc.integer({ min: 1, max: 255 }), async (events, place, flip) => {
        const lines = linesOf(events);
        const bytes = Buffer.concat(lines);
        const index = place % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        await writeFile(path, bytes);
        let line = 1;
        for (let end = lines[0]?.length ?? 0; end <= index; end += lines[line - 1]?.length ?? 0) line += 1;

        const outcome = await readAll(path).catch((error: unknown) => error);
        const isEnd = line === events.length && (index === bytes.length - 1 || bytes[index] === 0);
        if (isEnd) {
          expect(outcome).toMatchObject({ mended: { atByte: bytes.length - (lines.at(-1)?.length ?? 0) } });
          expect(outcome).toHaveProperty('events', stored(events.slice(0, -1)));
        } else {
          expect(outcome).toMatchObject({
            code: expect.stringMatching(/^state\.(damaged|newer)$/),
            facts: { where: { file: path, line } },
          });
          // A refusal repairs nothing.
          expect(await readFile(path)).toEqual(bytes);
        }
      }),
      { numRuns: 150 },
    );
  });

  const three = (): Buffer[] =>
    linesOf([1, 2, 3].map(seq => ({ v: 1, seq, at: 1, by: 'x', ...note(`n${seq}`) })));

  test('a missing line is refused where the gap is', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const [one, , three_] = three();
    await writeFile(path, Buffer.concat([one ?? Buffer.of(), three_ ?? Buffer.of()]));
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'state.damaged',
      facts: { what: expect.stringContaining('events are missing'), where: { line: 2 } },
    });
  });

  test('a repeated line is refused', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const [one, two] = three();
    await writeFile(path, Buffer.concat([one, two, two].map(line => line ?? Buffer.of())));
    await expect(readAll(path)).rejects.toMatchObject({
      facts: {
        what: expect.stringContaining('repeats'),
        where: { line: 3 },
      },
    });
  });

  test('pages that a power failure left empty are a torn end, but not in the middle', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const [one, two, last] = three().map(line => line ?? Buffer.of());
    if (one === undefined || two === undefined || last === undefined) throw new Error('three lines expected');
    const hole = Buffer.concat([Buffer.alloc(two.length - 5), two.subarray(-5)]);
    await writeFile(path, Buffer.concat([one, hole]));
    expect((await readAll(path)).mended).toMatchObject({ cutBytes: hole.length, atByte: one.length });
    await writeFile(path, Buffer.concat([one, hole, last]));
    await expect(readAll(path)).rejects.toMatchObject({
      code: 'state.damaged',
      facts: { where: { line: 2 } },
    });
  });

  test('lines longer than the read buffer are whole', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    const store = await storeAt(path);
    await store.replay(() => {});
    const texts = ['a'.repeat(700_000), 'ü'.repeat(300_000), 'short'];
    await store.append(texts.map(note));
    await store.close();
    expect((await readAll(path)).events.map(e => (e.type === 'note.added' ? e.text : ''))).toEqual(texts);
  });

  test('text from the file reaches the error harmless', async () => {
    const path = join(await tempDir(), 'journal.jsonl');
    await writeFile(path, '\x1b[2J\xff oops\n');
    await expect(readAll(path)).rejects.toMatchObject({
      facts: {
        evidence: [expect.not.stringContaining('\x1b')],
        next: expect.arrayContaining([expect.any(String)]),
      },
    });
  });
});
