import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openEngineLog } from '../../../src/cli/engine-log.ts';

it('begins a new log when the old one has grown long, and keeps the one before', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lf-engine-log-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const logs = join(root, 'storm', 'logs');
  await mkdir(logs, { recursive: true });
  const path = join(logs, 'engine.log');
  await writeFile(path, 'short\n');
  await (await openEngineLog(root, 'storm')).release();
  expect(await readFile(path, 'utf8')).toBe('short\n');
  await writeFile(path, Buffer.alloc(8 * 1024 * 1024 + 1, 'x'));
  await (await openEngineLog(root, 'storm')).release();
  expect(await readFile(path, 'utf8')).toBe('');
  expect((await readFile(`${path}.1`)).length).toBe(8 * 1024 * 1024 + 1);
});
