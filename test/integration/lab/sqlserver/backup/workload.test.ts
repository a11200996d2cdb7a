import sql from 'mssql';
import { expect, test } from 'vitest';
import { buildProduction } from '../../../../../src/lab/sqlserver/workload/build.ts';
import { SA_PASSWORD, type SqlSession, startDouble } from '../../../../support/sql-double.ts';
import { ok } from './statements.ts';

/** Everything of a database as another server shows it: objects, definitions and every row. */
async function contents(pool: sql.ConnectionPool): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  const all = async (text: string) => (await pool.query(text)).recordset;
  for (const view of [
    'columns',
    'indexes',
    'index_columns',
    'foreign_keys',
    'foreign_key_columns',
    'check_constraints',
    'default_constraints',
    'triggers',
    'sql_modules',
    'identity_columns',
    'sequences',
    'schemas',
    'database_principals',
  ])
    found.set(view, (await all(`SELECT * FROM sys.${view}`)).map(row => JSON.stringify(row)).sort());
  const tables: readonly { readonly name: string }[] = await all(
    "SELECT QUOTENAME(SCHEMA_NAME(schema_id)) + N'.' + QUOTENAME(name) AS name FROM sys.tables ORDER BY name",
  );
  expect(tables.length).toBeGreaterThan(5);
  for (const { name } of tables)
    found.set(name, (await all(`SELECT * FROM ${name}`)).map(row => JSON.stringify(row)).sort());
  return found;
}

async function compared(pool: sql.ConnectionPool, other: sql.ConnectionPool): Promise<void> {
  const [left, right] = [await contents(pool), await contents(other)];
  expect([...right.keys()]).toEqual([...left.keys()]);
  for (const [name, rows] of left) expect([name, right.get(name)]).toEqual([name, rows]);
}

const changeSomething = (session: SqlSession) =>
  ok(
    session,
    "CREATE TABLE dbo.after_the_backup (id int IDENTITY PRIMARY KEY, at rowversion, v sql_variant); INSERT dbo.after_the_backup (v) VALUES (1); INSERT dbo.after_the_backup (v) VALUES (N'two'), (NULL)",
  );

test('the workload restored on another server equals the original', async () => {
  await using source = await startDouble({ name: 'MIA-SQL1', product: '2022-enterprise', databases: [] });
  await using target = await startDouble({ name: 'DAL-SQL1', databases: [] });
  await buildProduction(
    { double: source, user: 'sa', password: SA_PASSWORD },
    { database: 'Loans', rows: 3000, seed: 7, progress: () => undefined },
  );
  const session = source.session({ database: 'Loans' });
  const share = `\\\\MIA-FS1\\${crypto.randomUUID()}\\loans`;
  await ok(
    session,
    `BACKUP DATABASE Loans TO DISK = N'${share}1.bak', DISK = N'${share}2.bak' WITH COMPRESSION, CHECKSUM, FORMAT`,
  );
  await changeSomething(session);
  const here = target.session({ database: 'master' });
  await ok(session, `BACKUP LOG Loans TO DISK = N'${share}.trn' WITH COMPRESSION, INIT`);
  await ok(
    here,
    `RESTORE DATABASE Loans FROM DISK = N'${share}1.bak', DISK = N'${share}2.bak' WITH NORECOVERY; RESTORE LOG Loans FROM DISK = N'${share}.trn' WITH RECOVERY`,
  );
  const pools = await Promise.all(
    [source, target].map(double =>
      new sql.ConnectionPool(double.connection('sa', undefined, 'Loans')).connect(),
    ),
  );
  const [left, right] = pools;
  try {
    if (left && right) await compared(left, right);
  } finally {
    for (const pool of pools) await pool.close();
  }
  expect((await here.run('DBCC CHECKDB (Loans) WITH NO_INFOMSGS')).errors).toEqual([]);
});
