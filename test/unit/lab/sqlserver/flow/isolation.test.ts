import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** What sessions see of each other, and what they wait for. */

let double: SqlDouble;
let one: SqlSession;
let two: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  one = double.session();
  two = double.session();
  await one.run('CREATE TABLE dbo.t (id int PRIMARY KEY, v int)');
});
beforeEach(async () => {
  const tidy =
    'IF @@TRANCOUNT > 0 ROLLBACK; SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT -1; SET DEADLOCK_PRIORITY NORMAL';
  await one.run(tidy);
  await two.run(tidy);
  await one.run(
    'ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION OFF; DELETE dbo.t; INSERT dbo.t VALUES (1, 1), (2, 2)',
  );
});
afterAll(() => double[Symbol.asyncDispose]());

const blocked = (session: SqlSession) =>
  expect.poll(() => double.instance.sessions.get(session.session.id)?.request?.blockedBy).toBeGreaterThan(0);

describe('READ COMMITTED', () => {
  it('waits for what another transaction has written, and for nothing else', async () => {
    await one.run('BEGIN TRAN; UPDATE dbo.t SET v = 10 WHERE id = 1');
    expect((await two.run('SELECT v FROM dbo.t WHERE id = 2')).rows).toEqual([[2]]);
    const waiting = two.run('SELECT v FROM dbo.t ORDER BY id');
    await blocked(two);
    await one.run('COMMIT');
    expect((await waiting).rows).toEqual([[10], [2]]);
  });

  it('gives up after LOCK_TIMEOUT, and the batch goes on', async () => {
    await one.run('BEGIN TRAN; DELETE dbo.t');
    const { numbers, texts } = await two.run("SET LOCK_TIMEOUT 0; SELECT * FROM dbo.t; PRINT 'on'");
    expect(numbers).toEqual([1222]);
    expect(texts).toEqual(['on']);
  });

  it('meets a lock in the middle of its rows: all come once, as of the beginning', async () => {
    await one.run(
      'CREATE TABLE dbo.many (id int PRIMARY KEY, n int); INSERT dbo.many SELECT a.i * 30 + b.i, 1 FROM (SELECT TOP 30 ROW_NUMBER() OVER (ORDER BY (SELECT 1)) i FROM sys.all_columns) a CROSS JOIN (SELECT TOP 30 ROW_NUMBER() OVER (ORDER BY (SELECT 1)) i FROM sys.all_columns) b; CREATE TABLE dbo.last (id int PRIMARY KEY, v int); INSERT dbo.last SELECT id, 0 FROM dbo.many',
    );
    await two.run('BEGIN TRAN; UPDATE dbo.last SET v = 1 WHERE id = 900; DELETE dbo.many WHERE id = 31');
    await two.run('COMMIT; BEGIN TRAN; UPDATE dbo.last SET v = 2 WHERE id = 900');
    const reading = one.run(
      'SELECT m.id, (SELECT l.v FROM dbo.last l WHERE l.id = m.id) FROM dbo.many m ORDER BY m.id',
    );
    await blocked(one);
    await two.run('COMMIT');
    const { rows, errors } = await reading;
    expect(errors).toEqual([]);
    expect(rows).toHaveLength(899);
    expect(new Set(rows.map(([id]) => id)).size).toBe(899);
  });

  it('does not wait with NOLOCK, and sees what is not committed', async () => {
    await one.run('BEGIN TRAN; UPDATE dbo.t SET v = 10 WHERE id = 1');
    expect((await two.run('SELECT v FROM dbo.t WITH (NOLOCK) ORDER BY id')).rows).toEqual([[10], [2]]);
  });

  it('does not wait where versions are read', async () => {
    one.end();
    two.end();
    const alone = double.session({ database: 'master' });
    expect((await alone.run('ALTER DATABASE app SET READ_COMMITTED_SNAPSHOT ON')).numbers).toEqual([]);
    one = double.session();
    two = double.session();
    await one.run('BEGIN TRAN; UPDATE dbo.t SET v = 10 WHERE id = 1');
    expect((await two.run('SELECT v FROM dbo.t ORDER BY id')).rows).toEqual([[1], [2]]);
    await one.run('ROLLBACK');
    const killed = await alone.run(
      'ALTER DATABASE app SET READ_COMMITTED_SNAPSHOT OFF WITH ROLLBACK IMMEDIATE',
    );
    expect(killed.numbers).toEqual([]);
    expect(one.session.ended.aborted).toBe(true);
    one = double.session();
    two = double.session();
    alone.end();
  });
});

describe('two that wait for each other', () => {
  it('one is the victim, and the other goes on', async () => {
    await one.run('SET DEADLOCK_PRIORITY HIGH; BEGIN TRAN; UPDATE dbo.t SET v = 5 WHERE id = 1');
    await two.run('SET DEADLOCK_PRIORITY LOW; BEGIN TRAN; UPDATE dbo.t SET v = 5 WHERE id = 2');
    const first = one.run('UPDATE dbo.t SET v = 6 WHERE id = 2; SELECT @@TRANCOUNT');
    await blocked(one);
    const second = await two.run('UPDATE dbo.t SET v = 6 WHERE id = 1; SELECT @@TRANCOUNT');
    expect(second.numbers).toEqual([1205]);
    expect(second.environment.map(each => each.kind)).toEqual(['rollback']);
    expect((await first).rows).toEqual([[1]]);
  });
});

describe('REPEATABLE READ', () => {
  it('keeps writers out of what it has read', async () => {
    await one.run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN TRAN; SELECT * FROM dbo.t');
    expect((await two.run('SET LOCK_TIMEOUT 0; UPDATE dbo.t SET v = 0')).numbers).toEqual([1222]);
    await one.run('COMMIT');
    expect((await two.run('UPDATE dbo.t SET v = 0')).numbers).toEqual([]);
  });
});

describe('SNAPSHOT', () => {
  it('is refused where the database does not allow it', async () => {
    expect((await one.run('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT * FROM dbo.t')).numbers).toEqual([
      3952,
    ]);
  });

  it('reads the rows of its beginning beside writers, and fails on what they wrote', async () => {
    await one.run('ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON');
    await one.run('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT * FROM dbo.t');
    await two.run('UPDATE dbo.t SET v = 50 WHERE id = 1');
    expect((await one.run('SELECT v FROM dbo.t ORDER BY id')).rows).toEqual([[1], [2]]);
    expect((await one.run('UPDATE dbo.t SET v = 3 WHERE id = 2')).numbers).toEqual([]);
    expect((await one.run('UPDATE dbo.t SET v = 3 WHERE id = 1')).numbers).toEqual([3960]);
    expect(await one.value('SELECT @@TRANCOUNT')).toBe(0);
  });

  it('cannot be entered by a transaction that has begun without it', async () => {
    await one.run('ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON');
    const { numbers } = await one.run(
      'BEGIN TRAN; SELECT * FROM dbo.t; SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT * FROM dbo.t',
    );
    expect(numbers).toEqual([3951]);
  });

  it('fails on a table that was defined anew: 3961', async () => {
    await one.run('ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON; CREATE TABLE dbo.changing (i int)');
    await one.run('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT * FROM dbo.t');
    await two.run('ALTER TABLE dbo.changing ADD j int');
    expect((await one.run('SELECT * FROM dbo.changing')).numbers).toEqual([3961]);
  });
});

describe('long work', () => {
  it('lets other sessions run beside it', async () => {
    const counting = one.run('DECLARE @i int = 0; WHILE @i < 30000 SET @i += 1; SELECT @i');
    let others = 0;
    let over = false;
    const watched = counting.finally(() => {
      over = true;
    });
    while (!over) {
      await two.run('SELECT 1');
      others += 1;
      // Requests of clients come from a socket, not one out of the other.
      await setImmediate();
    }
    expect((await watched).rows).toEqual([[30000]]);
    expect(others).toBeGreaterThan(1);
  });

  it('is seen by others, with what it does', async () => {
    const abort = new AbortController();
    const waiting = one.run("WAITFOR DELAY '01:00'", abort.signal);
    await expect
      .poll(
        async () =>
          (
            await two.run(
              `SELECT command, wait_type FROM sys.dm_exec_requests WHERE session_id = ${one.session.id}`,
            )
          ).rows,
      )
      .toEqual([['WAITFOR', 'WAITFOR']]);
    abort.abort();
    await waiting;
  });

  it('ends with KILL, and what it had begun is undone', async () => {
    const victim = double.session();
    await victim.run('BEGIN TRAN; DELETE dbo.t');
    expect((await one.run(`KILL ${victim.session.id}`)).numbers).toEqual([]);
    expect(victim.session.ended.aborted).toBe(true);
    victim.end();
    expect(await one.value('SELECT COUNT(*) FROM dbo.t')).toBe(2);
  });
});
