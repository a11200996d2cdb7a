import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/foundation/clock.ts';
import { apply } from '../../../src/journal/fold.ts';
import { fleetOf, fleetTraffic } from '../../support/fleet.ts';
import {
  type HeldSession,
  heldSession,
  type OpenedUi,
  openScreens,
  snapshotOf,
  type UiSetup,
} from '../../support/ui.ts';

/** The screens in a real terminal: what Ink, the alternate screen, signals and screen readers make of them. */

const fleet = fleetOf(12);
const PRIMARY_AND_CURSOR = /\u001B\[\?1049l[\s\S]*\u001B\[\?25h(?:\u001B\[\?2004l)?$/;

/** A clock that stands until the test moves it. */
function handClock(start: number): Clock & { advance(ms: number): Promise<void> } {
  let now = start;
  let sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ until: now + ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(new Error('over')), { once: true });
      }),
    async advance(ms) {
      now += ms;
      const due = sleepers.filter(each => each.until <= now);
      sleepers = sleepers.filter(each => each.until > now);
      for (const { wake } of due) wake();
      await new Promise(resolve => setImmediate(resolve));
    },
  };
}

let opened: OpenedUi | undefined;
afterEach(async () => {
  await opened?.close().catch(() => {});
  opened = undefined;
});

async function open(
  setup: UiSetup = {},
): Promise<{ ui: OpenedUi; session: HeldSession; clock: ReturnType<typeof handClock> }> {
  const session = heldSession(snapshotOf(fleet));
  const clock = handClock(fleet.now);
  const ui = await openScreens({ session, clock, ...setup });
  opened = ui;
  await ui.terminal.press('0');
  return { ui, session, clock };
}

describe('the terminal', () => {
  it('is given back by q, with its cursor, and says what was open', async () => {
    const { ui } = await open();
    expect(ui.terminal.screen.isAlternate).toBe(true);
    await ui.terminal.press('q');
    expect(await ui.over).toEqual({ evacuation: { name: 'miami-to-dallas', engineRuns: true } });
    expect(ui.terminal.raw()).toMatch(PRIMARY_AND_CURSOR);
    expect(ui.terminal.isRaw).toBe(false);
  });

  it('is given back when the process is told to end', async () => {
    const abort = new AbortController();
    const { ui } = await open({ options: { signal: abort.signal } });
    abort.abort();
    await ui.over;
    expect(ui.terminal.raw()).toMatch(PRIMARY_AND_CURSOR);
    expect(ui.terminal.isRaw).toBe(false);
  });

  it('is given back when drawing fails, and the failure is told', async () => {
    const { ui, session, clock } = await open();
    const state = new Proxy(fleet.state, {
      get: () => {
        throw new Error('the state is broken');
      },
    });
    session.change({ state });
    const over = expect(ui.over).rejects.toThrow('the state is broken');
    await clock.advance(1000);
    await over;
    expect(ui.terminal.raw()).toMatch(PRIMARY_AND_CURSOR);
    expect(ui.terminal.isRaw).toBe(false);
    opened = undefined;
  });

  it("is the shell's while suspended, and drawn anew after", async () => {
    let resume = (): void => {};
    const stopProcess = (): Promise<void> =>
      new Promise(resolve => {
        resume = resolve;
      });
    const { ui, session } = await open({ options: { stopProcess } });
    await ui.terminal.press('ctrl+z');
    expect(ui.terminal.screen.isAlternate).toBe(false);
    expect(ui.terminal.isRaw).toBe(false);
    session.change({ connection: 'lost' });
    await ui.terminal.screen.write('$ ls\r\nsomething else\r\n');
    resume();
    await ui.terminal.screen.waitFor('EARLIEST LOSS');
    expect(ui.terminal.screen.isAlternate).toBe(true);
    expect(ui.terminal.screen.lines().join('\n')).not.toContain('something else');
    expect(ui.terminal.isRaw).toBe(true);
    await ui.terminal.press('7');
    expect(ui.terminal.screen.lines()[1]).toContain('[7 Ready]');
  });

  it('is cleared by ctrl+l of what somebody else wrote', async () => {
    const { ui } = await open();
    const before = ui.terminal.screen.lines();
    await ui.terminal.screen.write('\u001B[5;5Hwall: the UPS is on battery');
    expect(ui.terminal.screen.lines().join('\n')).toContain('wall:');
    await ui.terminal.press('ctrl+l');
    expect(ui.terminal.screen.lines()).toEqual(before);
  });

  it('may become as small as it likes and large again', async () => {
    const { ui } = await open({ columns: 120, rows: 40 });
    const before = ui.terminal.screen.lines();
    await ui.terminal.resize(30, 6);
    expect(ui.terminal.screen.lines().join(' ')).toContain('landfall needs');
    await ui.terminal.resize(60, 20);
    expect(ui.terminal.screen.lines().at(-1)).toContain('? help  q detach');
    await ui.terminal.resize(120, 40);
    expect(ui.terminal.screen.lines()).toEqual(before);
  });

  it('never flickers while keys are pressed and facts come', async () => {
    const { ui, session, clock } = await open();
    const traffic = fleetTraffic(fleet);
    for (const key of ['j', '4', '?', 'esc', '7', ':', 'esc', '0']) {
      const event = traffic.next().value;
      if (event !== undefined) session.change({ state: apply(session.snapshot().state, event) });
      await clock.advance(1000);
      await ui.terminal.press(key);
    }
    expect(ui.terminal.screen.flickers).toEqual([]);
  });

  it('shows the same words with every theme, T going through them', async () => {
    const { ui } = await open();
    const rows = (): string[] => ui.terminal.screen.lines().slice(2, 14);
    const before = rows();
    for (const theme of ['light', 'colour-blind', 'none']) {
      await ui.terminal.press('T');
      expect(ui.terminal.screen.lines().join('\n')).toContain(`colours: ${theme}`);
      expect(rows()).toEqual(before);
    }
  });
});

describe('a screen reader', () => {
  const heard = (ui: OpenedUi): string => ui.terminal.screen.lines().join('\n');

  it('hears sentences on the ordinary screen, with the titles of columns and without symbols', async () => {
    const { ui } = await open({ rows: 80, columns: 200, options: { screenReader: true } });
    expect(ui.terminal.screen.isAlternate).toBe(false);
    expect(heard(ui)).toMatch(/Screen: Overview/);
    expect(heard(ui)).toMatch(/Stages: 1 Check: done, 12 of 12; 2 Inventory:/);
    expect(heard(ui)).toMatch(/selected: \S+, .*state /);
    expect(heard(ui)).toMatch(/Keys: .*\? help, q detach/);
    expect(heard(ui)).not.toMatch(/[✔✖▲─━›█]/);
  });

  it('hears nothing while only figures run', async () => {
    const { ui, clock } = await open({ rows: 80, columns: 200, options: { screenReader: true } });
    const written = ui.terminal.raw().length;
    for (let turn = 0; turn < 4; turn += 1) {
      await clock.advance(15_000);
      await ui.terminal.settle();
    }
    expect(ui.terminal.raw().length).toBe(written);
  });

  it('hears what changed in meaning, and whatever a key does', async () => {
    const { ui, session, clock } = await open({ rows: 80, columns: 200, options: { screenReader: true } });
    session.change({ connection: 'lost' });
    await clock.advance(15_000);
    await ui.terminal.settle();
    expect(heard(ui)).toContain('engine not reachable');
    await ui.terminal.press('7');
    expect(heard(ui)).toContain('7 Ready (here)');
    await ui.terminal.press('X');
    expect(heard(ui)).toContain('Keys:');
  });
});
