import { expect } from 'vitest';
import { type Case, does, failsWith, failure, numberOf, refuses, rowsOf, shows, value } from '../case.ts';
import type { Client } from '../client.ts';

const T =
  'CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v int NULL); INSERT dbo.t VALUES (1, 10), (2, 20)';
const COUNT = 'SELECT COUNT(*) FROM dbo.t';
const snapshots = (client: Client, option = 'ALLOW_SNAPSHOT_ISOLATION'): Promise<unknown> =>
  client.batch(`ALTER DATABASE CURRENT SET ${option} ON`);

export const TRANSACTIONS: readonly Case[] = [
  shows(
    'transactions/nesting',
    'BEGIN TRAN counts, ROLLBACK ends all',
    [
      T,
      'BEGIN TRAN; BEGIN TRAN; INSERT dbo.t VALUES (3, 3); COMMIT; DECLARE @n int = @@TRANCOUNT; ROLLBACK; SELECT @n, @@TRANCOUNT, COUNT(*) FROM dbo.t',
    ],
    [[1, 0, 2]],
  ),
  shows(
    'transactions/savepoint',
    'ROLLBACK to a savepoint keeps the rest and the count',
    [
      T,
      'BEGIN TRAN; INSERT dbo.t VALUES (3, 3); SAVE TRAN s; INSERT dbo.t VALUES (4, 4); ROLLBACK TRAN s; DECLARE @n int = @@TRANCOUNT; COMMIT; SELECT @n, COUNT(*) FROM dbo.t',
    ],
    [[1, 3]],
  ),
  refuses('transactions/3902', 'COMMIT without a transaction is 3902', 'COMMIT', {
    number: 3902,
    severity: 16,
    message: 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.',
  }),
  refuses('transactions/3903', 'ROLLBACK without one is 3903', 'ROLLBACK', {
    number: 3903,
    severity: 16,
    message: 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.',
  }),
  does('transactions/6401', 'an unknown savepoint is 6401', async client => {
    await failsWith(client.batch('BEGIN TRAN; ROLLBACK TRAN nothing'), {
      number: 6401,
      message: 'Cannot roll back nothing. No transaction or savepoint of that name was found.',
    });
    await client.batch('IF @@TRANCOUNT > 0 ROLLBACK');
  }),
  does('transactions/requests', 'begin, commit and rollback by requests', async client => {
    await client.batch(T);
    await client.begin();
    await client.batch('INSERT dbo.t VALUES (3, 3)');
    expect(await value(client, 'SELECT @@TRANCOUNT')).toBe(1);
    await client.rollback();
    expect(await value(client, COUNT)).toBe(2);
    await client.begin();
    await client.batch('INSERT dbo.t VALUES (3, 3)');
    await client.commit();
    expect(await value(client, COUNT)).toBe(3);
  }),
  does('transactions/isolation', 'the isolation level comes with the request and stays', async client => {
    const level = 'SELECT transaction_isolation_level FROM sys.dm_exec_sessions WHERE session_id = @@SPID';
    for (const [name, number] of [
      ['read uncommitted', 1],
      ['repeatable read', 3],
      ['serializable', 4],
      ['read committed', 2],
    ] as const) {
      await client.begin(name);
      expect(await value(client, level)).toBe(number);
      await client.commit();
    }
    await client.batch('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE');
    expect(await value(client, level)).toBe(4);
  }),
  does('transactions/implicit', 'IMPLICIT_TRANSACTIONS begins at the first statement', async client => {
    await client.batch(T);
    await client.batch('SET IMPLICIT_TRANSACTIONS ON');
    await client.batch('INSERT dbo.t VALUES (3, 3)');
    expect(await value(client, 'SELECT @@TRANCOUNT')).toBe(1);
    await client.batch('ROLLBACK; SET IMPLICIT_TRANSACTIONS OFF');
    expect(await value(client, COUNT)).toBe(2);
  }),
  shows(
    'transactions/ddl',
    'definitions are part of a transaction',
    ["BEGIN TRAN; CREATE TABLE dbo.x (a int); ROLLBACK; SELECT OBJECT_ID('dbo.x')"],
    [[null]],
  ),
  shows(
    'transactions/table-variable',
    'a table variable keeps its rows over ROLLBACK',
    'DECLARE @t TABLE (a int); BEGIN TRAN; INSERT @t VALUES (1); ROLLBACK; SELECT COUNT(*) FROM @t',
    [[1]],
  ),
  does('transactions/procedure-266', 'a procedure that leaves another count is 266', async client => {
    await client.batch('CREATE PROCEDURE dbo.p AS BEGIN TRAN');
    await failsWith(client.batch('EXEC dbo.p'), {
      number: 266,
      severity: 16,
      state: 2,
      message:
        'Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = 0, current count = 1.',
    });
    await client.batch('IF @@TRANCOUNT > 0 ROLLBACK');
  }),
  does('isolation/dirty', 'NOLOCK and READ UNCOMMITTED see what is not committed', async client => {
    await client.batch(T);
    const other = await client.another();
    await client.batch('BEGIN TRAN; UPDATE dbo.t SET v = 99 WHERE id = 1');
    expect(await value(other, 'SELECT v FROM dbo.t WITH (NOLOCK) WHERE id = 1')).toBe(99);
    expect(
      await value(
        other,
        'SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; SELECT v FROM dbo.t WHERE id = 1',
      ),
    ).toBe(99);
    await client.batch('ROLLBACK');
  }),
  does('isolation/1222', 'LOCK_TIMEOUT ends a wait with 1222', async client => {
    await client.batch(T);
    const other = await client.another();
    await client.batch('BEGIN TRAN; UPDATE dbo.t SET v = 99 WHERE id = 1');
    await failsWith(other.batch('SET LOCK_TIMEOUT 20; SELECT v FROM dbo.t WHERE id = 1'), {
      number: 1222,
      severity: 16,
      message: 'Lock request time out period exceeded.',
    });
    await failsWith(other.batch('SET LOCK_TIMEOUT 0; UPDATE dbo.t SET v = 1 WHERE id = 1'), { number: 1222 });
    expect(await value(other, 'SELECT v FROM dbo.t WHERE id = 2')).toBe(20);
    await client.batch('ROLLBACK');
  }),
  does(
    'isolation/nowait',
    'NOWAIT does not wait, READPAST passes over',
    async client => {
      await client.batch(T);
      const other = await client.another();
      await client.batch('BEGIN TRAN; UPDATE dbo.t SET v = 99 WHERE id = 1');
      await failsWith(other.batch('SELECT * FROM dbo.t WITH (NOWAIT)'), { number: 1222 });
      expect(await rowsOf(other, 'SELECT id FROM dbo.t WITH (READPAST)')).toEqual([[2]]);
      await client.batch('ROLLBACK');
    },
    { differs: 'it refuses NOWAIT and READPAST' },
  ),
  does('isolation/waits', 'a reader waits for a writer and sees what was committed', async client => {
    await client.batch(T);
    const other = await client.another();
    await client.batch('BEGIN TRAN; UPDATE dbo.t SET v = 99 WHERE id = 1');
    const reading = value(other, 'SELECT v FROM dbo.t WHERE id = 1');
    await client.batch('COMMIT');
    expect(await reading).toBe(99);
  }),
  does('isolation/snapshot', 'a SNAPSHOT reader goes on beside a writer', async client => {
    await client.batch(T);
    await snapshots(client);
    const reader = await client.another();
    await reader.begin('snapshot');
    expect(await value(reader, 'SELECT SUM(v) FROM dbo.t')).toBe(30);
    await client.batch('UPDATE dbo.t SET v = v + 100; INSERT dbo.t VALUES (3, 1)');
    expect(await value(reader, 'SELECT SUM(v) FROM dbo.t')).toBe(30);
    await reader.commit();
    expect(await value(reader, 'SELECT SUM(v) FROM dbo.t')).toBe(231);
  }),
  does('isolation/3960', 'a SNAPSHOT writer that comes second is 3960', async client => {
    await client.batch(T);
    await snapshots(client);
    const other = await client.another();
    await other.batch('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT * FROM dbo.t');
    await client.batch('UPDATE dbo.t SET v = 11 WHERE id = 1');
    await failsWith(other.batch('UPDATE dbo.t SET v = 12 WHERE id = 1'), {
      number: 3960,
      severity: 16,
      message:
        /^Snapshot isolation transaction aborted due to update conflict\. You cannot use snapshot isolation to access table 'dbo\.t' directly or indirectly in database '.*' to update, delete, or insert the row that has been modified or deleted by another transaction\. Retry the transaction or change the isolation level for the update\/delete statement\.$/,
    });
    expect(await value(other, 'SELECT @@TRANCOUNT')).toBe(0);
  }),
  does('isolation/3952', 'SNAPSHOT must be allowed', async client => {
    await client.batch(T);
    await failsWith(client.batch('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT * FROM dbo.t'), {
      number: 3952,
      message:
        /^Snapshot isolation transaction failed accessing database '.*' because snapshot isolation is not allowed in this database\. Use ALTER DATABASE to allow snapshot isolation\.$/,
    });
  }),
  does('isolation/rcsi', 'with READ_COMMITTED_SNAPSHOT readers do not wait', async client => {
    await client.batch(T);
    await client.batch('ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE');
    const other = await client.another();
    await client.batch('BEGIN TRAN; UPDATE dbo.t SET v = 99 WHERE id = 1');
    expect(await value(other, 'SELECT v FROM dbo.t WHERE id = 1')).toBe(10);
    await client.batch('COMMIT');
    expect(await value(other, 'SELECT v FROM dbo.t WHERE id = 1')).toBe(99);
  }),
  does(
    'isolation/serializable',
    'SERIALIZABLE keeps others from inserting into what was read',
    async client => {
      await client.batch(T);
      const other = await client.another();
      await client.batch(
        'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN TRAN; SELECT COUNT(*) FROM dbo.t',
      );
      await failsWith(other.batch('SET LOCK_TIMEOUT 20; INSERT dbo.t VALUES (3, 3)'), { number: 1222 });
      await client.batch('COMMIT');
      await other.batch('INSERT dbo.t VALUES (3, 3)');
    },
  ),
  does('isolation/1205', 'of two that wait for each other one is 1205 and rolled back', async client => {
    await client.batch(T);
    const other = await client.another();
    await client.batch('SET DEADLOCK_PRIORITY LOW; BEGIN TRAN; UPDATE dbo.t SET v = 1 WHERE id = 1');
    await other.batch('BEGIN TRAN; UPDATE dbo.t SET v = 2 WHERE id = 2');
    const victim = failure(client.batch('UPDATE dbo.t SET v = 1 WHERE id = 2'));
    const survivor = other.batch('UPDATE dbo.t SET v = 2 WHERE id = 1');
    const failed = await victim;
    expect(failed.errors.map(numberOf)).toEqual([1205]);
    expect(failed.last?.severity).toBe(13);
    expect(failed.last?.message).toMatch(
      /^Transaction \(Process ID \d+\) was deadlocked on lock resources with another process and has been chosen as the deadlock victim\. Rerun the transaction\.$/,
    );
    await survivor;
    await other.batch('COMMIT');
    expect(await rowsOf(client, 'SELECT @@TRANCOUNT, (SELECT SUM(v) FROM dbo.t)')).toEqual([[0, 4]]);
  }),
  does('isolation/applock', 'sp_getapplock', async client => {
    const other = await client.another();
    await client.batch(
      "DECLARE @r int; EXEC @r = sp_getapplock @Resource = 'x', @LockMode = 'Exclusive', @LockOwner = 'Session'; IF @r < 0 THROW 50000, 'not locked', 1",
    );
    expect(
      await value(
        other,
        "DECLARE @r int; EXEC @r = sp_getapplock @Resource = 'x', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 10; SELECT @r",
      ),
    ).toBe(-1);
    await client.batch("EXEC sp_releaseapplock @Resource = 'x', @LockOwner = 'Session'");
    expect(
      await value(
        other,
        "DECLARE @r int; EXEC @r = sp_getapplock @Resource = 'x', @LockMode = 'Exclusive', @LockOwner = 'Session', @LockTimeout = 10; SELECT @r",
      ),
    ).toBe(0);
  }),
  does('transactions/lost', 'a session that goes rolls back', async client => {
    await client.batch(T);
    const other = await client.another();
    await other.batch('BEGIN TRAN; DELETE dbo.t');
    await other.close();
    expect(await value(client, COUNT)).toBe(2);
  }),
];
