import { existsSync } from 'node:fs';
import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findEvacuations } from '../../../../src/evacuation/engine/find.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { EventBody } from '../../../../src/journal/events.ts';
import { acquireLock } from '../../../../src/journal/lock.ts';
import { recordedEvacuation } from '../../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../../support/scripted-engine.ts';

const ended: EventBody = { type: 'evacuation.ended', outcome: 'complete' };

describe('the list of evacuations', () => {
  test('tells what runs, what was interrupted and what has ended', async () => {
    const site = await recordedEvacuation();
    expect(await findEvacuations(site)).toMatchObject([
      { name: 'storm', phase: 'running', running: false, interrupted: true, lab: false },
    ]);
    const lock = await acquireLock({
      path: join(site.directory, 'lock'),
      owner: { pid: process.pid, user: 'dana' },
      clock: systemClock,
      heartbeatMs: 0,
    });
    expect(await findEvacuations(site)).toMatchObject([
      { running: false, interrupted: false, holder: { pid: process.pid, user: 'dana' } },
    ]);
    await ScriptedEngine.listen(site.directory);
    expect(await findEvacuations(site)).toMatchObject([{ running: true, interrupted: false }]);
    await lock.release();
    const { at } = await site.append(ended);
    const [over] = await findEvacuations(site);
    expect(over).toMatchObject({ phase: 'ended', outcome: 'complete', running: false, lastAt: at });
    expect(over?.holder).toBeUndefined();
  });

  test('a socket that a killed engine left behind is no engine, whoever holds the lock now', async () => {
    const site = await recordedEvacuation();
    const server = createServer();
    await new Promise<void>(resolve => server.listen(join(site.directory, 'born.sock'), resolve));
    await rename(join(site.directory, 'born.sock'), join(site.directory, 'engine.sock'));
    await new Promise<void>(resolve => server.close(() => resolve()));
    const lock = await acquireLock({
      path: join(site.directory, 'lock'),
      owner: { pid: process.pid, user: 'dana', command: 'landfall inventory' },
      clock: systemClock,
      heartbeatMs: 0,
    });
    expect(existsSync(join(site.directory, 'engine.sock'))).toBe(true);
    expect(await findEvacuations(site)).toMatchObject([{ running: false, holder: { pid: process.pid } }]);
    await lock.release();
  });

  test('needs only the two ends of a long journal, and a torn last line is no trouble', async () => {
    const site = await recordedEvacuation();
    for (let index = 0; index < 60; index += 1) {
      await site.append({ type: 'note.added', text: 'x'.repeat(2000) });
    }
    expect(await findEvacuations(site)).toMatchObject([{ phase: 'running', interrupted: true }]);
    await site.append(ended);
    await appendFile(join(site.directory, 'journal.jsonl'), '{"v":1,"seq":');
    expect(await findEvacuations(site)).toMatchObject([{ phase: 'ended', interrupted: false }]);
  });

  test('one that is damaged says so and hides no other', async () => {
    const site = await recordedEvacuation();
    const other = join(site.root, 'damaged');
    await mkdir(other);
    await writeFile(join(other, 'plan.yaml'), 'x');
    await writeFile(join(other, 'journal.jsonl'), 'this is no journal\n');
    const found = await findEvacuations(site);
    expect(found.map(({ name, error }) => [name, error?.code])).toEqual([
      ['storm', undefined],
      ['damaged', 'state.damaged'],
    ]);
  });
});
