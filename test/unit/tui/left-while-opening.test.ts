import { expect, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import { createStore } from '../../../src/tui/store.ts';
import { glyphsFor } from '../../../src/tui/text/glyphs.ts';
import { fleetOf } from '../../support/fleet.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';

test('a session that comes after the engineer has left is closed: it would keep the process alive', async () => {
  const store = createStore({
    ui: { columns: 80, rows: 24, theme: 'none', stack: [{ screen: 'home', pane: 0 }], panes: {} },
    glyphs: glyphsFor(true),
    clock: systemClock,
    explain: () => ({ what: 'nothing', next: [] }),
    tickMs: 1000,
    factsMs: 100,
  });
  await store.close();
  expect(store.isOver()).toBe(true);
  let closed = 0;
  const session = {
    ...heldSession(snapshotOf(fleetOf(2))),
    close: () => {
      closed += 1;
      return Promise.resolve();
    },
  };
  await store.show(session);
  expect(closed).toBe(1);
  expect(store.session()).toBeUndefined();
});
