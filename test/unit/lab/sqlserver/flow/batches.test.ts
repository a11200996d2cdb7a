import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Variables, control of flow, messages and counts of a batch. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
});
afterAll(() => double[Symbol.asyncDispose]());

describe('variables', () => {
  it('are NULL before they are set, wherever they are declared', async () => {
    const { rows } = await session.run(
      'IF 1 = 0 BEGIN DECLARE @x int = 5 END; SELECT @x; SET @x = 3; SELECT @x + 1',
    );
    expect(rows).toEqual([[4]]);
  });

  it('take compound assignments, cut what is too long, and keep their type', async () => {
    const { rows } = await session.run(
      "DECLARE @s varchar(5) = 'abcdef', @n int = 7; SET @s += 'x'; SET @n %= 4; SET @n *= 5; SELECT @s, @n",
    );
    expect(rows).toEqual([['abcde', 15]]);
  });

  it('are set row by row by a SELECT, which sends nothing', async () => {
    const { rows, results } = await session.run(
      "DECLARE @s varchar(50) = '', @last int; SELECT @s = @s + n, @last = i FROM (VALUES (1,'a'),(2,'b')) v(i, n); SELECT @s, @last, @@ROWCOUNT",
    );
    expect(results).toHaveLength(1);
    expect(rows).toEqual([['ab', 2, 2]]);
  });

  it.each([
    ['SELECT @nope', 137],
    ['PRINT 1; SET @nope = 1', 137],
    ['DECLARE @a int; DECLARE @A int', 134],
    ['GOTO nowhere', 133],
    ['a: PRINT 1; a: PRINT 2', 132],
    ['PRINT 1; BREAK', 135],
    ['IF 1 = 1 CONTINUE', 136],
  ])('%s ends the batch before anything runs: %i', async (text, number) => {
    const { numbers, texts } = await session.run(text);
    expect(numbers).toEqual([number]);
    expect(texts).toEqual([]);
  });

  it('of a type that is not there end the batch', async () => {
    const { numbers, texts } = await session.run('PRINT 1; DECLARE @x dbo.nothing');
    expect(numbers).toEqual([2715]);
    expect(texts).toEqual([]);
  });

  it('of a table type hold rows that no rollback undoes', async () => {
    const { rows } = await session.run(
      'DECLARE @t TABLE (i int PRIMARY KEY); BEGIN TRAN; INSERT @t VALUES (1), (2); ROLLBACK; SELECT COUNT(*) FROM @t',
    );
    expect(rows).toEqual([[2]]);
  });
});

describe('control of flow', () => {
  it('loops with BREAK and CONTINUE', async () => {
    const { texts } = await session.run(`
DECLARE @i int = 0
WHILE 1 = 1
BEGIN
  SET @i += 1
  IF @i = 2 CONTINUE
  IF @i > 3 BREAK
  PRINT @i
END
PRINT 'end'`);
    expect(texts).toEqual(['1', '3', 'end']);
  });

  it('goes to labels, back and forth', async () => {
    const { texts } = await session.run(
      "DECLARE @i int = 0; again: SET @i += 1; IF @i < 3 GOTO again; GOTO past; PRINT 'no'; past: PRINT @i",
    );
    expect(texts).toEqual(['3']);
  });

  it('ends the batch with RETURN', async () => {
    expect((await session.run("PRINT 'a'; RETURN; PRINT 'b'")).texts).toEqual(['a']);
  });

  it('takes UNKNOWN as false', async () => {
    expect((await session.run("IF NULL = 1 PRINT 'yes' ELSE PRINT 'no'")).texts).toEqual(['no']);
  });

  it('keeps what is wrong with one statement from the parser away from all others', async () => {
    const { numbers, texts } = await session.run("PRINT 'a'; SELEC 1");
    expect(numbers).toHaveLength(1);
    expect([102, 156]).toContain(numbers[0]);
    expect(texts).toEqual([]);
  });

  it('resolves names when a statement is reached', async () => {
    const { texts, numbers, errors } = await session.run(
      "PRINT 'before'\nSELECT * FROM nothing\nPRINT 'after'",
    );
    expect(texts).toEqual(['before']);
    expect(numbers).toEqual([208]);
    expect(errors[0]).toMatchObject({ line: 2, text: "Invalid object name 'nothing'.", procedure: '' });
  });

  it('waits for a delay', async () => {
    expect((await session.run("WAITFOR DELAY '00:00:00.010'; PRINT 'x'")).texts).toEqual(['x']);
    expect((await session.run("WAITFOR DELAY 'soon'")).numbers).toEqual([148]);
  });
});

describe('counts', () => {
  it('come with every statement that has one unless NOCOUNT is on', async () => {
    await session.run('CREATE TABLE dbo.counted (i int)');
    expect(
      (await session.run('INSERT dbo.counted VALUES (1),(2); SELECT * FROM dbo.counted')).counts,
    ).toEqual([2, 2]);
    const silent = await session.run(
      'SET NOCOUNT ON; INSERT dbo.counted VALUES (3); SELECT * FROM dbo.counted',
    );
    expect(silent.counts).toEqual([]);
    expect(silent.rows).toHaveLength(3);
    await session.run('SET NOCOUNT OFF');
  });

  it('are @@ROWCOUNT until the next statement', async () => {
    const { results } = await session.run(
      'UPDATE dbo.counted SET i = i; SELECT @@ROWCOUNT; DECLARE @x int; SET @x = 5; SELECT @@ROWCOUNT; PRINT 1; SELECT @@ROWCOUNT',
    );
    expect(results.map(each => each.rows)).toEqual([[[3]], [[1]], [[0]]]);
  });

  it('are gone behind IF, as @@ERROR is', async () => {
    const { results } = await session.run(
      'SELECT 1/0; IF @@ERROR <> 0 SELECT @@ERROR, @@ROWCOUNT; SELECT 1/0; SELECT @@ERROR',
    );
    expect(results.map(each => each.rows)).toEqual([[], [[0, 0]], [], [[8134]]]);
  });
});

describe('messages', () => {
  it('are printed as text of their type', async () => {
    expect((await session.run("PRINT N'ä'; PRINT 1.50; PRINT NULL; PRINT 0x41")).texts).toEqual([
      'ä',
      '1.50',
      '',
      'A',
    ]);
  });

  it('of RAISERROR up to 10 are information, above errors that end nothing', async () => {
    const { messages } = await session.run(
      "RAISERROR('%s is %d', 10, 5, 'it', 7) WITH NOWAIT; RAISERROR(N'bad', 16, 3); PRINT 'on'",
    );
    expect(
      messages.map(({ number, severity, state, text, now }) => [number, severity, state, text, now]),
    ).toEqual([
      [50000, 0, 5, 'it is 7', true],
      [50000, 16, 3, 'bad', false],
      [0, 0, 1, 'on', false],
    ]);
  });

  it('of RAISERROR are found by their number', async () => {
    await session.run("EXEC sp_addmessage 50123, 12, N'%s is missing %d times'");
    const { errors } = await session.run(
      "RAISERROR(50123, -1, 2, 'it', 3); RAISERROR(50124, 16, 1); RAISERROR(7, 16, 1)",
    );
    expect(errors.map(({ number, severity, text }) => [number, severity, text.slice(0, 21)])).toEqual([
      [50123, 12, 'it is missing 3 times'],
      [18054, 16, 'Error 50124, severity'],
      [2732, 16, 'Error number 7 is inv'],
    ]);
  });

  it('of severity above 18 need WITH LOG, and from 20 on end the session', async () => {
    expect((await session.run("RAISERROR('x', 19, 1)")).numbers).toEqual([2754]);
    const other = double.session();
    const { errors } = await other.run("RAISERROR('end', 20, 1) WITH LOG; PRINT 'no'");
    expect(errors[0]).toMatchObject({ severity: 20, text: 'end' });
    expect(other.session.ended.aborted).toBe(true);
    other.end();
  });

  it('tell what the double does not know, whatever CATCH says', async () => {
    const { errors, texts } = await session.run(
      "BEGIN TRY SET ROWCOUNT 5 END TRY BEGIN CATCH PRINT 'caught' END CATCH PRINT 'after'",
    );
    expect(errors[0]).toMatchObject({ number: 40517 });
    expect(errors[0]?.text).toContain('SET ROWCOUNT');
    expect(texts).toEqual([]);
  });
});

describe('SET', () => {
  it('knows its options and refuses others', async () => {
    expect((await session.run('SET NOCOUNT, XACT_ABORT OFF')).numbers).toEqual([]);
    expect((await session.run('SET FANCY ON')).numbers).toEqual([195]);
    expect((await session.run('SET DATEFIRST 9')).numbers).toEqual([2742]);
  });

  it('lasts as long as the batch that set it belongs to the session, and ends with dynamic text', async () => {
    const { rows } = await session.run(
      "SET LOCK_TIMEOUT 50; EXEC('SET LOCK_TIMEOUT 7'); SELECT @@LOCK_TIMEOUT",
    );
    expect(rows).toEqual([[50]]);
    expect(await session.value('SELECT @@LOCK_TIMEOUT')).toBe(50);
    await session.run('SET LOCK_TIMEOUT -1');
  });

  it('moves to another database with USE', async () => {
    const { environment, rows, texts } = await session.run('USE master; SELECT DB_NAME()');
    expect(environment).toEqual([{ kind: 'database', name: 'master', before: 'app' }]);
    expect(texts).toEqual(["Changed database context to 'master'."]);
    expect(rows).toEqual([['master']]);
    expect((await session.run('USE nowhere; PRINT 1')).numbers).toEqual([911]);
    expect(await session.value("EXEC('USE app'); SELECT DB_NAME()")).toBe('master');
    await session.run('USE app');
  });
});
