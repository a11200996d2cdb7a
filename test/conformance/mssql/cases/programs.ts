import { expect } from 'vitest';
import {
  type Case,
  does,
  failsWith,
  failure,
  lastSet,
  numberOf,
  refuses,
  rowsOf,
  shows,
  value,
} from '../case.ts';

const PROC = `CREATE PROCEDURE dbo.p @a int, @b varchar(10) = 'none', @c int = NULL OUTPUT AS
  BEGIN SET @c = ISNULL(@c, 0) + @a; SELECT @a AS a, @b AS b; RETURN 7 END`;

export const PROGRAMS: readonly Case[] = [
  does('procedures/outputs', 'outputs, defaults and the return value', async client => {
    await client.batch(PROC);
    const outcome = await client.execute('dbo.p', [
      { name: 'a', type: 'Int', value: 5 },
      { name: 'c', type: 'Int', output: true, value: 1 },
    ]);
    expect(outcome.outputs).toEqual({ c: 6 });
    expect(outcome.returned).toBe(7);
    expect(lastSet(outcome)).toEqual({ columns: ['a', 'b'], rows: [[5, 'none']] });
  }),
  shows(
    'procedures/exec',
    'EXEC with names, OUTPUT and a return value',
    [PROC, "DECLARE @c int = 2, @r int; EXEC @r = dbo.p @b = 'x', @a = 3, @c = @c OUTPUT; SELECT @c, @r"],
    [[5, 7]],
  ),
  refuses('procedures/201', 'a missing parameter is 201', [PROC, 'EXEC dbo.p'], {
    number: 201,
    severity: 16,
    state: 4,
    message: "Procedure or function 'p' expects parameter '@a', which was not supplied.",
  }),
  refuses('procedures/8145', 'an unknown one is 8145', [PROC, 'EXEC dbo.p @a = 1, @nothing = 2'], {
    number: 8145,
    severity: 16,

    message: '@nothing is not a parameter for procedure p.',
  }),
  refuses('procedures/8144', 'too many are 8144', [PROC, "EXEC dbo.p 1, 'x', 2, 3"], {
    number: 8144,
    severity: 16,
    state: 2,
    message: 'Procedure or function p has too many arguments specified.',
  }),
  refuses('procedures/119', 'after a name only names', [PROC, "EXEC dbo.p @a = 1, 'x'"], {
    number: 119,
    severity: 15,
    message:
      "Must pass parameter number 2 and subsequent parameters as '@name = value'. After the form '@name = value' has been used, all subsequent parameters must be passed in the form '@name = value'.",
  }),
  refuses('procedures/8114', 'a value of the wrong type is 8114', [PROC, "EXEC dbo.p 'x'"], {
    number: 8114,
    severity: 16,
    message: 'Error converting data type varchar to int.',
  }),
  refuses('procedures/217', 'calls nest 32 deep', ['CREATE PROCEDURE dbo.p AS EXEC dbo.p', 'EXEC dbo.p'], {
    number: 217,
    message: 'Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).',
  }),
  does('procedures/nocount', 'SET inside a procedure ends with it', async client => {
    await client.batch('CREATE PROCEDURE dbo.p AS SET NOCOUNT ON; SELECT 1 AS a');
    await client.batch('EXEC dbo.p');
    expect((await client.batch('SELECT 1')).counts).toEqual([1]);
  }),
  does('procedures/several-results', 'several results of a procedure', async client => {
    await client.batch(
      'CREATE PROCEDURE dbo.p AS SELECT 1 AS a; SELECT 2 AS b, 3 AS c; SELECT 4 AS d WHERE 1 = 0',
    );
    const { sets } = await client.execute('dbo.p');
    expect(sets.map(set => [set.columns, set.rows])).toEqual([
      [['a'], [[1]]],
      [['b', 'c'], [[2, 3]]],
      [['d'], []],
    ]);
  }),
  refuses(
    'procedures/111',
    'CREATE PROCEDURE is alone in its batch',
    'SELECT 1; CREATE PROCEDURE dbo.p AS SELECT 1',
    {
      number: 111,
      severity: 15,
      message: "'CREATE/ALTER PROCEDURE' must be the first statement in a query batch.",
    },
  ),
  does(
    'procedures/alter',
    'ALTER and CREATE OR ALTER',
    async client => {
      await client.batch('CREATE PROCEDURE dbo.p AS SELECT 1');
      await client.batch('ALTER PROCEDURE dbo.p AS SELECT 2');
      expect(await value(client, 'EXEC dbo.p')).toBe(2);
      await client.batch('CREATE OR ALTER PROCEDURE dbo.p AS SELECT 3');
      expect(await value(client, 'EXEC dbo.p')).toBe(3);
    },
    { since: 13 },
  ),
  does('functions/scalar', 'a scalar function', async client => {
    await client.batch('CREATE FUNCTION dbo.f (@a int, @b int = 2) RETURNS int AS BEGIN RETURN @a * @b END');
    expect(await rowsOf(client, 'SELECT dbo.f(3, DEFAULT), dbo.f(3, 4)')).toEqual([[6, 12]]);
  }),
  does('functions/table', 'inline and multi-statement table functions', async client => {
    await client.batch(
      'CREATE FUNCTION dbo.f (@n int) RETURNS TABLE AS RETURN SELECT v FROM (VALUES (1), (2), (3)) AS t(v) WHERE v <= @n',
    );
    await client.batch(
      'CREATE FUNCTION dbo.g (@n int) RETURNS @r TABLE (v int PRIMARY KEY) AS BEGIN WHILE @n > 0 BEGIN INSERT @r VALUES (@n); SET @n -= 1 END; RETURN END',
    );
    expect(
      await rowsOf(
        client,
        'SELECT f.v, g.v FROM dbo.f(2) AS f CROSS APPLY dbo.g(f.v) AS g ORDER BY f.v, g.v',
      ),
    ).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
  }),
  does('functions/443', 'a function writes nothing', async client => {
    await client.batch('CREATE TABLE dbo.t (a int)');
    const definition = 'CREATE FUNCTION dbo.f () RETURNS int AS BEGIN INSERT dbo.t VALUES (1); RETURN 1 END';
    await failsWith(
      client.batch(definition).then(() => client.batch('SELECT dbo.f()')),
      { number: 443, message: "Invalid use of a side-effecting operator 'INSERT' within a function." },
    );
  }),
  does('views/change', 'a view follows its tables, and takes changes', async client => {
    await client.batch('CREATE TABLE dbo.t (a int, b int); INSERT dbo.t VALUES (1, 2), (3, 4)');
    await client.batch('CREATE VIEW dbo.v AS SELECT a, b FROM dbo.t WHERE a > 1 WITH CHECK OPTION');
    await client.batch('UPDATE dbo.v SET b = 5');
    expect(await rowsOf(client, 'SELECT a, b FROM dbo.t ORDER BY a')).toEqual([
      [1, 2],
      [3, 5],
    ]);
    await failsWith(client.batch('INSERT dbo.v VALUES (0, 0)'), { number: 550 });
  }),
  shows(
    'temporary/scope',
    'a temporary table of a procedure ends with it',
    [
      'CREATE PROCEDURE dbo.p AS CREATE TABLE #t (a int); INSERT #t VALUES (1)',
      "EXEC dbo.p; SELECT OBJECT_ID('tempdb..#t')",
    ],
    [[null]],
  ),
  does('temporary/session', 'one of a batch stays with the session, unseen by others', async client => {
    await client.batch('CREATE TABLE #t (a int); INSERT #t VALUES (1)');
    expect(await value(client, 'SELECT a FROM #t')).toBe(1);
    const other = await client.another();
    await failsWith(other.batch('SELECT a FROM #t'), { number: 208, message: "Invalid object name '#t'." });
    await client.batch('CREATE TABLE ##landfall_shared (a int)');
    expect(await value(other, 'SELECT COUNT(*) FROM ##landfall_shared')).toBe(0);
    await client.batch('DROP TABLE ##landfall_shared');
  }),
  does('temporary/query', 'one of sp_executesql ends with it', async client => {
    await client.query('CREATE TABLE #t (a int)');
    await failsWith(client.query('SELECT a FROM #t'), { number: 208 });
  }),
  shows(
    'temporary/inner',
    'a procedure sees the temporary tables of its caller',
    [
      'CREATE PROCEDURE dbo.p AS INSERT #t VALUES (2)',
      'CREATE TABLE #t (a int); EXEC dbo.p; SELECT a FROM #t',
    ],
    [[2]],
  ),
  shows(
    'table-variables/keys',
    'table variables have keys, checks and identity',
    'DECLARE @t TABLE (id int IDENTITY PRIMARY KEY, a int CHECK (a > 0), b AS a * 2); INSERT @t (a) VALUES (1), (2); SELECT id, b FROM @t ORDER BY id',
    [
      [1, 2],
      [2, 4],
    ],
  ),
  does('table-types/parameter', 'a table type as READONLY parameter', async client => {
    await client.batch('CREATE TYPE dbo.list AS TABLE (v int NOT NULL PRIMARY KEY)');
    await client.batch('CREATE PROCEDURE dbo.p @l dbo.list READONLY AS SELECT SUM(v) FROM @l');
    expect(await value(client, 'DECLARE @l dbo.list; INSERT @l VALUES (1), (2); EXEC dbo.p @l')).toBe(3);
  }),
  shows(
    'cursors/loop',
    'a cursor goes over its rows',
    `DECLARE @v int, @s int = 0; DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT v FROM (VALUES (1), (2), (3)) AS t(v);
    OPEN c; FETCH NEXT FROM c INTO @v; WHILE @@FETCH_STATUS = 0 BEGIN SET @s += @v; FETCH NEXT FROM c INTO @v END; CLOSE c; DEALLOCATE c; SELECT @s, @@FETCH_STATUS`,
    [[6, -1]],
  ),
  refuses('cursors/16916', 'an unknown cursor is 16916', 'OPEN nothing', {
    number: 16916,
    message: "A cursor with the name 'nothing' does not exist.",
  }),
  shows(
    'dynamic/executesql',
    'sp_executesql with parameters and outputs',
    "DECLARE @o int; EXEC sp_executesql N'SET @o = @a + 1', N'@a int, @o int OUTPUT', @a = 4, @o = @o OUTPUT; SELECT @o",
    [[5]],
  ),
  refuses('dynamic/214', 'its statement must be Unicode', "EXEC sp_executesql 'SELECT 1'", {
    number: 214,
    severity: 16,
    message: "Procedure expects parameter '@statement' of type 'ntext/nchar/nvarchar'.",
  }),
  refuses('dynamic/8178', 'a parameter without value is 8178', "EXEC sp_executesql N'SELECT @a', N'@a int'", {
    number: 8178,
    message:
      "The parameterized query '(@a int)SELECT @a' expects the parameter '@a', which was not supplied.",
  }),
  shows(
    'dynamic/exec-text',
    'EXEC of a text has no variables of its caller, but its temporary tables',
    "CREATE TABLE #t (a int); EXEC ('INSERT #t VALUES (3)'); SELECT a FROM #t",
    [[3]],
  ),
  does('dynamic/parameters', "the driver's parameters are values, never text", async client => {
    const { sets } = await client.query('SELECT @a, LEN(@b)', [
      { name: 'a', type: 'NVarChar', length: 100, value: "'; DROP TABLE x --" },
      { name: 'b', type: 'NVarChar', length: 'max', value: 'x'.repeat(5000) },
    ]);
    expect(lastSet({ sets, counts: [], messages: [] }).rows[0]?.[0]).toBe("'; DROP TABLE x --");
    expect(Number(sets[0]?.rows[0]?.[1])).toBe(5000);
  }),
  does('prepared/values', 'a prepared statement runs with many values', async client => {
    await client.batch('CREATE TABLE dbo.t (id int, v nvarchar(10))');
    const prepared = await client.prepare('INSERT dbo.t VALUES (@id, @v); SELECT @id + 1', [
      { name: 'id', type: 'Int' },
      { name: 'v', type: 'NVarChar', length: 10 },
    ]);
    const answers = [];
    for (const id of [1, 2, 3])
      answers.push(lastSet(await prepared.execute({ id, v: `v${id}` })).rows[0]?.[0]);
    await prepared.unprepare();
    expect(answers).toEqual([2, 3, 4]);
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(3);
  }),
  does('prepared/8179', 'a handle that is none is 8179', async client => {
    const failed = await failure(
      client.execute('sp_execute', [{ name: 'handle', type: 'Int', value: 4711 }]),
    );
    expect(failed.errors.map(numberOf)).toContain(8179);
    expect(failed.errors[0]?.message).toBe('Could not find prepared statement with handle 4711.');
  }),
];
