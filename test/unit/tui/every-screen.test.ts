import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../src/evacuation/engine/command.ts';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { arrive } from '../../../src/tui/intents/arriving.ts';
import { BINDINGS, type Binding } from '../../../src/tui/keys.ts';
import { SCREEN_IDS, type ScreenId } from '../../../src/tui/screen.ts';
import { textOf, widthOf } from '../../../src/tui/text/line.ts';
import { type Fleet, fleetOf, fleetTraffic } from '../../support/fleet.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { CutoverStory } from './cutover-story.ts';

/** What holds on every screen, whatever is shown on it and however large it is. */

const FLEETS: readonly Fleet[] = [fleetOf(1), fleetOf(7, 3), fleetOf(60, 5)];

function snapshotFor(fleet: Fleet): Snapshot {
  const traffic = fleetTraffic(fleet);
  const events = Array.from({ length: 30 }, () => traffic.next().value).flatMap(each => each ?? []);
  return snapshotOf({ ...fleet, events });
}

/** A host that puts everything into its words that a terminal might obey. */
const HOSTILE = 'no\u001b[2J\u001b[1;1Hspace\u202e \u0007left\r\n漢字 \u0000 ok';

function hostileSnapshot(): Snapshot {
  const fleet = fleetOf(20, 2);
  const machines = Object.fromEntries(
    Object.entries(fleet.state.machines).map(([name, machine]) => [
      name,
      {
        ...machine,
        failure: {
          step: `sync/${name}/pass-1`,
          at: fleet.now - 1000,
          error: {
            code: 'space',
            family: 'act' as const,
            what: HOSTILE,
            why: HOSTILE,
            next: [HOSTILE],
            evidence: [HOSTILE, HOSTILE],
          },
        },
      },
    ]),
  );
  const [machine = 'none'] = Object.keys(machines);
  return snapshotOf({
    plan: fleet.plan,
    state: { ...fleet.state, machines },
    commands: [{ at: fleet.now - 10, host: HOSTILE, command: HOSTILE, code: 1, ms: 5 }],
    clients: [{ id: '2', who: HOSTILE, host: HOSTILE, client: 'ui', since: fleet.now - 1000, self: false }],
    samples: {
      [`sync/${machine}/pass-1`]: {
        step: `sync/${machine}/pass-1`,
        subject: machine,
        at: fleet.now - 500,
        text: HOSTILE,
      },
    },
  });
}

async function on(screen: ScreenId, ui: UiApp, machine: string): Promise<void> {
  const place = screen === 'machine' ? { screen, subject: machine } : { screen };
  ui.app.store.act({ type: 'go', place });
  arrive(ui.app, screen);
  await new Promise(resolve => setImmediate(resolve));
}

describe.each(SCREEN_IDS)('the screen %s', screen => {
  it('fills a terminal of any size exactly, with any fleet', async () => {
    const opened = await Promise.all(
      FLEETS.map(async fleet => {
        const ui = await uiApp({ session: heldSession(snapshotFor(fleet)), now: fleet.now });
        await on(screen, ui, Object.keys(fleet.plan.machines)[0] ?? '');
        return ui;
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...opened),
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 80 }),
        (ui, columns, rows) => {
          ui.resize(columns, rows);
          const { lines } = ui.app.current().composed;
          expect(lines.length).toBe(rows);
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
        },
      ),
      { numRuns: 25 },
    );
    await Promise.all(opened.map(ui => ui.close()));
  });

  it('says in words and symbols what its colours mean', async () => {
    const [, , fleet = fleetOf(1)] = FLEETS;
    const ui = await uiApp({ session: heldSession(snapshotFor(fleet)), now: fleet.now });
    await on(screen, ui, Object.keys(fleet.plan.machines)[0] ?? '');
    const meant = new Set(['good', 'warn', 'bad', 'busy', 'unknown']);
    for (const line of ui.app.current().composed.lines) {
      for (const { text, tone } of line) {
        if (!meant.has(tone ?? '')) continue;
        expect(text.trim()).not.toBe('');
        expect(textOf(line)).toMatch(/[\p{L}\p{N}]/u);
      }
    }
    await ui.close();
  });

  it('is plain ASCII where the terminal knows nothing else', async () => {
    const [, fleet = fleetOf(1)] = FLEETS;
    const ui = await uiApp({ session: heldSession(snapshotFor(fleet)), now: fleet.now, unicode: false });
    await on(screen, ui, Object.keys(fleet.plan.machines)[0] ?? '');
    for (const key of ['', '?', ':']) {
      if (key !== '') await ui.press(key);
      expect(ui.text()).toMatch(/^[\x20-\x7e\n]*$/);
      await ui.press('esc');
    }
    await ui.close();
  });

  it('makes what hosts say harmless', async () => {
    const snapshot = hostileSnapshot();
    const ui = await uiApp({ session: heldSession(snapshot), now: snapshot.state.lastAt + 1000, rows: 80 });
    await on(screen, ui, Object.keys(snapshot.plan.machines)[0] ?? '');
    for (const line of ui.lines()) expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    await ui.press('w');
    for (const line of ui.lines()) expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    await ui.close();
  });
});

const SEVERE: readonly string[] = ['stop', 'waive', 'unwaive', 'approve', 'mode'];
/** What people have done is ticked at once, and a hold only waits. */
const isSevere = (order: Command): boolean =>
  SEVERE.includes(order.kind) || (order.kind === 'cutover' && !['tick', 'hold'].includes(order.act));

describe('any sequence of keys', () => {
  const chords = [
    ...new Set((BINDINGS as readonly Binding[]).flatMap(each => each.chords)),
    'x',
    'y',
    '漢',
    'miami-to-dallas',
  ].filter(chord => !chord.startsWith('ctrl+z'));

  it('never throws, and orders nothing severe that was not confirmed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...chords), { minLength: 1, maxLength: 40 }),
        fc.constantFrom<readonly [number, number]>([60, 20], [80, 24], [120, 40], [30, 8]),
        fc.boolean(),
        async (keys, [columns, rows], isCuttingOver) => {
          const fleet = FLEETS[1] ?? fleetOf(7);
          const told = isCuttingOver ? new CutoverStory().begin().until('quiet/web1') : undefined;
          const session = heldSession(told?.snapshot() ?? snapshotFor(fleet));
          const ui = await uiApp({ session, now: told?.story.now ?? fleet.now, columns, rows });
          if (isCuttingOver) await ui.press('8');
          for (const key of keys) {
            const before = session.orders.length;
            const asked = ui.overlay();
            await ui.press(key);
            for (const order of session.orders.slice(before)) {
              if (!isSevere(order)) continue;
              expect(asked?.kind).toBe('ask');
              if (asked?.kind !== 'ask') continue;
              expect(asked.values.at(-1)).toBe(asked.ask.confirm ?? asked.values.at(-1));
            }
          }
          const { lines } = ui.app.current().composed;
          expect(lines.length).toBe(rows);
          await ui.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});
