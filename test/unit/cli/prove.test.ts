import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { formatProofs, proofResults } from '../../../src/cli/render/proof-results.ts';
import { createStyle } from '../../../src/cli/style.ts';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { acquireLock } from '../../../src/journal/lock.ts';
import type { ProofReason } from '../../../src/journal/proof-facts.ts';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../support/scripted-engine.ts';
import { Story } from '../../support/state.ts';

const REASON: ProofReason = {
  kind: 'missing-root',
  words: 'The initramfs did not find the root file system.',
  evidence: ['ALERT!  UUID=x does not exist.'],
  remedy: ['compare the UUIDs'],
};

/** An evacuation called storm with a complete copy of web1 on record. */
async function copied() {
  const site = await recordedEvacuation();
  const told = new Story()
    .begin()
    .evacuate('web1')
    .events.filter(event => 'machine' in event && event.machine === 'web1');
  // What a story tells has gone through the schema of bodies.
  for (const { v, seq, at, by, ...body } of told) await site.append(body as EventBody);
  return site;
}

/** The same with an engine that runs and ends each ordered proof as it is told to. */
async function running(verdict: 'proven' | 'failed') {
  const site = await copied();
  const lock = await acquireLock({
    path: join(site.directory, 'lock'),
    owner: { pid: process.pid, user: 'dana' },
    clock: systemClock,
    heartbeatMs: 0,
  });
  onTestFinished(() => lock.release());
  const engine = await ScriptedEngine.listen(site.directory);
  engine.onLine = async ({ type, id, command }, socket) => {
    if (type === 'hello') return engine.welcome(socket);
    const tell = async (body: EventBody) =>
      engine.say({ type: 'event', event: await site.append(body) }, socket);
    await tell({ type: 'proof.requested', machine: 'web1', reason: JSON.stringify(command) });
    engine.say({ type: 'reply', id, reply: { ok: true, said: '1 machine is to be proved.' } }, socket);
    await tell({ type: 'proof.started', machine: 'web1', proof: 1, pass: 2, domain: 'd', nonce: 'n' });
    await tell({
      type: 'proof.ended',
      ...{
        machine: 'web1',
        proof: 1,
        pass: 2,
        verdict,
        startedAt: 1,
        ms: 65_000,
        console: 'web1-proof-1.log',
      },
      checks: [
        {
          check: 'userspace',
          verdict: verdict === 'proven' ? 'pass' : 'fail',
          found: 'it comes up',
          detail: ['\u001b[2J'],
        },
      ],
      ...(verdict === 'failed' ? { reason: REASON } : {}),
    });
  };
  return { site, engine };
}

test('a running engine is ordered, followed to the end of the proof, and its verdict is the answer', async () => {
  const { site } = await running('proven');
  const { code, out, err } = await landfall(['prove', 'storm', 'web1', '--state', site.root]);
  expect([code, err]).toEqual([0, expect.stringContaining('1 machine is to be proved.')]);
  expect(out).toMatch(/web1 proven {2}proof 1 of pass 2, 1m05s/);
  expect(out).toContain('proven 1 of 1');
}, 20_000);

test('a copy that does not prove itself is exit code 3, with the reason, what to do, and where its console is', async () => {
  const { site } = await running('failed');
  const { code, out } = await landfall(['prove', 'storm', '--state', site.root]);
  expect(code).toBe(3);
  expect(out).toContain(REASON.words);
  expect(out).toContain('1. compare the UUIDs');
  expect(out).toContain('logs/web1-proof-1.log');
  expect(out).not.toContain('\u001b[2J');
}, 20_000);

test('as data', async () => {
  const { site } = await running('failed');
  const { code, out } = await landfall(['prove', 'storm', '--json', '--state', site.root]);
  const last = JSON.parse(out.trim().split('\n').at(-1) ?? '');
  expect([code, last]).toMatchObject([
    3,
    { type: 'proofs', machines: [{ machine: 'web1', outcome: 'failed' }] },
  ]);
}, 20_000);

test('without an engine a name alone does not say where the plan is', async () => {
  const site = await copied();
  expect(await landfall(['prove', 'storm', '--state', site.root])).toMatchObject({
    code: 2,
    err: expect.stringContaining('landfall prove PLAN'),
  });
}, 20_000);

test('a machine that the plan does not have, and one without a copy', async () => {
  const site = await copied();
  expect(await landfall(['prove', 'storm', 'web9', '--state', site.root])).toMatchObject({ code: 2 });
  expect(await landfall(['prove', 'storm', 'db1', '--state', site.root])).toMatchObject({
    code: 1,
    err: expect.stringContaining('db1 has no complete copy yet'),
  });
}, 20_000);

test('what could not be asked is told from what did not boot', () => {
  const story = new Story().begin().evacuate('web1').prove('web1', REASON).fail('web1');
  expect(proofResults(story.state, ['web1'], {}).map(({ outcome }) => outcome)).toEqual(['failed']);
  const [result] = proofResults(story.state, ['web1'], { web1: 1 });
  expect(result?.outcome).toBe('unasked');
  expect(formatProofs(result === undefined ? [] : [result], 'storm', createStyle(false, true))).toMatch(
    /web1 not proved: .*\n.*next: landfall status storm\n\nproven 0 of 1/,
  );
});
