import { afterEach, describe, expect, it } from 'vitest';
import type { Event } from '../../../src/journal/events.ts';
import { fleetOf, fleetTraffic } from '../../support/fleet.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

/** Texts that are read from their end: follow, stand still, search. */

const fleet = fleetOf(12);

function eventsOf(count: number): readonly Event[] {
  const traffic = fleetTraffic(fleet);
  return Array.from({ length: count }, () => traffic.next().value).flatMap(each => each ?? []);
}

let ui: UiApp;
afterEach(() => ui.close());

async function open(count = 400) {
  const all = eventsOf(count + 50);
  const session = heldSession(snapshotOf({ ...fleet, events: all.slice(0, count) }));
  ui = await uiApp({ session, now: fleet.now + 60_000, columns: 100, rows: 30 });
  await ui.press('l');
  return { session, more: () => session.change({ events: all }) };
}
const body = (): string[] => ui.lines().slice(4, -3);

describe('a text that grows', () => {
  it('follows its end, says which part is seen, and stands still once scrolled', async () => {
    const { more } = await open();
    expect(ui.text()).toMatch(/follows {2}\d+-\d+ of \d+/);
    await ui.press('up', 'up');
    expect(ui.text()).toContain('not following: G follows');
    const before = body();
    more();
    ui.app.store.act({ type: 'resize', columns: 100, rows: 30 });
    expect(body()).toEqual(before);
    await ui.press('G');
    expect(ui.text()).not.toContain('not following');
  });

  it('stands still and follows again by f', async () => {
    await open();
    await ui.press('f');
    expect(ui.text()).toContain('not following');
    await ui.press('f');
    expect(ui.text()).not.toContain('not following');
  });

  it('is searched with /, from the newest match; n and N step and wrap, & shows only matches', async () => {
    await open();
    await ui.press('/', 'converged', 'enter');
    const found = /match (\d+)\/(\d+)/.exec(ui.text());
    expect(found).not.toBeNull();
    expect(found?.[1]).toBe(found?.[2]);
    expect(body().some(line => line.startsWith('›') && line.includes('converged'))).toBe(true);
    await ui.press('n');
    expect(ui.text()).toContain(`match 1/${found?.[2]}`);
    await ui.press('N');
    expect(ui.text()).toContain(`match ${found?.[2]}/${found?.[2]}`);
    await ui.press('&');
    expect(ui.text()).toMatch(new RegExp(` ${found?.[2]}/\\d+ `));
    await ui.press('esc');
    expect(ui.text()).not.toContain('/converged');
    expect(ui.screen()).toBe('log');
  });

  it('says that nothing matches, and why n does nothing without a search', async () => {
    await open();
    await ui.press('n');
    expect(ui.text()).toContain('not now: search for something first, with /');
    await ui.press('/', 'no such words');
    expect(ui.text()).toContain('no match');
  });

  it('stays where it was when a search finds nothing, whatever its first letters matched', async () => {
    await open();
    await ui.press('pgup', 'pgup');
    const before = /not following: G follows {2}\S+ of \d+/.exec(ui.text())?.[0] ?? 'no place is shown';
    await ui.press('/', 'converged');
    expect(ui.text()).not.toContain(before);
    await ui.press('zz');
    expect(ui.text()).toContain(before);
    await ui.press('enter', 'esc');
    expect(ui.text()).toContain(before);
    await ui.press('/', 'converged', 'esc');
    expect(ui.text()).toContain(before);
  });

  it('follows on after a search that found nothing', async () => {
    await open();
    await ui.press('/', 'convergedzz', 'enter', 'esc');
    expect(ui.text()).toMatch(/follows {2}\d+-(\d+) of \1/);
    expect(ui.text()).not.toContain('not following');
  });
});
