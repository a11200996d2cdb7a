import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { EventBody } from '../../../src/journal/events.ts';
import { acquireLock } from '../../../src/journal/lock.ts';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { factsOf } from '../../support/recorded-host.ts';
import { ScriptedEngine } from '../../support/scripted-engine.ts';

const { domain, guest } = factsOf('debian-12');
const OBSERVED: readonly EventBody[] = [
  { type: 'machine.observed', machine: 'web1', domain, guest, digest: 'd' },
  {
    type: 'blocks.observed',
    machine: 'web1',
    libvirt: '9.0.0',
    qemu: '7.2.22',
    disks: [{ target: 'vda', path: '/pool/web1.qcow2', format: 'qcow2', capacity: 20e9, allocation: 9e9 }],
    foreignCheckpoints: [],
    ownCheckpoints: [],
    agent: true,
    refusals: ['libvirt 6.0 has no backups with checkpoints: 7.2 is needed'],
  },
  {
    type: 'mover.chosen',
    machine: 'web1',
    mover: 'files',
    decided: 'fallback',
    reasons: ['the plan asks for blocks, which cannot move it'],
    against: ['once its hypervisor can: landfall mover PLAN web1 blocks'],
  },
];

async function site() {
  const recorded = await recordedEvacuation();
  for (const body of OBSERVED) await recorded.append(body);
  const run = (...words: string[]) => landfall(['mover', ...words, '--state', recorded.root]);
  return { recorded, run };
}

describe('landfall mover', () => {
  test('tells of every machine: who, by whom decided, why, and what the other would cost', async () => {
    const { run } = await site();
    const { code, out } = await run('storm');
    expect(code).toBe(0);
    const [head, ...rows] = out.trimEnd().split('\n');
    expect(head).toMatch(/^machine +mover +decided by/);
    expect(rows.find(row => row.startsWith('web1'))).toMatch(/files +fallback .*the plan asks for blocks/);
    expect(rows.find(row => row.startsWith('db1'))).toMatch(/files +undecided/);
  });

  test('of one machine says every reason, what is impossible, and what the other way costs', async () => {
    const { run } = await site();
    const { out } = await run('storm', 'web1');
    expect(out).toContain('web1: files (fallback)\n');
    expect(out).toContain('  because: the plan asks for blocks, which cannot move it\n');
    expect(out).toContain(
      '  by blocks: impossible: libvirt 6.0 has no backups with checkpoints: 7.2 is needed\n',
    );
    expect(out).toMatch(/ {2}by files: .* in .*, then at least .* a pass\n/);
    expect(out).toMatch(/reckoned with (?:800|400) Mbit\/s, as the plan allows/);
  });

  test('says the same as data', async () => {
    const { run } = await site();
    expect(JSON.parse((await run('storm', '--json')).out)).toMatchObject({
      type: 'movers',
      evacuation: 'storm',
      machines: [
        { machine: 'db1', mover: 'files', decided: 'undecided', costs: { files: {}, blocks: {} } },
        {
          machine: 'web1',
          decided: 'fallback',
          impossible: { files: [], blocks: [expect.stringContaining('7.2 is needed')] },
        },
      ],
    });
  });

  test('a dry run meets the refusal that the engine would give, and needs none', async () => {
    const { run } = await site();
    const { code, err } = await run('storm', 'web1', 'blocks', '--dry-run');
    expect(code).not.toBe(0);
    expect(err).toContain('web1 cannot be moved by blocks');
    const fine = await run('storm', 'web1', 'files', '-n');
    expect(fine.out).toContain(
      'the engine would answer: web1 travels by files already.\nnothing was ordered\n',
    );
  });

  test('knows the machines of the plan, and the movers', async () => {
    const { run } = await site();
    expect((await run('storm', 'wbe1')).err).toContain('the plan has no machine called wbe1');
    expect(await run('storm', 'web1', 'pigeon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('it is one of: files, blocks, auto'),
    });
  });

  test('orders of the engine that runs, which may be left out', async () => {
    const { recorded, run } = await site();
    const lock = await acquireLock({
      path: join(recorded.directory, 'lock'),
      owner: { pid: process.pid, user: 'dana' },
      clock: systemClock,
      heartbeatMs: 0,
    });
    onTestFinished(() => lock.release());
    const engine = await ScriptedEngine.listen(recorded.directory);
    const ordered: unknown[] = [];
    engine.onLine = ({ type, id, command }, socket) => {
      if (type === 'hello') return engine.welcome(socket);
      ordered.push(command);
      engine.say({ type: 'reply', id, reply: { ok: true, said: 'so be it' } }, socket);
    };
    expect((await run('storm', 'web1', 'blocks')).out).toBe('so be it\n');
    expect((await run('web1', 'auto')).out).toBe('so be it\n');
    expect(ordered).toEqual([
      { kind: 'mover', machine: 'web1', mover: 'blocks' },
      { kind: 'mover', machine: 'web1', mover: 'auto' },
    ]);
  });
});
