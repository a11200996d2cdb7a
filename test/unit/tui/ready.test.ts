import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { Waiver } from '../../../src/journal/state.ts';
import { triageOf } from '../../../src/readiness/triage/index.ts';
import { type HeldSession, heldSession } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate } from './estate.ts';

async function ready(
  parts: Partial<Snapshot> = {},
  [columns, rows]: readonly [number, number] = [120, 40],
): Promise<{ readonly ui: UiApp; readonly session: HeldSession }> {
  const { snapshot, now } = estate(parts);
  const session = heldSession(snapshot);
  const ui = await uiApp({ session, now, columns, rows });
  await ui.press('7');
  return { ui, session };
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';
/** The list alone, without what stands to its right. */
const list = (ui: UiApp): string[] => ui.lines().map(each => each.split(' │ ')[0]?.trimEnd() ?? '');

function withWaiver(id: string, waiver: Partial<Waiver> = {}): Partial<Snapshot> {
  const { snapshot, now } = estate();
  const { evacuation } = snapshot.state;
  if (evacuation === undefined) throw new Error('the estate has begun');
  const given: Waiver = {
    by: 'kim@jump1:4',
    at: now - 1000,
    reason: 'the queue runner is stopped at cutover',
    until: now + 3600e3,
    ...waiver,
  };
  return { state: { ...snapshot.state, evacuation: { ...evacuation, waivers: { [id]: given } } } };
}

/** What stands to the right of the list, as running text. */
const beside = (ui: UiApp): string =>
  ui
    .lines()
    .map(each => each.split(' │ ')[1] ?? '')
    .join(' ')
    .replace(/\s+/g, ' ');

/** Presses down until the row is selected. */
async function select(ui: UiApp, row: RegExp): Promise<void> {
  for (let steps = 0; steps < 200; steps += 1) {
    if (list(ui).some(each => each.startsWith('›') && row.test(each))) return;
    await ui.press('down');
  }
  throw new Error(`no row ${String(row)}`);
}

describe('ready', () => {
  test('puts the machine whose step failed first, and in it the failure before what follows from it', async () => {
    const { ui } = await ready();
    const rows = list(ui);
    const first = rows.findIndex(each => /^ web1 {2}✖ not ready {2}\d+ in the way/.test(each));
    expect(first).toBeGreaterThan(0);
    expect(rows[first + 1]).toMatch(/^› ✖ failed +No failure stands open/);
    expect(rows.slice(first + 2).some(each => /\? unproven +The passes have converged/.test(each))).toBe(
      true,
    );
    const names = ['web1', 'mail1', 'app1', 'new1'];
    const at = names.map(name => rows.findIndex(each => each.startsWith(` ${name}  `)));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
  });

  test('opens a gate into evidence with its age, the command to see by hand, remedy, key and cost', async () => {
    const { ui } = await ready();
    await select(ui, /✖ failed +The passes have converged/);
    expect(beside(ui)).toContain('pass 3 was judged not-converging');
    expect(beside(ui)).toContain('hot: /var/spool/mail/queue (3.90 GB)');
    expect(beside(ui)).toContain('taken 5m10s ago');
    expect(beside(ui)).toContain("by hand ssh root@10.20.0.11 'find / -xdev -type f -mmin -15'");
    expect(beside(ui)).toContain('remedy exclude the hot path');
    expect(beside(ui)).toContain('s asks for one more');
    expect(beside(ui)).toContain('if ignored the last pass of the cutover takes as long as this one');
  });

  test('one line says it all, with what to work on first', async () => {
    const { ui } = await ready();
    expect(words(ui)).toMatch(
      /✖ READY 2 of 7 · 2 blocked · 3 unproven · .*verdict: NOT READY\. ✖ web1 failed: the target file system is full: the replica has 12 GB less than the source needs\. Next: enlarge the replica volume, then r\. \[!\] opens web1/,
    );
    expect(footer(ui)).toMatch(/^ \[!\] open web1/);
  });

  test('says who makes it by the earliest loss, why not, and what would save the next one', async () => {
    const { snapshot, now } = estate();
    const { line, rows } = triageOf({ plan: snapshot.plan, state: snapshot.state }, now);
    const { ui } = await ready({}, [200, 60]);
    expect(beside(ui)).toContain(line);
    for (const row of rows.filter(({ verdict }) => verdict !== 'will-make-it'))
      expect(beside(ui)).toContain(row.name);
    await ui.press('y');
    expect(ui.text()).toContain('Who makes it before the storm');
    for (const { name, why } of rows) expect(words(ui)).toMatch(new RegExp(`${name}.*${why.slice(0, 20)}`));
  });

  test('names the owner of what a gate is about', async () => {
    const { ui } = await ready();
    await select(ui, /✔ met +A first full pass over every file/);
    await ui.press('/', 'machine/db1', 'enter');
    expect(beside(ui)).toContain('owner the database team');
  });

  test('W waives the selected gate by its typed name, with a reason and an end', async () => {
    const { ui, session } = await ready();
    await select(ui, /✖ failed +The passes have converged/);
    await ui.press('W');
    expect(ui.text()).toContain('Waive machine/mail1/converged');
    await ui.press('known', 'tab', 'tab', 'mail1', 'enter');
    expect(session.orders).toMatchObject([
      { kind: 'waive', gate: 'machine/mail1/converged', reason: 'known' },
    ]);
  });

  test('W says why a gate cannot be waived', async () => {
    const { ui, session } = await ready();
    await select(ui, /A first full pass over every file/);
    await ui.press('W');
    expect(ui.overlay()).toBeUndefined();
    expect(words(ui)).toContain('without a complete first pass there is no copy');
    expect(session.orders).toEqual([]);
  });

  test('a waiver shows who gave it, why and until when, and can be taken back', async () => {
    const { ui, session } = await ready(withWaiver('machine/mail1/converged'));
    await select(ui, /▲ waived +The passes have converged/);
    expect(beside(ui)).toContain('waiver in force');
    expect(beside(ui)).toContain('by kim: the queue runner is stopped at cutover');
    expect(beside(ui)).toContain('until in 1h00m');
    expect(words(ui)).toContain('1 waived');
    await ui.press('W', 'enter');
    expect(session.orders).toEqual([{ kind: 'unwaive', gate: 'machine/mail1/converged' }]);
  });

  test('an expired waiver counts for nothing, and says so', async () => {
    const { ui } = await ready(withWaiver('machine/mail1/converged', { until: 1 }));
    await select(ui, /✖ failed +The passes have converged/);
    expect(beside(ui)).toContain('waiver expired: the gate speaks again');
  });

  test('orders to a machine work on its gates', async () => {
    const { ui, session } = await ready();
    await ui.press('s');
    expect(session.orders).toEqual([{ kind: 'sync', machine: 'web1' }]);
    await select(ui, /Both servers and every table were assessed/);
    await ui.press('s');
    expect(session.orders.length).toBe(1);
  });

  test('enter goes to the evidence, again to the machine; esc comes back the same way', async () => {
    const { ui } = await ready({}, [60, 20]);
    expect(ui.text()).not.toContain('No space left on device');
    await ui.press('enter');
    expect(ui.text()).toContain('No space left on device');
    await ui.press('enter');
    expect(ui.screen()).toBe('machine');
    await ui.press('esc', 'esc');
    expect(ui.screen()).toBe('ready');
    expect(ui.text()).toContain('› ✖ failed');
  });

  test('filters gates by machine, check or standing', async () => {
    const { ui } = await ready();
    await ui.press('/', 'mail1/conv', 'enter');
    expect(list(ui).filter(each => each.includes('The passes have converged')).length).toBe(1);
    expect(ui.text()).toMatch(/1\/\d+/);
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('is of use at %ix%i', async (columns, rows) => {
    const { ui } = await ready({}, [columns, rows]);
    for (const each of [' web1  ✖ not ready', '› ✖ failed', 'READY 2 of 7', '? help'])
      expect(ui.text()).toContain(each);
  });
});
