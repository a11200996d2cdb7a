import mssql from 'mssql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SqlDouble, startDouble } from '../../../support/sql-double.ts';

/** The engine behind the wire, driven by the unmodified driver as applications drive a SQL Server. */

let double: SqlDouble;
let pool: mssql.ConnectionPool;
beforeAll(async () => {
  double = await startDouble();
  pool = await new mssql.ConnectionPool({
    ...double.connection('sa', undefined, 'app'),
    pool: { max: 4 },
  }).connect();
  await pool
    .request()
    .batch(
      'CREATE TABLE dbo.loans (id int IDENTITY PRIMARY KEY, borrower nvarchar(50) NOT NULL, amount decimal(18,2), made datetime2(7) DEFAULT SYSUTCDATETIME(), version rowversion)',
    );
});
afterAll(async () => {
  await pool.close();
  await double[Symbol.asyncDispose]();
});
beforeEach(() => pool.request().query('DELETE dbo.loans'));

describe('requests', () => {
  it('send parameters and get rows, counts and outputs', async () => {
    const inserted = await pool
      .request()
      .input('name', mssql.NVarChar(50), 'Zoë')
      .input('amount', mssql.Decimal(18, 2), 1234.5)
      .query(
        'INSERT dbo.loans (borrower, amount) OUTPUT inserted.borrower, inserted.amount VALUES (@name, @amount); SELECT COUNT(*) AS n FROM dbo.loans',
      );
    expect(inserted.rowsAffected).toEqual([1, 1]);
    expect(inserted.recordsets).toEqual([[{ borrower: 'Zoë', amount: 1234.5 }], [{ n: 1 }]]);
  });

  it('call procedures with outputs and a return value', async () => {
    await pool
      .request()
      .batch(
        "CREATE PROCEDURE dbo.lend @name nvarchar(50), @amount decimal(18,2) = 10, @id int OUTPUT AS BEGIN SET NOCOUNT ON; INSERT dbo.loans (borrower, amount) VALUES (@name, @amount); SET @id = SCOPE_IDENTITY(); SELECT borrower FROM dbo.loans WHERE id = @id; PRINT 'lent'; RETURN 3 END",
      );
    const request = pool.request().input('name', mssql.NVarChar(50), 'Ann').output('id', mssql.Int);
    const printed: string[] = [];
    request.on('info', info => printed.push(info.message));
    const result = await request.execute('dbo.lend');
    expect(result.returnValue).toBe(3);
    expect(result.recordset).toEqual([{ borrower: 'Ann' }]);
    expect(result.output['id']).toBeGreaterThan(0);
    expect(printed).toEqual(['lent']);
  });

  it('fail with the number, the state and the line of the error', async () => {
    const failure = await pool
      .request()
      .query('SELECT 1;\nSELECT * FROM dbo.nothing')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'EREQUEST',
      number: 208,
      lineNumber: 2,
      message: "Invalid object name 'dbo.nothing'.",
      serverName: 'MIA-SQL1',
    });
    await expect(pool.request().execute('dbo.lend')).rejects.toMatchObject({ number: 201 });
  });

  it('give several errors one after the other', async () => {
    const failure = await pool
      .request()
      .batch("RAISERROR('first', 16, 1); THROW 50010, 'second', 1")
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ number: 50010, precedingErrors: [{ number: 50000, message: 'first' }] });
  });

  it('are prepared once and executed often', async () => {
    const statement = new mssql.PreparedStatement(pool);
    statement.input('n', mssql.Int);
    await statement.prepare('SELECT @n * 2 AS twice');
    for (const n of [1, 2, 3]) expect((await statement.execute({ n })).recordset).toEqual([{ twice: n * 2 }]);
    await statement.unprepare();
  });

  it('take tables as parameters', async () => {
    await pool.request().batch('CREATE TYPE dbo.Names AS TABLE (name nvarchar(50) NOT NULL)');
    await pool
      .request()
      .batch(
        'CREATE PROCEDURE dbo.lend_all @names dbo.Names READONLY AS INSERT dbo.loans (borrower) SELECT name FROM @names',
      );
    const names = new mssql.Table('dbo.Names');
    names.columns.add('name', mssql.NVarChar(50), { nullable: false });
    for (const name of ['a', 'b', 'c']) names.rows.add(name);
    const result = await pool.request().input('names', names).execute('dbo.lend_all');
    expect(result.rowsAffected).toEqual([3]);
  });
});

describe('transactions', () => {
  it('commit and roll back over one connection', async () => {
    for (const [end, left] of [
      ['rollback', 0],
      ['commit', 1],
    ] as const) {
      const transaction = pool.transaction();
      await transaction.begin();
      await transaction.request().query("INSERT dbo.loans (borrower) VALUES ('in')");
      await transaction[end]();
      const { recordset } = await pool.request().query('SELECT COUNT(*) AS n FROM dbo.loans');
      expect(recordset).toEqual([{ n: left }]);
    }
  });

  it('are aborted by the server where an error ends them', async () => {
    const transaction = pool.transaction();
    await transaction.begin();
    let told = false;
    transaction.on('rollback', aborted => {
      told = aborted;
    });
    await expect(
      transaction.request().query("INSERT dbo.loans (borrower) VALUES ('in'); SELECT CONVERT(int, 'x')"),
    ).rejects.toMatchObject({ number: 245 });
    expect(told).toBe(true);
    await expect(transaction.commit()).rejects.toMatchObject({ code: 'EABORT' });
  });

  it('read at SNAPSHOT beside writers', async () => {
    await pool.request().query('ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON');
    await pool.request().query("INSERT dbo.loans (borrower) VALUES ('old')");
    const reader = pool.transaction();
    await reader.begin(mssql.ISOLATION_LEVEL.SNAPSHOT);
    const read = async () => (await reader.request().query('SELECT borrower FROM dbo.loans')).recordset;
    const before = await read();
    await pool.request().query("UPDATE dbo.loans SET borrower = 'new'");
    expect(await read()).toEqual(before);
    await reader.commit();
  });
});

describe('bulk loads and large results', () => {
  const table = (count: number): mssql.Table => {
    const rows = new mssql.Table('dbo.loans');
    rows.columns.add('borrower', mssql.NVarChar(50), { nullable: false });
    rows.columns.add('amount', mssql.Decimal(18, 2), { nullable: true });
    for (let n = 0; n < count; n += 1) rows.rows.add(`borrower ${n}`, n / 4);
    return rows;
  };

  it('go in and come out again, streamed', async () => {
    const { rowsAffected } = await pool.request().bulk(table(5000));
    expect(rowsAffected).toBe(5000);
    const request = pool.request();
    request.stream = true;
    let rows = 0;
    let total = 0;
    request.on('row', (row: { amount: number }) => {
      rows += 1;
      total += row.amount;
    });
    const over = new Promise<void>((resolve, reject) => {
      request.on('done', () => resolve());
      request.on('error', reject);
    });
    void request.query('SELECT borrower, amount FROM dbo.loans');
    await over;
    expect(rows).toBe(5000);
    expect(total).toBe((4999 * 5000) / 8);
  });

  it('leave nothing where a row is refused', async () => {
    const rows = new mssql.Table('dbo.loans');
    rows.columns.add('borrower', mssql.NVarChar(50), { nullable: true });
    rows.rows.add('good');
    rows.rows.add(null);
    await expect(pool.request().bulk(rows)).rejects.toMatchObject({ number: 515 });
    expect((await pool.request().query('SELECT COUNT(*) AS n FROM dbo.loans')).recordset).toEqual([{ n: 0 }]);
  });

  it('stop when they are cancelled, and the connection goes on', async () => {
    await pool.request().bulk(table(2000));
    const request = pool.request();
    request.stream = true;
    request.once('row', () => request.cancel());
    const failure = await new Promise<unknown>(resolve => {
      request.on('error', resolve);
      request.query('SELECT a.* FROM dbo.loans a CROSS JOIN dbo.loans b').catch(() => undefined);
    });
    expect(failure).toMatchObject({ code: 'ECANCEL' });
    expect((await pool.request().query('SELECT 1 AS one')).recordset).toEqual([{ one: 1 }]);
  });
});

describe('connections', () => {
  it('are refused with the reason', async () => {
    const wrong = new mssql.ConnectionPool(double.connection('sa', 'wrong', 'app'));
    await expect(wrong.connect()).rejects.toMatchObject({
      code: 'ELOGIN',
      message: "Login failed for user 'sa'.",
    });
  });

  it('that are killed are opened anew', async () => {
    const single = await new mssql.ConnectionPool({
      ...double.connection('sa', undefined, 'app'),
      pool: { max: 1, min: 1 },
    }).connect();
    single.on('error', () => undefined);
    const spid = async () => (await single.request().query('SELECT @@SPID AS id')).recordset[0]?.id as number;
    const before = await spid();
    const waiting = single
      .request()
      .query("WAITFOR DELAY '01:00'")
      .catch((error: unknown) => error);
    await expect.poll(() => double.instance.sessions.get(before)?.request?.waitType).toBe('WAITFOR');
    await pool.request().query(`KILL ${before}`);
    expect(await waiting).toBeInstanceOf(Error);
    expect(await spid()).not.toBe(before);
    await single.close();
  });

  it('of many clients are served side by side', async () => {
    const many = await new mssql.ConnectionPool({
      ...double.connection('sa', undefined, 'app'),
      pool: { max: 40, min: 0 },
    }).connect();
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        many.request().input('n', mssql.Int, n).query("INSERT dbo.loans (borrower, amount) VALUES ('x', @n)"),
      ),
    );
    const { recordset } = await many.request().query('SELECT COUNT(DISTINCT amount) AS n FROM dbo.loans');
    expect(recordset).toEqual([{ n: 40 }]);
    await many.close();
    await expect.poll(() => double.instance.sessions.size).toBeLessThan(10);
  });
});
