import { describe, expect, it } from 'vitest';
import { SCHEMA, server, single } from './world.ts';

describe('functions about metadata', () => {
  it('answer what SQL Server answers', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    const cases: readonly (readonly [string, unknown])[] = [
      ["OBJECT_NAME(OBJECT_ID('dbo.Loan'))", 'Loan'],
      ["OBJECT_NAME(OBJECT_ID(N'[PubDB].[dbo].[Note]', 'U'))", 'Note'],
      ["OBJECT_ID('dbo.Loan', 'V')", null],
      ["OBJECT_ID('dbo.Nothing')", null],
      ["OBJECT_ID('not a [name')", null],
      ["OBJECT_NAME(OBJECT_ID('FK_Note_Loan', 'F'))", 'FK_Note_Loan'],
      ["OBJECT_SCHEMA_NAME(OBJECT_ID('Loan'))", 'dbo'],
      ["OBJECT_NAME(OBJECT_ID('PubDB..Loan'), DB_ID('PubDB'))", 'Loan'],
      ["OBJECT_NAME(OBJECT_ID('sys.tables'))", 'tables'],
      ["OBJECTPROPERTY(OBJECT_ID('dbo.Loan'), 'TableHasIdentity')", 1],
      ["OBJECTPROPERTY(OBJECT_ID('dbo.Loan'), 'tablehastimestamp')", 1],
      ["OBJECTPROPERTY(OBJECT_ID('dbo.Pile'), 'TableHasPrimaryKey')", 0],
      ["OBJECTPROPERTY(OBJECT_ID('dbo.Pile'), 'NoSuchProperty')", null],
      ["OBJECTPROPERTY(4711, 'IsTable')", null],
      ["OBJECTPROPERTY(OBJECT_ID('FK_Note_Loan'), 'CnstIsNotTrusted')", 0],
      ["COL_NAME(OBJECT_ID('dbo.Loan'), 4)", 'Amount'],
      ["COL_LENGTH('dbo.Loan', 'Name')", 100],
      ["COL_LENGTH('dbo.Note', 'Body')", -1],
      ["COLUMNPROPERTY(OBJECT_ID('dbo.Loan'), 'Id', 'IsIdentity')", 1],
      ["COLUMNPROPERTY(OBJECT_ID('dbo.Loan'), 'Amount', 'Scale')", 2],
      ["INDEXPROPERTY(OBJECT_ID('dbo.Note'), 'PK_Note', 'IsUnique')", 1],
      ["INDEX_COL('dbo.Note', 1, 1)", 'Id'],
      ["TYPE_NAME(TYPE_ID('nvarchar'))", 'nvarchar'],
      ["TYPE_ID('dbo.none')", null],
      ["TYPEPROPERTY('int', 'Precision')", 10],
      ['SCHEMA_NAME()', 'dbo'],
      ["SCHEMA_ID('sys')", 4],
      ['DB_NAME()', 'PubDB'],
      ["DB_NAME(DB_ID('MASTER'))", 'master'],
      ["DB_ID('none')", null],
      ["CONVERT(nvarchar(60), DATABASEPROPERTYEX('PubDB', 'Status'))", 'ONLINE'],
      ["CONVERT(int, DATABASEPROPERTYEX('PubDB', 'IsSyncWithBackup'))", 0],
      ["CONVERT(int, SERVERPROPERTY('EngineEdition'))", 2],
      ["CONVERT(sysname, SERVERPROPERTY('ServerName'))", 'MIA-SQL1'],
      ["SERVERPROPERTY('NoSuchProperty')", null],
      ['SUSER_SNAME()', 'sa'],
      ['SUSER_SNAME(0x01)', 'sa'],
      ['USER_NAME()', 'dbo'],
      ['CURRENT_USER', 'dbo'],
      ['USER_ID()', 1],
      ["IS_SRVROLEMEMBER('sysadmin')", 1],
      ["IS_SRVROLEMEMBER('sysadmin', 'nobody')", null],
      ["IS_MEMBER('db_owner')", 1],
      ["IS_MEMBER('nobody')", null],
      ["HAS_PERMS_BY_NAME('dbo.Loan', 'OBJECT', 'SELECT')", 1],
      ["HAS_DBACCESS('none')", null],
      ["CONVERT(sysname, LOGINPROPERTY('sa', 'DefaultDatabase'))", 'master'],
      ["DATALENGTH(CONVERT(varbinary(256), LOGINPROPERTY('sa', 'PasswordHash')))", 70],
      ["PWDCOMPARE(N'Correct-Horse-1', CONVERT(varbinary(256), LOGINPROPERTY('sa', 'PasswordHash')))", 1],
      ["PWDCOMPARE(N'wrong', CONVERT(varbinary(256), LOGINPROPERTY('sa', 'PasswordHash')))", 0],
      ['CHANGE_TRACKING_CURRENT_VERSION()', null],
      ["CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID('dbo.Loan'))", null],
      ['CHANGE_TRACKING_IS_COLUMN_IN_MASK(3, 0x000000000300000005000000)', 1],
      ['CHANGE_TRACKING_IS_COLUMN_IN_MASK(4, 0x000000000300000005000000)', 0],
      ["CONVERT(int, COLLATIONPROPERTY('SQL_Latin1_General_CP1_CI_AS', 'CodePage'))", 1252],
      ["COLLATIONPROPERTY('Nowhere_CI_AS', 'CodePage')", null],
    ];
    const list = cases.map(([expression]) => expression).join(',\n');
    const [row] = await double.run('PubDB', `SELECT ${list}`);
    const answers = cases.map(([expression], place) => [expression, row?.[place]]);
    expect(answers).toEqual(cases);
  });

  it('follow identities', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    expect(await single(double, "SELECT CONVERT(int, IDENT_CURRENT('dbo.Loan'))")).toBe(1);
    await double.run('PubDB', 'INSERT INTO dbo.Loan (Amount) VALUES (1), (2), (3)');
    expect(await single(double, "SELECT CONVERT(int, IDENT_CURRENT('dbo.Loan'))")).toBe(3);
    expect(await single(double, "SELECT CONVERT(int, IDENT_INCR('dbo.Loan'))")).toBe(1);
    expect(await single(double, "SELECT IDENT_SEED('dbo.Note')")).toBeNull();
  });

  it('see what the transaction has made, and nobody else does', async () => {
    await using double = await server();
    expect(
      await single(
        double,
        "BEGIN TRAN; CREATE TABLE dbo.Young (A int); SELECT CASE WHEN OBJECT_ID('dbo.Young') > 0 THEN 1 END",
      ),
    ).toBe(1);
    expect(await single(double, "SELECT OBJECT_ID('dbo.Young')")).toBeNull();
    expect(
      await single(
        double,
        "CREATE TABLE #t (a int); SELECT CASE WHEN OBJECT_ID('tempdb..#t') IS NOT NULL THEN 1 END",
      ),
    ).toBe(1);
  });
});
