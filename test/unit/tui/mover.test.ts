import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import type { EventBody, EventOf } from '../../../src/journal/events.ts';
import type { CutoverState } from '../../../src/journal/state.ts';
import { Story } from '../../support/state.ts';
import { type HeldSession, heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate } from './estate.ts';

const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
] as const;

const blocks = (changes: Partial<EventOf<'blocks.observed'>> = {}): EventBody => ({
  type: 'blocks.observed',
  machine: 'mail1',
  libvirt: '9.0.0',
  qemu: '7.2.22',
  disks: [
    {
      target: 'vda',
      path: '/pool/mail1.qcow2',
      format: 'qcow2',
      compat: '1.1',
      capacity: 20e9,
      allocation: 9e9,
    },
  ],
  foreignCheckpoints: [],
  ownCheckpoints: [],
  agent: true,
  refusals: [],
  ...changes,
});

/** The estate of the other tests, and what became known since. */
function known(...bodies: readonly EventBody[]): { readonly snapshot: Snapshot; readonly now: number } {
  const { snapshot, now } = estate();
  const story = new Story(snapshot.plan).retell(snapshot.events);
  story.now = now;
  story.tell(...bodies);
  return { now, snapshot: snapshotOf({ plan: snapshot.plan, state: story.state, events: story.events }) };
}

async function open(
  { snapshot, now }: ReturnType<typeof known>,
  [columns, rows]: readonly [number, number] = [120, 40],
  machine = 'mail1',
): Promise<{ readonly ui: UiApp; readonly session: HeldSession }> {
  const session = heldSession(snapshot);
  const ui = await uiApp({ session, now, columns, rows });
  await ui.press('0', '/', ...machine, 'enter');
  return { ui, session };
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');

describe('m', () => {
  test.each(SIZES)('shows what a switch costs before it is ordered, at %ix%i', async (columns, rows) => {
    const { ui, session } = await open(known(blocks()), [columns, rows]);
    await ui.press('m');
    expect(words(ui)).toContain('Move mail1 by blocks');
    expect(words(ui)).toContain('its next pass is a full copy, at most 9.00 GB');
    expect(words(ui)).toContain('the copy that is there stays until the new one is whole');
    expect(session.orders).toEqual([]);
    await ui.press('enter');
    expect(session.orders).toEqual([{ kind: 'mover', machine: 'mail1', mover: 'blocks' }]);
  });

  test('esc orders nothing', async () => {
    const { ui, session } = await open(known(blocks()));
    await ui.press('m', 'esc');
    expect(ui.text()).not.toContain('Move mail1 by blocks');
    expect(session.orders).toEqual([]);
  });

  test('says why it cannot be, and asks nothing', async () => {
    const { ui, session } = await open(known(blocks({ refusals: ['vda is a raw disk'] })));
    await ui.press('m');
    expect(words(ui)).toContain('mail1 cannot travel by blocks: by blocks: vda is a raw disk; next');
    await ui.press('enter');
    expect(session.orders).toEqual([]);
  });

  test('says that the hypervisor is asked first where nobody has', async () => {
    const { ui } = await open(known());
    await ui.press('m');
    expect(words(ui)).toContain('its hypervisor is asked first');
  });

  test('takes back what was ordered and has not begun', async () => {
    const { ui, session } = await open(
      known(blocks(), { type: 'mover.ordered', machine: 'mail1', mover: 'blocks' }),
    );
    await ui.press('m');
    expect(words(ui)).toContain('mail1 stays with files');
    await ui.press('enter');
    expect(session.orders).toEqual([{ kind: 'mover', machine: 'mail1', mover: 'files' }]);
  });

  test('works by name in the palette, too', async () => {
    const { ui, session } = await open(known(blocks()), [120, 40], 'db1');
    await ui.press(':', 'mover mail1', 'enter', 'enter');
    expect(session.orders).toEqual([{ kind: 'mover', machine: 'mail1', mover: 'blocks' }]);
  });

  test('is not for the middle of a cutover', async () => {
    const { snapshot, now } = known(blocks());
    const cutover: CutoverState = {
      ...{
        rehearse: false,
        dark: false,
        planHash: 'p',
        confirmed: 'n',
        open: [],
        startedAt: now,
        by: 'dana@jump1',
      },
      ...{ items: {}, ordered: {}, machines: {} },
    };
    const { ui, session } = await open({
      now,
      snapshot: { ...snapshot, state: { ...snapshot.state, cutover } },
    });
    await ui.press('m');
    expect(words(ui)).toContain('not now: a cutover has begun');
    expect(session.orders).toEqual([]);
  });
});

describe('the screens say', () => {
  const chosen: EventBody = {
    type: 'mover.chosen',
    machine: 'mail1',
    mover: 'files',
    decided: 'fallback',
    reasons: ['the plan asks for blocks, which cannot move it', 'by blocks: vda is a raw disk'],
    against: ['once its hypervisor can: landfall mover PLAN mail1 blocks'],
  };

  test.each(SIZES)('who moves a machine and what its copy is worth, at %ix%i', async (columns, rows) => {
    const { ui } = await open(known(chosen), [columns, rows]);
    await ui.press('enter');
    expect(words(ui)).toMatch(/mover: files \(fallback\) the copy is ▲ smeared/);
  });

  test('all reasons, to whoever asks why', async () => {
    const { ui } = await open(known(chosen));
    await ui.press('w');
    for (const said of [...chosen.reasons, ...chosen.against]) expect(words(ui)).toContain(said);
    expect(words(ui)).toContain('its newest copy is smeared: copied while it was written, of many instants');
  });

  test('which copies are smeared, on the overview', async () => {
    const { ui } = await open(known());
    expect(words(ui)).toMatch(/smeared, copied while written: .*mail1/);
  });

  test('what would help a machine that does not converge, its saving only from what was measured', async () => {
    const { snapshot, now } = known(blocks());
    const steps = Object.fromEntries(
      Object.entries(snapshot.state.steps).filter(([, { status }]) => status !== 'failed'),
    );
    const { web1: _, ...machines } = snapshot.state.machines;
    const calm = (extra: object): ReturnType<typeof known> => ({
      now,
      snapshot: {
        ...snapshot,
        state: {
          ...snapshot.state,
          steps,
          machines: {
            ...machines,
            mail1: { ...machines['mail1'], ...extra },
          } as Snapshot['state']['machines'],
        },
      },
    });
    const unknown = await open(calm({}), [120, 40], 'db1');
    expect(words(unknown.ui)).toContain(
      'Would help: the blocks mover, which sends only what was written [m]',
    );
    const dirty = { checkpoint: 'landfall-e-p3', bytes: 100e6, at: now };
    const measured = await open(calm({ dirty }), [120, 40], 'db1');
    expect(words(measured.ui)).toContain(
      'Would help: the blocks mover (-97 %: 100 MB in place of 4.10 GB) [m]',
    );
  });
});
