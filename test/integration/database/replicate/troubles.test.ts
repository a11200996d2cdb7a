import { expect, test } from 'vitest';
import {
  captureStage,
  catchUpStage,
  releaseStage,
  teardownStage,
} from '../../../../src/database/replicate/index.ts';
import { type Clock, systemClock } from '../../../../src/foundation/clock.ts';
import { CLONE, Estate, SOURCE } from './estate.ts';

const ONE = ['CREATE TABLE dbo.Notes (id int NOT NULL PRIMARY KEY, body nvarchar(50) NULL)'];

/** A clock on which every look at it is a minute later, and no pause is long. */
function hurried(): Clock {
  let now = 0;
  return {
    now: () => Date.now(),
    monotonic: () => {
      now += 60_000;
      return now;
    },
    sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal),
  };
}

test('a log reader that brings nothing is no go', async () => {
  await using estate = await Estate.start({ schema: ONE });
  estate.subscriber.agents.pause('LogReader');
  estate.clock = hurried();
  await expect(estate.conduct(captureStage)).rejects.toMatchObject({
    code: 'database.not-captured',
    facts: { evidence: [expect.stringMatching(/\d/)] },
  });
  expect(estate.events).toEqual([]);
  estate.subscriber.agents.resume('LogReader');
  estate.clock = systemClock;
  await estate.conduct(captureStage);
  expect(estate.events).toMatchObject([
    { type: 'database.captured', marker: { lsn: expect.stringMatching(/^0x[0-9A-F]{20}$/) } },
  ]);
});

test('an agent that goes on failing is named with its error; without the publisher the copy alone is cleaned', async () => {
  await using estate = await Estate.start({ schema: ONE, lane: 'snapshot' });
  await estate.conduct(captureStage);
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  // Somebody else writes into the copy.
  await estate.dal(CLONE, "INSERT dbo.Notes VALUES (1, 'theirs')");
  await estate.mia(SOURCE, "INSERT dbo.Notes VALUES (1, 'ours')");
  await releaseStage.run(estate.work(releaseStage));
  estate.clock = hurried();
  await expect(catchUpStage.run(estate.work(catchUpStage))).rejects.toMatchObject({
    code: 'database.agent',
    facts: { evidence: [expect.stringContaining('PRIMARY KEY')] },
  });
  estate.clock = systemClock;
  await estate.publisher.close();
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'teardown', dark: true });
  await estate.conduct(teardownStage);
  expect(
    await estate.dal(CLONE, "SELECT name FROM sys.objects WHERE name LIKE 'sp[_]MS%' OR name LIKE 'MS%'"),
  ).toEqual([]);
  expect(await estate.dal(CLONE, 'SELECT body FROM dbo.Notes')).toEqual([['theirs']]);
});
