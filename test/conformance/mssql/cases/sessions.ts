import { expect } from 'vitest';
import { type Case, does, failsWith, failure, rowsOf, value } from '../case.ts';
import type { BulkColumn } from '../client.ts';

const ID: BulkColumn = { name: 'id', type: 'Int', nullable: false };
const V: BulkColumn = { name: 'v', type: 'NVarChar', length: 50 };

export const SESSIONS: readonly Case[] = [
  does('bulk/rows', 'a bulk load of many rows counts them', async client => {
    await client.batch('CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v nvarchar(50) NULL)');
    const rows = Array.from({ length: 1000 }, (_, id) => [id, id % 3 === 0 ? null : `v${id}`] as const);
    expect(await client.bulk('dbo.t', [ID, V], rows)).toBe(1000);
    expect(await rowsOf(client, 'SELECT COUNT(*), COUNT(v), MAX(id) FROM dbo.t')).toEqual([[1000, 666, 999]]);
  }),
  does('bulk/keep-nulls', 'NULL becomes the default unless nulls are kept', async client => {
    await client.batch("CREATE TABLE dbo.t (id int NOT NULL, v nvarchar(50) NULL DEFAULT 'd')");
    await client.bulk('dbo.t', [ID, V], [[1, null]]);
    await client.bulk('dbo.t', [ID, V], [[2, null]], { keepNulls: true });
    expect(await rowsOf(client, 'SELECT v FROM dbo.t ORDER BY id')).toEqual([['d'], [null]]);
  }),
  does('bulk/missing-column', 'a column that is not loaded has its default', async client => {
    await client.batch(
      "CREATE TABLE dbo.t (id int NOT NULL, v nvarchar(50) NULL DEFAULT 'd', n int IDENTITY(7, 1))",
    );
    await client.bulk('dbo.t', [ID], [[1], [2]]);
    expect(await rowsOf(client, 'SELECT v, n FROM dbo.t ORDER BY id')).toEqual([
      ['d', 7],
      ['d', 8],
    ]);
  }),
  does('bulk/constraints', 'constraints are passed over and left untrusted, or checked', async client => {
    await client.batch(
      'CREATE TABLE dbo.t (id int NOT NULL CONSTRAINT CK_id CHECK (id > 0), v nvarchar(50) NULL)',
    );
    const trust = "SELECT is_not_trusted FROM sys.check_constraints WHERE name = 'CK_id'";
    await failsWith(client.bulk('dbo.t', [ID, V], [[-1, 'x']], { checkConstraints: true }), { number: 547 });
    expect(await value(client, trust)).toBe(false);
    await client.bulk('dbo.t', [ID, V], [[-1, 'x']]);
    expect(await value(client, trust)).toBe(true);
  }),
  does('bulk/triggers', 'triggers fire only when asked', async client => {
    await client.batch(
      'CREATE TABLE dbo.t (id int NOT NULL, v nvarchar(50) NULL); CREATE TABLE dbo.log (n int)',
    );
    await client.batch(
      'CREATE TRIGGER dbo.tr ON dbo.t AFTER INSERT AS INSERT dbo.log SELECT COUNT(*) FROM inserted',
    );
    await client.bulk('dbo.t', [ID, V], [[1, 'x']]);
    await client.bulk(
      'dbo.t',
      [ID, V],
      [
        [2, 'x'],
        [3, 'y'],
      ],
      { fireTriggers: true },
    );
    expect(await rowsOf(client, 'SELECT n FROM dbo.log')).toEqual([[2]]);
  }),
  does('bulk/duplicate', 'a double key ends the load and leaves nothing', async client => {
    await client.batch('CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v nvarchar(50) NULL)');
    await failsWith(
      client.bulk(
        'dbo.t',
        [ID, V],
        [
          [1, 'x'],
          [1, 'y'],
        ],
      ),
      { number: 2627 },
    );
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(0);
  }),
  does('bulk/no-null', 'NULL for a column without NULL is 515', async client => {
    await client.batch('CREATE TABLE dbo.t (id int NOT NULL, v nvarchar(50) NOT NULL)');
    const failed = await failure(client.bulk('dbo.t', [ID, V], [[1, null]]));
    expect(failed.errors.map(each => each.number)).toContain(515);
  }),
  does('bulk/unknown-table', 'a table that is not there is 208', async client => {
    await failsWith(client.bulk('dbo.nothing', [ID], [[1]]), { number: 208 });
  }),
  does('bulk/transaction', 'a bulk load belongs to the transaction', async client => {
    await client.batch('CREATE TABLE dbo.t (id int NOT NULL, v nvarchar(50) NULL)');
    await client.begin();
    await client.bulk('dbo.t', [ID, V], [[1, 'x']]);
    await client.rollback();
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(0);
  }),
  does('cancel/waitfor', 'a cancelled request ends with ECANCEL, and the session goes on', async client => {
    const text = "RAISERROR('started', 0, 1) WITH NOWAIT; WAITFOR DELAY '00:01:00'";
    expect((await failure(client.batch(text, { cancelOnMessage: true }))).code).toBe('ECANCEL');
    expect(await value(client, 'SELECT 1')).toBe(1);
  }),
  does(
    'cancel/open-transaction',
    'a cancel leaves the transaction open without XACT_ABORT, and ends it with',
    async client => {
      await client.batch('CREATE TABLE dbo.t (id int)');
      const text =
        "BEGIN TRAN; INSERT dbo.t VALUES (1); RAISERROR('started', 0, 1) WITH NOWAIT; WAITFOR DELAY '00:01:00'";
      await failure(client.batch(text, { cancelOnMessage: true }));
      expect(await value(client, 'SELECT @@TRANCOUNT')).toBe(1);
      await client.batch('ROLLBACK');
      await failure(client.batch(`SET XACT_ABORT ON; ${text}`, { cancelOnMessage: true }));
      expect(await value(client, 'SELECT @@TRANCOUNT')).toBe(0);
    },
  ),
  does(
    'cancel/timeout',
    'a request that takes too long is ETIMEOUT, and the session goes on',
    async client => {
      expect((await failure(client.batch("WAITFOR DELAY '00:01:00'", { timeout: 50 }))).code).toBe(
        'ETIMEOUT',
      );
      expect(await value(client, 'SELECT 1')).toBe(1);
    },
  ),
  does('cancel/try', 'a cancel is not caught by TRY', async client => {
    await client.batch('CREATE TABLE dbo.t (id int)');
    const text =
      "BEGIN TRY RAISERROR('started', 0, 1) WITH NOWAIT; WAITFOR DELAY '00:01:00' END TRY BEGIN CATCH INSERT dbo.t VALUES (1) END CATCH";
    await failure(client.batch(text, { cancelOnMessage: true }));
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(0);
  }),
  does('cancel/lock', 'a wait for a lock can be cancelled', async client => {
    await client.batch('CREATE TABLE dbo.t (id int PRIMARY KEY); INSERT dbo.t VALUES (1)');
    const other = await client.another();
    await client.batch('BEGIN TRAN; UPDATE dbo.t SET id = 2');
    expect((await failure(other.batch('SELECT * FROM dbo.t', { timeout: 50 }))).code).toBe('ETIMEOUT');
    await client.batch('ROLLBACK');
    expect(await value(other, 'SELECT id FROM dbo.t')).toBe(1);
  }),
  does(
    'sessions/leaks',
    'what a batch leaves in its session stays there',
    async client => {
      await client.batch('SET DATEFORMAT dmy; SET LOCK_TIMEOUT 77; CREATE TABLE #left (a int)');
      expect(
        await rowsOf(
          client,
          "SELECT @@LOCK_TIMEOUT, OBJECT_ID('tempdb..#left') - OBJECT_ID('tempdb..#left'), MONTH('03/04/2026')",
        ),
      ).toEqual([[77, 0, 4]]);
    },
    { differs: 'it refuses SET DATEFORMAT dmy' },
  ),
  does('sessions/set-scope', 'what sp_executesql sets ends with it', async client => {
    await client.query('SET LOCK_TIMEOUT 77');
    expect(await value(client, 'SELECT @@LOCK_TIMEOUT')).toBe(-1);
  }),
  does(
    'sessions/context',
    'CONTEXT_INFO and SESSION_CONTEXT belong to the session',
    async client => {
      await client.batch("SET CONTEXT_INFO 0x0102; EXEC sp_set_session_context N'k', N'v'");
      expect(
        await rowsOf(
          client,
          "SELECT SUBSTRING(CONTEXT_INFO(), 1, 2), CAST(SESSION_CONTEXT(N'k') AS nvarchar(10))",
        ),
      ).toEqual([[Buffer.from([1, 2]), 'v']]);
      const other = await client.another();
      expect(await rowsOf(other, "SELECT CONTEXT_INFO(), SESSION_CONTEXT(N'k')")).toEqual([[null, null]]);
    },
    { since: 13 },
  ),
  does(
    'sessions/kill',
    'KILL ends another session',
    async client => {
      const other = await client.another();
      const spid = Number(await value(other, 'SELECT CAST(@@SPID AS int)'));
      await client.batch(`KILL ${spid}`);
      await expect(
        (async () => {
          const after = await value(other, 'SELECT CAST(@@SPID AS int)');
          // A pool opens a new connection; the driver alone fails.
          if (client.driver === 'mssql') throw new Error(`a new session ${String(after)}`);
        })(),
      ).rejects.toThrow();
    },
    { needs: 'sysadmin' },
  ),
  does(
    'sessions/rowcount',
    'SET ROWCOUNT bounds every statement until it is 0',
    async client => {
      expect(
        (await rowsOf(client, 'SET ROWCOUNT 2; SELECT v FROM (VALUES (1), (2), (3)) AS t(v)')).length,
      ).toBe(2);
      expect(
        (await rowsOf(client, 'SET ROWCOUNT 0; SELECT v FROM (VALUES (1), (2), (3)) AS t(v)')).length,
      ).toBe(3);
    },
    { differs: 'it refuses SET ROWCOUNT' },
  ),
  does(
    'sessions/fmtonly',
    'SET NOEXEC compiles and runs nothing',
    async client => {
      const { sets } = await client.batch('SET NOEXEC ON; SELECT 1; SET NOEXEC OFF');
      expect(sets).toEqual([]);
    },
    { differs: 'it refuses SET NOEXEC ON' },
  ),
  does('sessions/large', 'a large result comes whole', async client => {
    const text =
      "WITH n AS (SELECT 0 AS v UNION ALL SELECT v + 1 FROM n WHERE v < 4999) SELECT v, REPLICATE(CAST(N'x' AS nvarchar(max)), 500) FROM n OPTION (MAXRECURSION 0)";
    const rows = await rowsOf(client, text);
    expect([rows.length, rows.at(-1)?.[0], String(rows[17]?.[1]).length]).toEqual([5000, 4999, 500]);
  }),
];
