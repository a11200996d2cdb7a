import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { MEANINGS } from '../../../src/evacuation/mode-preview.ts';
import { triageOf } from '../../../src/readiness/triage/index.ts';
import { type HeldSession, heldSession } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate, wellEstate } from './estate.ts';

async function open(
  snapshot: Snapshot = wellEstate().snapshot,
  [columns, rows]: readonly [number, number] = [120, 40],
): Promise<{ readonly ui: UiApp; readonly session: HeldSession }> {
  const session = heldSession(snapshot);
  const ui = await uiApp({ session, now: estate().now, columns, rows });
  await ui.press('0');
  return { ui, session };
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');

function inMode(mode: 'calm' | 'squeeze' | 'last-call' | 'dark'): Snapshot {
  const { snapshot, now } = wellEstate();
  const { evacuation } = snapshot.state;
  if (evacuation === undefined) throw new Error('the estate has begun');
  return {
    ...snapshot,
    state: {
      ...snapshot.state,
      evacuation: { ...evacuation, mode: { mode, by: 'dana@jump1', at: now - 1000 } },
    },
  };
}

describe('the storm mode', () => {
  test.each(['squeeze', 'last-call'] as const)(
    '%s shows what it holds, machine by machine, before it is switched',
    async mode => {
      const { ui, session } = await open();
      await ui.press(':', `mode ${mode}`, 'enter');
      expect(words(ui)).toContain(`Switch to ${mode}`);
      expect(words(ui)).toContain(MEANINGS[mode]);
      for (const name of ['db1', 'app1', 'new1', 'Orders']) expect(ui.text()).toContain(name);
      expect(session.orders).toEqual([]);
      await ui.press('the eye turned', 'enter');
      expect(session.orders).toEqual([{ kind: 'mode', mode, reason: 'the eye turned' }]);
    },
  );

  test('dark wants the name of the evacuation typed', async () => {
    const { ui, session } = await open();
    await ui.press(':', 'mode dark', 'enter', 'tab', 'dallas', 'enter');
    expect(session.orders).toEqual([]);
    await ui.press('ctrl+u', 'miami-to-dallas', 'enter');
    expect(session.orders).toEqual([{ kind: 'mode', mode: 'dark', confirm: 'miami-to-dallas' }]);
  });

  test('without a word it asks which, and a wrong one is refused', async () => {
    const { ui, session } = await open();
    await ui.press(':', 'mode', 'enter', 'brisk', 'enter');
    expect(ui.text()).toContain('it is one of calm, squeeze, last-call, dark');
    await ui.press('ctrl+u', 'last-call', 'enter');
    expect(ui.text()).toContain('Switch to last-call');
    expect(session.orders).toEqual([]);
  });

  test.each([60, 80, 120])('other than calm stands in the header at %i columns', async columns => {
    for (const mode of ['squeeze', 'last-call', 'dark'] as const) {
      const { ui } = await open(inMode(mode), [columns, 24]);
      expect(ui.lines()[0]).toContain(`▲ ${mode}`);
      expect(ui.lines()[0]).toContain('EARLIEST LOSS');
    }
    const { ui } = await open(inMode('calm'), [columns, 24]);
    expect(ui.lines()[0]).not.toContain('calm');
  });

  test('that is the present one is nothing to switch to', async () => {
    const { ui, session } = await open(inMode('last-call'));
    await ui.press(':', 'mode last-call', 'enter');
    expect(words(ui)).toContain('not now: it is last-call already');
    expect(session.orders).toEqual([]);
  });
});

describe('what is measured and looked at', () => {
  test('M measures the exposure of the selected machine, as the word does', async () => {
    const { ui, session } = await open();
    await ui.press('M', ':', 'measure web1', 'enter');
    expect(session.orders).toEqual([
      { kind: 'measure', machine: 'app1' },
      { kind: 'measure', machine: 'web1' },
    ]);
  });

  test('look asks for names, clocks and credentials', async () => {
    const { ui, session } = await open();
    await ui.press(':', 'look', 'enter');
    expect(session.orders).toEqual([{ kind: 'look' }]);
  });
});

describe('the triage', () => {
  test('y tells all of it, on every screen of an evacuation, and orders nothing', async () => {
    const { snapshot, now } = wellEstate();
    const triage = triageOf({ plan: snapshot.plan, state: snapshot.state }, now);
    const { ui, session } = await open(snapshot, [120, 60]);
    await ui.press('4', ':', 'triage', 'enter');
    for (const part of [triage.line, ...triage.order, ...triage.savers.map(each => each.words)])
      expect(words(ui)).toContain(part);
    await ui.press('enter');
    expect(ui.overlay()).toBeUndefined();
    expect(session.orders).toEqual([]);
  });
});
