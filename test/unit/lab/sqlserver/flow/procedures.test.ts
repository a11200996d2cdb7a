import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputValue } from '../../../../../src/lab/sqlserver/server/requests.ts';
import {
  INT,
  nvarchar,
  type SqlType,
  type Value,
  varchar,
} from '../../../../../src/lab/sqlserver/values/types.ts';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** EXECUTE, dynamic text, calls by the protocol, functions, cursors, temporary tables. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble({ databases: ['app', 'other'] });
  session = double.session();
  await session.run(
    'CREATE TABLE dbo.t (id int PRIMARY KEY, n varchar(20)); INSERT dbo.t VALUES (1, $$), (2, $$)'.replaceAll(
      '$$',
      "'x'",
    ),
  );
  await session.run(
    "CREATE PROCEDURE dbo.p @a int, @b varchar(10) = 'def', @o int = 0 OUTPUT AS BEGIN SET NOCOUNT ON; SELECT @a, @b; SET @o = @a * 2; RETURN 7 END",
  );
});
afterAll(() => double[Symbol.asyncDispose]());

const input = (name: string, type: SqlType, value: Value, output = false): InputValue => ({
  name,
  type,
  value,
  output,
});

describe('EXECUTE', () => {
  it('takes arguments by position, by name and as defaults, and gives outputs and a status', async () => {
    const { results } = await session.run(
      'DECLARE @rc int, @out int; EXEC @rc = dbo.p 4, @o = @out OUTPUT; SELECT @rc, @out; EXEC p @b = ten, @a = 1; EXEC p 2, DEFAULT',
    );
    expect(results.map(each => each.rows)).toEqual([[[4, 'def']], [[7, 8]], [[1, 'ten']], [[2, 'def']]]);
  });

  it.each([
    ['EXEC dbo.p', 201],
    ['EXEC dbo.p 1, 2, 3, 4', 8144],
    ['EXEC dbo.p @a = 1, @x = 2', 8145],
    ['EXEC dbo.p @a = 1, @a = 2', 8143],
    ["EXEC dbo.p 'x'", 8114],
    ['DECLARE @v int; EXEC dbo.p @v OUTPUT', 8162],
    ['EXEC dbo.q', 2812],
    ['EXEC nowhere.dbo.p 1', 911],
    ['EXEC far.db.dbo.p 1', 7202],
  ])('%s: %i', async (text, number) => {
    expect((await session.run(text)).numbers).toEqual([number]);
  });

  it('refuses arguments where there are no parameters', async () => {
    await session.run('CREATE PROCEDURE dbo.none AS RETURN');
    expect((await session.run('EXEC dbo.none 1')).numbers).toEqual([8146]);
  });

  it('runs a procedure in its own database', async () => {
    await double.run('other', 'CREATE PROCEDURE dbo.where_am_i AS SELECT DB_NAME()');
    expect(await session.value('EXEC other.dbo.where_am_i')).toBe('other');
    expect(await session.value("DECLARE @n nvarchar(50) = N'other.dbo.where_am_i'; EXEC @n")).toBe('other');
  });

  it('nests up to 32 levels', async () => {
    await session.run('CREATE PROCEDURE dbo.again AS IF @@NESTLEVEL < 40 EXEC dbo.again');
    expect((await session.run('EXEC dbo.again')).numbers).toEqual([217]);
  });

  it('runs text in a scope of its own', async () => {
    expect((await session.run("DECLARE @x int = 1; EXEC('SELECT @x')")).numbers).toEqual([137]);
    expect((await session.run("EXEC('SELECT FROM'); PRINT 'on'")).texts).toEqual(['on']);
    expect(await session.value("DECLARE @t varchar(10) = '1 + 1'; EXEC('SELECT ' + @t)")).toBe(2);
  });

  it('fills a table: INSERT … EXECUTE', async () => {
    const { rows } = await session.run(
      'DECLARE @r TABLE (a int, b varchar(10)); INSERT @r EXEC dbo.p 5; SELECT * FROM @r',
    );
    expect(rows).toEqual([[5, 'def']]);
  });

  it('does not end its transaction from inside INSERT … EXECUTE', async () => {
    await session.run('CREATE PROCEDURE dbo.ends AS BEGIN SELECT @@TRANCOUNT; ROLLBACK END');
    const { numbers, rows } = await session.run(
      'DECLARE @r TABLE (n int); INSERT @r EXEC dbo.ends; SELECT * FROM @r',
    );
    expect(numbers).toEqual([3915]);
    expect(rows).toEqual([[1]]);
    const nested = await session.run(
      "DECLARE @r TABLE (n int); INSERT @r EXEC('DECLARE @q TABLE (n int); INSERT @q EXEC dbo.ends')",
    );
    expect(nested.numbers).toEqual([8164]);
  });

  it('comes back to the database of the caller', async () => {
    const { environment } = await session.run("EXEC('USE other')");
    expect(environment).toEqual([
      { kind: 'database', name: 'other', before: 'app' },
      { kind: 'database', name: 'app', before: 'other' },
    ]);
  });

  it('restores what a procedure has set', async () => {
    expect((await session.run('EXEC dbo.p 1; SELECT 1')).counts).toEqual([1]);
  });
});

describe('sp_executesql', () => {
  it('declares parameters, takes them by name and gives outputs back', async () => {
    const { rows } = await session.run(
      "DECLARE @o int; EXEC sp_executesql N'SET @o = @a + @b', N'@a int, @b int, @o int OUTPUT', 1, @b = 2, @o = @o OUTPUT; SELECT @o",
    );
    expect(rows).toEqual([[3]]);
  });

  it.each([
    ["EXEC sp_executesql 'SELECT 1'", 214],
    ["EXEC sp_executesql N'SELECT @a', N'@a int'", 8178],
    ["EXEC sp_executesql N'SELECT @a', N'@a int', 1, 2", 8144],
    ["EXEC sp_executesql N'SELECT @a', N'@a int', @x = 1", 8145],
  ])('%s: %i', async (text, number) => {
    expect((await session.run(text)).numbers).toEqual([number]);
  });

  it('comes by the protocol', async () => {
    const { rows, returned } = await session.call('sp_executesql', [
      input('@statement', nvarchar(100), 'SELECT @a + 1; SET @o = @a'),
      input('@params', nvarchar(100), '@a int, @o int OUTPUT'),
      input('@a', INT, 4),
      input('@o', INT, null, true),
    ]);
    expect(rows).toEqual([[5]]);
    expect(returned).toMatchObject({ status: 0, outputs: [{ name: '@o', value: 4 }] });
  });
});

describe('calls by the protocol', () => {
  it('give a status and outputs, by name', async () => {
    const { rows, returned } = await session.call('[dbo].[p]', [
      input('@a', INT, 3),
      input('@b', varchar(10), 'q'),
      input('@o', INT, null, true),
    ]);
    expect(rows).toEqual([[3, 'q']]);
    expect(returned).toMatchObject({ status: 7, outputs: [{ name: '@o', type: INT, value: 6 }] });
  });

  it('are strict about their parameters', async () => {
    expect((await session.call('dbo.p', [input('@x', INT, 1)])).numbers).toEqual([8145]);
    expect((await session.call('dbo.p')).numbers).toEqual([201]);
    expect((await session.call('gone')).numbers).toEqual([2812]);
    expect((await session.call('sp_cursoropen')).numbers).toEqual([40517]);
  });

  it('prepare, execute and forget', async () => {
    const prepared = await session.call('sp_prepare', [
      input('@handle', INT, null, true),
      input('@params', nvarchar(50), '@a int'),
      input('@stmt', nvarchar(50), 'SELECT @a * 2'),
    ]);
    const handle = prepared.returned?.outputs[0]?.value ?? null;
    const run = () => session.call('sp_execute', [input('@handle', INT, handle), input('@a', INT, 21)]);
    expect((await run()).rows).toEqual([[42]]);
    await session.call('sp_unprepare', [input('@handle', INT, handle)]);
    expect((await run()).numbers).toEqual([8179]);
    const broken = await session.call('sp_prepare', [
      input('@handle', INT, null, true),
      input('@params', nvarchar(50), ''),
      input('@stmt', nvarchar(50), 'SELECT FROM'),
    ]);
    expect(broken.numbers.at(-1)).toBe(8180);
  });
});

describe('functions in T-SQL', () => {
  it('compute once a row, with loops, defaults and queries', async () => {
    await session.run(
      "CREATE FUNCTION dbo.repeated(@n int, @s varchar(5) = 'ab') RETURNS varchar(100) AS BEGIN DECLARE @r varchar(100) = '', @i int = 0; WHILE @i < @n BEGIN SET @i += 1; SET @r += @s; IF @i = 3 BREAK END; RETURN @r END",
    );
    await session.run(
      'CREATE FUNCTION dbo.total(@from int) RETURNS int AS BEGIN DECLARE @s int; SELECT @s = SUM(id) FROM dbo.t WHERE id >= @from; RETURN @s END',
    );
    const { rows } = await session.run(
      "SELECT id, dbo.repeated(id, 'q'), dbo.repeated(9, DEFAULT), dbo.total(id) FROM dbo.t ORDER BY id",
    );
    expect(rows).toEqual([
      [1, 'q', 'ababab', 3],
      [2, 'qq', 'ababab', 2],
    ]);
  });

  it('fill tables', async () => {
    await session.run(
      "CREATE FUNCTION dbo.numbers(@n int) RETURNS @r TABLE (i int PRIMARY KEY, s varchar(5) DEFAULT 'd') AS BEGIN DECLARE @i int = 1; WHILE @i <= @n BEGIN INSERT @r(i) VALUES (@i); SET @i += 1 END; INSERT @r SELECT id + 100, n FROM dbo.t; RETURN END",
    );
    const { rows } = await session.run(
      'SELECT n.i, n.s FROM dbo.t CROSS APPLY dbo.numbers(t.id) n WHERE n.i < 100 ORDER BY t.id, n.i',
    );
    expect(rows).toEqual([
      [1, 'd'],
      [1, 'd'],
      [2, 'd'],
    ]);
    expect((await session.run('SELECT COUNT(*) FROM dbo.numbers(2)')).rows).toEqual([[4]]);
  });

  it('change the rows of their own tables, and no others', async () => {
    await session.run(
      'CREATE FUNCTION dbo.changed() RETURNS @r TABLE (i int, v int) AS BEGIN INSERT @r VALUES (1, 1), (2, 2), (3, 3); UPDATE @r SET v = v * 10 WHERE i > 1; DELETE @r WHERE i = 2; RETURN END',
    );
    expect((await session.run('SELECT * FROM dbo.changed()')).rows).toEqual([
      [1, 1],
      [3, 30],
    ]);
    await session.run('CREATE FUNCTION dbo.writes() RETURNS int AS BEGIN DELETE dbo.t; RETURN 1 END');
    expect((await session.run('SELECT dbo.writes()')).numbers).toEqual([443]);
  });

  it('tell an error of theirs with their name', async () => {
    await session.run('CREATE FUNCTION dbo.divides(@n int) RETURNS int AS BEGIN RETURN 1 / @n END');
    const { errors } = await session.run('SELECT dbo.divides(0)');
    expect(errors).toMatchObject([{ number: 8134, procedure: 'divides' }]);
  });
});

describe('cursors', () => {
  it('go through rows', async () => {
    const { texts } = await session.run(`
DECLARE @id int, @n varchar(20)
DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT id, n FROM dbo.t ORDER BY id
OPEN c
FETCH NEXT FROM c INTO @id, @n
WHILE @@FETCH_STATUS = 0
BEGIN
  PRINT CONVERT(varchar(10), @id) + @n
  FETCH NEXT FROM c INTO @id, @n
END
CLOSE c
DEALLOCATE c`);
    expect(texts).toEqual(['1x', '2x']);
  });

  it('scroll where they may', async () => {
    const { results } = await session.run(
      'DECLARE s SCROLL CURSOR FOR SELECT id FROM dbo.t ORDER BY id; OPEN s; FETCH LAST FROM s; FETCH PRIOR FROM s; FETCH PRIOR FROM s; FETCH FIRST FROM s; DEALLOCATE s',
    );
    expect(results.map(each => each.rows)).toEqual([[[2]], [[1]], [], [[1]]]);
  });

  it.each([
    ['OPEN nobody', 16916],
    ['DECLARE a CURSOR FOR SELECT 1; DECLARE a CURSOR FOR SELECT 1', 16915],
    ['FETCH NEXT FROM a', 16917],
    ['OPEN a; OPEN a', 16905],
    ['DECLARE @x int, @y int; FETCH NEXT FROM a INTO @x, @y', 16924],
    ['FETCH PRIOR FROM a', 16911],
  ])('%s: %i', async (text, number) => {
    expect((await session.run(text)).numbers).toEqual([number]);
  });
});

describe('temporary tables', () => {
  it('of the session stay, of a procedure go with it, and those it calls see them', async () => {
    await session.run('CREATE TABLE #mine (i int); INSERT #mine VALUES (1)');
    await session.run('CREATE PROCEDURE dbo.inner_one AS SELECT COUNT(*) FROM #outer_one');
    await session.run(
      'CREATE PROCEDURE dbo.outer_one AS CREATE TABLE #outer_one (i int); INSERT #outer_one VALUES (1), (2); EXEC dbo.inner_one',
    );
    expect(await session.value('EXEC dbo.outer_one')).toBe(2);
    expect((await session.run('SELECT * FROM #outer_one')).numbers).toEqual([208]);
    expect(await session.value('SELECT COUNT(*) FROM #mine')).toBe(1);
    expect((await session.run("EXEC('CREATE TABLE #text (i int)'); SELECT * FROM #text")).numbers).toEqual([
      208,
    ]);
  });

  it('with one number sign are the session’s own, with two everybody’s', async () => {
    const other = double.session();
    await session.run('CREATE TABLE #one (i int); CREATE TABLE ##two (i int)');
    expect((await other.run('SELECT * FROM #one')).numbers).toEqual([208]);
    expect((await other.run('SELECT * FROM ##two')).numbers).toEqual([]);
    await other.run('CREATE TABLE #one (j int)');
    expect((await other.run('SELECT j FROM #one')).numbers).toEqual([]);
    other.end();
  });

  it('undo with the transaction that made them', async () => {
    expect(
      (await session.run('BEGIN TRAN; SELECT 1 AS i INTO #gone; ROLLBACK; SELECT * FROM #gone')).numbers,
    ).toEqual([208]);
  });
});
