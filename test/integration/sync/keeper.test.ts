import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { readKeeper, type Told } from '../../../src/sync/consistency/keeper-lines.ts';
import { KEEPER } from '../../../src/sync/consistency/keeper-script.ts';
import { FakeVolumes } from '../../support/fake-volumes.ts';

/** The keeper alone, as a shell runs it, without anybody who would tell it that the pass is over. */
function stage(quiet?: string) {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'landfall-keeper-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (...parts: string[]): string => path.join(root, ...parts);
  for (const name of ['bin', 'source', 'boot']) mkdirSync(at(name));
  writeFileSync(at('source/a'), 'a');
  const volumes = new FakeVolumes(at('volumes'), at('source'), (name, script) => {
    writeFileSync(at('bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(at('bin', name), 0o755);
  });
  const shot = ['lvm', '0', 'vg/root', 'landfall-t-p1-0', '4194304', '/dev/mapper/vg-landfall--t--p1--0'];
  const boot = quiet ?? at('boot');
  const note = (word: string): string[] => ['sh', '-c', 'echo "$1" >> "$2"', 'sh', word, at('notes')];
  const words = (mode: string, grace: number, cap: number, hold: string): string[] => [
    ...[mode, at('base'), 'landfall-t-p', at('jobs-'), String(grace), String(cap), hold, '5', '2'],
    ...[...shot, 'ext4', 'ro,noload', '/'],
    ...['live', '1', '', '', 'watched', '', '', '', boot],
    String(note('rest').length),
    ...note('rest'),
    ...note('on'),
  ];
  const start = (argv: readonly string[]) => {
    const child = spawn('sh', ['-c', KEEPER, 'sh', ...argv], {
      env: { PATH: `${at('bin')}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    return {
      child,
      told: async (): Promise<Told> => {
        await once(child, 'close');
        return readKeeper(await output);
      },
    };
  };
  const notes = (): string[] =>
    existsSync(at('notes')) ? readFileSync(at('notes'), 'utf8').trim().split('\n') : [];
  return { at, volumes, words, start, notes };
}

it('nobody comes back: it takes everything away once no job of the pass runs', async () => {
  // A directory in which nothing has changed for long.
  const { volumes, words, start, notes } = stage(path.dirname(process.execPath));
  const told = await start(words('hold', 1, 60, 'whole')).told();
  expect(told).toMatchObject({ ready: true, why: 'idle', ended: true, stuck: [] });
  expect(told.removed).toEqual(['vg/landfall-t-p1-0']);
  expect([...told.still]).toEqual([1]);
  expect(volumes.names).toEqual([]);
  expect(notes()).toEqual(['rest', 'on']);
});

it('a job that runs keeps it waiting; at the cap the job is ended before its snapshot goes', async () => {
  const { at, volumes, words, start } = stage();
  mkdirSync(at('jobs-0'));
  const job = spawn('sleep', ['100'], { detached: true, stdio: 'ignore' });
  const over = once(job, 'close');
  writeFileSync(at('jobs-0/pid'), `${job.pid} - 0\n`);
  const told = await start(words('hold', 1, 3, 'short')).told();
  expect(told.why).toBe('cap');
  expect((await over)[1]).toBe('SIGTERM');
  expect(volumes.names).toEqual([]);
});

it('asked to end, it lets go in good order', async () => {
  const { at, volumes, words, start, notes } = stage();
  const { child, told } = start(words('hold', 60, 60, 'whole'));
  while (!existsSync(at('base/0/a'))) await new Promise(resolve => setImmediate(resolve));
  child.kill('SIGTERM');
  expect((await told()).why).toBe('stopped');
  expect(volumes.names).toEqual([]);
  expect(notes()).toEqual(['rest', 'on']);
});

it('killed while production stands still, and nobody comes: production goes on at once, and the snapshot goes, too', async () => {
  const { at, volumes, words, start, notes } = stage();
  const { child, told } = start(words('hold', 1, 60, 'whole'));
  while (!existsSync(at('base/0/a'))) await new Promise(resolve => setImmediate(resolve));
  expect(notes()).toEqual(['rest']);
  child.kill('SIGKILL');
  const { hooks, why, ended, removed } = await told();
  expect(hooks.map(({ moment, code }) => [moment, code])).toEqual([
    ['before', 0],
    ['after', 0],
  ]);
  // Nobody has said that the pass was over, so that nothing of it counts.
  expect({ why, ended }).toEqual({ why: undefined, ended: false });
  expect(removed).toEqual(['vg/landfall-t-p1-0']);
  expect(volumes.names).toEqual([]);
  expect(notes()).toEqual(['rest', 'on']);
});

it('what a killed one left is released, and the hook after it runs once however often it is asked', async () => {
  const { at, volumes, words, start, notes } = stage();
  const { child } = start(words('hold', 60, 60, 'whole'));
  while (!existsSync(at('base/0/a'))) await new Promise(resolve => setImmediate(resolve));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(volumes.names).toEqual(['landfall-t-p1-0']);
  const both = [start(words('release', 0, 0, 'whole')), start(words('release', 0, 0, 'whole'))];
  await Promise.all(both.map(each => each.told()));
  expect(volumes.names).toEqual([]);
  expect(existsSync(at('base/0'))).toBe(false);
  expect(notes()).toEqual(['rest', 'on']);
});

it('a boot file system that changed meanwhile is not called still', async () => {
  const { at, words, start } = stage();
  const { child, told } = start(words('hold', 60, 60, 'short'));
  while (!existsSync(at('base/0/a'))) await new Promise(resolve => setImmediate(resolve));
  writeFileSync(at('boot/vmlinuz-new'), 'kernel');
  child.kill('SIGTERM');
  expect([...(await told()).still]).toEqual([]);
});
