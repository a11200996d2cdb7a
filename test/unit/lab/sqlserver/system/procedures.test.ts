import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDouble } from '../../../../../src/lab/sqlserver/server/double.ts';
import { errorOf, SCHEMA, server, single } from './world.ts';

describe('sp_configure', () => {
  it('takes effect with RECONFIGURE', async () => {
    await using double = await server();
    const value =
      "SELECT CONVERT(int, value_in_use) FROM sys.configurations WHERE name = 'max text repl size (B)'";
    await double.run('master', "EXEC sp_configure 'max text repl size', -1");
    expect(await single(double, value)).toBe(65_536);
    await double.run('master', 'RECONFIGURE');
    expect(await single(double, value)).toBe(-1);
    expect(await errorOf(double, "EXEC sp_configure 'no such option', 1")).toBe(15123);
    expect(await errorOf(double, "EXEC sp_configure 'remote', 1")).toBe(15124);
    expect(await errorOf(double, "EXEC sp_configure 'remote access', 5")).toBe(15129);
    expect(await errorOf(double, "EXEC sp_configure 'xp_cmdshell', 1")).toBe(15123);
    await double.run('master', "EXEC sp_configure 'show advanced options', 1; RECONFIGURE");
    expect(await errorOf(double, "EXEC sp_configure 'xp_cmdshell', 1")).toBe(0);
  });
});

describe('sp_rename', () => {
  it('renames tables, columns, indexes and constraints', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    await double.run(
      'PubDB',
      `EXEC sp_rename 'dbo.Pile', 'Heap'; EXEC sp_rename 'dbo.Heap.A', 'First', 'COLUMN';
       EXEC sp_rename 'dbo.Note.IX_Note_Loan', 'IX_Other', 'INDEX'; EXEC sp_rename 'dbo.FK_Note_Loan', 'FK_Other', 'OBJECT'`,
    );
    expect(await single(double, "SELECT COL_NAME(OBJECT_ID('dbo.Heap'), 1)")).toBe('First');
    expect(await single(double, "SELECT INDEXPROPERTY(OBJECT_ID('dbo.Note'), 'IX_Other', 'IndexID')")).toBe(
      2,
    );
    expect(await single(double, 'SELECT name FROM sys.foreign_keys')).toBe('FK_Other');
    expect(await errorOf(double, "EXEC sp_rename 'dbo.None', 'x'")).toBe(15225);
    expect(await errorOf(double, "EXEC sp_rename 'dbo.Heap', 'Loan'")).toBe(15335);
    expect(await errorOf(double, "EXEC sp_rename 'dbo.Loan.Amount', 'x', 'COLUMN'")).toBe(15336);
    expect(await errorOf(double, "EXEC sp_rename 'dbo.Loan', 'x', 'THING'")).toBe(15249);
  });

  it('goes with its transaction', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    await double.run('PubDB', "BEGIN TRAN; EXEC sp_rename 'dbo.Pile', 'Heap'; ROLLBACK");
    expect(await single(double, "SELECT OBJECT_ID('dbo.Heap')")).toBeNull();
  });
});

describe('linked servers', () => {
  it('are added, changed, dropped, and outlive a restart', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'landfall-system-'));
    const options = {
      directory,
      name: 'MIA',
      product: '2022-standard',
      saPassword: 'Correct-Horse-1',
    } as const;
    try {
      const first = await createDouble(options);
      await first.run(
        'master',
        `EXEC sp_addlinkedserver N'FAR', N'SQL Server'; EXEC sp_addlinkedsrvlogin N'FAR', N'false', NULL, N'remote', N'secret';
         EXEC sp_serveroption N'FAR', N'rpc out', N'true'; EXEC sp_addmessage 60001, 16, N'Hello %s'`,
      );
      expect(await errorOf(first, "EXEC sp_addlinkedserver N'far'", 'master')).toBe(15028);
      expect(await errorOf(first, "EXEC sp_serveroption N'NONE', N'rpc', N'true'", 'master')).toBe(15015);
      await first.close();
      const second = await createDouble(options);
      expect(
        await second.run(
          'master',
          `SELECT s.name, s.is_rpc_out_enabled, l.remote_name FROM sys.servers s JOIN sys.linked_logins l ON l.server_id = s.server_id
           WHERE s.is_linked = 1`,
        ),
      ).toEqual([['FAR', 1, 'remote']]);
      expect(await single(second, "SELECT FORMATMESSAGE(60001, 'you')", 'master')).toBe('Hello you');
      expect(await errorOf(second, "EXEC sp_dropserver N'FAR', 'droplogins'", 'master')).toBe(0);
      expect(await errorOf(second, "EXEC sp_dropserver N'FAR'", 'master')).toBe(15015);
      await second.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe('application locks', () => {
  it('end with their transaction', async () => {
    await using double = await server();
    const held = "SELECT APPLOCK_MODE('public', 'r', 'Transaction')";
    expect(await errorOf(double, "EXEC sp_getapplock 'r', 'Exclusive'")).toBe(3916);
    expect(await single(double, `BEGIN TRAN; EXEC sp_getapplock 'r', 'Exclusive'; ${held}; `)).toBe(
      'Exclusive',
    );
    expect(
      await single(double, `BEGIN TRAN; EXEC sp_getapplock 'r', 'Exclusive'; COMMIT; BEGIN TRAN; ${held}`),
    ).toBe('NoLock');
    expect(await errorOf(double, "EXEC sp_releaseapplock 'r', 'Session'")).toBe(1223);
  });
});

describe('other procedures', () => {
  it('turn NOT FOR REPLICATION of an identity on and off', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    const flag = 'SELECT is_not_for_replication FROM sys.identity_columns';
    const flip = (value: number) =>
      `DECLARE @id int = OBJECT_ID('dbo.Loan'); EXEC PubDB.sys.sp_identitycolumnforreplication @object_id = @id, @value = ${value}; ${flag}`;
    expect(await single(double, flip(1))).toBe(1);
    expect(await single(double, flip(0))).toBe(0);
  });

  it('are strict about their parameters', async () => {
    await using double = await server();
    expect(await errorOf(double, "EXEC sp_helptext @object = 'x'")).toBe(8145);
    expect(await errorOf(double, 'EXEC sp_helptext')).toBe(201);
    expect(await errorOf(double, "EXEC sp_helptext 'x', 'y', 'z'")).toBe(8144);
    expect(await errorOf(double, "EXEC sp_helptext 'dbo.None'")).toBe(15009);
    expect(await errorOf(double, 'EXEC sp_no_such_thing')).toBe(2812);
    expect(await errorOf(double, "EXEC xp_cmdshell 'dir'")).toBe(15281);
  });

  it('describe tables', async () => {
    await using double = await server();
    await double.run('PubDB', SCHEMA);
    expect((await double.run('PubDB', "EXEC sp_pkeys 'Note'")).map(row => row.slice(3))).toEqual([
      ['Id', 1, 'PK_Note'],
    ]);
    expect(
      (await double.run('PubDB', "EXEC sp_columns 'Loan', @column_name = 'A%'")).map(row => row[5]),
    ).toEqual(['decimal']);
    expect(await errorOf(double, 'EXEC sp_helpdb none')).toBe(15010);
    expect((await double.run('PubDB', "EXEC sp_helpdb 'PubDB'")).map(row => row[7])).toEqual([
      'data only',
      'log only',
    ]);
    expect(await errorOf(double, 'EXEC sp_updatestats')).toBe(0);
  });
});
