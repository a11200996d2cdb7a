import { expect, test } from 'vitest';
import { alignStage } from '../../../../src/database/drift/index.ts';
import { freezeScript, thawStage } from '../../../../src/database/handover/index.ts';
import { performScript } from '../../../../src/database/perform.ts';
import { captureStage, releaseStage, teardownStage } from '../../../../src/database/replicate/index.ts';
import { copyStage } from '../../../../src/database/tracking/index.ts';
import { CLONE, Estate, SOURCE } from './estate.ts';

const SCHEMA = ['CREATE TABLE dbo.Loans (id int NOT NULL PRIMARY KEY, said nvarchar(max) NULL)'];

test('a copy that others work in is neither aligned nor filled, by any lane', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'snapshot' });
  await estate.dal(CLONE, `INSERT dbo.Loans VALUES (1, N'theirs')`);
  await estate.conduct(captureStage);
  const developer = estate.subscriber.instance.login({
    ...{ user: 'sa', password: 'Correct horse 1', database: CLONE },
    ...{ application: 'SSMS', host: 'desk', address: '127.0.0.1' },
  });
  for (const stage of [alignStage, copyStage, releaseStage])
    await expect(stage.run(estate.work(stage)), stage.id).rejects.toMatchObject({ code: 'database.in-use' });
  expect(estate.written.filter(({ on, database }) => on === 'subscriber' && database === CLONE)).toEqual([]);
  developer.end();
  await estate.dal(
    'master',
    `EXEC sp_adddistpublisher @publisher = N'DAL-SQL1', @distribution_db = N'distribution'`,
  );
  await estate.dal('master', `EXEC sp_replicationdboption N'${CLONE}', N'publish', N'true'`);
  for (const stage of [alignStage, copyStage, releaseStage])
    await expect(stage.run(estate.work(stage)), stage.id).rejects.toMatchObject({
      code: 'database.foreign-object',
    });
  expect(await estate.dal(CLONE, 'SELECT said FROM dbo.Loans')).toEqual([['theirs']]);
}, 30_000);

test('a production that a forgotten hand-over froze is no source: its copy may be the production', async () => {
  await using estate = await Estate.start({ schema: SCHEMA });
  await estate.conduct(captureStage);
  const work = estate.work();
  await performScript(freezeScript(work), work);
  for (const stage of [alignStage, copyStage])
    await expect(stage.run(estate.work(stage)), stage.id).rejects.toMatchObject({
      code: 'database.blocked',
      facts: { why: expect.stringContaining('its copy may be the production now') },
    });
}, 30_000);

test('a teardown leaves what the whole server shares while another of its databases is published', async () => {
  await using estate = await Estate.start({ schema: SCHEMA });
  const shared = async () => [
    await estate.mia(
      'master',
      `SELECT CONVERT(int, value) FROM sys.configurations WHERE name = N'max text repl size (B)'`,
    ),
    await estate.mia('master', `SELECT name FROM sys.servers WHERE name = N'DAL-SQL1'`),
  ];
  await estate.conduct(captureStage);
  // As a subscription makes it.
  await estate.mia('master', `EXEC sp_addserver N'DAL-SQL1'`);
  expect(await shared()).toEqual([[[-1]], [['DAL-SQL1']]]);
  await estate.mia('master', 'CREATE DATABASE [Payments]');
  await estate.mia('master', `EXEC sp_replicationdboption N'Payments', N'publish', N'true'`);
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'teardown', confirmed: SOURCE });
  await teardownStage.run(estate.work(teardownStage));
  expect(await shared()).toEqual([[[-1]], [['DAL-SQL1']]]);
}, 30_000);

test('a teardown of a frozen production is refused: its users would stay locked out', async () => {
  await using estate = await Estate.start({ schema: SCHEMA });
  await estate.conduct(captureStage);
  const work = estate.work();
  await performScript(freezeScript(work), work);
  estate.emit({ type: 'database.ordered', database: SOURCE, order: 'teardown', confirmed: SOURCE });
  await expect(teardownStage.run(estate.work(teardownStage))).rejects.toMatchObject({
    code: 'database.blocked',
    facts: { what: `${SOURCE} on MIA-SQL1 is frozen by a hand-over that has not ended` },
  });
  expect(await estate.mia(SOURCE, 'SELECT COUNT(*) FROM dbo.syspublications')).toEqual([[1]]);
  await thawStage.run(estate.work(thawStage));
  await teardownStage.run(estate.work(teardownStage));
  expect(estate.events.at(-1)).toMatchObject({ type: 'database.torn-down' });
}, 30_000);
