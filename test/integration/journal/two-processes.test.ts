import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEvacuationDirectory } from '../../../src/journal/directory.ts';
import { readState } from '../../../src/journal/journal.ts';
import { readAll, tempDir } from '../../unit/journal/temp.ts';
import { type Child, start } from './child.ts';

async function evacuation(): Promise<string> {
  const root = await tempDir();
  await createEvacuationDirectory(root, 'miami', { planText: 'name: miami\n' });
  return root;
}

const journalOf = (root: string): string => join(root, 'miami', 'journal.jsonl');

/** The highest number that a line of the writer acknowledges. */
function lastOf(line: Record<string, unknown> | undefined): number {
  const numbers = line?.['acknowledged'];
  return Array.isArray(numbers) ? Math.max(...numbers) : 0;
}

describe('two processes', () => {
  test('cannot hold one evacuation: the second hears who does', async () => {
    const root = await evacuation();
    const first = start('hold.ts', root, 'miami');
    expect(await first.next()).toMatchObject({ held: first.pid });
    const second = start('hold.ts', root, 'miami');
    expect(await second.next()).toMatchObject({
      refused: 'state.locked',
      what: expect.stringContaining(`(pid ${first.pid})`),
    });
    first.finish();
    expect(await first.next()).toEqual({ released: true });
    const third = start('hold.ts', root, 'miami');
    expect(await third.next()).toEqual({ held: third.pid, lastSeq: 0 });
  });

  test('succeed each other after kill -9, and the journal says why that was safe', async () => {
    const root = await evacuation();
    const first = start('hold.ts', root, 'miami');
    await first.next();
    await first.kill();
    const second = start('hold.ts', root, 'miami');
    const reason = expect.stringMatching(
      new RegExp(`^the holder, pid ${first.pid} on .+, is no longer running$`),
    );
    expect(await second.next()).toMatchObject({ held: second.pid, takenOver: { reason } });
    second.finish();
    await second.next();
    const { events } = await readAll(journalOf(root));
    expect(events).toMatchObject([{ type: 'lock.taken-over', reason }]);
  });
});

test('kill -9 in the middle of appends loses no acknowledged event', async () => {
  const root = await evacuation();
  let highest = 0;
  for (const acknowledgements of [1, 40, 150]) {
    const writer = start('hold.ts', root, 'miami', 'load');
    expect(await writer.next()).toMatchObject({
      held: writer.pid,
      lastSeq: highest === 0 ? 0 : expect.any(Number),
    });
    for (let count = 0; count < acknowledgements; count += 1) {
      const line = await writer.next();
      expect(line).toHaveProperty('acknowledged');
      highest = Math.max(highest, lastOf(line));
    }
    // One who only looks is not disturbed by the writer, nor by what it is writing at this moment.
    expect((await readState(root, 'miami')).state.lastSeq).toBeGreaterThanOrEqual(highest);
    await writer.kill();
    // What it acknowledged before it died but we have not read yet counts, too.
    for (let line = await writer.next(); line !== undefined; line = await writer.next()) {
      highest = Math.max(highest, lastOf(line));
    }
    expect((await readState(root, 'miami')).state.lastSeq).toBeGreaterThanOrEqual(highest);
  }
  const last = start('hold.ts', root, 'miami');
  expect(await last.next()).toMatchObject({ takenOver: expect.anything() });
  last.finish();
  await last.next();
  const { events } = await readAll(journalOf(root));
  expect(events.filter(event => event.type === 'lock.taken-over')).toHaveLength(3);
  expect(events.length).toBeGreaterThan(highest);
});

test('of many processes that race for a lock, free or left behind, exactly one wins', async () => {
  const directory = await tempDir();
  const path = join(directory, 'lock');
  const racers = Array.from({ length: 12 }, () => start('race.ts', path));
  for (const racer of racers) expect(await racer.next()).toEqual({ ready: true });

  let former: Child | undefined;
  for (const heat of [racers.slice(0, 4), racers.slice(4, 8), racers.slice(8)]) {
    for (const racer of heat) racer.send('go\n');
    const results = await Promise.all(heat.map(async racer => ({ racer, line: await racer.next() })));
    const winners = results.filter(({ line }) => line?.['won'] !== undefined);
    expect(winners).toHaveLength(1);
    expect(results.filter(({ line }) => line?.['lost'] === 'state.locked')).toHaveLength(3);
    if (former !== undefined) {
      expect(winners[0]?.line).toMatchObject({
        takenOver: { reason: expect.stringContaining(`pid ${former.pid} on`) },
      });
    }
    expect(await readdir(directory)).toEqual(['lock']);
    former = winners[0]?.racer;
    await former?.kill();
  }
});
