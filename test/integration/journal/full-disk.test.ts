import { execFileSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEvacuationDirectory } from '../../../src/journal/directory.ts';
import { bodies } from '../../unit/journal/bodies.ts';
import { readAll, storeAt, tempDir } from '../../unit/journal/temp.ts';
import { start, startWithFileLimit } from './child.ts';

/** A real full disk needs the right to mount one. */
async function tinyDisk(kilobytes: number): Promise<string | undefined> {
  const path = join(await tempDir(), 'disk');
  await mkdir(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'landfall-test', path], {
      stdio: 'pipe',
    });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', [path]);
  });
  return path;
}

test('a journal at the limit of its size stops without a half line', async () => {
  const path = join(await tempDir(), 'journal.jsonl');
  const child = startWithFileLimit(64, 'fill.ts', path);
  const told = await child.next();
  expect(told?.['refusals']).toEqual([
    expect.stringMatching(/^state\.unwritable: .*the file would exceed the size limit/),
    expect.stringMatching(/^state\.unwritable: /),
  ]);
  const { events, mended } = await readAll(path);
  expect(events).toHaveLength(Number(told?.['acknowledged']));
  expect(events.length).toBeGreaterThan(10);
  expect(mended).toBeUndefined();
  // With room again, the numbers go on where they stopped.
  const store = await storeAt(path);
  await store.replay(() => {});
  expect((await store.append([bodies.note('room')]))[0]?.seq).toBe(events.length + 1);
  await store.close();
});

test('a full disk is refused by name, and everything acknowledged stays', async context => {
  const disk = await tinyDisk(64);
  if (disk === undefined) return context.skip('this user may not mount a tmpfs');
  const path = join(disk, 'journal.jsonl');
  const child = start('fill.ts', path);
  const told = await child.next();
  expect(told?.['refusals']).toEqual([
    expect.stringMatching(/^state\.unwritable: .*the disk is full/),
    expect.stringMatching(/^state\.unwritable: .*the disk is full/),
  ]);
  const { events, mended } = await readAll(path);
  expect(events).toHaveLength(Number(told?.['acknowledged']));
  expect(mended).toBeUndefined();
});

test('an artifact that does not fit leaves the one before untouched', async context => {
  const disk = await tinyDisk(128);
  if (disk === undefined) return context.skip('this user may not mount a tmpfs');
  const directory = await createEvacuationDirectory(disk, 'miami', { planText: 'name: miami\n' });
  const path = await directory.writeArtifact('reports/readiness.md', 'good');
  const before = (await stat(path)).ino;
  await expect(
    directory.writeArtifact('reports/readiness.md', Buffer.alloc(300_000, 65)),
  ).rejects.toMatchObject({
    code: 'state.unwritable',
    facts: { what: expect.stringContaining('the disk is full') },
  });
  expect(await readFile(path, 'utf8')).toBe('good');
  expect((await stat(path)).ino).toBe(before);
  // The draft is gone, too: there is room for small things again.
  await writeFile(join(disk, 'miami', 'small'), 'x'.repeat(1000));
});
