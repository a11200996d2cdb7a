import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/evacuation/engine/session.ts';
import { machinePlan, planOf, Story } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { estate, wellEstate } from './estate.ts';

/** Stages whose capability is to come say so plainly, with what the plan knows and how it goes by hand. */

async function open(
  key: string,
  snapshot: Snapshot = wellEstate().snapshot,
  [columns, rows]: readonly [number, number] = [120, 40],
): Promise<UiApp> {
  const ui = await uiApp({ session: heldSession(snapshot), now: estate().now, columns, rows });
  await ui.press(key);
  return ui;
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');
const footer = (ui: UiApp): string => ui.lines().at(-1) ?? '';

/** The right half alone, as running text. */
const beside = (ui: UiApp): string =>
  ui
    .lines()
    .map(each => each.split(' │ ')[1] ?? '')
    .join(' ')
    .replace(/\s+/g, ' ');

const snapshotFor = (overrides: Parameters<typeof planOf>[0]): Snapshot => {
  const story = new Story(planOf(overrides)).begin();
  return snapshotOf({ plan: story.plan, state: story.state });
};

describe('database', () => {
  test('says that there is nothing to do where the plan has none', async () => {
    const ui = await open('5', snapshotFor({}));
    expect(words(ui)).toContain('The plan has no databases: there is nothing to do in this stage.');
    expect(words(ui)).not.toContain('To come');
  });
});

describe('cutover', () => {
  const dns = [
    {
      name: 'www.example.com',
      from: '198.51.100.7',
      to: '203.0.113.7',
      ttl: '1h',
      provider: 'the registrar',
    },
    { name: 'mail.example.com', type: 'MX' as const, from: 'mx.miami', to: 'mx.dallas' },
  ];

  test('shows who comes up when, with the state of the copy and the time it may be away', async () => {
    const ui = await open('8');
    expect(ui.text()).toContain('order by hand: 7 things in 3 waves');
    const rows = ['Orders', 'db1', 'app1', 'web1'].map(name =>
      ui.lines().findIndex(each => new RegExp(`^. +\\d +${name} `).test(each)),
    );
    expect(rows.every(each => each > 0)).toBe(true);
    expect(rows[2]).toBeGreaterThan(Math.max(rows[0] ?? 0, rows[1] ?? 0));
    expect(rows[3]).toBeGreaterThan(rows[2] ?? 0);
    expect(ui.text()).toMatch(/1 +Orders +✖ not covered +1h00m +-/);
    expect(ui.text()).toMatch(/2 +app1 +… copying +1h00m +db1, Orders/);
  });

  test('says plainly that landfall does not lead it yet, and what to do by hand', async () => {
    const ui = await open('8');
    expect(words(ui)).toContain('✖ landfall does not lead the cutover yet. READY 2 of 7');
    expect(beside(ui)).toContain('1. Stop what writes on the source');
    expect(beside(ui)).toContain('7. Change the DNS records, and tell the people.');
    expect(beside(ui)).toContain(
      '4. In each receiver make in the replica (/mnt/t) the fix-ups that the report lists',
    );
    expect(beside(ui)).toContain('never start a replica while its source still runs');
    expect(footer(ui)).toMatch(/^ \[7\] what still stands in the way/);
  });

  test('shows the records that change, warns of a long TTL, and names whom to call', async () => {
    const ui = await open('8', snapshotFor({ dns }));
    expect(beside(ui)).toContain(
      'www.example.com A: 198.51.100.7 → 203.0.113.7, TTL 1h00m, at the registrar',
    );
    expect(beside(ui)).toContain('mail.example.com MX: mx.miami → mx.dallas, TTL unknown');
    expect(beside(ui)).toContain(
      '▲ For 1h00m after the switch some still go to the source. Lower the TTL to 5m',
    );
    expect(beside(ui)).toContain('Dana, lead engineer, +1 305 555 0100');
  });

  test('says what is missing in the plan', async () => {
    const ui = await open('8', snapshotFor({ contacts: [], machines: { web1: machinePlan() } }));
    expect(beside(ui)).toContain('the plan names no records');
    expect(beside(ui)).toContain('the plan names nobody to call');
  });
});

test.each([['8', 'landfall does not lead the cutover yet']])(
  'stage %s says so at every size',
  async (key, sentence) => {
    for (const size of [
      [60, 20],
      [80, 24],
      [200, 60],
    ] as const)
      expect((await open(key, wellEstate().snapshot, size)).text()).toContain(sentence);
  },
);

test.each([['8', 'by hand']])(
  'stage %s says so beside a failure, which has the message and the first hint',
  async (key, sentence) => {
    const ui = await open(key, estate().snapshot, [60, 20]);
    expect(ui.text()).toContain(sentence);
    expect(ui.text()).toContain('✖ web1 failed: the target file system is full');
    expect(footer(ui)).toMatch(/^ \[!\] open web1/);
  },
);
