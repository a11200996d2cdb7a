import { describe, expect, it } from 'vitest';
import { errorOf, SCHEMA, server, single } from './world.ts';

describe('DBCC CHECKIDENT', () => {
  it('begins with the value in a table that never had a row, and goes on behind it in any other', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    await double.run(
      'PubDB',
      "DBCC CHECKIDENT ('dbo.Loan', RESEED, 10) WITH NO_INFOMSGS; INSERT INTO dbo.Loan (Amount) VALUES (1)",
    );
    expect(await single(double, 'SELECT MAX(Id) FROM dbo.Loan')).toBe(10);
    await double.run(
      'PubDB',
      "DBCC CHECKIDENT ('dbo.Loan', RESEED, 50); INSERT INTO dbo.Loan (Amount) VALUES (1)",
    );
    expect(await single(double, 'SELECT MAX(Id) FROM dbo.Loan')).toBe(51);
  });

  it('reseeds upwards only, and NORESEED never', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    await double.run(
      'PubDB',
      'SET IDENTITY_INSERT dbo.Loan ON; INSERT INTO dbo.Loan (Id, Amount) VALUES (7, 1); SET IDENTITY_INSERT dbo.Loan OFF',
    );
    await double.run('PubDB', "DBCC CHECKIDENT ('dbo.Loan', RESEED, 3)");
    await double.run('PubDB', "DBCC CHECKIDENT ('dbo.Loan', NORESEED)");
    expect(await single(double, "SELECT CONVERT(int, IDENT_CURRENT('dbo.Loan'))")).toBe(3);
    await double.run('PubDB', "DBCC CHECKIDENT ('dbo.Loan', RESEED)");
    expect(await single(double, "SELECT CONVERT(int, IDENT_CURRENT('dbo.Loan'))")).toBe(7);
    await double.run('PubDB', "DBCC CHECKIDENT ('dbo.Loan', RESEED, 90); DBCC CHECKIDENT ('dbo.Loan')");
    expect(await single(double, "SELECT CONVERT(int, IDENT_CURRENT('dbo.Loan'))")).toBe(90);
  });

  it('refuses what it refuses', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    expect(await errorOf(double, "DBCC CHECKIDENT ('dbo.None')")).toBe(2501);
    expect(await errorOf(double, "DBCC CHECKIDENT ('dbo.Note')")).toBe(7997);
    expect(await errorOf(double, "DBCC CHECKIDENT ('dbo.Loan', RESEED, 99999999999)")).toBe(2560);
    expect(await errorOf(double, 'DBCC NOSUCHTHING')).toBe(2526);
  });
});

describe('DBCC OPENTRAN', () => {
  it('tells the oldest transaction that has written', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    expect(await double.run('PubDB', 'DBCC OPENTRAN WITH TABLERESULTS, NO_INFOMSGS')).toEqual([]);
    const rows = await double.run(
      'PubDB',
      'BEGIN TRAN; INSERT INTO dbo.Loan (Amount) VALUES (1); DBCC OPENTRAN WITH TABLERESULTS, NO_INFOMSGS',
    );
    expect(rows.map(row => row[0])).toEqual([
      'OLDACT_SPID',
      'OLDACT_UID',
      'OLDACT_NAME',
      'OLDACT_LSN',
      'OLDACT_STARTTIME',
      'OLDACT_SID',
    ]);
    expect(rows[2]?.[1]).toBe('user_transaction');
    expect(rows[3]?.[1]).toMatch(/^\(\d+:\d+:\d+\)$/);
  });
});

describe('DBCC CHECKCONSTRAINTS', () => {
  it('finds the rows that a constraint was not asked about', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    expect(await double.run('PubDB', 'DBCC CHECKCONSTRAINTS')).toEqual([]);
    await double.run(
      'PubDB',
      'ALTER TABLE dbo.Note NOCHECK CONSTRAINT ALL; INSERT INTO dbo.Note (Id, Loan) VALUES (1, 99)',
    );
    expect(await double.run('PubDB', 'DBCC CHECKCONSTRAINTS')).toEqual([]);
    expect(await double.run('PubDB', 'DBCC CHECKCONSTRAINTS WITH ALL_CONSTRAINTS')).toEqual([
      ['[dbo].[Note]', '[FK_Note_Loan]', "[Loan] = '99'"],
    ]);
  });
});

describe('other commands', () => {
  it('answer', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    for (const command of [
      'CHECKDB',
      'CHECKDB (PubDB) WITH PHYSICAL_ONLY, NO_INFOMSGS',
      "CHECKTABLE ('dbo.Loan')",
      'DROPCLEANBUFFERS',
      'FREEPROCCACHE',
      'SQLPERF(LOGSPACE)',
      'LOGINFO',
      'TRACEON (3604, -1)',
    ])
      expect(await errorOf(double, `DBCC ${command}`), command).toBe(0);
    expect(await double.run('PubDB', 'DBCC TRACESTATUS(-1)')).toEqual([[3604, 1, 1, 0]]);
    expect(await errorOf(double, "DBCC SHOW_STATISTICS ('dbo.Loan', 'x')")).toBe(40517);
  });
});
