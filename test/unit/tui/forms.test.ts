import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { fleetOf } from '../../support/fleet.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

const SCENARIO = readFileSync(new URL('../../../plans/miami-to-dallas.yaml', import.meta.url), 'utf8');
const plan = {
  file: 'plans/storm.yaml',
  name: 'storm',
  machines: 6,
  lab: false,
  begun: false,
  problems: [],
};

let ui: UiApp;
afterEach(() => ui.close());
const footer = (): string => ui.lines().at(-1) ?? '';

/** The editor of a plan; its parser is loaded while the key waits. */
async function editor(): Promise<void> {
  ui = await uiApp({
    now: Date.parse('2026-11-22T11:00:00Z'),
    services: { plans: () => Promise.resolve([plan]), readPlan: () => Promise.resolve(SCENARIO) },
  });
  await ui.press('ctrl+r', 'E');
}

describe('forms', () => {
  test('enter goes to the next field and does it in the last one, and the footer says which', async () => {
    await editor();
    await ui.press('D');
    expect(footer()).toContain('enter next field');
    await ui.press('ctrl+u', 'in 3d', 'enter');
    expect(ui.overlay()).toMatchObject({ kind: 'ask', field: 1 });
    expect(footer()).toContain('enter set the deadline');
    await ui.press('ctrl+u', 'in 4d', 'enter');
    expect(ui.overlay()).toBeUndefined();
    expect(ui.text()).toContain('Not written yet');
  });

  test.each([
    ['an address', [], '10.20.0.999', '"10.20.0.999": not an IPv4 address'],
    ['a tier', ['tab', 'tab'], 'gold', 'there is no tier "gold"; there are: critical and normal'],
    ['an image', ['tab', 'tab', 'tab', 'tab'], 'cd', 'there is no image "cd"'],
  ])('%s that is wrong is told when its field is left', async (_what, way, wrong, said) => {
    await editor();
    for (const key of ['enter', 'tab']) {
      await ui.press('enter', ...way, 'ctrl+u', wrong, key);
      expect(ui.text()).toContain(said);
      expect(ui.overlay()).toMatchObject({ field: way.length });
      await ui.press('shift+tab');
      expect(ui.text()).not.toContain(said);
      await ui.press('tab', 'ctrl+u', 'esc');
    }
  });

  test('a field that must not be empty is not left by enter', async () => {
    const fleet = fleetOf(3);
    const session = heldSession(snapshotOf(fleet));
    ui = await uiApp({ session, now: fleet.now });
    await ui.press('0', 'N', 'enter');
    expect(ui.text()).toContain('note is empty');
    expect(session.orders).toEqual([]);
  });

  test('a fault in a field before the last one is shown where it is', async () => {
    await editor();
    // Tab leaves what is empty alone: it may be filled in later.
    await ui.press('enter', 'tab', 'tab', 'ctrl+u', 'tab', 'tab', 'tab', 'enter');
    expect(ui.text()).toContain('tier is empty');
    expect(ui.overlay()).toMatchObject({ field: 2 });
  });

  test('esc keeps what was typed for the next time, and does nothing', async () => {
    const fleet = fleetOf(3);
    const session = heldSession(snapshotOf(fleet));
    ui = await uiApp({ session, now: fleet.now });
    await ui.press('0', 'N', 'the UPS', 'esc');
    expect(ui.text()).toContain('what you typed is kept');
    await ui.press('N');
    expect(ui.text()).toContain('note: the UPS_');
    await ui.press(' beeps', 'enter');
    expect(session.orders).toEqual([{ kind: 'note', text: 'the UPS beeps' }]);
    await ui.press('N');
    expect(ui.overlay()).toMatchObject({ values: [''] });
  });

  test('only what was typed is kept: other fields show what the plan says now', async () => {
    await editor();
    await ui.press('enter', 'ctrl+u', '10.20.4.99', 'esc', 't');
    await ui.press('enter');
    expect(ui.text()).toContain('lands at (a free address): 10.20.4.99_');
    expect(ui.text()).toContain('tier: normal');
  });

  test('a name typed to confirm is not kept', async () => {
    const fleet = fleetOf(3);
    ui = await uiApp({ session: heldSession(snapshotOf(fleet)), now: fleet.now });
    await ui.press('0', 'X', 'miami-to-dallas', 'esc', 'X');
    expect(ui.overlay()).toMatchObject({ values: [''] });
  });

  test.each([
    ['q', ['q']],
    ['ctrl+c', ['ctrl+c']],
    ['ctrl+c in a form', ['enter', 'ctrl+c']],
  ])('%s asks before unwritten changes are lost, and esc stays', async (_way, keys) => {
    await editor();
    await ui.press('t', ...keys);
    expect(ui.text()).toContain('plans/storm.yaml is not written');
    await ui.press('esc');
    expect(ui.terminal.quit).toBe(0);
    expect(ui.screen()).toBe('plan');
    await ui.press('q', 'enter');
    expect(ui.terminal.quit).toBe(1);
  });
});
