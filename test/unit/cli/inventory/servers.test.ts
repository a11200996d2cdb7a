import { expect, it } from 'vitest';
import { serversText } from '../../../../src/cli/inventory/servers.ts';
import type { SqlServerSurvey } from '../../../../src/journal/facts-site.ts';
import { looked } from '../../reports/inventory/estate.ts';

const database = (name: string): SqlServerSurvey['databases'][number] => ({
  ...{ name, state: 'ONLINE', recovery: 'FULL', compatibility: 150, dataBytes: 0, logBytes: 0, features: [] },
});

const textOf = (server: Partial<SqlServerSurvey>): string => {
  const story = looked();
  const survey: SqlServerSurvey = {
    ...{ name: 'MIA-SQL1', version: '15.0', edition: 'Standard', missingRights: [], gaps: [], databases: [] },
    ...server,
  };
  story.tell({ type: 'server.surveyed', server: 'sql1:1433', survey, databases: ['Orders'] });
  return serversText(story.view, { now: story.now, width: 160 });
};

it('prints no 0 B where the login may not see sizes', () => {
  const text = textOf({ databases: [{ ...database('Orders'), sizeKnown: false }] });
  expect(text).toContain('leaves     Orders: size not known, FULL recovery, ONLINE');
  expect(text).not.toContain('0 B');
});

it('tells of replication, of an agent that does not run, and of what was not seen', () => {
  const text = textOf({ replication: ['publishes Orders to HQ'], agentRunning: false, jobs: [] });
  expect(text).toContain('replicates publishes Orders to HQ');
  expect(text).toContain('0 jobs, linked servers not seen, logins not seen, SQL Server Agent does not run');
});
