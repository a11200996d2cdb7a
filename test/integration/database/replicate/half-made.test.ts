import { expect, test } from 'vitest';
import { captureStage, catchUpStage, releaseStage } from '../../../../src/database/replicate/index.ts';
import { CLONE, Estate, SOURCE } from './estate.ts';

const TWO = [
  'CREATE TABLE dbo.Notes (id int NOT NULL PRIMARY KEY, body nvarchar(50) NULL)',
  'CREATE TABLE dbo.Codes (id int NOT NULL PRIMARY KEY)',
];

test('a publication that only the publisher knows, and a subscription of some articles, are removed and made anew', async () => {
  await using estate = await Estate.start({ schema: TWO, lane: 'snapshot' });
  await estate.conduct(captureStage);
  // As if the call had been cut off between the two servers.
  await estate.dal(
    'distribution',
    'DELETE dbo.MSpublications; DELETE dbo.MSarticles; DELETE dbo.MSsubscriptions',
  );
  await captureStage.run(estate.work(captureStage));
  expect(await captureStage.done(estate.work(captureStage))).toBe(true);
  expect(
    (await estate.dal('distribution', 'SELECT article FROM dbo.MSarticles ORDER BY article')).flat(),
  ).toEqual(['dbo.Codes', 'dbo.Notes', 'landfall.marker']);
  await estate.conduct(releaseStage);
  await estate.mia(SOURCE, 'DELETE TOP (1) dbo.syssubscriptions');
  await releaseStage.run(estate.work(releaseStage));
  await estate.conduct(catchUpStage);
  await estate.mia(SOURCE, "INSERT dbo.Notes VALUES (1, N'one')");
  await expect.poll(() => estate.dal(CLONE, 'SELECT id, body FROM dbo.Notes')).toEqual([[1, 'one']]);
  expect((await estate.mia(SOURCE, 'SELECT COUNT(*) FROM dbo.syssubscriptions'))[0]).toEqual([3]);
});
