import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { readState } from '../../../src/journal/read-state.ts';
import { PHASES } from '../../../src/step/step.ts';
import { type EngineRun, startEngineRun } from '../../support/engine-run.ts';

/** Engines that hold every stage: they run without any host. */
const PLAN = new URL('../../../plans/minimal.yaml', import.meta.url).pathname;

async function stateRoot(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'lf-engine-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  // A key of its own: whether the account that runs the tests has one does not matter.
  await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(root, 'id')]);
  writeFileSync(join(root, 'ssh_config'), `Host *\n  IdentityFile ${join(root, 'id')}\n`);
  return root;
}

const start = (
  root: string,
  options: Partial<Parameters<typeof startEngineRun>[0]> = {},
): Promise<EngineRun> =>
  startEngineRun({
    plan: PLAN,
    root,
    sshConfig: join(root, 'ssh_config'),
    until: 'stay',
    hold: PHASES,
    ...options,
  });

test('a second engine is refused, and the first goes on', async () => {
  const root = await stateRoot();
  await using first = await start(root);
  using dana = await first.attach('dana');
  await expect(start(root)).rejects.toMatchObject({ code: 'state.locked' });
  expect(await dana.ordered({ kind: 'note', text: 'still here' })).toBe('noted; 1 note in the journal.');
});

test('an end from outside is clean: good-bye, no socket, no lock; what was held stays held', async () => {
  const root = await stateRoot();
  const first = await start(root, { until: 'done' });
  using dana = await first.attach('dana');
  await dana.event('stages.held');
  first.terminate();
  expect(await dana.next('bye')).toMatchObject({ outcome: 'cancelled' });
  expect(await first.ended).toMatchObject({ outcome: { cancelled: true }, stopped: false });
  expect(existsSync(first.socket)).toBe(false);

  await using second = await start(root, { hold: ['sync'] });
  using kim = await second.attach('kim');
  expect(await kim.ordered({ kind: 'stop', confirm: 'minimal' })).toMatch(/^the engine ends/);
  expect(await second.ended).toMatchObject({ outcome: { cancelled: true }, stopped: true });
  const { state } = await readState(root, 'minimal');
  expect(state.evacuation).toMatchObject({ held: [...PHASES], starts: 2, phase: 'ended' });
});

test('an engine that lost its lock ends at once, although it has nothing to do', {
  timeout: 20_000,
}, async () => {
  const root = await stateRoot();
  const engine = await start(root);
  using dana = await engine.attach('dana');
  rmSync(join(engine.directory, 'lock'));
  await expect(engine.ended).rejects.toMatchObject({ code: 'state.locked' });
  expect((await dana.next('bye')).outcome).toMatch(/^failed: /);
  await dana.closed;
  expect(existsSync(engine.socket)).toBe(false);
});

test('what the caller has for idle hours is journalled; an engine that stays does not end by it', async () => {
  const root = await stateRoot();
  let asked = 0;
  await using engine = await start(root, {
    nextWhenIdle: async () => {
      asked += 1;
      return asked === 1 ? [{ type: 'note.added', text: 'on schedule' }] : 'end';
    },
  });
  using dana = await engine.attach('dana');
  expect(await dana.ordered({ kind: 'note', text: 'two' })).toMatch(/^noted/);
  expect(await dana.ordered({ kind: 'note', text: 'three' })).toMatch(/^noted/);
  engine.terminate();
  const { state } = await engine.ended;
  expect(state.evacuation?.notes.map(({ text }) => text)).toEqual(['on schedule', 'two', 'three']);
  expect(asked).toBeGreaterThan(1);
});
