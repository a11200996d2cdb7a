import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Session, Snapshot } from '../../../src/evacuation/engine/session.ts';
import { fleetOf } from '../../support/fleet.ts';
import { heldSession, type OpenedUi, openScreens, snapshotOf, type UiSetup } from '../../support/ui.ts';

/** Over a slow line several keys arrive in one piece. */
describe('keys that arrive together', () => {
  const fleet = fleetOf(12);
  let opened: OpenedUi | undefined;
  afterEach(() => opened?.close());

  async function open(setup: UiSetup = {}, parts: Pick<Snapshot, 'plan' | 'state'> = fleet) {
    const session = heldSession(snapshotOf({ plan: parts.plan, state: parts.state }));
    opened = await openScreens({ session, clock: clockAt(fleet.now), ...setup });
    const { terminal } = opened;
    await terminal.press('0');
    return { session, terminal };
  }

  test.each(['0', '4'])('":report" on screen %s opens the palette and gives no order', async place => {
    const { session, terminal } = await open();
    await terminal.press(place);
    await terminal.send(':report');
    expect(session.orders).toEqual([]);
    expect(terminal.screen.text()).toContain(':report_');
  });

  test('":note hello" and enter write the note, and nothing else', async () => {
    const { session, terminal } = await open();
    await terminal.send(':note hello\r');
    expect(session.orders).toEqual([{ kind: 'note', text: 'hello' }]);
    expect(terminal.screen.text()).toContain('makes it?');
  });

  test('"/db" filters, and opens no preview', async () => {
    const { terminal } = await open();
    await terminal.send('/db');
    expect(terminal.screen.text()).toContain('/db_');
  });

  test('":zz" at home stays in the palette as it was typed', async () => {
    opened = await openScreens();
    await opened.terminal.send(':zz');
    expect(opened.terminal.screen.text()).toContain(':zz_');
  });

  test('"X" and a name fill the question', async () => {
    const { session, terminal } = await open();
    await terminal.send('Xmiami-to-dallas');
    expect(terminal.screen.text()).toContain('type miami-to-dallas to confirm: miami-to-dallas_');
    expect(session.orders).toEqual([]);
  });

  test('enter behind "a" approves nothing: the commands were not seen yet', async () => {
    const { evacuation } = fleet.state;
    if (evacuation === undefined) throw new Error('the fleet has begun');
    const state = { ...fleet.state, evacuation: { ...evacuation, held: ['sync'] } };
    const { session, terminal } = await open({}, { ...fleet, state });
    await terminal.send('a\rP');
    await terminal.screen.waitFor('exactly this will be done');
    expect(session.orders).toEqual([]);
    await terminal.press('enter');
    expect(session.orders).toEqual([{ kind: 'approve', phase: 'sync' }]);
  });

  test('"Etq": the tier is changed before leaving is asked about', async () => {
    const text = readFileSync(new URL('../../../plans/miami-to-dallas.yaml', import.meta.url), 'utf8');
    const plan = { file: 'plans/storm.yaml', name: 'storm', machines: 6, lab: false, begun: false };
    opened = await openScreens({
      services: {
        plans: () => Promise.resolve([{ ...plan, problems: [] }]),
        readPlan: () => Promise.resolve(text),
      },
    });
    const { terminal } = opened;
    await terminal.screen.waitFor('storm');
    await terminal.send('Etq');
    await terminal.screen.waitFor('plans/storm.yaml is not written');
    await terminal.press('esc');
    expect(terminal.screen.text()).toContain('Not written yet');
  });
});

describe('while an evacuation opens', () => {
  let opened: OpenedUi | undefined;
  afterEach(() => opened?.close());

  test('no list is shown and no key acts but leaving', async () => {
    const { promise, resolve } = Promise.withResolvers<Session>();
    let started = 0;
    const start = () => {
      started += 1;
      return promise;
    };
    const fleet = fleetOf(2);
    const session = heldSession(snapshotOf(fleet));
    opened = await openScreens({
      session,
      clock: clockAt(fleet.now),
      services: {
        open: () => promise,
        start,
        rehearse: start,
        plans: () =>
          Promise.resolve([{ file: 'plans/a.yaml', lab: false, problems: [], begun: false, name: 'a' }]),
      },
    });
    const { terminal } = opened;
    expect(terminal.screen.text()).toContain(`opening ${session.name}`);
    expect(terminal.screen.text()).not.toContain('begin');
    await terminal.press('enter', 'r', 'i', '?', ':');
    expect(started).toBe(0);
    expect(terminal.screen.text()).not.toContain('palette');
    expect(terminal.screen.text()).toContain('q detach');
    resolve(session);
    await terminal.screen.waitFor('makes it?');
    await terminal.press('?');
    expect(terminal.screen.text()).toContain('Keys of this screen');
  });

  test('q leaves', async () => {
    const { promise, resolve } = Promise.withResolvers<Session>();
    const fleet = fleetOf(2);
    const session = heldSession(snapshotOf(fleet));
    opened = await openScreens({ session, services: { open: () => promise } });
    await opened.terminal.press('q');
    await expect(opened.over).resolves.toEqual({});
    resolve(session);
  });

  test('one that cannot be opened leads to the list, with what is wrong and keys that work', async () => {
    const session = heldSession(snapshotOf(fleetOf(2)));
    opened = await openScreens({
      session,
      services: {
        open: () => Promise.reject(new Error('its journal cannot be read')),
        plans: () =>
          Promise.resolve([{ file: 'plans/a.yaml', lab: false, problems: [], begun: false, name: 'a' }]),
      },
    });
    const { terminal } = opened;
    await terminal.screen.waitFor('its journal cannot be read');
    await terminal.screen.waitFor('can begin');
    await terminal.press('i');
    expect(terminal.screen.text()).toContain('A first plan');
  });

  test('a rehearsal is begun once, however often r is pressed', async () => {
    const { promise, resolve } = Promise.withResolvers<Session>();
    let begun = 0;
    opened = await openScreens({
      services: {
        rehearse: () => {
          begun += 1;
          return promise;
        },
      },
    });
    await opened.terminal.press('r', 'r', 'enter');
    expect(begun).toBe(1);
    const fleet = fleetOf(2);
    resolve(heldSession(snapshotOf(fleet)));
    await opened.terminal.screen.waitFor('makes it?');
  });
});

const clockAt = (now: number) => ({
  now: () => now,
  monotonic: () => now,
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('over')), { once: true });
    }),
});
