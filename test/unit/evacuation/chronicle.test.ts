import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openChronicle } from '../../../src/evacuation/chronicle.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { createEvacuationDirectory } from '../../../src/journal/directory.ts';
import { displayLine } from '../../../src/remote/quote.ts';
import { Story } from '../../support/state.ts';

test('the command log tells each script once, and then its name', async () => {
  const root = await mkdtemp(join(tmpdir(), 'landfall-chronicle-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const directory = await createEvacuationDirectory(root, 'miami', { planText: 'name: miami\n' });
  const chronicle = await openChronicle(directory, createRedactor(), error => {
    throw error;
  });
  const script = "echo 'it'\necho done\n";
  const commands = [
    ['sh', '-c', script, 'sh', '/a b'],
    ['sh', '-c', script, 'sh', 'c'],
    ['virsh', 'list'],
  ];
  for (const argv of commands) {
    chronicle.command({ at: 1, host: 'web1', command: displayLine(argv), code: 0, ms: 2 });
  }
  await chronicle.close();

  const name = `sha256:${createHash('sha256').update(script).digest('hex').slice(0, 12)}`;
  const log = await readFile(join(directory.path, 'logs/commands.jsonl'), 'utf8');
  const rest = { at: 1, host: 'web1', code: 0, ms: 2 };
  expect(
    log
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as unknown),
  ).toEqual([
    { script: name, text: script },
    { ...rest, command: `sh -c <script ${name}> sh '/a b'` },
    { ...rest, command: `sh -c <script ${name}> sh c` },
    { ...rest, command: 'virsh list' },
  ]);
});

test('what cannot be written beside the journal is told and ends nothing', async () => {
  const root = await mkdtemp(join(tmpdir(), 'landfall-chronicle-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const directory = await createEvacuationDirectory(root, 'miami', { planText: 'name: miami\n' });
  for (const folder of ['inventories', 'logs/commands.jsonl']) {
    await rm(join(directory.path, folder), { recursive: true, force: true });
  }
  await writeFile(join(directory.path, 'inventories'), 'no folder');
  await mkdir(join(directory.path, 'logs/commands.jsonl'));
  const told: string[] = [];
  const chronicle = await openChronicle(directory, createRedactor(), error => told.push(error.facts.what));
  // An engine goes on for days after it: a rejection that nobody holds would end its process.
  for (const event of new Story().begin().observe('web1').events) chronicle.event(event);
  chronicle.command({ at: 1, host: 'web1', command: 'true', code: 0, ms: 2 });
  await expect.poll(() => told.length).toBe(2);
  await chronicle.close();
  expect(told.toSorted()).toEqual([
    expect.stringMatching(/^cannot write .*inventories\/web1\.json/),
    'the command log cannot be written any more',
  ]);
});

test('notes and the way home lie in the directory, as journal and plan have them', async () => {
  const root = await mkdtemp(join(tmpdir(), 'landfall-chronicle-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const directory = await createEvacuationDirectory(root, 'miami', { planText: 'name: miami\n' });
  const fail = (error: Error): never => {
    throw error;
  };
  const chronicle = await openChronicle(directory, createRedactor(), fail, async () => 'name: miami-home\n');
  for (const event of new Story().begin().tell({ type: 'note.added', text: 'the key is with Sam' }).events)
    chronicle.event(event);
  await chronicle.close();
  expect(await readFile(join(directory.path, 'notes.md'), 'utf8')).toContain('the key is with Sam');
  expect(await readFile(join(directory.path, 'reports/failback.yaml'), 'utf8')).toBe('name: miami-home\n');
});
