import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { acquireLock } from '../../../src/journal/lock.ts';
import { landfall } from '../../support/cli.ts';
import { recordedEvacuation } from '../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../support/scripted-engine.ts';
import { guestFacts, Story } from '../../support/state.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const clock = { ...systemClock, now: () => NOW, monotonic: () => 0 };

/** storm with a deadline in a day, db1 much too large for it and web1 copied. */
async function recorded() {
  const site = await recordedEvacuation();
  const file = (used: number) => [
    { mountpoint: '/', device: '/dev/vda1', type: 'ext4', uuid: 'A', size: used * 2, used, inodesUsed: 10 },
  ];
  const observed = new Story()
    .observe('db1', { ...guestFacts(), fileSystems: file(4e12) })
    .observe('web1', { ...guestFacts(), fileSystems: file(8e9) })
    .pass('web1', 1).events;
  for (const { v, seq, at, by, ...body } of observed) await site.append(body);
  return site;
}

async function withEngine() {
  const site = await recorded();
  const lock = await acquireLock({
    path: join(site.directory, 'lock'),
    owner: { pid: process.pid, user: 'dana' },
    clock: systemClock,
    heartbeatMs: 0,
  });
  onTestFinished(() => lock.release());
  const engine = await ScriptedEngine.listen(site.directory);
  const ordered: unknown[] = [];
  const answer: { events: EventBody[] } = { events: [] };
  engine.onLine = ({ type, id, command }, socket) => {
    if (type === 'hello') return engine.welcome(socket);
    ordered.push(command);
    void (async () => {
      const events: Event[] = [];
      for (const body of answer.events) events.push(await site.append(body));
      for (const event of events) engine.say({ type: 'event', event }, socket);
      engine.say({ type: 'reply', id, reply: { ok: true, said: 'so be it' } }, socket);
    })();
  };
  return { site, ordered, answer };
}

describe('triage', () => {
  test('answers without an engine: a table for people, and everything for programs', async () => {
    const { root } = await recorded();
    const table = await landfall(['triage', 'storm', '--state', root], { clock });
    expect(table.code).toBe(3);
    expect(table.out).toMatch(/^storm, earliest loss passed /);
    expect(table.out).toMatch(/db1 .*at risk/);
    // Reasons below the table are never cut.
    const [top = ''] = table.out.split('\ndb1: both the earliest and the expected loss have passed');
    expect(top).not.toBe(table.out);
    for (const line of top.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const json = await landfall(['triage', 'storm', '--json', '--state', root], { clock });
    expect(JSON.parse(json.out)).toMatchObject({
      ...{ v: 1, type: 'triage', evacuation: 'storm', at: NOW, exact: true },
      rows: expect.arrayContaining([expect.objectContaining({ name: 'web1', kind: 'machine' })]),
    });
  });
});

describe('mode', () => {
  test('says what is in force, who ordered it and why', async () => {
    const { root, append } = await recorded();
    expect((await landfall(['mode', 'storm', '--state', root])).out).toBe(
      'storm: the mode is calm\neverything goes on as the plan says\n',
    );
    await append({ type: 'mode.switched', mode: 'last-call', reason: 'eye in 6 h' }, 'kim@jump1');
    expect((await landfall(['mode', 'storm', '--state', root])).out).toMatch(
      /^storm: the mode is last-call, ordered by kim@jump1 .* ago: eye in 6 h\n/,
    );
    const json = await landfall(['mode', 'storm', '--json', '--state', root]);
    expect(JSON.parse(json.out)).toMatchObject({
      type: 'mode',
      mode: 'last-call',
      order: { by: 'kim@jump1' },
    });
  });

  test('previews for everybody without an engine, and orders nothing', async () => {
    const { root } = await recorded();
    const { code, out } = await landfall(['mode', 'storm', 'last-call', '-n', '--state', root], { clock });
    expect(code).toBe(0);
    expect(out).toMatch(/db1 +waits +no first copy begins/);
    expect(out).toMatch(/web1 +once more +one last delta/);
    expect(out).toMatch(/nothing was ordered\n$/);
    // To look at the dark needs no typed name.
    expect((await landfall(['mode', 'storm', 'dark', '-n', '--state', root], { clock })).code).toBe(0);
  });

  test('orders through the engine, also where only the mode is named', async () => {
    const { site, ordered } = await withEngine();
    const order = (...words: string[]) => landfall([...words, '--state', site.root]);
    expect((await order('mode', 'storm', 'squeeze', '--reason', 'wind')).out).toBe('so be it\n');
    expect((await order('mode', 'calm')).code).toBe(0);
    expect((await order('mode', 'storm', 'dark', '--confirm', 'storm')).code).toBe(0);
    expect(ordered).toEqual([
      { kind: 'mode', mode: 'squeeze', reason: 'wind' },
      { kind: 'mode', mode: 'calm' },
      { kind: 'mode', mode: 'dark', confirm: 'storm' },
    ]);
    const { code, err } = await order('mode', 'storm', 'panic');
    expect([code, err]).toEqual([2, expect.stringContaining('calm, squeeze, last-call, dark')]);
  });
});

describe('measure', () => {
  test('shows the very commands, and refuses what has no copy', async () => {
    const { root } = await recorded();
    const { out } = await landfall(['measure', 'storm', '-n', '--state', root]);
    expect(out).toContain('sync/web1/measure');
    expect(out).toContain('--dry-run');
    expect(out).not.toContain('sync/db1/measure');
    const db = await landfall(['measure', 'storm', 'db1', '--state', root]);
    expect(db.err).toContain('db1 has no copy yet against which it could be measured');
  });

  test('orders the engine that runs, waits for the answer and prints it', async () => {
    const { site, ordered, answer } = await withEngine();
    answer.events = [
      { type: 'exposure.requested', machine: 'web1' },
      {
        ...{ type: 'exposure.measured', machine: 'web1', startedAt: NOW },
        ...{ files: 12, bytes: 178_782, deletions: 3 },
      },
    ];
    const { code, out } = await landfall(['measure', 'storm', 'web1', '--state', site.root], { clock });
    expect(ordered).toEqual([{ kind: 'measure', machine: 'web1' }]);
    expect(code).toBe(0);
    expect(out).toMatch(/web1 +179 kB +12 +3 +0\.0s ago/);
    expect(out).toMatch(/179 kB in files that differ, of 1 machine\n$/);
  });

  test('ends where it failed, and says why', async () => {
    const { site, answer } = await withEngine();
    const step = { step: 'sync/web1/measure', phase: 'sync' };
    answer.events = [
      { type: 'exposure.requested', machine: 'web1' },
      { type: 'step.started', ...step, attempt: 1 },
      {
        ...{ type: 'step.failed', ...step, attempts: 1 },
        error: { code: 'sync.rsync-failed', family: 'program', what: 'rsync failed on /', next: [] },
      },
    ];
    const { code, out } = await landfall(['measure', 'storm', '--json', '--state', site.root], { clock });
    const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
    expect([code, last.machines]).toEqual([
      1,
      [{ machine: 'web1', outcome: 'unmeasured', why: 'rsync failed on /' }],
    ]);
  });
});
