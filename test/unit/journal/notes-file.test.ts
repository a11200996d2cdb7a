import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeEvent } from '../../../src/journal/codec.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { NOTES_HEAD, NOTES_LINE, Notes, notesFile } from '../../../src/journal/notes-file.ts';
import { readNotes, writeNotes } from '../../../src/journal/notes-store.ts';
import { bodies } from './bodies.ts';
import { tempDir } from './temp.ts';

const AT = Date.UTC(2026, 8, 1, 3, 4, 5);
const event = (body: EventBody, seq = 1, by = 'dana@jump1'): Event => ({ ...body, v: 1, seq, at: AT, by });

const verified = (pass: number): EventBody => ({
  type: 'replica.verified',
  machine: 'web1',
  pass,
  passStartedAt: 0,
  ms: 1,
  filesCompared: 1,
  bytesCompared: 1,
  live: 0,
  mismatches: [],
});

function notesOf(...all: readonly EventBody[]): string {
  const notes = new Notes();
  for (const [index, body] of all.entries()) notes.add(event(body, index + 1));
  return notesFile('', notes.entries);
}

describe('notes.md', () => {
  test('has what was noted, decided and waived, with name and time', () => {
    const text = notesOf(
      bodies.note('mail1: the queue runner is stopped'),
      { type: 'gate.waived', gate: 'machine/web1/time', reason: 'NTP is out', until: AT },
      { type: 'cutover.item', item: 'tell/1', outcome: 'done', how: 'ticked', evidence: [] },
    );
    expect(text.slice(text.indexOf(NOTES_LINE) + NOTES_LINE.length)).toBe(`

## 2026-09-01 (UTC)

- 03:04:05 **note** dana: mail1: the queue runner is stopped
- 03:04:05 **waiver** dana accepted machine/web1/time until 2026-09-01 03:04 UTC: NTP is out
- 03:04:05 **cutover** tell/1 done, by dana
`);
  });

  test('a copy is news when it is verified for the first time', () => {
    expect(notesOf(verified(1), verified(2)).match(/verified/g)).toHaveLength(1);
  });

  test('what people wrote above the line stays byte for byte, whatever comes below', () => {
    const mine = `# Notes\n\nthe key of cage 14 is with Sam\n\n${NOTES_LINE}\nold\n`;
    const text = notesFile(mine, [{ at: AT, text: 'new' }]);
    expect(text.startsWith(`# Notes\n\nthe key of cage 14 is with Sam\n\n${NOTES_LINE}\n`)).toBe(true);
    expect(text).not.toContain('old');
    expect(notesFile(text, [{ at: AT, text: 'new' }])).toBe(text);
  });

  test('a file of an earlier version is kept whole where somebody wrote into it', () => {
    const earlier =
      '# Notes\n\nWhat the shift should know. Landfall keeps this file and never writes to it.\n';
    expect(notesFile(earlier, [])).toBe(NOTES_HEAD);
    expect(notesFile(`${earlier}call Sam`, []).startsWith(`${earlier}call Sam\n\n${NOTES_LINE}`)).toBe(true);
  });

  test('a note can be neither markup nor a second line', () => {
    expect(notesOf(bodies.note('<script>\n- 00:00:00 forged\u001b[2J'))).toContain(
      'dana: &lt;script>\\n- 00:00:00 forged\\x1b[2J\n',
    );
  });

  test('reads a journal as it hears its events', async () => {
    const directory = await tempDir();
    const all: EventBody[] = [
      bodies.created,
      bodies.stepDone('sync/web1/pass-1', 1),
      verified(1),
      bodies.note('x'),
    ];
    const lines = all.map((body, index) => encodeEvent(body, { seq: index + 1, at: AT, by: 'dana@jump1' }));
    await writeFile(join(directory, 'journal.jsonl'), `${lines.join('')}{"v":1,"torn`);
    const notes = await readNotes(join(directory, 'journal.jsonl'));
    await writeNotes(directory, notes.entries);
    expect(await readFile(join(directory, 'notes.md'), 'utf8')).toBe(notesOf(...all));
    expect(notes.entries).toHaveLength(3);
    expect((await readNotes(join(directory, 'absent'))).entries).toEqual([]);
  });
});
