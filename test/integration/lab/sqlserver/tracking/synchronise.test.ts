import sql from 'mssql';
import { afterEach, expect, test } from 'vitest';
import { type SqlDouble, startDouble } from '../../../../support/sql-double.ts';
import { dice } from './dice.ts';
import { initialise, SCHEMA, synchronise } from './synchroniser.ts';
import { snapshotOf, startWriters } from './writers.ts';

/** The algorithm of a client of change tracking, through the driver, while others write: both servers end equal. */

const pools: sql.ConnectionPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map(pool => pool.close()));
});

async function connect(double: SqlDouble): Promise<sql.ConnectionPool> {
  const pool = new sql.ConnectionPool(double.connection('sa', undefined, 'app'));
  pools.push(pool);
  return pool.connect();
}

test.each([1, 20260901])('a copy by change tracking follows its writers (seed %i)', async seed => {
  await using source = await startDouble({ name: 'MIA-SQL1' });
  await using target = await startDouble({ name: 'DAL-SQL1' });
  const [from, to] = [await connect(source), await connect(target)];
  for (const text of SCHEMA) await from.batch(text);
  await from.batch('ALTER DATABASE app SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS)');
  await from.batch('ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON');
  for (const table of ['customer', 'invoice'])
    await from.batch(`ALTER TABLE dbo.${table} ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)`);
  for (const text of SCHEMA) await to.batch(text);
  await to.batch('CREATE TABLE dbo.sync_state (id int NOT NULL PRIMARY KEY, last bigint NOT NULL)');

  const writers = startWriters(from, dice(seed), 4, 60);
  await writers.reached(20);
  await initialise(from, to);
  let rounds = 0;
  while (!writers.ended()) {
    await synchronise(from, to);
    rounds += 1;
  }
  const { committed, failures } = await writers.done;
  const last = await synchronise(from, to);
  expect(await synchronise(from, to)).toEqual({ ...last, changes: 0 });
  expect(failures.filter(number => number !== 547 && number !== 2627 && number !== 1205)).toEqual([]);
  expect(committed).toBeGreaterThan(100);
  expect(rounds).toBeGreaterThan(1);
  expect(await snapshotOf(to)).toEqual(await snapshotOf(from));
});

test('a copy notices that it has to begin again', async () => {
  await using source = await startDouble({ name: 'MIA-SQL1' });
  await using target = await startDouble({ name: 'DAL-SQL1' });
  const [from, to] = [await connect(source), await connect(target)];
  for (const text of SCHEMA) await from.batch(text);
  await from.batch('ALTER DATABASE app SET CHANGE_TRACKING = ON');
  await from.batch('ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON');
  for (const table of ['customer', 'invoice'])
    await from.batch(`ALTER TABLE dbo.${table} ENABLE CHANGE_TRACKING`);
  for (const text of SCHEMA) await to.batch(text);
  await to.batch('CREATE TABLE dbo.sync_state (id int NOT NULL PRIMARY KEY, last bigint NOT NULL)');
  await from.batch(
    "INSERT dbo.customer (code, name) VALUES (N'a', N'A'); INSERT dbo.invoice (number, line, customer, amount) VALUES (1, 1, N'a', 10)",
  );
  await initialise(from, to);
  await from.batch('TRUNCATE TABLE dbo.invoice');
  await expect(synchronise(from, to)).rejects.toThrow('dbo.invoice begins again');
  await to.batch('DELETE dbo.invoice; DELETE dbo.customer');
  await initialise(from, to);
  await from.batch("INSERT dbo.invoice (number, line, customer, amount) VALUES (2, 1, N'a', 20)");
  expect((await synchronise(from, to)).changes).toBe(1);
  expect(await snapshotOf(to)).toEqual(await snapshotOf(from));
});
