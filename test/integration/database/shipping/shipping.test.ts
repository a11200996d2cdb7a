import { expect, test } from 'vitest';
import { performScript } from '../../../../src/database/perform.ts';
import {
  backupStage,
  restoreStage,
  shipLogsStage,
  shippingRound,
  tailScript,
} from '../../../../src/database/shipping/index.ts';
import { Estate, SHARE, SOURCE } from '../replicate/estate.ts';
import { SCHEMA, seeded, writers } from '../replicate/workload.ts';

const rows = (text: string) => `SELECT ${text} ORDER BY 1, 2`;
const TABLES = [
  rows('id, code, name, CONVERT(varchar(30), amount, 2) FROM dbo.Loans'),
  rows('loan, no, CONVERT(varchar(30), paid) FROM dbo.Payments'),
  rows('id, what FROM dbo.Audit'),
];
const read = async (ask: (database: string, text: string) => Promise<unknown>): Promise<unknown[]> => {
  const found: unknown[] = [];
  for (const text of TABLES) found.push(await ask(SOURCE, text));
  return found;
};

test('log shipping: round after round while production writes, then the tail, and both are equal', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'log-shipping' });
  await seeded(estate);
  const load = writers(estate);
  await estate.conduct(backupStage);
  await estate.conduct(restoreStage);
  await estate.conduct(shipLogsStage);
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'between')`);
  const first = await shippingRound(estate.work(shipLogsStage));
  expect(first.files.length).toBe(1);
  await load.stop();
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'the end')`);
  const last = await shippingRound(estate.work(shipLogsStage));
  expect(BigInt(last.lastLsn)).toBeGreaterThan(BigInt(first.lastLsn));
  expect(last.upTo).toBeGreaterThanOrEqual(first.upTo);
  const production = await read(estate.mia);
  const work = estate.work();
  await performScript(tailScript(work), work);
  await performScript(tailScript(work), work);
  expect(
    await estate.mia('master', `SELECT state_desc FROM sys.databases WHERE name = N'${SOURCE}'`),
  ).toEqual([['RESTORING']]);
  expect(await read(estate.dal)).toEqual(production);
  expect(estate.events).toMatchObject([
    { type: 'database.pinned', lane: 'log-shipping' },
    { type: 'database.released', how: 'restore log' },
  ]);
});

test('the files of a job of production are shipped, and no second chain is begun', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'log-shipping' });
  await seeded(estate, 10);
  await estate.mia('master', `BACKUP DATABASE [${SOURCE}] TO DISK = N'${SHARE}\\nightly.bak' WITH INIT`);
  await estate.mia('master', `BACKUP LOG [${SOURCE}] TO DISK = N'${SHARE}\\hourly.trn' WITH INIT`);
  await estate.conduct(backupStage);
  await estate.conduct(restoreStage);
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'one')`);
  await estate.mia('master', `BACKUP LOG [${SOURCE}] TO DISK = N'${SHARE}\\hourly.trn' WITH NOINIT`);
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'two')`);
  await estate.mia('master', `BACKUP LOG [${SOURCE}] TO DISK = N'${SHARE}\\hourly.trn' WITH NOINIT`);
  const { files } = await shippingRound(estate.work(shipLogsStage));
  expect(new Set(files)).toEqual(new Set([`${SHARE}\\hourly.trn`]));
  expect(files.length).toBeGreaterThanOrEqual(2);
  expect(estate.written.some(({ text }) => text.includes('BACKUP LOG'))).toBe(false);
  expect((await shippingRound(estate.work(shipLogsStage))).files).toEqual([]);
  // A log outside the folder of the plan is named, not skipped.
  await estate.mia(SOURCE, `INSERT dbo.Audit (what) VALUES (N'three')`);
  await estate.mia('master', `BACKUP LOG [${SOURCE}] TO DISK = N'X:\\elsewhere\\log.trn' WITH INIT`);
  await expect(shippingRound(estate.work(shipLogsStage))).rejects.toMatchObject({ code: 'database.blocked' });
});

test('nothing that landfall did not restore is overwritten, and no backup of another database is taken', async () => {
  await using estate = await Estate.start({ schema: SCHEMA, lane: 'log-shipping' });
  await estate.conduct(backupStage);
  await estate.dal('master', `CREATE DATABASE [${SOURCE}]`);
  await expect(estate.conduct(restoreStage)).rejects.toMatchObject({ code: 'database.foreign-object' });
  await estate.dal('master', `DROP DATABASE [${SOURCE}]`);
  const file = estate.state?.pinned?.source ?? '';
  await estate.dal(
    'master',
    `CREATE DATABASE Other; BACKUP DATABASE Other TO DISK = N'${file}' WITH FORMAT, INIT`,
  );
  await expect(estate.conduct(restoreStage)).rejects.toMatchObject({ code: 'database.foreign-clone' });
});
