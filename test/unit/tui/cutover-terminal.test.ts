import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/foundation/clock.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type HeldSession, heldSession, type OpenedUi, openScreens } from '../../support/ui.ts';
import { CutoverStory } from './cutover-story.ts';

/** The Cutover screen as Ink draws it into a terminal, in the states in which somebody looks at it. */

let opened: OpenedUi | undefined;
afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
] as const;

async function open(
  told: CutoverStory,
  [columns, rows]: readonly [number, number],
  options: NonNullable<Parameters<typeof openScreens>[0]>['options'] = {},
): Promise<{ readonly ui: OpenedUi; readonly session: HeldSession }> {
  const session = heldSession(told.snapshot());
  const at = told.story.now + 1000;
  const clock = { ...systemClock, now: () => at };
  const ui = await openScreens({ session, clock, columns, rows, options });
  opened = ui;
  await ui.terminal.press('8');
  return { ui, session };
}

const aborted = (): CutoverStory => {
  const told = new CutoverStory().begin().until('bring-up/db1');
  told.story.tell({ type: 'cutover.aborted', reason: 'a disk died' });
  return told;
};

const failed = (): CutoverStory =>
  new CutoverStory()
    .begin()
    .until('quiet/db1')
    .fails('quiet/db1', 'mysql.service does not stop', ['stop it by hand']);

const committed = (): CutoverStory => {
  const told = new CutoverStory().begin().until('close');
  told.story.tell({ type: 'cutover.ended', outcome: 'committed', startedAt: told.story.now, lost: [] });
  return told;
};

const STATES: ReadonlyArray<readonly [string, () => CutoverStory, RegExp, RegExp]> = [
  [
    'not begun, with gates in the way',
    () => new CutoverStory(),
    /not begun/,
    /^ \[7\] what still stands in the way/,
  ],
  [
    'waiting for people',
    () => new CutoverStory().begin(),
    /Waits for Robin/,
    /^ \[space\] tick it {2}A abort/,
  ],
  [
    'in the middle',
    () => new CutoverStory().begin().until('power-off/db1').runs('power-off/db1'),
    /landfall works on power-off\/db1/,
    / A abort {2}/,
  ],
  ['with a failed item', failed, /✖ quiet\/db1 failed/, /^ \[x\] try it again {2}A abort/],
  [
    'at the line',
    () => new CutoverStory().begin().until('no-return'),
    /› ━━━ POINT OF NO RETURN \(open\) ━/,
    /^ \[x\] cross the line {2}A abort/,
  ],
  ['aborting', aborted, /Aborting: what was done is taken back/, /^ \[l\] what is being taken back/],
  ['committed', committed, /The cutover is complete/, /^ \[R\] save the report/],
  ['dark', () => new CutoverStory().begin({ dark: true }), /Waits for Robin: Decide to go on/, /A abort/],
];

describe.each(STATES)('%s', (_state, told, shows, footer) => {
  test.each(SIZES)('stands whole at %ix%i, in one footer line', async (columns, rows) => {
    const { ui } = await open(told(), [columns, rows]);
    const lines = ui.terminal.screen.lines();
    expect(lines.join('\n').replace(/[\s│]+/g, ' ')).toMatch(shows);
    expect(lines[rows - 1]).toMatch(footer);
    expect(lines[rows - 1]).toContain('? help  q detach');
    expect(ui.terminal.screen.flickers).toEqual([]);
  });
});

test('is said to a screen reader in sentences, without symbols', async () => {
  const told = new CutoverStory().begin().until('no-return');
  const { ui } = await open(told, [200, 80], { screenReader: true });
  const heard = ui.terminal.screen.lines().join('\n');
  expect(heard).toMatch(/Screen: Cutover/);
  expect(heard).toMatch(/selected: POINT OF NO RETURN \(open\)/);
  expect(heard).toMatch(/since start {2,}?16m|since start, 16m|since start 16m/);
  expect(heard).toMatch(/Keys: \[x\] cross the line, A abort/);
  expect(heard).not.toMatch(/[✔✖▲─━›█░]/);
});

test('both clocks tick every second', async () => {
  const told = new CutoverStory().begin().until('quiet/db1');
  const clock = new ManualClock(told.story.now);
  const session = heldSession(told.snapshot());
  const ui = await openScreens({ session, clock, columns: 120, rows: 40 });
  opened = ui;
  await ui.terminal.press('8');
  const title = (): string => /outage \S+, 5\/26, since start \S+/.exec(ui.terminal.screen.text())?.[0] ?? '';
  expect(title()).toBe('outage 0s/8h00m, 5/26, since start 5m00s');
  for (const seconds of [1, 2, 3]) {
    clock.advance(1000);
    await ui.terminal.settle();
    expect(title()).toBe(`outage ${seconds}s/8h00m, 5/26, since start 5m0${seconds}s`);
  }
});
