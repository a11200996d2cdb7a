import { describe, expect, test } from 'vitest';
import type { Command, Reply } from '../../../src/evacuation/engine/command.ts';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { widthOf } from '../../../src/tui/text/line.ts';
import { machinePlan, Story } from '../../support/state.ts';
import { type HeldSession, heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { CutoverStory } from './cutover-story.ts';
import { estate } from './estate.ts';

const SECOND = 1000;
const SIZES = [
  [60, 20],
  [80, 24],
  [120, 40],
  [200, 60],
] as const;

interface Opened {
  readonly ui: UiApp;
  readonly session: HeldSession;
}

async function open(
  snapshot: Snapshot,
  now: number,
  [columns, rows]: readonly [number, number] = [120, 40],
  options: { readonly unicode?: boolean; readonly reply?: (command: Command) => Reply } = {},
): Promise<Opened> {
  const session = heldSession(snapshot, options.reply);
  const { unicode = true } = options;
  const ui = await uiApp({ session, now, columns, rows, unicode });
  await ui.press('8');
  return { ui, session };
}

const at = (
  told: CutoverStory,
  size?: readonly [number, number],
  parts: Partial<Snapshot> = {},
): Promise<Opened> => open(told.snapshot(parts), told.story.now + SECOND, size);

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';
const list = (ui: UiApp): string[] => ui.lines().map(each => each.split(' │ ')[0]?.trimEnd() ?? '');
const beside = (ui: UiApp): string =>
  ui
    .lines()
    .map(each => each.split(' │ ')[1] ?? '')
    .join(' ')
    .replace(/\s+/g, ' ');

async function select(ui: UiApp, row: RegExp): Promise<void> {
  await ui.press('home');
  for (let steps = 0; steps < 100; steps += 1) {
    if (list(ui).some(each => each.startsWith('›') && row.test(each))) return;
    await ui.press('down');
  }
  throw new Error(`no row ${String(row)}`);
}

describe('before it has begun', () => {
  test('the whole list stands in the order of execution, under headings, with the line across it', async () => {
    const told = new CutoverStory();
    const { ui } = await at(told, [200, 60]);
    const rows = [
      ' Activation  0 of 4',
      'Look at the gates and begin',
      ' The sources fall quiet',
      'Stop what writes on web1',
      'Stop what writes on db1',
      ' The last copy',
      ' The sources are powered off',
      ' The standbys come up',
      'Start the standby of db1',
      'Start the standby of web1',
      ' The standbys are checked',
      '━━━ POINT OF NO RETURN (waiting) ━━━',
      ' Users are led over',
      'Change www.example.com (A)',
      ' The copies become the machines',
      ' Afterwards',
    ].map(each => list(ui).findIndex(row => row.includes(each)));
    expect(rows).not.toContain(-1);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
  });

  test('says what stands in the way, and the first hint leads there', async () => {
    const { ui } = await at(new CutoverStory());
    expect(words(ui)).toMatch(/[✖?] READY \d of 2 .* 7 shows what stands in the way/);
    expect(footer(ui)).toMatch(/^ \[7\] what still stands in the way/);
    expect(footer(ui)).not.toContain('abort');
  });

  test('a failure of a machine has the message and the first hint', async () => {
    const { snapshot, now } = estate();
    for (const size of SIZES) {
      const { ui } = await open(snapshot, now, size);
      expect(words(ui)).toContain('✖ web1 failed: the target file system is full');
      expect(footer(ui)).toMatch(/^ \[!\] open web1/);
    }
  });

  test('> begins it with the typed name, over open gates only with a reason', async () => {
    const { ui, session } = await at(new CutoverStory());
    await ui.press('>');
    expect(words(ui)).toContain('Begin the cutover of miami-to-dallas');
    expect(words(ui)).toContain('READY 0 of 2');
    await ui.press('tab', 'miami-to-dallas', 'enter');
    expect(session.orders).toEqual([]);
    expect(ui.text()).toContain('reason is empty');
    await ui.press('the eye wall is here', 'tab', 'enter');
    expect(session.orders).toEqual([
      { kind: 'cutover', act: 'begin', confirm: 'miami-to-dallas', reason: 'the eye wall is here' },
    ]);
  });

  test('a wrong name begins nothing', async () => {
    const { ui, session } = await at(new CutoverStory());
    await ui.press('>', 'because', 'tab', 'dallas', 'enter');
    expect(ui.text()).toContain('type miami-to-dallas exactly to confirm');
    expect(session.orders).toEqual([]);
  });

  test('in a rehearsal it begins as one', async () => {
    const { ui, session } = await at(new CutoverStory({ rehearsal: true }));
    await ui.press('>', 'to see', 'tab', 'miami-to-dallas', 'enter');
    expect(session.orders).toMatchObject([{ act: 'begin', rehearse: true }]);
    expect(ui.lines()[0]).toContain('REHEARSAL');
  });

  test('without the source it says the loss of every machine before the name is typed', async () => {
    const { ui, session } = await at(new CutoverStory());
    await ui.press(':', 'cutover begin dark', 'enter');
    expect(words(ui)).toContain('Begin the cutover without the source of miami-to-dallas');
    expect(words(ui)).toMatch(/db1 12m/);
    expect(words(ui)).toMatch(/web1 6m01s/);
    await ui.press('Miami is gone', 'tab', 'miami-to-dallas', 'enter');
    expect(session.orders).toMatchObject([{ act: 'begin', dark: true, reason: 'Miami is gone' }]);
  });

  test('people and records stay in reach, with what is missing', async () => {
    const { ui } = await at(new CutoverStory());
    expect(beside(ui)).toContain('Dana, lead engineer, +1 305 555 0100');
    expect(beside(ui)).toContain('decides Robin');
    expect(beside(ui)).toContain('▲ For 1h00m after the switch some still go to the source');
    const bare = new Story(new CutoverStory({ contacts: [], dns: [] }).story.plan).begin();
    const { ui: other } = await open(snapshotOf({ plan: bare.plan, state: bare.state }), bare.now);
    expect(beside(other)).toContain('the plan names nobody to call');
    expect(beside(other)).toContain('the plan names no records');
  });
});

describe('while it goes', () => {
  test('the cursor stands on the item whose turn it is when the screen is entered', async () => {
    const { ui } = await at(new CutoverStory().begin().until('quiet/db1'));
    expect(list(ui).find(each => each.startsWith('›'))).toMatch(/^› › open +Stop what writes on db1/);
  });

  test('both clocks are in the title, at every size', async () => {
    const told = new CutoverStory().begin().until('quiet/db1');
    for (const size of SIZES) {
      const { ui } = await at(told, size);
      expect(ui.text()).toMatch(/outage 1s\/(?:1h00m|8h00m), 5\/\d/);
      if (size[0] > 60) expect(ui.text()).toContain('since start 5m01s');
    }
  });

  test('the outage that is nearest to its limit is the one that counts, and is marked beyond it', async () => {
    const told = new CutoverStory().begin().until('last-copy/web1');
    told.story.wait(70 * 60e3);
    const { ui } = await at(told);
    expect(beside(ui)).toMatch(/outage ▲ 1h1\dm of 1h00m allowed: db1 and 1 more/);
    expect(ui.text()).toContain('116%');
  });

  test('an item opens into why, commands, what is expected, the way back, and its record', async () => {
    const { ui } = await at(new CutoverStory().begin().until('power-off/db1'));
    await select(ui, /Shut web1 down/);
    expect(beside(ui)).toContain('✔ done power-off/web1');
    expect(beside(ui)).toContain(
      'a source that still runs and a standby that has started are two of one server',
    );
    expect(beside(ui)).toMatch(/record run by engine \S+ ago, took 1m00s/);
    expect(beside(ui)).toContain('evidence power-off/web1 was looked at');
    expect(beside(ui)).toContain('rollback it is started again, its autostart as it was');
    expect(beside(ui)).toContain('expected shut off within 5m00s');
    expect(list(ui).find(each => each.startsWith('›'))).toMatch(/1m00s \/ 5m00s$/);
  });

  test('space ticks what people do, at once', async () => {
    const { ui, session } = await at(new CutoverStory().begin());
    expect(words(ui)).toContain('▲ Waits for Robin: Decide that the cutover begins. space ticks it.');
    expect(footer(ui)).toMatch(/^ \[space\] tick it {2}A abort/);
    await ui.press('space');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'tick', item: 'activate/decision' }]);
  });

  test('space does not tick what landfall does, and says what runs it', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('quiet/db1'));
    await ui.press('space');
    expect(words(ui)).toContain('not now: landfall does it: x runs it');
    expect(session.orders).toEqual([]);
  });

  test('space opens what is over again, once that is said', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('quiet/web1'));
    await select(ui, /Call everybody/);
    await ui.press('space');
    expect(session.orders).toEqual([]);
    expect(ui.text()).toContain('Open activate/people again');
    await ui.press('enter');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'reopen', item: 'activate/people' }]);
  });

  test('what was done to a server is not opened again', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('quiet/db1'));
    await select(ui, /Stop what writes on web1/);
    await ui.press('space');
    expect(words(ui)).toContain('not now: it was carried out: what it changed stays changed');
    expect(session.orders).toEqual([]);
  });

  test('x shows the commands and wants the name typed that the item says', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('quiet/web1'));
    await ui.press('x', 'enter');
    expect(ui.text()).toContain('type web1 exactly to confirm');
    await ui.press('web1', 'enter');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'run', item: 'quiet/web1', confirm: 'web1' }]);
  });

  test('x on what has not its turn says what comes first', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('quiet/web1'));
    await select(ui, /Shut db1 down/);
    await ui.press('x');
    expect(words(ui)).toContain('not now: last-copy/db1 comes first');
    expect(session.orders).toEqual([]);
  });

  test('> goes on with the name of the evacuation for all that has to be typed, and holds again', async () => {
    const told = new CutoverStory().begin().until('quiet/web1');
    const { ui, session } = await at(told);
    expect(footer(ui)).toMatch(/^ \[>\] go on {2}A abort/);
    await ui.press('>');
    expect(words(ui)).toContain('stops web1, db1');
    await ui.press('miami-to-dallas', 'enter');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'go', confirm: 'miami-to-dallas' }]);
    told.story.tell({ type: 'cutover.ordered', act: 'go', confirmed: 'miami-to-dallas' });
    session.change(told.snapshot());
    await ui.press('ctrl+l', '>');
    expect(session.orders.at(-1)).toEqual({ kind: 'cutover', act: 'hold' });
  });

  test('K skips with a reason what may be left out, and nothing else', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('activate/people'));
    await ui.press('K', 'enter');
    expect(ui.text()).toContain('reason is empty');
    await ui.press('they sit beside me', 'enter');
    expect(session.orders).toEqual([
      { kind: 'cutover', act: 'skip', item: 'activate/people', reason: 'they sit beside me' },
    ]);
    await select(ui, /Stop what writes on web1/);
    await ui.press('K');
    expect(words(ui)).toContain('not now: it may not be left out');
  });

  test('what landfall works on is said, with how long it has taken', async () => {
    const told = new CutoverStory().begin().until('quiet/web1').runs('quiet/web1');
    told.story.wait(90 * SECOND);
    const { ui } = await at(told);
    expect(words(ui)).toContain('… landfall works on quiet/web1: Stop what writes on web1.');
    expect(list(ui).some(each => /… running +Stop what writes on web1 .*1m31s/.test(each))).toBe(true);
  });

  test('a failed item has the message, its remedy, and the keys that try it again or take all back', async () => {
    const told = new CutoverStory().begin().until('quiet/db1');
    told.fails('quiet/db1', 'mysql.service does not stop', ['stop it on db1 by hand']);
    for (const size of SIZES) {
      const { ui, session } = await at(told, size);
      expect(words(ui)).toContain('✖ quiet/db1 failed: mysql.service does not stop');
      expect(footer(ui)).toMatch(/^ \[x\] try it again {2}A abort/);
      if (size[0] > 60) expect(words(ui)).toContain('Next: stop it on db1 by hand; x tries it again.');
      await ui.press('x', 'db1', 'enter');
      expect(session.orders).toMatchObject([{ act: 'run', item: 'quiet/db1' }]);
    }
  });

  test('c shows the commands of the item alone, for the terminal to copy', async () => {
    const { ui } = await at(new CutoverStory().begin().until('power-off/web1'));
    await ui.press('c');
    expect(ui.terminal.alone).toBe(1);
  });

  test('is known on every other screen, with the way to it', async () => {
    const { ui } = await at(new CutoverStory().begin().until('quiet/db1'));
    await ui.press('0');
    expect(words(ui)).toMatch(
      /engine began the cutover \S+ ago\. \[8\] shows whose turn it is, \[A\] takes it back/,
    );
    expect(footer(ui)).toMatch(/^ \[8\] the checklist {2}A abort/);
    expect(ui.lines()[0]).toContain('… cutover');
  });

  test('. leads from anywhere to what waits', async () => {
    const { ui } = await at(new CutoverStory().begin().until('quiet/db1'));
    await ui.press('end', '.');
    expect(list(ui).find(each => each.startsWith('›'))).toContain('Stop what writes on db1');
  });
});

describe('the abort', () => {
  const told = new CutoverStory().begin().until('bring-up/db1');

  test('is in the footer at every size and on every screen until the line', async () => {
    for (const size of SIZES) {
      const { ui } = await at(told, size);
      expect(footer(ui)).toContain('A abort');
      await ui.press('4');
      expect(footer(ui)).toContain('A abort');
    }
  });

  test('shows what is taken back, last first, and wants a reason', async () => {
    const { ui, session } = await at(told);
    await ui.press('A');
    const taken = words(ui);
    expect(taken).toContain('4 items are taken back, last first');
    expect(taken.indexOf('power-off/d')).toBeLessThan(taken.indexOf('quiet/web1'));
    await ui.press('enter');
    expect(ui.text()).toContain('reason is empty');
    await ui.press('a disk died', 'enter');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'abort', reason: 'a disk died' }]);
  });

  test('goes on by itself, and says so in the header and above the footer', async () => {
    const story = new CutoverStory().begin().until('bring-up/db1');
    story.story.tell({ type: 'cutover.aborted', reason: 'a disk died' });
    for (const size of SIZES) {
      const { ui, session } = await at(story, size);
      expect(words(ui)).toContain('▲ Aborting: what was done is taken back, last first');
      expect(ui.lines()[0]).toContain('aborting');
      expect(footer(ui)).not.toContain('A abort');
      await ui.press('A');
      expect(words(ui)).toContain('not now: it is aborted already');
      await ui.press('>', 'x', 'space');
      expect(session.orders).toEqual([]);
    }
  });

  test('tries again what failed of it, by the same key', async () => {
    const story = new CutoverStory().begin().until('bring-up/db1');
    story.story.tell({ type: 'cutover.aborted', reason: 'a disk died' });
    story.fails('power-off/db1', 'the source does not start', ['look at its console'], 'undo-');
    const { ui, session } = await at(story);
    expect(words(ui)).toContain('power-off/db1 failed: the source does not start');
    expect(footer(ui)).toMatch(/^ \[A\] try again what failed/);
    await ui.press('A');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'abort' }]);
  });

  test('waits for people to take back what they did, and space says that they have', async () => {
    const by = { title: 'Switch the load balancer', at: 'stopped', undo: 'switch it back' } as const;
    const story = new CutoverStory({ cutover: { decides: 'Robin', by_hand: [by] } }).begin();
    story.until('bring-up/db1').story.tell({ type: 'cutover.aborted', reason: 'a disk died' });
    const { ui, session } = await at(story);
    expect(words(ui)).toContain('waits for Robin to take back by-hand/stopped/1: switch it back');
    await ui.press('space');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'tick', item: 'by-hand/stopped/1' }]);
  });

  test('leaves everything as it was, and a cutover may begin again', async () => {
    const story = new CutoverStory().begin().until('bring-up/db1');
    story.story.tell(
      { type: 'cutover.aborted', reason: 'a disk died' },
      { type: 'cutover.ended', outcome: 'rolled-back', startedAt: story.story.now, lost: [] },
    );
    const { ui } = await at(story);
    expect(words(ui)).toContain('✔ Everything is back as it was before the cutover.');
    expect(beside(ui)).toContain('rolled back: everything is as it was before');
    expect(beside(ui)).toMatch(/aborted by engine .*: a disk died/);
    await ui.press('>');
    expect(ui.text()).toContain('Begin the cutover of miami-to-dallas');
  });
});

describe('the point of no return', () => {
  test('waits as a line of its own, and is crossed with the name typed', async () => {
    const told = new CutoverStory().begin().until('no-return');
    for (const size of SIZES) {
      const { ui, session } = await at(told, size);
      expect(list(ui).find(each => each.startsWith('›'))).toMatch(/^› ━━━ POINT OF NO RETURN \(open\) ━+$/);
      expect(words(ui)).toContain('▲ The point of no return');
      expect(footer(ui)).toMatch(/^ \[x\] cross the line {2}A abort/);
      await ui.press('x', 'enter');
      expect(ui.text()).toContain('type miami-to-dallas exactly to confirm');
      await ui.press('miami-to-dallas', 'enter');
      expect(session.orders).toEqual([{ kind: 'cutover', act: 'no-return', confirm: 'miami-to-dallas' }]);
    }
  });

  test('is not ticked', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('no-return'));
    await ui.press('space');
    expect(words(ui)).toContain('not now: the point of no return is crossed with x');
    expect(session.orders).toEqual([]);
  });

  test('says what was skipped on the way there', async () => {
    const told = new CutoverStory().begin().until('check/web1');
    told.story.tell({
      type: 'cutover.item',
      item: 'check/web1',
      outcome: 'skipped',
      how: 'ticked',
      evidence: [],
      reason: 'its firewall lets nobody in',
    });
    const { ui } = await at(told.until('no-return'));
    await ui.press('x');
    expect(words(ui)).toContain('check/web1: its firewall lets nobody in');
  });

  test('behind it nothing is aborted, and the line says who crossed it', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('commit/db1'));
    expect(list(ui).some(each => /━━━ point of no return, crossed by engine .* ago ━/.test(each))).toBe(true);
    expect(beside(ui)).toContain('abort no longer: the way back is the failback');
    expect(footer(ui)).not.toContain('A abort');
    await ui.press('A');
    expect(words(ui)).toContain('not now: the point of no return is crossed: the way back is the failback');
    expect(session.orders).toEqual([]);
  });
});

describe('the end', () => {
  test('says that it is committed, what was lost, and stops the clocks', async () => {
    const told = new CutoverStory().begin().until('close');
    told.story.tell({ type: 'cutover.ended', outcome: 'committed', startedAt: told.story.now, lost: [] });
    const end = told.story.now;
    told.story.wait(3600e3);
    const { ui, session } = await at(told);
    expect(words(ui)).toContain('✔ The cutover is complete: the copies are the machines now.');
    expect(beside(ui)).toContain('✔ committed');
    expect(beside(ui)).toContain('lost nothing');
    expect(ui.text()).toMatch(/committed, outage 7m00s\/1h00m, 25\/26, since/);
    expect(beside(ui)).toContain('since start 25m');
    expect(end).toBeLessThan(told.story.now);
    await ui.press('>', 'x', 'space');
    expect(session.orders).toEqual([]);
  });

  test('without the source it says what was lost', async () => {
    const told = new CutoverStory().begin({ dark: true });
    told.story.tell({
      type: 'cutover.ended',
      outcome: 'committed',
      startedAt: told.story.now,
      lost: ['web1: what was written after 12:06 UTC'],
    });
    const { ui } = await at(told);
    expect(beside(ui)).toContain('lost web1: what was written after 12:06 UTC');
    expect(ui.text()).toContain('committed, dark');
  });

  test('the dark list stops nothing at the source', async () => {
    const { ui } = await at(new CutoverStory().begin({ dark: true }), [200, 60]);
    for (const absent of ['The sources fall quiet', 'The last copy', 'Stop what writes'])
      expect(ui.text()).not.toContain(absent);
    expect(ui.text()).toContain('Make sure that no source can come back by itself');
  });
});

describe('the palette', () => {
  test('has the words of the command line, and offers what has its turn', async () => {
    const { ui, session } = await at(new CutoverStory().begin().until('quiet/web1'));
    await ui.press('4', ':', 'cutover ');
    for (const each of ['cutover go', 'cutover hold', 'cutover abort', 'cutover run quiet/web1'])
      expect(ui.text()).toContain(each);
    await ui.press('run quiet/web1', 'enter', 'web1', 'enter');
    expect(ui.screen()).toBe('cutover');
    expect(session.orders).toEqual([{ kind: 'cutover', act: 'run', item: 'quiet/web1', confirm: 'web1' }]);
  });

  test('without a word it shows the checklist', async () => {
    const { ui } = await at(new CutoverStory());
    await ui.press('4', ':', 'cutover', 'enter');
    expect(ui.screen()).toBe('cutover');
  });

  test('says why an item cannot be run', async () => {
    const { ui, session } = await at(new CutoverStory().begin());
    await ui.press(':', 'cutover run commit/web1', 'enter');
    expect(session.orders).toEqual([]);
  });
});

describe('whatever stands there', () => {
  const stories: ReadonlyArray<readonly [string, () => CutoverStory]> = [
    ['not begun', () => new CutoverStory()],
    ['people', () => new CutoverStory().begin()],
    ['in the middle', () => new CutoverStory().begin().until('power-off/db1').runs('power-off/db1')],
    [
      'the line',
      () => new CutoverStory({ lab: true, rehearsal: true }).begin({ rehearse: true }).until('no-return'),
    ],
    ['behind it', () => new CutoverStory().begin().until('switch/dns/www.example.com')],
    ['dark', () => new CutoverStory().begin({ dark: true }).until('bring-up/web1')],
  ];

  test.each(stories)(
    '%s: nothing is wider than the screen, and it is plain ASCII where that is all there is',
    async (_what, story) => {
      const told = story();
      for (const size of SIZES) {
        const { ui } = await open(told.snapshot(), told.story.now + SECOND, size, { unicode: false });
        const { lines } = ui.app.current().composed;
        expect(lines.length).toBe(size[1]);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(size[0]);
        expect(ui.text()).toMatch(/^[\x20-\x7e\n]*$/);
        expect(footer(ui)).toContain('? help  q detach');
      }
    },
  );

  test('a large fleet is listed to its end', async () => {
    const machines = Object.fromEntries(
      Array.from({ length: 60 }, (_each, index) => [`web${index + 1}`, machinePlan()]),
    );
    const { ui } = await at(new CutoverStory({ machines: { ...machines, db1: machinePlan() } }));
    await ui.press('end');
    expect(list(ui).find(each => each.startsWith('›'))).toContain('Close the cutover');
  });
});
