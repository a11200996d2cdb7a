import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gather, type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Transactions of a session, over one database and over several. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble({ databases: ['app', 'other'] });
  session = double.session();
  await session.run('CREATE TABLE dbo.t (id int PRIMARY KEY); CREATE TABLE other.dbo.t (id int PRIMARY KEY)');
});
beforeEach(() =>
  session.run(
    'IF @@TRANCOUNT > 0 ROLLBACK; SET XACT_ABORT, IMPLICIT_TRANSACTIONS OFF; DELETE dbo.t; DELETE other.dbo.t',
  ),
);
afterAll(() => double[Symbol.asyncDispose]());

const ids = async (table = 'dbo.t'): Promise<unknown> =>
  (await session.run(`SELECT id FROM ${table} ORDER BY id`)).rows.map(([id]) => id);

describe('BEGIN, COMMIT, ROLLBACK', () => {
  it('count, and only the outermost COMMIT writes', async () => {
    const { results, environment } = await session.run(
      'BEGIN TRAN; BEGIN TRAN; INSERT dbo.t VALUES (1); SELECT @@TRANCOUNT; COMMIT; SELECT @@TRANCOUNT; COMMIT; SELECT @@TRANCOUNT',
    );
    expect(results.map(each => each.rows[0]?.[0])).toEqual([2, 1, 0]);
    expect(environment.map(each => each.kind)).toEqual(['begin', 'commit']);
    expect(await ids()).toEqual([1]);
  });

  it('ROLLBACK undoes all levels, rows and definitions', async () => {
    await session.run(
      'BEGIN TRAN; BEGIN TRAN; INSERT dbo.t VALUES (1); CREATE TABLE dbo.u (i int); ROLLBACK',
    );
    expect(await ids()).toEqual([]);
    expect((await session.run('SELECT * FROM dbo.u')).numbers).toEqual([208]);
  });

  it('savepoints are gone back to by name', async () => {
    await session.run(
      'BEGIN TRAN; INSERT dbo.t VALUES (1); SAVE TRAN here; INSERT dbo.t VALUES (2); ROLLBACK TRAN here; INSERT dbo.t VALUES (3); COMMIT',
    );
    expect(await ids()).toEqual([1, 3]);
  });

  it.each([
    ['COMMIT', 3902],
    ['ROLLBACK', 3903],
    ['SAVE TRAN x', 628],
    ['BEGIN TRAN a; ROLLBACK TRAN b', 6401],
  ])('%s: %i', async (text, number) => {
    expect((await session.run(text)).numbers).toEqual([number]);
  });

  it('a name goes with the outermost transaction', async () => {
    expect(
      (await session.run('BEGIN TRAN a; INSERT dbo.t VALUES (1); ROLLBACK TRAN a; SELECT @@TRANCOUNT')).rows,
    ).toEqual([[0]]);
  });

  it('one transaction spans the databases of the server', async () => {
    await session.run('BEGIN TRAN; INSERT dbo.t VALUES (1); INSERT other.dbo.t VALUES (2); ROLLBACK');
    expect([await ids(), await ids('other.dbo.t')]).toEqual([[], []]);
    await session.run('BEGIN TRAN; INSERT dbo.t VALUES (1); INSERT other.dbo.t VALUES (2); COMMIT');
    expect([await ids(), await ids('other.dbo.t')]).toEqual([[1], [2]]);
  });

  it('IMPLICIT_TRANSACTIONS begins one with what touches a table', async () => {
    await session.run('SET IMPLICIT_TRANSACTIONS ON');
    expect(await session.value('DECLARE @x int = 1; SELECT @@TRANCOUNT')).toBe(0);
    expect((await session.run('INSERT dbo.t VALUES (1); SELECT @@TRANCOUNT')).rows).toEqual([[1]]);
    await session.run('ROLLBACK');
    expect(await ids()).toEqual([]);
  });

  it('are asked for by the protocol as well', async () => {
    const begun = await gather(session.session.transaction({ kind: 'begin', isolation: 4, name: '' }));
    expect(begun.environment.map(each => each.kind)).toEqual(['begin']);
    await session.run('INSERT dbo.t VALUES (1)');
    await gather(session.session.transaction({ kind: 'save', name: 's' }));
    await session.run('INSERT dbo.t VALUES (2)');
    await gather(session.session.transaction({ kind: 'rollback', name: 's' }));
    const committed = await gather(session.session.transaction({ kind: 'commit', name: '' }));
    expect(committed.environment).toEqual([{ ...begun.environment[0], kind: 'commit' }]);
    expect(await ids()).toEqual([1]);
    expect((await gather(session.session.transaction({ kind: 'commit', name: '' }))).numbers).toEqual([3902]);
    await session.run('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });

  it('a procedure that leaves another count is told of: 266', async () => {
    await session.run('CREATE PROCEDURE dbo.begins AS BEGIN TRAN');
    const { numbers, rows } = await session.run('EXEC dbo.begins; SELECT @@TRANCOUNT');
    expect(numbers).toEqual([266]);
    expect(rows).toEqual([[1]]);
  });

  it('some statements do not stand in one', async () => {
    expect((await session.run('BEGIN TRAN; CREATE DATABASE z')).numbers).toEqual([226]);
  });
});

describe('the end of a session', () => {
  it('rolls back what is open, and lets others go on', async () => {
    const other = double.session();
    await other.run('BEGIN TRAN; INSERT dbo.t VALUES (1)');
    const waiting = session.run('SELECT COUNT(*) FROM dbo.t');
    other.end();
    expect((await waiting).rows).toEqual([[0]]);
  });

  it('reset rolls back, forgets options and temporary tables', async () => {
    await session.run(
      'BEGIN TRAN; INSERT dbo.t VALUES (1); SET NOCOUNT ON; CREATE TABLE #kept (i int); USE other',
    );
    session.session.reset(false);
    const { counts, numbers } = await session.run('SELECT @@TRANCOUNT; SELECT * FROM #kept');
    expect(counts).toEqual([1]);
    expect(numbers).toEqual([208]);
    expect(await session.value('SELECT DB_NAME()')).toBe('app');
  });
});

describe('a cancelled request', () => {
  it('leaves its transaction open unless XACT_ABORT is on', async () => {
    for (const [option, left] of [
      ['OFF', 1],
      ['ON', 0],
    ] as const) {
      const abort = new AbortController();
      const replies = session.session.batch(
        `SET XACT_ABORT ${option}; BEGIN TRAN; RAISERROR('now', 1, 1) WITH NOWAIT; WAITFOR DELAY '01:00'`,
        abort.signal,
      );
      for await (const reply of replies) if (reply.reply === 'message') abort.abort();
      expect(await session.value('SELECT @@TRANCOUNT')).toBe(left);
      await session.run('IF @@TRANCOUNT > 0 ROLLBACK');
    }
  });

  it('ends a wait for a lock', async () => {
    const holder = double.session();
    await holder.run('BEGIN TRAN; INSERT dbo.t VALUES (1)');
    const abort = new AbortController();
    const waiting = session.run('SELECT * FROM dbo.t', abort.signal);
    await expect
      .poll(
        async () =>
          (await holder.run(`SELECT wait_type FROM sys.dm_exec_requests WHERE blocking_session_id = @@SPID`))
            .rows,
      )
      .toEqual([['LCK_M_S']]);
    abort.abort();
    expect((await waiting).results).toEqual([]);
    await holder.run('ROLLBACK');
    holder.end();
  });
});
