import { expect } from 'vitest';
import {
  type Case,
  does,
  failsWith,
  failure,
  numberOf,
  refuses,
  rowsOf,
  shows,
  texts,
  value,
} from '../case.ts';

const T = 'CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, v int NULL)';

export const ERRORS: readonly Case[] = [
  refuses('errors/line', 'an error tells the line of its statement', 'SELECT 1;\nSELECT 2;\n\nSELECT 1/0;', {
    number: 8134,
    line: 4,
  }),
  refuses('errors/syntax', 'wrong syntax is 102 and nothing runs', 'SELECT 1; SELECT FROM', {
    number: 156,
    severity: 15,
    state: 1,
    line: 1,
    message: "Incorrect syntax near the keyword 'FROM'.",
  }),
  refuses('errors/syntax-102', 'syntax near a name', 'SELCT * FROM dbo.t', {
    number: 102,
    severity: 15,
    message: "Incorrect syntax near '*'.",
  }),
  refuses('errors/quote', 'an open quote is 105', "SELECT 'abc", {
    number: 105,
    severity: 15,
    message: "Unclosed quotation mark after the character string 'abc'.",
  }),
  does('errors/several', 'each failing statement of a batch sends its error', async client => {
    await client.batch(T);
    const failed = await failure(
      client.batch(
        'INSERT dbo.t VALUES (NULL, 1); INSERT dbo.t VALUES (NULL, 2); SELECT 1/0; INSERT dbo.t VALUES (1, 1)',
      ),
    );
    expect(failed.errors.map(numberOf)).toEqual([515, 515, 8134]);
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(1);
  }),
  does('errors/conversion-ends-batch', 'a failed conversion ends the batch', async client => {
    await client.batch(T);
    await failsWith(
      client.batch("INSERT dbo.t VALUES (1, 1); SELECT CAST('x' AS int); INSERT dbo.t VALUES (2, 2)"),
      { number: 245 },
    );
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(1);
  }),
  does('errors/deferred', 'a missing table stops the batch where it is met', async client => {
    await client.batch(T);
    await failsWith(
      client.batch('INSERT dbo.t VALUES (1, 1); SELECT * FROM dbo.missing; INSERT dbo.t VALUES (2, 2)'),
      { number: 208 },
    );
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(1);
  }),
  shows(
    'errors/at-error',
    '@@ERROR is of the statement before',
    [
      T,
      'BEGIN TRY SELECT 1 WHERE 1 = 0 END TRY BEGIN CATCH END CATCH; DECLARE @a int; SET @a = 1; SELECT @@ERROR',
    ],
    [[0]],
  ),
  shows(
    'errors/functions',
    'CATCH knows number, severity, state, line, procedure and message',
    `BEGIN TRY\nSELECT 1/0;\nEND TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_SEVERITY(), ERROR_STATE(), ERROR_LINE(), ERROR_PROCEDURE(), ERROR_MESSAGE() END CATCH`,
    [[8134, 16, 1, 2, null, 'Divide by zero error encountered.']],
  ),
  shows(
    'errors/functions-outside',
    'outside of CATCH they are NULL',
    'SELECT ERROR_NUMBER(), ERROR_MESSAGE()',
    [[null, null]],
  ),
  shows(
    'errors/nested',
    'CATCH may hold a TRY',
    `BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH BEGIN TRY THROW 50001, 'inner', 3 END TRY BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_STATE() END CATCH; SELECT ERROR_NUMBER() END CATCH`,
    [[8134]],
  ),
  refuses('errors/throw', 'THROW has severity 16 and its own state', "THROW 50001, 'mine', 7", {
    number: 50001,
    severity: 16,
    state: 7,
    message: 'mine',
  }),
  refuses(
    'errors/rethrow',
    'THROW alone raises the caught error with its line',
    'BEGIN TRY\nSELECT 1/0;\nEND TRY\nBEGIN CATCH\nTHROW;\nEND CATCH',
    { number: 8134, line: 2, severity: 16 },
  ),
  refuses('errors/rethrow-outside', 'THROW alone outside of CATCH is 10704', 'THROW', {
    number: 10704,
    severity: 15,
  }),
  refuses('errors/throw-number', 'THROW takes numbers from 50000 on', "THROW 40000, 'x', 1", {
    number: 35100,
  }),
  refuses(
    'errors/raiserror',
    'RAISERROR formats, has number 50000 and goes on',
    "RAISERROR('a %d %s %05d', 14, 3, 5, 'b', 42)",
    { number: 50000, severity: 14, state: 3, message: 'a 5 b 00042' },
  ),
  does('errors/raiserror-info', 'severity 10 and less is information', async client => {
    const { messages } = await client.batch(
      "RAISERROR('note', 10, 1); RAISERROR('low', 0, 1) WITH NOWAIT; PRINT 'said'",
    );
    expect(messages.map(({ message, severity }) => [message, severity])).toEqual([
      ['note', 0],
      ['low', 0],
      ['said', 0],
    ]);
  }),
  does('errors/raiserror-goes-on', 'RAISERROR does not end the batch, THROW does', async client => {
    await client.batch(T);
    await failsWith(client.batch("RAISERROR('x', 16, 1); INSERT dbo.t VALUES (1, 1)"), { number: 50000 });
    await failsWith(client.batch("THROW 50000, 'x', 1; INSERT dbo.t VALUES (2, 2)"), { number: 50000 });
    expect(await value(client, 'SELECT COUNT(*) FROM dbo.t')).toBe(1);
  }),
  refuses(
    'errors/procedure',
    'an error in a procedure names it',
    ["CREATE PROCEDURE dbo.p AS\nSELECT 1;\nTHROW 50005, 'in p', 1", 'EXEC dbo.p'],
    { number: 50005, procedure: 'p', line: 3 },
  ),
  does('errors/xact-abort', 'XACT_ABORT rolls back and ends the batch', async client => {
    await client.batch(T);
    await failsWith(
      client.batch(
        'SET XACT_ABORT ON; BEGIN TRAN; INSERT dbo.t VALUES (1, 1); INSERT dbo.t VALUES (1, 1); INSERT dbo.t VALUES (2, 2); COMMIT',
      ),
      { number: 2627 },
    );
    expect(await rowsOf(client, 'SELECT @@TRANCOUNT, (SELECT COUNT(*) FROM dbo.t)')).toEqual([[0, 0]]);
  }),
  does('errors/no-xact-abort', 'without it the statement alone is undone', async client => {
    await client.batch(T);
    await failsWith(
      client.batch('BEGIN TRAN; INSERT dbo.t VALUES (1, 1); INSERT dbo.t VALUES (2, 2), (1, 1); COMMIT'),
      { number: 2627 },
    );
    expect(await rowsOf(client, 'SELECT @@TRANCOUNT, (SELECT COUNT(*) FROM dbo.t)')).toEqual([[0, 1]]);
  }),
  refuses(
    'errors/3930',
    'a doomed transaction takes no writes',
    [
      T,
      `SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT dbo.t VALUES (1, 1); SELECT 1/0; END TRY
     BEGIN CATCH INSERT dbo.t VALUES (2, 2); END CATCH`,
    ],
    {
      number: 3930,
      message:
        'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
    },
  ),
  shows(
    'errors/xact-state',
    'XACT_STATE in CATCH',
    [
      T,
      `SET XACT_ABORT ON; DECLARE @s int; BEGIN TRY BEGIN TRAN; INSERT dbo.t VALUES (1, 1); SELECT 1/0; END TRY
     BEGIN CATCH SET @s = XACT_STATE(); ROLLBACK; END CATCH; SET XACT_ABORT OFF; SELECT @s, @@TRANCOUNT, XACT_STATE()`,
    ],
    [[-1, 0, 0]],
  ),
  does(
    'errors/3998',
    'a doomed transaction left open is rolled back at the end of the batch',
    async client => {
      await client.batch(T);
      await failsWith(
        client.batch(
          'SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT dbo.t VALUES (1, 1); SELECT 1/0; END TRY BEGIN CATCH END CATCH',
        ),
        {
          number: 3998,
          message:
            'Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.',
        },
      );
      expect(await value(client, 'SELECT @@TRANCOUNT')).toBe(0);
    },
  ),
  does('errors/print', 'PRINT comes as a message with number 0', async client => {
    const answer = await client.batch("PRINT 'a'; PRINT N'ž' + CAST(1 AS varchar(5))");
    expect(texts(answer)).toEqual(['a', 'ž1']);
    expect(answer.messages[0]?.number).toBe(0);
  }),
  does(
    'errors/null-aggregate',
    'an aggregate over NULL warns with 8153',
    async client => {
      const { messages } = await client.batch('SELECT SUM(v) FROM (VALUES (1), (NULL)) AS t(v)');
      expect(messages).toMatchObject([
        {
          number: 8153,
          message: 'Warning: Null value is eliminated by an aggregate or other SET operation.',
        },
      ]);
    },
    { differs: 'it does not warn' },
  ),
  refuses('errors/unknown-procedure', 'an unknown procedure is 2812', 'EXEC dbo.nothing', {
    number: 2812,
    severity: 16,
    state: 62,
    message: "Could not find stored procedure 'dbo.nothing'.",
  }),
  does('errors/execute-several', 'execute with several errors has all of them', async client => {
    await client.batch("CREATE PROCEDURE dbo.p AS RAISERROR('one', 16, 1); RAISERROR('two', 16, 2)");
    const failed = await failure(client.execute('dbo.p'));
    expect(failed.errors.map(each => each.message)).toEqual(['one', 'two']);
  }),
  shows('errors/waitfor', 'WAITFOR DELAY goes on afterwards', "WAITFOR DELAY '00:00:00.010'; SELECT 1", [
    [1],
  ]),
  shows(
    'errors/while',
    'WHILE with BREAK and CONTINUE',
    'DECLARE @i int = 0, @s int = 0; WHILE 1 = 1 BEGIN SET @i += 1; IF @i = 3 CONTINUE; IF @i > 5 BREAK; SET @s += @i END; SELECT @s',
    [[12]],
  ),
  shows(
    'errors/goto',
    'GOTO and labels',
    'DECLARE @i int = 0; again: SET @i += 1; IF @i < 3 GOTO again; SELECT @i',
    [[3]],
  ),
];
