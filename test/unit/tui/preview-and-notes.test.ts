import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { Services } from '../../../src/tui/services.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate } from './estate.ts';

const words = (ui: UiApp): string => ui.text().replace(/\s+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';

async function open(
  key: string,
  snapshot: Snapshot,
  services: Partial<Services> = {},
  [columns, rows]: readonly [number, number] = [120, 40],
) {
  const session = heldSession(snapshot);
  const ui = await uiApp({ session, now: estate().now, columns, rows, services });
  await ui.press(key);
  return { ui, session };
}

describe('the preview', () => {
  const fresh = (): Snapshot => {
    const story = new Story(planOf({ machines: { web1: machinePlan({ mover: 'files' }) } })).begin();
    return snapshotOf({ plan: story.plan, state: story.state });
  };

  test('lists every step that is still to come, in the order of the walk, and what it changes', async () => {
    const { ui } = await open('d', fresh());
    await expect.poll(() => ui.text()).toContain('steps to come');
    const order = ['Inventory', 'inventory/web1', 'Build', 'build/web1/replica', 'Sync', 'sync/web1/key'];
    const at = order.map(each => ui.lines().findIndex(row => row.slice(1).trimStart().startsWith(each)));
    expect(at.every(each => each > 0)).toBe(true);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    expect(ui.text()).toMatch(/build\/web1\/replica +create the replica disks of web1 +1 change/);
    expect(ui.text()).toMatch(/inventory\/web1 +look at the machine web1 +only looks/);
  });

  test('shows the exact commands of the selected step, on which host, and whether they change anything', async () => {
    const { ui } = await open('d', fresh());
    await expect.poll(() => ui.text()).toContain('steps to come');
    await ui.press('/', 'replica', 'enter', 'enter');
    expect(words(ui)).toContain('dal-kvm1 only looks cat /etc/machine-id');
    expect(words(ui)).toContain(
      'dal-kvm1 runs, and changes something virsh -c qemu:///system vol-create-as default',
    );
    expect(words(ui)).toContain('after inventory/web1');
  });

  test('leaves out at once what is done meanwhile', async () => {
    const { ui, session } = await open('d', fresh());
    await expect.poll(() => ui.text()).toContain('inventory/web1 ');
    const { state } = session.snapshot();
    const done = {
      id: 'inventory/web1',
      phase: 'inventory',
      status: 'done',
      attempts: 1,
      startedAt: 1,
    } as const;
    session.change({ state: { ...state, steps: { ...state.steps, [done.id]: done } } });
    ui.app.store.act({ type: 'pane', pane: 0 });
    expect(ui.lines().some(each => each.includes('look at the machine web1'))).toBe(false);
    expect(ui.text()).toContain('build/web1/replica');
  });

  test('approves the stage that waits', async () => {
    const story = new Story(planOf({ machines: { web1: machinePlan() } })).begin();
    story.tell({ type: 'stages.held', phases: ['inventory', 'build', 'sync'] });
    const { ui } = await open('d', snapshotOf({ plan: story.plan, state: story.state }));
    await expect.poll(() => ui.text()).toContain('steps to come');
    expect(footer(ui)).toMatch(/^ \[a\] approve inventory/);
  });

  test.each([
    [60, 20],
    [80, 24],
    [200, 60],
  ])('is of use at %ix%i', async (columns, rows) => {
    const { ui } = await open('d', fresh(), {}, [columns, rows]);
    await expect.poll(() => ui.text()).toMatch(/inventory\/web1 .*only looks/);
    expect(ui.text()).toMatch(/Build +6 steps, \d+ changes/);
  });
});

describe('notes', () => {
  const noted = (): Snapshot => {
    const { snapshot, now } = estate();
    const { evacuation } = snapshot.state;
    if (evacuation === undefined) throw new Error('the estate has begun');
    const notes = [
      { at: now - 3600e3, by: 'kim@jump1:3', text: 'the mail queue is hot until 06:00\nask before' },
    ];
    return { ...snapshot, state: { ...snapshot.state, evacuation: { ...evacuation, notes } } };
  };

  test('shows who wrote what and when, and the notes file with its path', async () => {
    const { ui } = await open('n', noted(), { notes: () => Promise.resolve(['# Shift', 'call Kim']) });
    expect(ui.text()).toMatch(/kim +1h00m ago, 2026-11-22 \d\d:\d\d UTC/);
    expect(ui.text()).toContain('the mail queue is hot until 06:00');
    expect(ui.text()).toContain('/var/lib/landfall/miami-to-dallas/notes.md');
    expect(ui.text()).toContain('call Kim');
  });

  test('writes one', async () => {
    const { ui, session } = await open('n', estate().snapshot);
    expect(words(ui)).toContain('No notes yet. N writes one');
    expect(footer(ui)).toMatch(/^ \[N\] add a note/);
    await ui.press('N', 'all quiet', 'enter');
    expect(session.orders).toEqual([{ kind: 'note', text: 'all quiet' }]);
  });

  test('says why the file cannot be read', async () => {
    const { ui } = await open('n', estate().snapshot, {
      notes: () => Promise.reject(new Error('no rights')),
    });
    expect(words(ui)).toMatch(/✖ It cannot be read: .*no rights/);
  });
});
