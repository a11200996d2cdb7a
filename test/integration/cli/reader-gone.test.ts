import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');

test('an engine whose reader goes away ends in order and does not say that all is well', {
  timeout: 60_000,
}, async () => {
  const home = mkdtempSync(join(tmpdir(), 'lf-reader-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const root = join(home, 'evacuations');
  const words = [
    'rehearse',
    '--headless',
    '--json',
    '--machines',
    'web1',
    '--scale',
    '0.02',
    '--no-database',
  ];
  const child = spawn(process.execPath, [MAIN, ...words, '--state', root], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await exit).toEqual([130, null]);
  const directory = join(root, 'rehearsal-1');
  const lines = readFileSync(join(directory, 'journal.jsonl'), 'utf8').trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'evacuation.ended', outcome: 'cancelled' });
  expect(existsSync(join(directory, 'engine.sock'))).toBe(false);
});
