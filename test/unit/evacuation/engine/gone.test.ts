import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { evacuationList } from '../../../../src/cli/evacuation-list.ts';
import { attach } from '../../../../src/evacuation/engine/client.ts';
import { findEvacuations } from '../../../../src/evacuation/engine/find.ts';
import { openRecorded } from '../../../../src/evacuation/engine/recorded.ts';
import type { Session, Snapshot } from '../../../../src/evacuation/engine/session.ts';
import { type Clock, systemClock } from '../../../../src/foundation/clock.ts';
import { acquireLock } from '../../../../src/journal/lock.ts';
import { recordedEvacuation } from '../../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../../support/scripted-engine.ts';

function until(session: Session, wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise(resolve => {
    const look = (): void => {
      if (!wanted(session.snapshot())) return;
      leave();
      resolve(session.snapshot());
    };
    const leave = session.subscribe(look);
    look();
  });
}

/** Looks for a lost engine as often as it can: the pauses between two looks are at most 5 s, every other wait is longer. */
function eager() {
  const thirdLook = Promise.withResolvers<void>();
  let pauses = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms > 5000) return systemClock.sleep(ms, signal);
      pauses += 1;
      if (pauses === 4) thirdLook.resolve();
      return systemClock.sleep(1, signal);
    },
  };
  return { clock, thirdLook: thirdLook.promise };
}

/** An evacuation whose lock a real process holds, with an engine on its socket, and a client of it. */
async function steered(clock: Clock = eager().clock) {
  const site = await recordedEvacuation();
  const holder = spawn('sleep', ['600'], { stdio: 'ignore' });
  const { pid } = holder;
  if (pid === undefined) throw new Error('no process');
  onTestFinished(() => void holder.kill('SIGKILL'));
  const lock = await acquireLock({
    path: join(site.directory, 'lock'),
    owner: { pid, user: 'robin' },
    clock: systemClock,
    heartbeatMs: 0,
  });
  onTestFinished(() => lock.release());
  const engine = await ScriptedEngine.listen(site.directory);
  const session = await attach({
    ...{ root: site.root, name: site.name, who: 'dana', host: 'jump1', client: 'ui', landfall: '0' },
    clock,
  });
  onTestFinished(() => session.close());
  return {
    ...{ site, engine, session, pid },
    async kill(): Promise<void> {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
      await engine.die();
    },
  };
}

test('an engine that was killed is gone within seconds for its clients, with who and when, and its successor is live', async () => {
  const { site, session, pid, kill } = await steered();
  const { lastAt } = session.snapshot().state;
  await kill();
  const seen = await until(session, ({ connection }) => connection === 'none');
  expect(seen.gone).toMatchObject({
    pid,
    user: 'robin',
    lastAt,
    why: expect.stringContaining('no longer running'),
  });
  expect(seen.engine).toBeUndefined();
  expect(await session.send({ kind: 'sync' })).toMatchObject({ ok: false, error: { code: 'engine.absent' } });
  await ScriptedEngine.listen(site.directory);
  const back = await until(session, ({ connection }) => connection === 'live');
  expect(back.gone).toBeUndefined();
});

test('an engine that does not answer while its process lives is not reachable, and never called gone', async () => {
  const { clock, thirdLook } = eager();
  const { engine, session } = await steered(clock);
  await engine.die();
  await until(session, ({ connection }) => connection === 'lost');
  await thirdLook;
  expect(session.snapshot()).toMatchObject({ connection: 'lost' });
  expect(session.snapshot().gone).toBeUndefined();
});

test('a client that comes after the engine was killed hears of it, too', async () => {
  const { site, session, pid, kill } = await steered();
  await session.close();
  await kill();
  const recorded = await openRecorded({ root: site.root, name: site.name, clock: systemClock });
  expect(recorded.snapshot()).toMatchObject({ connection: 'none', gone: { pid, user: 'robin' } });
});

test('what was stopped with nothing left to do is complete, stopped; in the middle of its work it is stopped', async () => {
  for (const [outcome, words] of [
    ['complete', 'ended: complete, stopped'],
    ['cancelled', 'ended: stopped'],
  ] as const) {
    const site = await recordedEvacuation();
    await site.append({ type: 'stop.requested' }, 'dana@jump1');
    await site.append({ type: 'evacuation.ended', outcome });
    const found = await findEvacuations(site);
    expect(found).toMatchObject([{ outcome, stopped: true }]);
    expect(evacuationList(found, Date.now())).toContain(words);
  }
  const site = await recordedEvacuation();
  await site.append({ type: 'evacuation.ended', outcome: 'complete' });
  expect(evacuationList(await findEvacuations(site), Date.now())).toMatch(/ended: complete( |$)/m);
});
