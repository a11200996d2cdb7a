import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../../../../src/evacuation/engine/engine.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import { createRedactor } from '../../../../src/foundation/redact.ts';
import { createEvacuationDirectory } from '../../../../src/journal/directory.ts';
import { openJournal } from '../../../../src/journal/journal.ts';
import { EMPTY_PLAN } from '../../../support/conducted.ts';
import { EngineClient } from '../../../support/engine-client.ts';

async function engineOver() {
  const root = mkdtempSync(join(tmpdir(), 'lf-engine-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = await createEvacuationDirectory(root, 'test', { planText: 'name: test\n' });
  const lost = Promise.withResolvers<void>();
  const redactor = createRedactor();
  redactor.learn('hunter2hunter2');
  const journal = await openJournal({
    directory,
    owner: { pid: process.pid, user: 'test' },
    by: 'engine@jump1:1',
    clock: systemClock,
    redactor,
    heartbeatMs: 10,
    onLockLost: () => lost.resolve(),
  });
  let stops = 0;
  const engine = await startEngine({
    plan: EMPTY_PLAN,
    directory: directory.path,
    journal,
    facts: { pid: 1, host: 'jump1', landfall: '0', until: 'stay' },
    steps: () => [],
    clock: systemClock,
    redactor,
    stop: () => {
      stops += 1;
    },
    onTrouble: () => undefined,
  });
  onTestFinished(async () => {
    await engine.close('over');
    await journal.close();
  });
  return { engine, journal, directory, lost: lost.promise, stops: () => stops };
}

test('an order that the journal does not take any more is refused, and ends the engine', async () => {
  const { directory, lost, stops } = await engineOver();
  using dana = await EngineClient.attach(join(directory.path, 'engine.sock'));
  await dana.event('engineer.attached');
  expect(await dana.order({ kind: 'resume' })).toMatchObject({ ok: true });
  rmSync(directory.lockPath);
  await lost;
  expect(await dana.order({ kind: 'pause' })).toMatchObject({ ok: false, error: { code: 'state.locked' } });
  expect(stops()).toBe(1);
});

test('no secret leaves through the socket', async () => {
  const { engine, journal, directory } = await engineOver();
  using dana = await EngineClient.attach(join(directory.path, 'engine.sock'));
  await dana.ordered({ kind: 'note', text: 'the word is hunter2hunter2' });
  engine.ran({ at: 1, host: 'web1', command: 'echo hunter2hunter2', code: 0, ms: 1 });
  engine.sample({ step: 's', subject: 'web1', at: 1, text: 'sending hunter2hunter2' });
  await dana.next('ran');
  await dana.next('sample');
  await dana.event('note.added');
  expect(JSON.stringify(dana.messages)).not.toContain('hunter2');
  expect(journal.state.lastSeq).toBe(2);
});
