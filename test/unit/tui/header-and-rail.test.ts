import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { proveMachine } from '../../support/proofs.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate } from './estate.ts';

const { snapshot: plain, now } = estate();

const open = (snapshot: Snapshot, columns: number, at = now, rows = 30): Promise<UiApp> =>
  uiApp({ session: heldSession(snapshot), now: at, columns, rows });

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const header = (ui: UiApp): string => ui.lines()[0] ?? '';
const rail = (ui: UiApp): string => ui.lines()[1] ?? '';

function evacuationWith(change: Partial<NonNullable<Snapshot['state']['evacuation']>>): Snapshot {
  const { evacuation } = plain.state;
  if (evacuation === undefined) throw new Error('the estate has begun');
  return { ...plain, state: { ...plain.state, evacuation: { ...evacuation, ...change } } };
}

describe('the header', () => {
  test.each([60, 80, 100, 120, 200])('never cuts that everything is paused, at %i columns', async columns => {
    const paused = { paused: { by: 'dana@jump1', at: now - 1000 } };
    for (const marks of [{}, { lab: true, rehearsal: true }]) {
      const ui = await open(evacuationWith({ ...paused, ...marks }), columns);
      expect(header(ui)).toContain('▲ paused');
      expect(header(ui)).toContain('EARLIEST LOSS in 3d 23h');
    }
  });

  test('gives up the link before anything else', async () => {
    const shown: string[] = [];
    for (let columns = 200; columns >= 60; columns -= 1) {
      const line = header(await open(plain, columns));
      const parts = ['link ', 'expected ', 'exposure'].filter(each => line.includes(each)).join('');
      if (shown.at(-1) !== parts) shown.push(parts);
    }
    expect(shown).toEqual(['link expected exposure', 'expected exposure', 'exposure', '']);
  });

  test('has two words for an engine that is not heard, and another for one that has ended', async () => {
    expect(header(await open({ ...plain, connection: 'lost' }, 80))).toContain('✖ engine not reachable');
    expect(header(await open({ ...plain, connection: 'none' }, 80))).toContain('✖ engine gone');
    const ended = evacuationWith({ phase: 'ended', outcome: 'cancelled' });
    expect(header(await open({ ...ended, connection: 'none' }, 80))).toContain('? no engine');
  });

  test('bytes at risk are marked as an estimate', async () => {
    const story = new Story(planOf({ machines: { web1: machinePlan() } })).begin().observe('web1');
    story.build('web1').pass('web1', 1).pass('web1', 2, { literal: 60e6 }).verify('web1', 2);
    const ui = await open(snapshotOf({ plan: story.plan, state: story.state }), 120, story.now, 50);
    expect(header(ui)).toMatch(/exposure \S+ ≈ \d/);
    expect(ui.text()).toMatch(/verified .* ≈ \d/);
    await ui.press('enter');
    expect(words(ui)).toMatch(
      /≈ [\d.]+ MB is an estimate: [\d.]+ kB\/s was written when it was last measured/,
    );
  });
});

describe('the rail', () => {
  test('has the names of the stages at 80 columns, wherever one is', async () => {
    const ui = await open(plain, 80);
    for (const key of ['0', '1', '2', '3', '4', '5', '6', '7', '8']) {
      await ui.press(key);
      for (const name of ['1 Check', '2 Invent', '3 Build', '4 Sync', '5 D', '6 Prove', '7 Ready', '8 Cut'])
        expect(rail(ui)).toContain(name);
    }
  });

  test('a stage that is held has a sign of its own, which is no warning', async () => {
    const held = new Story(planOf({ machines: { web1: machinePlan() } }))
      .begin()
      .tell({ type: 'stages.held', phases: ['inventory', 'build', 'sync'] });
    const snapshot = snapshotOf({ plan: held.plan, state: held.state });
    const ui = await open(snapshot, 80, held.now);
    expect(rail(ui)).toMatch(/2 Invent ‖ +3 Build ‖ +4 Sync ‖/);
    expect(rail(ui)).not.toContain('▲');
    const ascii = await uiApp({ session: heldSession(snapshot), now: held.now, columns: 80, unicode: false });
    expect(rail(ascii)).toMatch(/2 Invent = +3 Build =/);
  });
});

describe('a rehearsal says that it is over', () => {
  const over = (
    connection: Snapshot['connection'],
    unproven?: string,
  ): { snapshot: Snapshot; at: number } => {
    const plan = planOf({ rehearsal: true, machines: { web1: machinePlan(), db1: machinePlan() } });
    const story = new Story(plan).begin();
    for (const name of ['web1', 'db1']) {
      story.observe(name).build(name).pass(name, 1).pass(name, 2).verify(name, 2);
      if (name !== unproven) proveMachine(story, name, 1);
    }
    if (connection === 'none') story.tell({ type: 'evacuation.ended', outcome: 'cancelled' });
    return { snapshot: snapshotOf({ plan, state: story.state, connection }), at: story.now };
  };

  test.each(['0', '1', '4', '7'])('on screen %s, with the key that saves the report', async key => {
    const { snapshot, at } = over('live');
    const ui = await open(snapshot, 120, at);
    await ui.press(key);
    expect(words(ui)).toContain(
      '✔ Rehearsal complete: 2 of 2 identical and proven to boot. [R] saves the report, X ends it.',
    );
    expect(words(ui)).toContain('For your own machines: h, then i');
    expect(ui.lines().at(-1)).toMatch(/^ \[R\] save the report/);
  });

  test('after its engine was stopped, too', async () => {
    const { snapshot, at } = over('none');
    const ui = await open(snapshot, 120, at);
    expect(words(ui)).toContain(
      '✔ Rehearsal complete: 2 of 2 identical and proven to boot. [R] saves the report.',
    );
    expect(ui.lines().at(-1)).toMatch(/^ \[R\] save the report/);
  });

  test('not before every copy has booted', async () => {
    const { snapshot, at } = over('live', 'db1');
    const ui = await open(snapshot, 120, at);
    expect(words(ui)).not.toContain('Rehearsal complete');
    expect(ui.lines().at(-1)).toMatch(/^ \[B\] prove that the copies boot/);
  });

  test('and an evacuation never does', async () => {
    const { snapshot, at } = over('live');
    const ui = await open(
      {
        ...snapshot,
        plan: { ...snapshot.plan, rehearsal: false },
        state: {
          ...snapshot.state,
          ...(snapshot.state.evacuation === undefined
            ? {}
            : { evacuation: { ...snapshot.state.evacuation, rehearsal: false } }),
        },
      },
      120,
      at,
    );
    expect(words(ui)).not.toContain('Rehearsal complete');
  });
});

test.each(['0', '7'])('screen %s offers to save the report in its footer', async key => {
  const ui = await open(plain, 120);
  await ui.press(key);
  expect(ui.lines().at(-1)).toContain('R save report');
});
