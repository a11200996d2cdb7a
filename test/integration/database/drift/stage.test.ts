import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alignStage, keptAlign, measureDrift } from '../../../../src/database/drift/index.ts';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { Hands } from '../hands.ts';

const PRODUCTION = [
  'CREATE TABLE dbo.Customer (Id int NOT NULL CONSTRAINT PK_Customer PRIMARY KEY, Name nvarchar(80) NOT NULL)',
  'CREATE TRIGGER dbo.tr_Customer ON dbo.Customer AFTER INSERT AS SET NOCOUNT ON',
];
const CLONE = [
  'CREATE TABLE dbo.Customer (Id int NOT NULL CONSTRAINT PK_Customer PRIMARY KEY, Name nvarchar(20) NOT NULL)',
  'CREATE TRIGGER dbo.tr_Customer ON dbo.Customer AFTER INSERT AS SET NOCOUNT ON',
  'DISABLE TRIGGER dbo.tr_Customer ON dbo.Customer',
  "INSERT dbo.Customer VALUES (1, N'kept')",
];

/** Each test has its databases, on one double that is publisher and subscriber. */
describe('the stage that aligns', () => {
  let double: SqlDouble;
  let made = 0;
  beforeAll(async () => {
    double = await startDouble();
  });
  afterAll(() => double[Symbol.asyncDispose]());

  async function begin(more: { production?: readonly string[]; clone?: readonly string[] } = {}) {
    made += 1;
    const name = `Loans${made}`;
    const clone = `Dev${made}`;
    for (const [database, batches] of [
      [name, [...PRODUCTION, ...(more.production ?? [])]],
      [clone, [...CLONE, ...(more.clone ?? [])]],
    ] as const) {
      await double.run('master', `CREATE DATABASE ${database}`);
      for (const batch of batches) await double.run(database, batch);
    }
    const hands = new Hands({
      ...{ name, password: SA_PASSWORD, at: () => double },
      plan: { clone: { database: clone } },
    });
    /** As the stage that plans does it. */
    const plan = async (): Promise<void> => {
      const servers = { publisher: hands.connect('publisher'), subscriber: hands.connect('subscriber') };
      const drift = await measureDrift({ servers, ref: { source: name, copy: clone } });
      hands.tell({
        ...{ type: 'database.planned', database: name, lanes: [], drift: [...drift.items] },
        align: keptAlign(drift.align),
      });
    };
    return { hands, name, clone, plan };
  }

  it('runs the deeds that were shown, and what later stages hold stays held', async () => {
    const { hands, name, clone, plan } = await begin();
    await using _ = hands;
    await plan();
    const work = hands.work(alignStage.preview);
    expect(alignStage.preview(work).map(statement => statement.text)).toEqual([
      'ALTER TABLE [dbo].[Customer] ALTER COLUMN [Name] nvarchar(80) COLLATE SQL_Latin1_General_CP1_CI_AS NOT NULL;',
      'ENABLE TRIGGER [dbo].[tr_Customer] ON [dbo].[Customer];',
    ]);
    await hands.conduct(alignStage);
    expect(hands.last('database.aligned')).toEqual({
      ...{ type: 'database.aligned', database: name, statements: 2 },
    });
    expect(await double.run(clone, 'SELECT is_disabled FROM sys.triggers')).toEqual([[0]]);

    await double.run(clone, 'DISABLE TRIGGER dbo.tr_Customer ON dbo.Customer');
    expect(await alignStage.done(work)).toBe(true);
    expect(alignStage.preview(work)).toHaveLength(1);
  });

  it('asks for a new script where a schema has changed since the last', async () => {
    const { hands, name, plan } = await begin();
    await using _ = hands;
    await plan();
    await double.run(name, 'ALTER TABLE dbo.Customer ADD Since date NULL');
    await expect(hands.conduct(alignStage)).rejects.toMatchObject({
      code: 'database.drift',
      facts: { evidence: ['add the column dbo.Customer.Since'] },
    });
    await plan();
    await hands.conduct(alignStage);
    expect(hands.last('database.aligned')).toMatchObject({ statements: 1 });
  });

  it('refuses to go on where production could not be written into the copy', async () => {
    const { hands, plan } = await begin({
      production: ['CREATE TABLE dbo.Part (Code int NOT NULL CONSTRAINT PK_Part PRIMARY KEY)'],
      clone: [
        'CREATE TABLE dbo.Part (Code nvarchar(20) NOT NULL CONSTRAINT PK_Part PRIMARY KEY)',
        "INSERT dbo.Part VALUES (N'A-1')",
      ],
    });
    await using _ = hands;
    await plan();
    await expect(hands.conduct(alignStage)).rejects.toMatchObject({
      code: 'database.drift',
      facts: { evidence: [expect.stringContaining('SQL Server cannot change this type under rows')] },
    });
    expect(hands.last('database.aligned')).toBeUndefined();
  });
});
