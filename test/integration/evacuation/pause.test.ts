import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { labProcesses } from '../../../src/lab/hosts/processes.ts';
import { startEngineRun } from '../../support/engine-run.ts';
import { Rehearsal } from '../../support/rehearsal.ts';

const SLOW = 5_000;

test('a pause stops the copy on its host, a resume begins the same pass again, and the replica is right', {
  timeout: 120_000,
}, async () => {
  await using site = await Rehearsal.prepare(['web1']);
  const lab = await site.lab();
  const { labId } = await lab.status();
  const rsyncs = (): number =>
    labProcesses(labId, 'web1').filter(({ program }) => program === 'rsync').length;
  await lab.setLinkRate(SLOW);
  await using engine = await startEngineRun({ plan: site.plan, root: site.root, until: 'done' });
  using dana = await engine.attach('dana');
  await dana.event('pass.started');
  await dana.next('sample', ({ sample }) => sample.step === 'sync/web1/pass-1');
  expect(rsyncs()).toBeGreaterThan(0);

  expect(await dana.ordered({ kind: 'pause', machine: 'web1', reason: 'the link is needed' })).toBe(
    'web1 is paused; 1 running step is being stopped, and what has arrived stays.',
  );
  await dana.event('step.cancelled', event => event['step'] === 'sync/web1/pass-1');
  expect(rsyncs()).toBe(0);
  await dana.next('sample-over', ({ step }) => step === 'sync/web1/pass-1');
  expect(await dana.ordered({ kind: 'pause', machine: 'web1' })).toMatch(
    /^web1 is paused by dana@jump1 \(the link is needed\) already, for /,
  );

  await lab.setLinkRate(null);
  expect(await dana.ordered({ kind: 'resume', machine: 'web1' })).toMatch(/^web1 goes on after /);
  const { outcome, state } = await engine.ended;
  expect(outcome).toMatchObject({ failed: [], blocked: [], held: [], cancelled: false });
  expect(state.machines['web1']?.verified).toMatchObject({ mismatches: [] });
  const events = await site.events();
  expect(events.filter(e => e.type === 'step.failed')).toEqual([]);
  expect(events.flatMap(e => (e.type === 'pass.started' && e.pass === 1 ? [e.kind] : []))).toEqual([
    'full',
    'full',
  ]);
  expect(events.flatMap(e => (e.type === 'machine.paused' ? [e.by] : []))).toEqual(['dana@jump1']);
  expect(await dana.next('bye')).toMatchObject({ outcome: 'complete' });
  await dana.closed;
  expect(existsSync(engine.socket)).toBe(false);
  // What a broken transfer has left for `landfall clean` is no difference of the copy.
  expect((await site.differences()).filter(line => !line.includes('/.rsync-partial'))).toEqual([]);
  lab.close();
});
