import { expect, it } from 'vitest';
import type { SqlServerFacts } from '../../../src/journal/database-facts.ts';
import { assessed, databaseStory, serverFacts } from '../../support/databases.ts';

const production = (snapshotIsolation: boolean): SqlServerFacts =>
  serverFacts('MIA-SQL1', {
    database: {
      ...{ name: 'Orders', collation: 'Latin1_General_CI_AS', compatibility: 160, recovery: 'FULL' },
      ...{ readOnly: false, published: false, subscribed: false, cdc: false, changeTracking: false },
      ...{ snapshotIsolation, readCommittedSnapshot: false },
      ...{ dataBytes: 1, logBytes: 1, logUsedBytes: 1, logReuseWait: 'NOTHING' },
    },
  });

it('an assessment that finds SNAPSHOT isolation as landfall turned it on does not forget that it was off', () => {
  const story = assessed(databaseStory(), { publisher: production(false) });
  const found = () => story.state.databases['Orders']?.assessed?.publisher.database?.snapshotIsolation;
  story.tell({
    ...{ type: 'database.pinned', database: 'Orders', lane: 'clone', source: 'snapshot isolation' },
  });
  assessed(story, { publisher: production(true) });
  expect(found()).toBe(false);
  // Another server was found as it is.
  assessed(story, { publisher: { ...production(true), serverId: 'another' } });
  expect(found()).toBe(true);
});

it('before landfall has begun, what is found counts', () => {
  const story = assessed(databaseStory(), { publisher: production(false) });
  assessed(story, { publisher: production(true) });
  expect(story.state.databases['Orders']?.assessed?.publisher.database?.snapshotIsolation).toBe(true);
});
