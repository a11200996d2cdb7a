import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { widthOf } from '../../../src/tui/text/line.ts';
import {
  assessed,
  databaseStory,
  differenceOf,
  following,
  inSync,
  LOG_READER_STOPPED,
  weighed,
} from '../../support/databases.ts';
import { MINUTE, planOf, Story } from '../../support/state.ts';
import { type HeldSession, heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

/** Stage 5: a database in every state that there is. */

interface Opened {
  readonly ui: UiApp;
  readonly session: HeldSession;
}

async function open(
  story: Story,
  [columns, rows]: readonly [number, number] = [120, 60],
  parts: Partial<Snapshot> & { readonly later?: number; readonly unicode?: boolean } = {},
): Promise<Opened> {
  const { later = 0, unicode = true, ...rest } = parts;
  const session = heldSession(
    snapshotOf({ plan: story.plan, state: story.state, events: story.events, ...rest }),
  );
  const ui = await uiApp({ session, now: story.now + later, columns, rows, unicode });
  await ui.press('5');
  return { ui, session };
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';

describe('the database screen', () => {
  test('before anything was read says what comes first', async () => {
    const { ui } = await open(databaseStory());
    expect(words(ui)).toContain('Nothing has been read yet. The engine first looks at both servers');
    expect(ui.text()).toMatch(/Orders +\? not begun +✖ all of it/);
  });

  test('after the assessment shows both servers, blockers before warnings, each with its remedy', async () => {
    const { ui } = await open(
      assessed(databaseStory(), {
        findings: [
          {
            code: 'lob-limit',
            severity: 'warning',
            subject: 'publisher',
            what: 'max text repl size is 65 536 bytes',
            remedy: "EXEC sp_configure N'max text repl size', -1",
            closes: [],
            evidence: [],
          },
          {
            code: 'no-agent',
            severity: 'blocker',
            subject: 'subscriber',
            what: 'SQL Server Agent does not run',
            remedy: 'start the service',
            closes: ['clone', 'backup'],
            evidence: [],
          },
        ],
      }),
    );
    const text = words(ui);
    expect(text).toContain('publisher MIA-SQL1: Standard Edition (64-bit) 16.0.4185.3');
    expect(text.indexOf('SQL Server Agent does not run')).toBeLessThan(text.indexOf('max text repl size is'));
    expect(text).toContain('(closes clone, backup)');
    expect(text).toContain('remedy start the service');
  });

  test('weighs the lanes with hours, bytes, and what each could lose', async () => {
    const { ui } = await open(weighed(databaseStory()));
    expect(ui.text()).toMatch(/clone +✔ recommended +24m\S* +900 MB/);
    expect(ui.text()).toMatch(/change-tracking +✖ closed/);
    expect(words(ui)).toContain('leaves out 2 tables without a primary key wait for the freeze');
    expect(words(ui)).toContain('measured link: 98 Mbit/s');
  });

  test('shows the pipeline, the newest proven commit, and what was repaired', async () => {
    const { ui } = await open(inSync(databaseStory()));
    expect(ui.text()).toMatch(/Orders +✔ in sync +1s +clone/);
    expect(words(ui)).toContain(
      'publisher MIA-SQL1 → log reader ✔ working 0.8s → distributor DAL-SQL1 → distribution ✔ idle 1.4s → subscriber DAL-SQL1',
    );
    expect(words(ui)).toContain('marker 4710 of 4711, committed 1s ago: what is younger could be lost now');
    expect(ui.text()).toMatch(/dbo\.Orders +1 000 000 +20\/20 +3112/);
    expect(words(ui)).toContain('1 table was equal');
    expect(words(ui)).toContain('validated: equal in 2 tables');
    expect(words(ui)).toContain('credential: 0 of 1');
    expect(words(ui)).toContain('blob: its secret cannot be read (by hand)');
  });

  test('an observation that grows old is no news: exposure goes on counting, and silence is not "in sync"', async () => {
    const { ui } = await open(inSync(databaseStory()), [120, 60], { later: 10 * MINUTE });
    expect(ui.text()).toMatch(/Orders +\? silent 10m00s +10m/);
    expect(words(ui)).toContain('committed 10m ago');
  });

  test('a trouble stands first, with its evidence and its remedy, and in the message', async () => {
    const { ui } = await open(inSync(databaseStory(), { troubles: [LOG_READER_STOPPED] }));
    expect(ui.text()).toMatch(/Orders +✖ log reader stop/);
    expect(words(ui)).toContain('✖ Orders: the log reader of Orders does not run. start its job on DAL-SQL1');
    expect(words(ui)).toContain('evidence stopped by sa');
  });

  test('rows that differ are told by table and key, with the command that repairs them', async () => {
    const story = inSync(databaseStory());
    story.tell({
      type: 'database.validated',
      database: 'Orders',
      kind: 'live',
      startedAt: story.now,
      ms: 1000,
      tables: [
        differenceOf('dbo.Orders', { differingRanges: 1, missing: 2, different: 1, examples: ['Id=42'] }),
        differenceOf('dbo.Lines'),
      ],
      repaired: 0,
    });
    const { ui } = await open(story);
    expect(ui.text()).toMatch(/Orders +✖ differs/);
    expect(words(ui)).toContain('dbo.Orders: 2 missing, 0 too many, 1 different');
    expect(words(ui)).toContain('keys Id=42');
    expect(words(ui)).toContain('landfall database validate --repair');
  });

  test('what runs is told with its rate and time left', async () => {
    const story = weighed(databaseStory());
    const step = 'database/Orders/reconcile';
    story.tell({ type: 'step.started', step, phase: 'database', attempt: 1 });
    const { ui } = await open(story, [120, 60], {
      samples: {
        [step]: {
          step,
          subject: 'Orders',
          at: story.now,
          text: 'dbo.Orders: comparing',
          fraction: 0.42,
          bytesPerSecond: 5e6,
          etaMs: 90_000,
        },
      },
    });
    expect(ui.text()).toMatch(/Orders +… reconciling 42%/);
    expect(words(ui)).toContain('dbo.Orders: comparing, 42%, 5.00 MB/s, 1m30s left');
  });

  test('v orders a validation, L a lane, and a hand-over wants the name of the database', async () => {
    const { ui, session } = await open(inSync(databaseStory()));
    expect(footer(ui)).toMatch(/v validate/);
    await ui.press('v');
    expect(session.orders).toEqual([{ kind: 'database', database: 'Orders', order: 'validate' }]);
    await ui.press('H');
    expect(words(ui)).toContain('Until the point of no return production can be thawed');
    await ui.press('n', 'o', 'enter');
    expect(words(ui)).toContain('type Orders exactly to confirm');
    expect(session.orders).toHaveLength(1);
    await ui.press('esc', 'L', ...'backup', 'enter', 'enter');
    expect(session.orders.at(-1)).toEqual({
      kind: 'database',
      database: 'Orders',
      order: 'plan',
      lane: 'backup',
    });
  });

  test('a lane that does not exist is refused before it is sent', async () => {
    const { ui, session } = await open(weighed(databaseStory()));
    await ui.press('L', ...'tape', 'enter');
    expect(words(ui)).toContain('"tape" is no lane');
    expect(session.orders).toEqual([]);
  });

  test.each([
    [60, 20],
    [80, 24],
    [120, 40],
  ])('fits %i columns and %i rows, in ASCII too', async (columns, rows) => {
    for (const unicode of [true, false])
      for (const story of [
        databaseStory(),
        weighed(databaseStory()),
        following(databaseStory()),
        inSync(databaseStory()),
      ]) {
        const { ui } = await open(story, [columns, rows], { unicode });
        const lines = ui.lines();
        expect(lines).toHaveLength(rows);
        for (const each of lines) expect(widthOf([{ text: each }])).toBeLessThanOrEqual(columns);
        expect(ui.text()).toContain('Orders');
      }
  });
});

describe('elsewhere', () => {
  test('the overview has the database in its table, and the rail counts it', async () => {
    const { ui } = await open(inSync(databaseStory()));
    expect(ui.text()).toMatch(/5 Database\] ✔ 1\/1/);
    await ui.press('0');
    expect(ui.text()).toMatch(/Orders +✔ in sync/);
  });
});

test('says that there is nothing to do where the plan has none', async () => {
  const { ui } = await open(new Story(planOf()).begin());
  expect(words(ui)).toContain('The plan has no databases: there is nothing to do in this stage.');
});
