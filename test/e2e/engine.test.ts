import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventOf, killed, Rehearsal } from '../support/rehearsal.ts';

/** So slow that a first pass runs until the test lets it go on. */
const SLOW = 5_000;

test('an engine outlives whoever started it, is refused a twin, obeys other shells, and ends when it is told to', {
  timeout: 180_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1']);
  const lab = await site.lab();
  await lab.setLinkRate(SLOW);
  const starter = site.start(['run', site.plan, '--json']);
  await eventOf(starter, 'pass.started');
  const engine = await site.enginePid();
  if (engine === undefined) throw new Error('nobody holds the evacuation');
  expect(engine).not.toBe(starter.pid);
  starter.kill('SIGKILL');
  await starter;
  // What a closed terminal sends; the engine has a session of its own besides.
  process.kill(engine, 'SIGHUP');

  const twin = await site.landfall('run', site.plan);
  expect(twin.code).toBe(6);
  expect(twin.err).toContain(`(pid ${engine})`);
  expect(twin.err).toContain('landfall attach rehearsal-1');
  const { evacuations } = JSON.parse((await site.landfall('list', '--json')).out);
  expect(evacuations).toMatchObject([{ name: 'rehearsal-1', running: true, holder: { pid: engine } }]);

  const watcher = site.start(['attach', 'rehearsal-1', '--json']);
  const paused = eventOf(watcher, 'machine.paused');
  // Its first line says that it is attached; from then on it hears everything.
  await once(watcher.stdout, 'data');
  expect(await site.landfall('pause', 'rehearsal-1', 'web1', '--reason', 'office hours')).toMatchObject({
    code: 0,
  });
  expect(await paused).toMatchObject({ machine: 'web1', reason: 'office hours' });
  expect(await site.landfall('pause', 'rehearsal-1', 'web9')).toMatchObject({ code: 2, out: '' });
  expect(await site.landfall('note', 'rehearsal-1', 'the shift changes')).toMatchObject({ code: 0 });
  expect(await site.landfall('resume', '--dry-run', 'rehearsal-1', 'web1')).toMatchObject({ code: 0 });
  expect((await site.state()).machines['web1']?.paused).toMatchObject({ reason: 'office hours' });
  expect(await site.landfall('resume', 'rehearsal-1', 'web1')).toMatchObject({ code: 0 });

  expect((await site.landfall('stop', 'rehearsal')).code).toBe(2);
  const stopped = await site.landfall('stop', 'rehearsal-1', '--reason', 'end of the test');
  expect({ code: stopped.code, err: stopped.code === 0 ? '' : stopped.err }).toEqual({ code: 0, err: '' });
  expect(await watcher).toMatchObject({ exitCode: 0 });
  expect(await site.enginePid()).toBeUndefined();
  expect(existsSync(join(site.root, 'rehearsal-1', 'engine.sock'))).toBe(false);
  expect((await site.landfall('note', 'rehearsal-1', 'too late')).code).toBe(2);

  const events = await site.events();
  expect(events.at(-1)).toMatchObject({ type: 'evacuation.ended', outcome: 'cancelled' });
  const orders = events.filter(e => /^(machine\.(?:paused|resumed)|note|stop)/.test(e.type));
  expect(orders.map(e => e.type)).toEqual([
    'machine.paused',
    'note.added',
    'machine.resumed',
    'stop.requested',
  ]);
  // An engineer, not a process.
  for (const { by } of orders) expect(by).toMatch(/^[^@]+@[^@:]+$/);
  lab.close();
});

test('an engine that is killed leaves nothing that a second run does not take up again', {
  timeout: 180_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1']);
  const lab = await site.lab();
  await lab.setLinkRate(SLOW);
  const first = site.start(['run', site.plan, '--json']);
  await eventOf(first, 'pass.started');
  const engine = await site.enginePid();
  if (engine === undefined) throw new Error('nobody holds the evacuation');
  await killed(engine);
  const followed = await first;
  expect(followed.exitCode).toBe(1);
  expect(followed.stderr).toContain('ended without a word');
  expect(JSON.parse((await site.landfall('list', '--json')).out).evacuations).toMatchObject([
    { running: false, interrupted: true },
  ]);

  await lab.setLinkRate(null);
  const second = await site.landfall('run', site.plan);
  expect({ code: second.code, err: second.code === 0 ? '' : second.err }).toEqual({ code: 0, err: '' });
  // Nobody has asked for a proof.
  expect(second.out).toContain('1 unproven');
  expect(second.err).toContain('lock taken over');
  const fulls = (await site.events()).filter(e => e.type === 'pass.ended' && e.kind === 'full');
  expect(fulls).toHaveLength(1);
  expect(await site.differences()).toEqual([]);
  expect(await readFile(join(site.root, 'rehearsal-1/logs/engine.log'), 'utf8')).toContain('1 unproven');

  // A plan that changed is refused by the engine; whoever started it says so with its exit code.
  const idle = await site.landfall('run', site.plan);
  expect(idle).toMatchObject({ code: 0 });
  expect(idle.err).toContain('nothing was left to do');
  lab.close();
});
