import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareCatalogs, type Measuring, measureDrift } from '../../../../src/database/drift/index.ts';
import { isPerformed, performScript } from '../../../../src/database/perform.ts';
import { buildClone, buildProduction } from '../../../../src/lab/sqlserver/workload/build.ts';
import { formatScript } from '../../../../src/remote/sql/script.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { serverAt } from '../catalog/server.ts';

const GOLDEN = new URL('../../../../fixtures/database/drift/clone-2022-standard.sql', import.meta.url);

/** What a developer would not want to lose. */
const OWN_ROWS = [
  'ALTER TABLE party.CustomerAddress ALTER COLUMN Line1 nvarchar(200) NOT NULL',
  "UPDATE TOP (1) party.CustomerAddress SET Line1 = REPLICATE(N'x', 121)",
  'ALTER TABLE org.Employee ADD DevNote nvarchar(200) NULL',
  "UPDATE TOP (1) org.Employee SET DevNote = N'mine'",
  'ALTER TABLE ref.State ADD Mood int NOT NULL CONSTRAINT DF_Mood DEFAULT (1)',
  'ALTER TABLE ref.State DROP CONSTRAINT DF_Mood',
  'CREATE TABLE dbo.Scratch (Id int IDENTITY(1,1) PRIMARY KEY, Note nvarchar(max) NULL)',
  "INSERT dbo.Scratch (Note) VALUES (N'kept')",
  'ALTER TABLE fin.EscrowItem DROP CONSTRAINT PK_EscrowItem',
  'INSERT fin.EscrowItem SELECT TOP (1) * FROM fin.EscrowItem',
];

/** Production and its development clone as the lab has them, on one double. */
describe('the clone of the lab', () => {
  const signal = new AbortController().signal;
  let double: SqlDouble;
  let publisher: SqlServer;
  let subscriber: SqlServer;
  let measuring: Measuring;

  beforeAll(async () => {
    double = await startDouble();
    const builder = { double, user: 'sa', password: SA_PASSWORD };
    await buildProduction(builder, { database: 'Loans', rows: 300, seed: 7 });
    await buildClone(builder, { database: 'LoansDev', rows: 300, seed: 7 });
    publisher = serverAt('publisher', double.port, SA_PASSWORD);
    subscriber = serverAt('subscriber', double.port, SA_PASSWORD);
    measuring = { servers: { publisher, subscriber }, ref: { source: 'Loans', copy: 'LoansDev' }, signal };
  });
  afterAll(async () => {
    await publisher.close();
    await subscriber.close();
    await double[Symbol.asyncDispose]();
  });

  it('reaches production by a script that a DBA can read, and the second time it does nothing', async () => {
    const servers = { publisher, subscriber, distributor: subscriber };
    const drift = await measureDrift(measuring);
    expect(drift.items.filter(item => !item.aligned)).toEqual([]);
    expect(drift.items.map(item => `${item.severity} ${item.kind} ${item.subject}`)).toEqual([
      'blocker column los.AssetItem.Holder',
      'blocker column los.Property.FloodZone',
      'blocker table ops.NumberRange',
      'blocker index los.Condition.UX_Condition_Dev',
      'warning table dbo.Scratch',
      'warning column org.Employee.DevNote',
      'warning column party.CustomerAddress.Line1',
      'warning index party.CustomerAddress.IX_CustomerAddress_Customer',
      'warning default ref.DocumentType.RetentionYears',
      'warning check ref.Fee.CK_Fee_One',
      'warning module los.vw_Pipeline',
      'note trigger party.Customer.tr_Customer_Audit',
      'note foreign-key fin.EscrowItem.FK_EscrowItem_Loan',
    ]);
    expect(formatScript(drift.align)).toBe(readFileSync(GOLDEN, 'utf8'));

    expect(await isPerformed(drift.align, { servers, signal })).toBe(false);
    await performScript(drift.align, { servers, signal });
    expect(await isPerformed(drift.align, { servers, signal })).toBe(true);

    const after = await measureDrift(measuring);
    expect(after.align.deeds.map(deed => deed.id)).toEqual([]);
    expect(after.items.map(item => `${item.subject}: ${item.what}`)).toEqual([
      'ref.Fee.CK_Fee_One: is not trusted on the copy: the hand-over checks its rows',
      'fin.EscrowItem.FK_EscrowItem_Loan: is not trusted on the copy: the hand-over checks its rows',
    ]);
  });

  it('keeps what holds values, and shows the rows', async () => {
    const builder = { double, user: 'sa', password: SA_PASSWORD };
    await buildProduction(builder, { database: 'Kept', rows: 300, seed: 7 });
    for (const batch of OWN_ROWS) await double.run('Kept', batch);
    const drift = await measureDrift({ ...measuring, ref: { source: 'Loans', copy: 'Kept' } });
    const refused = drift.items.filter(item => !item.aligned && !item.what.includes('not trusted'));
    expect(refused.map(item => [item.severity, item.subject, item.what])).toEqual([
      [
        'blocker',
        'fin.EscrowItem.PK_EscrowItem',
        'the primary key on LoanId, Kind is missing on the copy; rows that are not unique: SELECT [LoanId], [Kind], COUNT(*) AS [rows] FROM [fin].[EscrowItem] GROUP BY [LoanId], [Kind] HAVING COUNT(*) > 1',
      ],
      [
        'warning',
        'org.Employee.DevNote',
        'is on the copy only and has values, so it stays and takes none: SELECT * FROM [org].[Employee] WHERE [DevNote] IS NOT NULL',
      ],
      [
        'warning',
        'party.CustomerAddress.Line1',
        'is nvarchar(120) NOT NULL on production and nvarchar(200) NOT NULL on the copy; rows that do not fit: SELECT * FROM [party].[CustomerAddress] WHERE DATALENGTH([Line1]) > 240',
      ],
      [
        'note',
        'dbo.Scratch',
        'is on the copy only, so it stays: SELECT * FROM [dbo].[Scratch] shows what is in it',
      ],
    ]);
    expect(drift.align.deeds.map(deed => deed.statement.text)).toEqual([
      'ALTER TABLE [ref].[State] ALTER COLUMN [Mood] int NULL;',
    ]);
    // Without having asked the copy nothing at all is taken for harmless.
    const unasked = compareCatalogs(drift.source, drift.copy);
    expect(unasked.align.deeds.map(deed => deed.id)).toEqual(['alter-column/column/ref.State.Mood']);
  });

  it('repeats the condition in the script: rows may have come since', async () => {
    const servers = { publisher, subscriber, distributor: subscriber };
    await double.run('LoansDev', 'CREATE TABLE dbo.Late (Id int NOT NULL)');
    const { align } = await measureDrift(measuring);
    const drop = align.deeds.filter(deed => deed.id === 'drop-table/table/dbo.Late');
    expect(drop).toHaveLength(1);
    await double.run('LoansDev', 'INSERT dbo.Late VALUES (1)');
    await expect(performScript({ title: '', deeds: drop }, { servers, signal })).rejects.toThrow(/dbo\.Late/);
  });
});
