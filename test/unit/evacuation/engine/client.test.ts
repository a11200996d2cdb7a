import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AttachOptions, attach } from '../../../../src/evacuation/engine/client.ts';
import { openRecorded } from '../../../../src/evacuation/engine/recorded.ts';
import { EngineServer } from '../../../../src/evacuation/engine/server.ts';
import { KEPT, type Session, type Snapshot } from '../../../../src/evacuation/engine/session.ts';
import { systemClock } from '../../../../src/foundation/clock.ts';
import type { Event, EventBody } from '../../../../src/journal/events.ts';
import { type RecordedEvacuation, recordedEvacuation } from '../../../support/recorded-evacuation.ts';
import { ScriptedEngine } from '../../../support/scripted-engine.ts';

const note = (text: string): EventBody => ({ type: 'note.added', text });

async function attached(site: RecordedEvacuation, options: Partial<AttachOptions> = {}): Promise<Session> {
  const session = await attach({
    ...{ root: site.root, name: site.name, who: 'dana', host: 'jump1', client: 'ui', landfall: '0' },
    clock: systemClock,
    ...options,
  });
  onTestFinished(() => session.close());
  return session;
}

/** The first snapshot that is as wanted. */
function until(session: Session, wanted: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
  return new Promise(resolve => {
    const look = (): void => {
      const snapshot = session.snapshot();
      if (!wanted(snapshot)) return;
      leave();
      resolve(snapshot);
    };
    const leave = session.subscribe(look);
    look();
  });
}

const lastNote = (snapshot: Snapshot): string | undefined => snapshot.state.evacuation?.notes.at(-1)?.text;

/** The engine's own server over this journal. */
async function served(site: RecordedEvacuation): Promise<EngineServer> {
  const tell = async (body: EventBody, by: string): Promise<void> =>
    server.event(await site.append(body, by));
  const server: EngineServer = await EngineServer.open({
    directory: site.directory,
    evacuation: site.name,
    engine: { pid: 4711, host: 'jump1', landfall: '0', since: 1, until: 'stay' },
    clock: systemClock,
    onAttached: ({ by, kind }) => tell({ type: 'engineer.attached', client: kind }, by),
    onLeft: ({ by, kind }) => tell({ type: 'engineer.left', client: kind }, by),
    onCommand: async (command, { by }) => {
      if (command.kind === 'note') await tell(note(command.text), by);
      return { ok: true, said: `${command.kind} it is` };
    },
    onTrouble: error => {
      throw error;
    },
  });
  onTestFinished(() => server.close('over'));
  return server;
}

describe('with the real server', () => {
  test('two engineers see each other, what is ordered by whom, and the end', async () => {
    const site = await recordedEvacuation();
    await site.append(note('before anybody looked'));
    const server = await served(site);
    const byes: string[] = [];
    const dana = await attached(site, { onBye: outcome => byes.push(outcome) });
    expect(dana.snapshot()).toMatchObject({ connection: 'live', engine: { pid: 4711 }, tornBytes: 0 });
    expect(lastNote(dana.snapshot())).toBe('before anybody looked');
    const kim = await attached(site, { who: 'kim' });
    const both = await until(dana, ({ clients }) => clients.length === 2);
    expect(both.clients.map(({ who, self }) => [who, self])).toEqual([
      ['dana', true],
      ['kim', false],
    ]);
    expect(await kim.send({ kind: 'note', text: 'the queue runner is stopped' })).toEqual({
      ok: true,
      said: 'note it is',
    });
    const seen = await until(dana, snapshot => lastNote(snapshot) === 'the queue runner is stopped');
    expect(seen.state.evacuation?.notes.at(-1)).toMatchObject({ by: 'kim@jump1' });
    expect(dana.snapshot()).toBe(dana.snapshot());

    server.sample({ step: 'sync/web1/pass-1', subject: 'web1', at: 1, text: 'copying', fraction: 0.5 });
    await until(dana, ({ samples }) => samples['sync/web1/pass-1']?.fraction === 0.5);
    server.over('sync/web1/pass-1');
    await until(dana, ({ samples }) => samples['sync/web1/pass-1'] === undefined);
    await server.close('complete');
    await until(dana, ({ connection }) => connection === 'none');
    await until(kim, ({ connection }) => connection === 'none');
    expect(byes).toEqual(['complete']);
    expect(await dana.send({ kind: 'pause' })).toMatchObject({ ok: false, error: { code: 'engine.absent' } });
  });

  test('what happens while the journal is read is neither lost nor told twice', async () => {
    const site = await recordedEvacuation();
    const server = await served(site);
    const told: number[] = [];
    const writing = (async () => {
      for (let index = 0; index < 300; index += 1) server.event(await site.append(note(String(index))));
    })();
    const session = await attached(site, { after: 0, onEvent: ({ seq }) => told.push(seq) });
    await writing;
    const { state } = await until(session, snapshot => lastNote(snapshot) === '299');
    expect(told).toEqual(Array.from({ length: state.lastSeq }, (_, index) => index + 1));
  });

  test('an order of another engineer is in the snapshot at once, while nothing else happens', async () => {
    const site = await recordedEvacuation();
    const server = await served(site);
    const [robin, dana] = [await attached(site, { who: 'robin' }), await attached(site)];
    await until(robin, ({ clients }) => clients.length === 2);
    server.event(await site.append({ type: 'evacuation.paused', reason: 'the link' }, 'dana@jump1'));
    for (const session of [robin, dana]) {
      const { state } = await until(session, seen => seen.state.evacuation?.paused !== undefined);
      expect(state.evacuation?.paused).toMatchObject({ by: 'dana@jump1', reason: 'the link' });
    }
  });

  test('what an engineer missed is told to the one who comes back', async () => {
    const site = await recordedEvacuation();
    await served(site);
    const first = await attached(site);
    expect(first.snapshot().away).toBeUndefined();
    const kim = await attached(site, { who: 'kim' });
    await first.close();
    await until(kim, ({ clients }) => clients.length === 1);
    await kim.send({ kind: 'note', text: 'look at mail1' });
    const again = await attached(site);
    expect(again.snapshot().away).toMatchObject({ passes: 0, orders: ['kim: noted: look at mail1'] });
  });
});

describe('with an engine that misbehaves', () => {
  test('a gap in the events is filled from the journal', async () => {
    const site = await recordedEvacuation();
    const engine = await ScriptedEngine.listen(site.directory);
    const session = await attached(site);
    await site.append(note('never sent'));
    const later = await site.append(note('sent'));
    engine.say({ type: 'event', event: later });
    const { events } = await until(session, snapshot => lastNote(snapshot) === 'sent');
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('a lost engine is looked for until its successor answers; what was missed comes from the journal', async () => {
    const site = await recordedEvacuation();
    const engine = await ScriptedEngine.listen(site.directory);
    const session = await attached(site);
    await engine.die();
    expect(await until(session, ({ connection }) => connection === 'lost')).toMatchObject({
      engine: { pid: 4711 },
    });
    expect(await session.send({ kind: 'resume' })).toMatchObject({ ok: false });
    await site.append(note('while nobody listened'));
    await ScriptedEngine.listen(site.directory);
    const back = await until(session, ({ connection }) => connection === 'live');
    expect(lastNote(back)).toBe('while nobody listened');
  });

  test('an order that the engine can no longer answer is a refusal that says so', async () => {
    const site = await recordedEvacuation();
    const engine = await ScriptedEngine.listen(site.directory);
    const session = await attached(site);
    engine.onLine = (_line, socket) => socket.destroy();
    expect(await session.send({ kind: 'sync' })).toMatchObject({
      ok: false,
      error: { code: 'engine.unreachable', why: 'whether the order was carried out is not known' },
    });
  });

  test('rubbish ends the connection, messages of a newer engine do not', async () => {
    const site = await recordedEvacuation();
    const engine = await ScriptedEngine.listen(site.directory);
    const session = await attached(site);
    engine.say({ type: 'weather', wind: 120 });
    engine.say({ type: 'sample', sample: { step: 's', subject: 'web1', at: 1, text: 'x' } });
    await until(session, ({ samples }) => samples['s'] !== undefined);
    expect(session.snapshot().connection).toBe('live');
    engine.onLine = () => undefined;
    engine.say({ type: 'event', event: { seq: 'three', type: 'note.added' } });
    await until(session, ({ connection }) => connection === 'lost');
  });

  test('an engine that refuses the version is an error with its words', async () => {
    const site = await recordedEvacuation();
    const engine = await ScriptedEngine.listen(site.directory);
    engine.onLine = (_line, socket) => {
      const error = { code: 'engine.protocol', family: 'act', what: 'too old', next: ['use the newer one'] };
      engine.say({ type: 'reply', id: '-', reply: { ok: false, error } }, socket);
      socket.end();
    };
    await expect(attached(site)).rejects.toMatchObject({ code: 'engine.protocol', message: 'too old' });
  });

  test('nobody there, and a socket that a dead engine left, are an absent engine', async () => {
    const site = await recordedEvacuation();
    await expect(attached(site)).rejects.toMatchObject({ code: 'engine.absent' });
    const engine = await ScriptedEngine.listen(site.directory);
    await engine.die();
    await expect(attached(site)).rejects.toMatchObject({ code: 'engine.absent' });
  });

  test('what is kept is bounded, and an unchanged stream costs no new arrays', async () => {
    const site = await recordedEvacuation();
    const engine = await ScriptedEngine.listen(site.directory);
    const session = await attached(site);
    let seq = session.snapshot().state.lastSeq;
    for (let index = 0; index < KEPT.events + 500; index += 1) {
      seq += 1;
      const event: Event = { type: 'note.added', text: String(index), v: 1, seq, at: 1, by: 'x' };
      engine.say({ type: 'event', event });
    }
    const full = await until(session, ({ state }) => state.lastSeq === seq);
    expect(full.events).toHaveLength(KEPT.events);
    engine.say({ type: 'sample', sample: { step: 's', subject: 'web1', at: 1, text: 'x' } });
    const next = await until(session, ({ samples }) => samples['s'] !== undefined);
    expect(next.events).toBe(full.events);
    expect(next.commands).toBe(full.commands);
  });
});

describe('without an engine', () => {
  test('the journal and the command log tell what they know, and orders are refused with what to do', async () => {
    const site = await recordedEvacuation();
    await mkdir(join(site.directory, 'logs'), { recursive: true });
    const ran = { at: 1, host: 'web1', command: 'true', code: 0, ms: 3 };
    await writeFile(
      join(site.directory, 'logs/commands.jsonl'),
      `{"script":"sha256:1","text":"x"}\n${JSON.stringify(ran)}\n{"at":2,"host":`,
    );
    const session = await openRecorded({ ...site, clock: systemClock });
    expect(session.snapshot()).toMatchObject({
      connection: 'none',
      plan: { name: 'storm' },
      state: { lastSeq: 2 },
      commands: [ran],
      samples: {},
      clients: [],
    });
    const reply = await session.send({ kind: 'pause' });
    expect(reply).toMatchObject({ ok: false, error: { code: 'engine.absent' } });
    expect(reply.ok ? [] : reply.error.next).toContain('start it: landfall run PLAN');
  });
});

test('a client that has left tells of nothing that comes after it: whoever reads on in the journal tells it once', async () => {
  const site = await recordedEvacuation();
  const engine = await ScriptedEngine.listen(site.directory);
  const told: string[] = [];
  const left = Promise.withResolvers<void>();
  const session = await attached(site, {
    onEvent: event => {
      told.push(event.type === 'note.added' ? event.text : event.type);
      void session.close().then(left.resolve);
    },
  });
  const both = [await site.append(note('first')), await site.append(note('second'))];
  // In one piece, as they come from an engine that is quick.
  engine.tell(both.map(event => ({ type: 'event', event })));
  await left.promise;
  expect(told).toEqual(['first']);
});

test('a lost engine whose successor came and ended between two looks has ended, and what it did is told', async () => {
  const site = await recordedEvacuation();
  const engine = await ScriptedEngine.listen(site.directory);
  const told: string[] = [];
  const bye = Promise.withResolvers<string>();
  const session = await attached(site, {
    onEvent: event => told.push(event.type),
    onBye: bye.resolve,
  });
  await engine.die();
  await until(session, ({ connection }) => connection === 'lost');
  await site.append({ type: 'evacuation.started', pid: 2, host: 'jump1', landfall: '0', controlKeys: [] });
  await site.append({ type: 'evacuation.ended', outcome: 'complete' });
  expect(await bye.promise).toBe('complete');
  expect(told).toEqual(['evacuation.started', 'evacuation.ended']);
  expect(session.snapshot()).toMatchObject({ connection: 'none', state: { evacuation: { phase: 'ended' } } });
});
