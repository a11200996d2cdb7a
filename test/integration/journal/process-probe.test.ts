import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { systemProbe } from '../../../src/journal/process-probe.ts';
import { tempDir } from '../../unit/journal/temp.ts';
import { start } from './child.ts';

test('this process is seen, always with the same start', async () => {
  const first = await systemProbe.look(process.pid);
  expect(first).toMatchObject({ exists: true, startTicks: expect.any(Number) });
  expect(await systemProbe.look(process.pid)).toEqual(first);
});

test('a child is seen with a start of its own, and gone after kill -9', async () => {
  const child = start('race.ts', await tempDir());
  await child.next();
  const seen = await systemProbe.look(child.pid);
  expect(seen).toMatchObject({ exists: true, startTicks: expect.any(Number) });
  expect(seen).not.toEqual(await systemProbe.look(process.pid));
  await child.kill();
  expect(await systemProbe.look(child.pid)).toEqual({ exists: false });
});

test('a zombie counts as gone', async () => {
  // A shell may ask for its child at any moment; the program that takes its place never does.
  const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 300'], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  onTestFinished(() => {
    parent.kill('SIGKILL');
  });
  const { stdout } = parent;
  const held = parent.stdio[3];
  if (stdout === null || !(held instanceof Writable)) throw new Error('both are pipes');
  const [line] = await once(stdout, 'data');
  const zombie = Number(line);
  held.end();
  const stat = (): Promise<string> => readFile(`/proc/${zombie}/stat`, 'utf8');
  while (!(await stat()).includes(') Z ')) expect(parent.exitCode).toBeNull();
  expect(await systemProbe.look(zombie)).toEqual({ exists: false });
});

test('this host is known well enough to tell it from others', async () => {
  const here = await systemProbe.whereabouts();
  expect(here.host).not.toBe('');
  expect(here.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(here.pidNamespace).toMatch(/^pid:\[\d+\]$/);
});
