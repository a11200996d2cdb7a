import { expect, test } from 'vitest';
import { trackScript, trackStage, untrackStage } from '../../../../src/database/tracking/index.ts';
import { Followers } from './followers.ts';

/** What sys.* of production says of everything that landfall may have touched. */
const found = (one: Followers) =>
  Promise.all([
    one.mia('master', "SELECT snapshot_isolation_state FROM sys.databases WHERE name = N'Loans'"),
    one.pub(
      'SELECT retention_period, retention_period_units FROM sys.change_tracking_databases WHERE database_id = DB_ID()',
    ),
    one.pub(
      'SELECT OBJECT_NAME(object_id), is_track_columns_updated_on FROM sys.change_tracking_tables ORDER BY 1',
    ),
    one.pub('SELECT name FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY name'),
    one.pub('SELECT name FROM sys.schemas ORDER BY name'),
  ]);

test('production is left as it was found: all of it was off', async () => {
  await using one = await Followers.start('2019-express', false);
  const before = await found(one);
  await one.hands.conduct(trackStage);
  expect((await found(one))[2]).toHaveLength(3);
  await one.hands.conduct(untrackStage);
  expect(await found(one)).toEqual(before);
});

test('production is left as it was found: its owner tracks a table already', async () => {
  await using one = await Followers.start('2019-express', false);
  await one.mia('master', 'ALTER DATABASE Loans SET ALLOW_SNAPSHOT_ISOLATION ON');
  await one.mia('master', 'ALTER DATABASE Loans SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 3 DAYS)');
  await one.pub('ALTER TABLE dbo.Loan ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)');
  const before = await found(one);
  await one.hands.conduct(trackStage);
  await one.hands.conduct(untrackStage);
  expect(await found(one)).toEqual(before);
});

test('a kill before any statement leaves nothing that cannot be gone on with, or taken back', async () => {
  await using one = await Followers.start('2019-express', false);
  const before = await found(one);
  const { deeds } = trackScript(one.hands.work(trackStage.preview));
  for (let at = 0; at < deeds.length; at += 2) {
    let left = at;
    one.hands.guard = (moment, what) => {
      if (moment === 'before' && deeds.some(({ statement }) => statement.title === what)) {
        if (left === 0) throw new Error('killed');
        left -= 1;
      }
    };
    await expect(one.hands.conduct(trackStage)).rejects.toThrow('killed');
    one.hands.guard = undefined;
    await one.hands.conduct(untrackStage);
    expect(await found(one)).toEqual(before);
  }
});

test('a table that a reader holds is waited for, and its owner is not', async () => {
  await using one = await Followers.start('2019-express', false);
  const reader = one.double('MIA-SQL1').instance.login({
    ...{ user: 'sa', password: 'Correct horse 1', database: 'Loans' },
    ...{ application: 'app', host: 'here', address: '127.0.0.1' },
  });
  const run = async (text: string): Promise<void> => {
    for await (const _ of reader.batch(text, new AbortController().signal));
  };
  await run('BEGIN TRAN; UPDATE dbo.Loan SET amount = 1');
  let refused = 0;
  let isOpen = true;
  one.hands.guard = async (_, what) => {
    // The others were done before it is asked again.
    if (what.startsWith('track the changes of dbo.Payment')) refused += 1;
    if (refused === 0 || !isOpen) return;
    isOpen = false;
    await run('COMMIT');
  };
  await one.hands.conduct(trackStage);
  expect((await found(one))[2]).toHaveLength(3);
  reader.end();
});
