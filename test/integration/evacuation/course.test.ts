import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import { createRedactor } from '../../../src/foundation/redact.ts';
import { openEvacuationDirectory } from '../../../src/journal/directory.ts';
import { openJournal } from '../../../src/journal/journal.ts';
import { labProcesses } from '../../../src/lab/hosts/processes.ts';
import { startEngineRun } from '../../support/engine-run.ts';
import { Rehearsal } from '../../support/rehearsal.ts';

test('an engine waits for approvals, stays for orders, and ends when its name is typed', {
  timeout: 120_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1']);
  const lab = await site.lab();
  await using engine = await startEngineRun({
    plan: site.plan,
    root: site.root,
    until: 'stay',
    hold: ['build', 'sync'],
  });
  using dana = await engine.attach('dana');
  using kim = await engine.attach('kim');
  expect((await dana.next('clients', ({ clients }) => clients.length === 2)).clients).toMatchObject([
    { who: 'dana' },
    { who: 'kim' },
  ]);
  await dana.event('step.done', event => event['step'] === 'inventory/web1');
  expect((await site.events()).some(e => 'step' in e && e.step.startsWith('build/'))).toBe(false);

  expect(await kim.order({ kind: 'approve', phase: 'sync' })).toMatchObject({
    ok: false,
    error: { code: 'command.refused', next: ['approve in this order: build, sync'] },
  });
  expect(await kim.ordered({ kind: 'approve', phase: 'build' })).toMatch(
    /^build may begin: \d+ steps of it are to do; sync waits for an approval of its own\.$/,
  );
  expect(await dana.ordered({ kind: 'approve', phase: 'sync' })).toMatch(/^sync may begin/);
  const first = await kim.event('replica.verified');

  // It stays: one more pass is ordered and made, and verified once more.
  expect(await kim.ordered({ kind: 'sync', reason: 'the shift ends' })).toBe('one more pass of 1 machine.');
  await kim.event('pass.started', event => event['reason'] === 'the shift ends');
  const isNext = (step: unknown): boolean =>
    typeof step === 'string' && /verify-\d+$/.test(step) && !step.endsWith(`-${first['pass']}`);
  await kim.event('step.done', ({ step }) => isNext(step));
  await kim.next('ran', ({ record }) => record.host === 'web1');
  // Nothing waits for the survey of a hypervisor, so it may be the last to end.
  await kim.event('step.done', ({ step }) => step === 'inventory/mia-kvm1/survey');

  expect(await kim.order({ kind: 'stop', confirm: 'rehearsal' })).toMatchObject({ ok: false });
  expect(await kim.ordered({ kind: 'stop', confirm: 'rehearsal-1' })).toMatch(/^the engine ends/);
  // Nothing was left to do when it was told to end.
  expect(await dana.next('bye')).toMatchObject({ outcome: 'complete' });
  await engine.ended;
  expect(existsSync(engine.socket)).toBe(false);

  const events = await site.events();
  expect(events.flatMap(e => (e.type === 'stage.approved' ? [`${e.phase} ${e.by}`] : []))).toEqual([
    'build kim@jump1',
    'sync dana@jump1',
  ]);
  // The copy at the target site is brought up to date at the end, whenever the engineers leave.
  const told = events.filter(({ type }) => !type.startsWith('mirror.'));
  expect(told.slice(-4).map(e => `${e.type} ${e.by.replace(/:.*/, '')}`)).toEqual([
    'stop.requested kim@jump1',
    'engineer.left dana@jump1',
    'engineer.left kim@jump1',
    'evacuation.ended test@jump1',
  ]);
  expect((await site.state()).evacuation?.engineers).toMatchObject({
    'dana@jump1': { attached: 0 },
    'kim@jump1': { attached: 0 },
  });
  // The lock is free for the next one.
  await using next = await startEngineRun({
    plan: site.plan,
    root: site.root,
    until: 'done',
    hold: ['build'],
  });
  expect((await next.ended).outcome).toMatchObject({ held: [], failed: [] });
  lab.close();
});

test('the end of an engine stops no copy; a pause that it could not carry out, the next engine does', {
  timeout: 120_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1']);
  const lab = await site.lab();
  const { labId } = await lab.status();
  const rsyncs = (): number =>
    labProcesses(labId, 'web1').filter(({ program }) => program === 'rsync').length;
  await lab.setLinkRate(5_000);
  {
    await using engine = await startEngineRun({ plan: site.plan, root: site.root, until: 'stay' });
    using dana = await engine.attach();
    await dana.next('sample', ({ sample }) => sample.step === 'sync/web1/pass-1');
    engine.terminate();
    expect(await dana.next('bye')).toMatchObject({ outcome: 'cancelled' });
    await engine.ended;
  }
  expect(rsyncs()).toBeGreaterThan(0);

  // As if it had died right after the order was journalled.
  const journal = await openJournal({
    directory: await openEvacuationDirectory(site.root, 'rehearsal-1'),
    owner: { pid: process.pid, user: 'test' },
    by: 'dana@jump1',
    clock: systemClock,
    redactor: createRedactor(),
  });
  await journal.append({ type: 'machine.paused', machine: 'web1' });
  await journal.close();

  await using engine = await startEngineRun({ plan: site.plan, root: site.root, until: 'done' });
  using kim = await engine.attach('kim');
  await kim.next('ran', ({ record }) => record.command.includes('web1-p1-0') && rsyncs() === 0);
  await lab.setLinkRate(null);
  expect(await kim.ordered({ kind: 'resume', machine: 'web1' })).toMatch(/^web1 goes on/);
  expect((await engine.ended).outcome).toMatchObject({ failed: [], blocked: [], held: [] });
  expect((await site.events()).filter(e => e.type === 'step.failed')).toEqual([]);
  // What a broken transfer has left for `landfall clean` is no difference of the copy.
  expect((await site.differences()).filter(line => !line.includes('/.rsync-partial'))).toEqual([]);
  lab.close();
});
