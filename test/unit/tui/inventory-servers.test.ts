import { describe, expect, test } from 'vitest';
import type { SqlServerSurvey } from '../../../src/journal/facts-site.ts';
import { planOf, Story } from '../../support/state.ts';
import { heldSession, snapshotOf } from '../../support/ui.ts';
import { type UiApp, uiApp } from '../../support/ui-app.ts';

const at = (address: string) => ({ address, user: 'sa', password: 'env:PW' });

const SURVEY: SqlServerSurvey = {
  name: 'MIA-SQL1',
  version: '16.0.4135.4 (CU14)',
  edition: 'Standard',
  agentRunning: false,
  missingRights: [
    {
      right: 'VIEW ANY DEFINITION',
      unlocks: 'sizes of databases that are not opened',
      grant: 'USE [master]; GRANT VIEW ANY DEFINITION TO [few];',
    },
  ],
  gaps: [],
  databases: [
    {
      name: 'Orders',
      state: 'ONLINE',
      recovery: 'FULL',
      compatibility: 160,
      dataBytes: 50e9,
      logBytes: 2e9,
      features: ['encrypted (TDE)'],
      tables: 43,
      withoutKey: 2,
      largest: [{ name: 'dbo.Lines', rows: 1_204_000, bytes: 30e9, key: false, lob: false }],
      references: [{ kind: 'linked-server', from: 'dbo.Totals', to: 'LEGACY' }],
    },
  ],
  jobs: [
    { name: 'ship to DR', enabled: true, lastOutcome: 'failed', failingSince: 0 },
    { name: 'switched off', enabled: false, lastOutcome: 'failed', failingSince: 0 },
  ],
};

function story(): Story {
  return new Story(
    planOf({
      databases: { Orders: { tier: 'critical', publisher: at('mia-sql1'), subscriber: at('dal-sql1') } },
    }),
  ).begin();
}

async function open(told: Story, ...keys: readonly string[]): Promise<UiApp> {
  const session = heldSession(snapshotOf({ plan: told.plan, state: told.state }));
  const ui = await uiApp({ session, now: told.now + 5000, columns: 140, rows: 60 });
  await ui.press(...keys);
  return ui;
}

const words = (ui: UiApp): string => ui.text().replace(/[\s│]+/g, ' ');

describe('SQL Servers on the screen of the inventory', () => {
  test('stand there before anybody has looked', async () => {
    expect(words(await open(story(), '2'))).toMatch(/mia-sql1:1433 · not yet/);
  });

  test('tell which job is broken, what the login lacks and what grants it', async () => {
    const told = story().tell({
      type: 'server.surveyed',
      server: 'mia-sql1:1433',
      databases: ['Orders'],
      survey: SURVEY,
    });
    const text = words(await open(told, '2'));
    expect(text).toMatch(/mia-sql1:1433 ▲ seen, 1 to read MIA-SQL1/);
    expect(text).toMatch(/ship to DR has failed for/);
    expect(text).not.toContain('switched off');
    expect(text).toContain('SQL Server Agent does not run');
    expect(text).toContain('VIEW ANY DEFINITION: sizes of databases that are not opened not seen');
  });
});
