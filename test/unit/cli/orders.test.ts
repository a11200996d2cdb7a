import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import { acquireLock } from '../../../src/journal/lock.ts';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../support/scripted-engine.ts';

/** An evacuation called storm that runs here, and what its engine was ordered. */
async function running() {
  const site = await recordedEvacuation();
  const lock = await acquireLock({
    path: join(site.directory, 'lock'),
    owner: { pid: process.pid, user: 'dana' },
    clock: systemClock,
    heartbeatMs: 0,
  });
  onTestFinished(() => lock.release());
  const engine = await ScriptedEngine.listen(site.directory);
  const ordered: unknown[] = [];
  engine.onLine = ({ type, id, command }, socket) => {
    if (type === 'hello') return engine.welcome(socket);
    ordered.push(command);
    engine.say({ type: 'reply', id, reply: { ok: true, said: 'so be it' } }, socket);
  };
  const order = (...words: string[]) => landfall([...words, '--state', site.root]);
  return { site, order, ordered };
}

test('a machine in the place of the evacuation is told from a name that nobody knows', async () => {
  const { order, ordered } = await running();
  for (const verb of ['pause', 'resume', 'sync', 'retry']) {
    const { code, err } = await order(verb, 'db1');
    expect([code, err]).toEqual([2, expect.stringContaining('db1 is a machine of storm')]);
    expect(err).toContain(`next:   landfall ${verb} storm db1`);
  }
  expect((await order('pause', 'web9')).err).toContain('there is no evacuation called web9');
  expect(ordered).toEqual([]);
});

test('the evacuation may be left out where one runs, also in front of what is required', async () => {
  const { order, ordered } = await running();
  expect((await order('throttle', '8 Mbit/s')).code).toBe(0);
  expect((await order('throttle', 'storm', 'off')).code).toBe(0);
  expect((await order('note', 'look at mail1')).code).toBe(0);
  expect((await order('approve', 'build')).code).toBe(0);
  expect(ordered).toMatchObject([
    { kind: 'throttle', bytesPerSecond: 1e6 },
    { kind: 'throttle', bytesPerSecond: null },
    { kind: 'note', text: 'look at mail1' },
    { kind: 'approve', phase: 'build' },
  ]);
  // The name of an evacuation is no note about another one.
  expect(await order('note', 'storm')).toMatchObject({
    code: 2,
    err: expect.stringContaining('TEXT is missing'),
  });
  // The name is what confirms a stop.
  expect((await order('stop')).code).toBe(2);
  expect(ordered).toHaveLength(4);
});

test('a waiver without a reason shows the whole command, with the name filled in', async () => {
  const { order } = await running();
  const { code, err } = await order('waive', 'machine/web1/at-rest');
  expect(code).toBe(2);
  expect(err).toContain('landfall waive storm machine/web1/at-rest --reason');
});

test('a dry run refuses what the engine would refuse, and says what it would answer', async () => {
  const { site, order, ordered } = await running();
  const no = await order('waive', 'nosuchgate', '--reason', 'x', '--dry-run');
  expect(no.code).not.toBe(0);
  expect(no.err).toContain('there is no gate called nosuchgate');
  expect((await order('pause', 'storm', '--dry-run')).out).toContain(
    'it would answer: the evacuation is paused',
  );
  await site.append({ type: 'evacuation.paused' }, 'kim@jump1');
  expect((await order('pause', 'storm', '--dry-run')).out).toContain('already');
  expect(ordered).toEqual([]);
});
