import { expect, test } from 'vitest';
import { pinStage, reconcileStage } from '../../../../src/database/reconcile/index.ts';
import {
  captureStage,
  catchUpStage,
  releaseStage,
  teardownStage,
} from '../../../../src/database/replicate/index.ts';
import { Estate, SOURCE } from './estate.ts';
import { equal, SCHEMA, seeded } from './workload.ts';

/** A publication that somebody else made, through a distributor that somebody else made. */
async function published(estate: Estate, hours: number): Promise<void> {
  await estate.mia(
    'master',
    `CREATE DATABASE Theirs;
EXEC sys.sp_adddistributor @distributor = N'MIA-SQL1', @password = N'Theirs 1';
EXEC sys.sp_adddistributiondb @database = N'distribution', @max_distretention = ${hours};
EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution';
EXEC sys.sp_replicationdboption @dbname = N'Theirs', @optname = N'publish', @value = N'true'`,
  );
  await estate.mia('Theirs', 'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY)');
  await estate.mia(
    'Theirs',
    "EXEC sys.sp_addlogreader_agent; EXEC sys.sp_addpublication @publication = N'theirs', @status = N'active'; EXEC sys.sp_addarticle @publication = N'theirs', @article = N'T', @source_owner = N'dbo', @source_object = N'T'",
  );
}

const theirs = async (estate: Estate): Promise<unknown> => [
  await estate.mia('Theirs', 'SELECT name FROM dbo.syspublications'),
  await estate.mia('master', 'SELECT name, is_published, is_distributor FROM sys.databases ORDER BY name'),
  await estate.mia('msdb', 'SELECT name, enabled FROM dbo.sysjobs ORDER BY name'),
  await estate.mia('msdb', 'SELECT name, max_distretention FROM dbo.MSdistributiondbs'),
];

test('a distributor of others serves, and stays with all that is theirs', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, distributorAt: 'publisher', lane: 'snapshot' });
  await seeded(estate, 20);
  await published(estate, 336);
  const before = await theirs(estate);
  await estate.conduct(captureStage);
  expect(estate.written.some(({ text }) => /sp_adddist|sp_update_job/.test(text))).toBe(false);
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  await equal(estate);
  await estate.conduct(teardownStage);
  expect(await theirs(estate)).toEqual(before);
});

test('one that keeps too little is refused before anything is written', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, distributorAt: 'publisher' });
  await published(estate, 72);
  await expect(estate.conduct(captureStage)).rejects.toMatchObject({ code: 'database.retention' });
  expect(estate.written).toEqual([]);
});

test('where the server refuses to begin at the marker, a parked subscription begins, and production is pinned once more', async () => {
  await using estate = await Estate.start({ schema: SCHEMA });
  await seeded(estate, 20);
  await estate.conduct(captureStage);
  await estate.conduct(pinStage);
  await estate.conduct(reconcileStage);
  // As if the clean-up had taken what came after the marker.
  await estate.dal(
    'distribution',
    'UPDATE dbo.MSpublications SET min_autonosync_lsn = 0x7FFFFFFF000000000001',
  );
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'between')`);
  await expect(estate.conduct(releaseStage)).rejects.toMatchObject({ code: 'database.not-captured' });
  // The pin is from before the parked subscription: what lies between would be lost.
  await expect(estate.conduct(releaseStage)).rejects.toMatchObject({ code: 'database.not-captured' });
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'queued')`);
  const work = estate.work(pinStage);
  await pinStage.run(work);
  await reconcileStage.run(estate.work(reconcileStage));
  await estate.conduct(releaseStage);
  await estate.conduct(catchUpStage);
  await equal(estate);
  expect(estate.events.findLast(({ type }) => type === 'database.released')).toMatchObject({
    how: 'parked agent',
  });
});
