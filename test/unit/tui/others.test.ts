import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { fold } from '../../../src/journal/fold.ts';
import { keepHomeFresh } from '../../../src/tui/home-refresh.ts';
import { explain } from '../../../src/tui/intents/order.ts';
import { ordersOfOthers } from '../../../src/tui/others.ts';
import type { ScreenId } from '../../../src/tui/screen.ts';
import { createStore, type Store } from '../../../src/tui/store.ts';
import { glyphsFor } from '../../../src/tui/text/glyphs.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { heldSession, servicesOf } from '../../support/ui.ts';
import { estate } from './estate.ts';

const { snapshot: plain, now } = estate();
const FIRST: Snapshot = {
  ...plain,
  clients: [{ id: 'c1', who: 'robin', host: 'jump2', client: 'ui', since: now - 60e3, self: true }],
};

/** The snapshot after these bodies were told by `by`. */
function later(before: Snapshot, by: string, ...bodies: readonly EventBody[]): Snapshot {
  const told = bodies.map(
    (body, index): Event => ({ ...body, v: 1, seq: before.state.lastSeq + index + 1, at: now, by }),
  );
  return { ...before, events: [...before.events, ...told], state: fold(told, before.state) };
}

const flush = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

function storeAt(clock: ManualClock, screen: ScreenId = 'overview'): Store {
  return createStore({
    ui: { columns: 100, rows: 30, theme: 'dark', stack: [{ screen, pane: 0 }], panes: {} },
    glyphs: glyphsFor(true),
    clock,
    explain,
    tickMs: 1000,
    factsMs: 200,
  });
}

describe('orders of others', () => {
  test('are told in words, with who gave them', () => {
    const said = (body: EventBody): string | undefined =>
      ordersOfOthers(FIRST, later(FIRST, 'dana@jump1', body));
    expect(said({ type: 'evacuation.paused' })).toBe('dana paused everything');
    expect(said({ type: 'machine.paused', machine: 'db1', reason: 'quarter end' })).toBe(
      'dana paused db1: quarter end',
    );
    expect(said({ type: 'stage.approved', phase: 'build' })).toBe('dana approved the stage build');
    expect(said({ type: 'cutover.ordered', act: 'run', item: 'quiet/db1' })).toBe('dana ordered quiet/db1');
    expect(said({ type: 'cutover.no-return', confirmed: 'storm' })).toBe(
      'dana crossed the point of no return',
    );
    expect(said({ type: 'mode.switched', mode: 'squeeze' })).toBe('dana switched to squeeze');
    expect(said({ type: 'engineer.attached', client: 'ui' })).toBeUndefined();
  });

  test('of oneself and of the engine are not', () => {
    expect(
      ordersOfOthers(FIRST, later(FIRST, 'robin@laptop', { type: 'evacuation.paused' })),
    ).toBeUndefined();
    const bySteps: EventBody = { type: 'pass.requested', machine: 'db1', reason: 'not converged' };
    expect(ordersOfOthers(FIRST, later(FIRST, 'engine@jump1:4711', bySteps))).toBeUndefined();
  });

  test('several at once are one sentence', () => {
    const next = later(
      FIRST,
      'dana@jump1',
      { type: 'evacuation.paused' },
      { type: 'machine.paused', machine: 'db1' },
    );
    expect(ordersOfOthers(FIRST, next)).toBe('dana paused db1 (and 1 more: l)');
  });

  test('are not told of what was missed while the engine was not reachable', () => {
    const lost: Snapshot = { ...FIRST, connection: 'lost' };
    const back = { ...later(lost, 'dana@jump1', { type: 'evacuation.paused' }), connection: 'live' } as const;
    expect(ordersOfOthers(lost, back)).toBeUndefined();
  });

  test("take the place of one's own stale message at once", async () => {
    const clock = new ManualClock(now);
    const store = storeAt(clock);
    const session = heldSession(FIRST);
    await store.show(session);
    store.act({ type: 'toast', toast: { text: 'db1 is paused', tone: 'good', until: now + 8000 } });
    session.change(later(FIRST, 'dana@jump1', { type: 'evacuation.paused' }));
    clock.advance(200);
    await flush();
    expect(store.view().ui.toast?.text).toBe('dana paused everything');
    await store.close();
  });
});

test('a toast about stages goes when one of them changes, any other stays', async () => {
  const clock = new ManualClock(now);
  const store = storeAt(clock);
  const session = heldSession(FIRST);
  await store.show(session);
  const begins: EventBody = { type: 'step.started', step: 'build/new1/replica', phase: 'build', attempt: 1 };
  const told = async (ofStages: boolean, next: Snapshot): Promise<string | undefined> => {
    store.act({ type: 'toast', toast: { text: 'told', tone: 'good', until: now + 8000, ofStages } });
    session.change(next);
    clock.advance(200);
    await flush();
    return store.view().ui.toast?.text;
  };
  const noted = later(FIRST, 'engine@jump1:4711', { type: 'note.added', text: 'x' });
  expect(await told(true, noted)).toBe('told');
  const begun = later(noted, 'engine@jump1:4711', begins);
  expect(await told(true, begun)).toBeUndefined();
  const done: EventBody = {
    type: 'step.failed',
    step: 'build/new1/replica',
    phase: 'build',
    attempts: 1,
    error: { code: 'x', family: 'act', what: 'x', next: [] },
  };
  expect(await told(false, later(begun, 'engine@jump1:4711', done))).toBe('told');
  await store.close();
});

test('the list of evacuations is looked up again every five seconds while home is shown, and only then', async () => {
  const clock = new ManualClock(now);
  const store = storeAt(clock, 'home');
  const over = new AbortController();
  let looks = 0;
  const services = servicesOf(undefined, {
    evacuations: () => {
      looks += 1;
      return Promise.resolve([]);
    },
  });
  const kept = keepHomeFresh({ store, services, clock }, over.signal);
  const pass = async (ms: number): Promise<number> => {
    clock.advance(ms);
    await flush();
    return looks;
  };
  expect(await pass(4999)).toBe(0);
  expect(await pass(1)).toBe(1);
  expect(await pass(5000)).toBe(2);
  store.act({ type: 'go', place: { screen: 'overview' } });
  expect(await pass(5000)).toBe(2);
  over.abort();
  await kept;
  await store.close();
});

test('home ticks: ages grow without an evacuation and without a key', async () => {
  const clock = new ManualClock(now);
  const store = storeAt(clock, 'home');
  clock.advance(1000);
  await flush();
  expect(store.view().now).toBe(now + 1000);
  await store.close();
});

test('what takes long says for how long it has been under way', async () => {
  const { compose } = await import('../../../src/tui/frame/compose.ts');
  const { SCREENS } = await import('../../../src/tui/screens/index.ts');
  const clock = new ManualClock(now);
  const store = storeAt(clock, 'home');
  store.act({ type: 'busy', busy: 'making two simulated sites' });
  const said = (): string =>
    compose(store.view(), SCREENS.home, { disabled: () => undefined })
      .lines.map(line => line.map(each => each.text).join(''))
      .join('\n');
  expect(said()).toMatch(/making two simulated sites *\n/);
  clock.advance(7000);
  await flush();
  expect(said()).toContain('making two simulated sites, 7s');
  await store.close();
});
