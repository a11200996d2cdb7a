import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  drainedStatements,
  observe,
  observeStatements,
  proveDrained,
} from '../../../../src/database/monitor/index.ts';
import { serverFacts } from '../../../support/databases.ts';
import { startDouble } from '../../../support/sql-double.ts';
import { PASSWORD } from '../../lab/sqlserver/replication/world.ts';
import { Hands } from '../hands.ts';

/** A share is beside the directories of the doubles. */
const directory = mkdtempSync(join(tmpdir(), 'landfall-shipping-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string): string => {
  const own = join(directory, name);
  mkdirSync(own);
  return own;
};

test('log shipping: exposure is of the newest log that was restored; drained is its tail', async () => {
  await using mia = await startDouble({ name: 'MIA-SQL1', databases: ['Loans'], directory: at('mia') });
  await using dal = await startDouble({ name: 'DAL-SQL1', databases: [], directory: at('dal') });
  await using hands = new Hands({
    ...{ name: 'Loans', password: PASSWORD, plan: { lane: 'log-shipping' } },
    at: role => (role === 'publisher' ? mia : dal),
  });
  hands.tell({
    ...{ type: 'database.assessed', database: 'Loans', tables: [], findings: [] },
    ...{ publisher: serverFacts('MIA-SQL1'), distributor: serverFacts('DAL-SQL1') },
    subscriber: serverFacts('DAL-SQL1'),
  });
  hands.tell({ type: 'database.lane-chosen', database: 'Loans', lane: 'log-shipping', reason: 'test' });
  const look = () => observe(hands.work(observeStatements));
  const prove = () => proveDrained(hands.work(drainedStatements));
  const codes = async () => (await look()).troubles.map(({ code }) => code);
  expect(await codes()).toContain('no-log-restored');

  const [full, log, tail] = ['full.bak', 'log.trn', 'tail.trn'].map(name => `\\\\MIA-FS1\\bak\\${name}`);
  await mia.run('master', 'ALTER DATABASE Loans SET RECOVERY FULL');
  await mia.run('Loans', 'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY)');
  await mia.run('master', `BACKUP DATABASE Loans TO DISK = N'${full}'`);
  const begun = Date.now();
  await mia.run('master', `BACKUP LOG Loans TO DISK = N'${log}'`);
  const move = (kind: string, file: string | undefined, how: string): string =>
    `RESTORE ${kind} Loans FROM DISK = N'${file}' WITH ${how}`;
  await dal.run(
    'master',
    move('DATABASE', full, `NORECOVERY, MOVE N'Loans' TO N'D:\\l.mdf', MOVE N'Loans_log' TO N'D:\\l.ldf'`),
  );
  await dal.run('master', move('LOG', log, 'NORECOVERY'));
  const shipped = await look();
  expect(shipped.troubles).toEqual([]);
  expect(shipped.hops).toEqual([]);
  expect(shipped.proven?.id).toMatch(/^\d+$/);
  // datetime of msdb holds 1/300 s, and whole seconds where SQL Server rounds them.
  expect(Math.abs((shipped.proven?.at ?? 0) - begun)).toBeLessThan(60_000);
  expect(shipped.exposureMs).toBeLessThan(60_000);

  const open = await prove();
  expect(open.drained).toBe(false);
  expect(open.missing).toEqual([expect.stringContaining('the tail of its log was not taken')]);

  await mia.run('Loans', 'INSERT dbo.T VALUES (1)');
  await mia.run('master', `BACKUP LOG Loans TO DISK = N'${tail}' WITH NORECOVERY`);
  const waits = await prove();
  expect(waits).toMatchObject({
    drained: false,
    missing: [expect.stringContaining('the last log of production ends at')],
  });
  await dal.run('master', move('LOG', tail, 'NORECOVERY'));
  expect(await prove()).toMatchObject({ drained: true, missing: [] });

  await dal.run('master', 'RESTORE DATABASE Loans WITH RECOVERY');
  expect(await codes()).toContain('copy-recovered');
});
