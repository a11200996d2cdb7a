import { describe, expect, test } from 'vitest';
import { HOUR } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';
import { looked } from '../reports/inventory/estate.ts';

async function open(after: number, [columns, rows]: readonly [number, number]): Promise<UiApp> {
  const told = looked();
  const session = heldSession(snapshotOf({ plan: told.plan, state: told.state }));
  const ui = await uiApp({ session, now: told.now + after, columns, rows });
  await ui.press('2', '/', 'web1', 'enter');
  return ui;
}

const words = (ui: UiApp): string => ui.text().replace(/\s+/g, ' ');

describe('the inventory stage', () => {
  test.each([
    [60, 20],
    [80, 24],
    [120, 40],
  ])('says what stands in the way first, at %ix%i', async (columns, rows) => {
    const ui = await open(5000, [columns, rows]);
    expect(words(ui)).toContain('web1');
    expect(words(ui)).toContain('✖ web1: it needs 10.20.0.2:53 at the source site');
  });

  test('lists what has to be settled beside hypervisors and SQL Servers', async () => {
    const ui = await open(5000, [120, 60]);
    expect(words(ui)).toMatch(/to settle: \d+ findings, \d+ critical/);
    expect(words(ui)).toContain('SQL Servers');
  });

  test('what is known of a machine says how old it is, and that it is stale', async () => {
    const fresh = await open(5000, [160, 260]);
    expect(words(fresh)).not.toContain('stale');
    const old = await open(9 * HOUR, [160, 260]);
    expect(words(old)).toContain('stale; landfall inventory --again looks anew');
  });

  test('shows of the chosen machine what is around it and what could not be learned, with what helps', async () => {
    const ui = await open(5000, [160, 260]);
    for (const each of [
      'PostgreSQL 15.6',
      '/mnt/legacy from nas9.miami.example:/export/cfg (nfs4), does not answer',
      'send-invoices',
      'queue: rabbitmq:3, docker, running, writes /srv/queue',
      'EXPIRED',
      'dns 10.20.0.2 (/etc/resolv.conf)',
      'not learned: firewall rules: needs root',
      '/usr/sbin/nft list ruleset',
    ])
      expect(words(ui)).toContain(each);
  });
});

test('what is around a machine is on the page that enter opens, not only behind the list of the inventory', async () => {
  const ui = await open(5000, [120, 120]);
  await ui.press('enter');
  expect(words(ui)).toContain('around it: data, shares, schedules, containers, certificates');
  expect(words(ui)).toContain('/mnt/legacy from nas9.miami.example:/export/cfg');
});
