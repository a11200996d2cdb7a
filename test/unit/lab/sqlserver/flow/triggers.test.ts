import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Triggers run inside the statement that fires them. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
  await session.run(
    'CREATE TABLE dbo.t (id int PRIMARY KEY, v int); CREATE TABLE dbo.log (what varchar(200), n int, k int IDENTITY)',
  );
});
beforeEach(() =>
  session.run(
    'IF @@TRANCOUNT > 0 ROLLBACK; SET XACT_ABORT OFF; DROP TRIGGER IF EXISTS dbo.tr, dbo.tr2; DELETE dbo.log; DELETE dbo.t',
  ),
);
afterAll(() => double[Symbol.asyncDispose]());

const log = async () => (await session.run('SELECT what, n FROM dbo.log ORDER BY k')).rows;

describe('AFTER triggers', () => {
  it('see inserted and deleted, and are part of the statement', async () => {
    await session.run(`CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT, UPDATE, DELETE AS
      INSERT dbo.log SELECT 'i', COUNT(*) FROM inserted UNION ALL SELECT 'd', COUNT(*) FROM deleted UNION ALL SELECT 't', @@TRANCOUNT`);
    await session.run('INSERT dbo.t VALUES (1, 1), (2, 2)');
    await session.run('UPDATE dbo.t SET v = 5 WHERE id = 1');
    await session.run('DELETE dbo.t');
    const rows = await log();
    expect(rows.map(([what, n]) => `${what}${n}`)).toEqual([
      'i2',
      'd0',
      't1',
      'i1',
      'd1',
      't1',
      'i0',
      'd2',
      't1',
    ]);
  });

  it('know which columns were written', async () => {
    await session.run(
      "CREATE TRIGGER dbo.tr ON dbo.t AFTER UPDATE AS IF UPDATE(v) INSERT dbo.log VALUES ('v', 1) ELSE INSERT dbo.log VALUES ('other', 1)",
    );
    await session.run('INSERT dbo.t VALUES (1, 1); UPDATE dbo.t SET v = 2; UPDATE dbo.t SET id = 3');
    expect(await log()).toEqual([
      ['v', 1],
      ['other', 1],
    ]);
  });

  it('undo the statement with an error, and the batch ends', async () => {
    await session.run('CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS INSERT dbo.log SELECT 1/0, 1');
    const { numbers, texts } = await session.run("INSERT dbo.t VALUES (1, 1); PRINT 'no'");
    expect(numbers[0]).toBe(8134);
    expect(texts).toEqual([]);
    expect(await session.value('SELECT COUNT(*) FROM dbo.t')).toBe(0);
  });

  it('end the batch when they roll back: 3609', async () => {
    await session.run('CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS ROLLBACK');
    const { numbers, texts } = await session.run("BEGIN TRAN; INSERT dbo.t VALUES (1, 1); PRINT 'no'");
    expect(numbers).toEqual([3609]);
    expect(texts).toEqual([]);
    expect(await session.value('SELECT COUNT(*) + @@TRANCOUNT FROM dbo.t')).toBe(0);
    expect((await session.run('INSERT dbo.t VALUES (1, 1)')).numbers).toEqual([3609]);
  });

  it('do not fire themselves, and not while they are disabled', async () => {
    await session.run(
      "CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS BEGIN INSERT dbo.log VALUES ('x', 1); IF (SELECT MAX(id) FROM inserted) < 5 INSERT dbo.t SELECT MAX(id) + 1, 0 FROM dbo.t END",
    );
    await session.run('INSERT dbo.t VALUES (1, 1)');
    expect(await log()).toHaveLength(1);
    await session.run('DISABLE TRIGGER dbo.tr ON dbo.t');
    await session.run('INSERT dbo.t VALUES (10, 1)');
    expect(await log()).toHaveLength(1);
  });

  it('leave SCOPE_IDENTITY to the statement, and @@IDENTITY to the last one', async () => {
    await session.run('CREATE TABLE dbo.counted (i int IDENTITY(100, 1), x int)');
    await session.run("CREATE TRIGGER dbo.trc ON dbo.counted AFTER INSERT AS INSERT dbo.log VALUES ('c', 1)");
    const { rows } = await session.run('INSERT dbo.counted VALUES (1); SELECT SCOPE_IDENTITY(), @@IDENTITY');
    expect(rows[0]?.[0]).toBe(100n * 1n);
    expect(rows[0]?.[0]).not.toBe(rows[0]?.[1]);
  });

  it('that are not for replication stay still for an agent', async () => {
    await session.run(
      "CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT NOT FOR REPLICATION AS INSERT dbo.log VALUES ('x', 1)",
    );
    const agent = double.session({ application: 'Replication Distribution Agent of MIA-SQL1' });
    await agent.run('INSERT dbo.t VALUES (1, 1)');
    expect(await log()).toEqual([]);
    agent.end();
    await session.run('INSERT dbo.t VALUES (2, 2)');
    expect(await log()).toEqual([['x', 1]]);
  });
});

describe('INSTEAD OF triggers', () => {
  it('stand in for the statement', async () => {
    await session.run(
      'CREATE TRIGGER dbo.tr ON dbo.t INSTEAD OF INSERT AS INSERT dbo.t SELECT id * 10, v FROM inserted',
    );
    await session.run('INSERT dbo.t VALUES (1, 1)');
    expect((await session.run('SELECT id FROM dbo.t')).rows).toEqual([[10]]);
  });
});
