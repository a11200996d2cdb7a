import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FormatArgument, formatMessage } from '../../../../../src/lab/sqlserver/flow/format-message.ts';
import { INT, nvarchar } from '../../../../../src/lab/sqlserver/values/types.ts';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** TRY, CATCH, THROW, XACT_ABORT: what an error ends. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
  await session.run('CREATE TABLE dbo.t (id int PRIMARY KEY, v int NOT NULL CHECK (v > 0))');
});
beforeEach(() => session.run('IF @@TRANCOUNT > 0 ROLLBACK; SET XACT_ABORT OFF; DELETE dbo.t'));
afterAll(() => double[Symbol.asyncDispose]());

const CAUGHT = 'SELECT ERROR_NUMBER(), ERROR_SEVERITY(), ERROR_STATE(), ERROR_LINE(), ERROR_PROCEDURE()';

describe('without TRY', () => {
  it('a violated constraint ends its statement, and says so', async () => {
    const { numbers, texts, rows } = await session.run(
      'INSERT dbo.t VALUES (1, 1), (2, -1); SELECT COUNT(*) FROM dbo.t',
    );
    expect(numbers).toEqual([547]);
    expect(texts).toEqual(['The statement has been terminated.']);
    expect(rows).toEqual([[0]]);
  });

  it('a text that is no number ends the batch and its transaction', async () => {
    const { numbers, texts, environment } = await session.run(
      "BEGIN TRAN; SELECT CONVERT(int, 'x'); PRINT 'no'",
    );
    expect(numbers).toEqual([245]);
    expect(texts).toEqual([]);
    expect(environment.map(each => each.kind)).toEqual(['begin', 'rollback']);
  });

  it('XACT_ABORT makes any error end both', async () => {
    await session.run('SET XACT_ABORT ON');
    const { numbers, texts } = await session.run(
      "BEGIN TRAN; INSERT dbo.t VALUES (1, 1); INSERT dbo.t VALUES (1, 1); PRINT 'no'",
    );
    expect(numbers).toEqual([2627]);
    expect(texts).toEqual([]);
    expect(await session.value('SELECT @@TRANCOUNT + (SELECT COUNT(*) FROM dbo.t)')).toBe(0);
  });

  it('RAISERROR does not heed XACT_ABORT, THROW does', async () => {
    const raised = await session.run(
      "SET XACT_ABORT ON; BEGIN TRAN; RAISERROR('r', 16, 1); SELECT @@TRANCOUNT",
    );
    expect(raised.rows).toEqual([[1]]);
    const thrown = await session.run("THROW 50001, 't', 4; PRINT 'no'");
    expect(thrown.errors).toMatchObject([{ number: 50001, severity: 16, state: 4, text: 't' }]);
    expect(thrown.texts).toEqual([]);
    expect(await session.value('SELECT @@TRANCOUNT')).toBe(0);
  });

  it('a missing name ends a procedure, not its caller', async () => {
    await session.run("CREATE PROCEDURE dbo.broken AS BEGIN SELECT * FROM gone; PRINT 'no' END");
    const { numbers, texts, errors } = await session.run("EXEC dbo.broken; PRINT 'caller'");
    expect(numbers).toEqual([208]);
    expect(errors[0]).toMatchObject({ procedure: 'broken' });
    expect(texts).toEqual(['caller']);
  });
});

describe('in a TRY block', () => {
  it('an error goes to CATCH with its facts and is not sent', async () => {
    const { errors, rows } = await session.run(`BEGIN TRY
  INSERT dbo.t VALUES (1, 1)
  INSERT dbo.t VALUES (1, 1)
END TRY
BEGIN CATCH
  ${CAUGHT}
END CATCH`);
    expect(errors).toEqual([]);
    expect(rows).toEqual([[2627, 14, 1, 3, null]]);
  });

  it('the facts of an error are there in what CATCH calls, and gone behind it', async () => {
    await session.run(`CREATE PROCEDURE dbo.report AS ${CAUGHT}`);
    const { results } = await session.run(
      `BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH EXEC dbo.report END CATCH ${CAUGHT}`,
    );
    expect(results.map(each => each.rows)).toEqual([
      [],
      [[8134, 16, 1, 1, null]],
      [[null, null, null, null, null]],
    ]);
  });

  it('information and errors up to 10 are not caught', async () => {
    const { texts } = await session.run(
      "BEGIN TRY RAISERROR('info', 10, 1); PRINT 'on' END TRY BEGIN CATCH PRINT 'caught' END CATCH",
    );
    expect(texts).toEqual(['info', 'on']);
  });

  it('a fault of compilation is caught by an outer scope only', async () => {
    const same = await session.run(
      "BEGIN TRY SELECT * FROM gone END TRY BEGIN CATCH PRINT 'caught' END CATCH PRINT 'on'",
    );
    expect(same.numbers).toEqual([208]);
    expect(same.texts).toEqual([]);
    const inner = await session.run(
      "BEGIN TRY EXEC('SELECT * FROM gone') END TRY BEGIN CATCH PRINT ERROR_MESSAGE() END CATCH PRINT 'on'",
    );
    expect(inner.numbers).toEqual([]);
    expect(inner.texts).toEqual(["Invalid object name 'gone'.", 'on']);
  });

  it('THROW without an error gives the caught one on, and ends the batch', async () => {
    const { errors, texts } = await session.run(
      "BEGIN TRY\nSELECT 1/0\nEND TRY\nBEGIN CATCH\nPRINT 'in'; THROW\nEND CATCH\nPRINT 'no'",
    );
    expect(errors).toMatchObject([{ number: 8134, line: 2 }]);
    expect(texts).toEqual(['in']);
    expect((await session.run('THROW')).numbers).toEqual([10704]);
  });

  it('an error in CATCH goes to the block around', async () => {
    const { texts, numbers } = await session.run(`BEGIN TRY
  BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH THROW 50009, 'inner', 1; END CATCH
END TRY BEGIN CATCH PRINT ERROR_MESSAGE() END CATCH`);
    expect(texts).toEqual(['inner']);
    expect(numbers).toEqual([]);
  });

  it('a constraint leaves the transaction usable, a conversion dooms it', async () => {
    const usable = await session.run(
      'BEGIN TRY BEGIN TRAN; INSERT dbo.t VALUES (1, -1) END TRY BEGIN CATCH SELECT XACT_STATE() END CATCH; INSERT dbo.t VALUES (2, 2); COMMIT',
    );
    expect(usable.rows).toEqual([[1]]);
    expect(await session.value('SELECT COUNT(*) FROM dbo.t')).toBe(1);
    const doomed = await session.run(`BEGIN TRY BEGIN TRAN; SELECT CONVERT(int, 'x') END TRY
BEGIN CATCH
  SELECT XACT_STATE()
  BEGIN TRY INSERT dbo.t VALUES (9, 9) END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH
  BEGIN TRY COMMIT END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH
  SELECT COUNT(*) FROM dbo.t
END CATCH`);
    expect(doomed.texts).toEqual(['3930', '3930']);
    expect(doomed.numbers).toEqual([3998]);
    expect(doomed.environment.map(each => each.kind)).toEqual(['begin', 'rollback']);
  });

  it('XACT_ABORT dooms the transaction whatever the error is', async () => {
    const { rows } = await session.run(
      'SET XACT_ABORT ON; BEGIN TRY BEGIN TRAN; INSERT dbo.t VALUES (1, -1) END TRY BEGIN CATCH SELECT XACT_STATE(); ROLLBACK END CATCH',
    );
    expect(rows).toEqual([[-1]]);
  });

  it('an error leaves the procedures it comes through', async () => {
    await session.run('CREATE PROCEDURE dbo.deep AS SELECT 1/0');
    await session.run('CREATE PROCEDURE dbo.middle AS EXEC dbo.deep');
    const { rows } = await session.run(
      'BEGIN TRY EXEC dbo.middle END TRY BEGIN CATCH SELECT ERROR_PROCEDURE(), @@NESTLEVEL END CATCH',
    );
    expect(rows).toEqual([['deep', 0]]);
  });
});

describe('formatMessage', () => {
  const text = (value: string): FormatArgument => ({ type: nvarchar(50), value });
  const number = (value: number): FormatArgument => ({ type: INT, value });

  it.each<[string, readonly FormatArgument[], string]>([
    ['%s and %s', [text('a'), text('b')], 'a and b'],
    ['%5d|%-5d|%05d|%+d', [number(42), number(42), number(42), number(42)], '   42|42   |00042|+42'],
    ['%x %X %#x %o', [number(255), number(255), number(255), number(8)], 'ff FF 0xff 10'],
    ['%u', [number(-1)], '4294967295'],
    ['%*d', [number(4), number(7)], '   7'],
    ['%.3s', [text('abcdef')], 'abc'],
    ['100%%', [], '100%'],
    ['%s', [], '(null)'],
    ['%I64d', [{ type: { kind: 'bigint' }, value: 9007199254740993n }], '9007199254740993'],
  ])('%s', (format, values, expected) => {
    expect(formatMessage(format, values)).toBe(expected);
  });

  it('refuses what does not fit', () => {
    expect(() => formatMessage('%d', [text('x')])).toThrow(/substitution parameter 1/);
    expect(() => formatMessage('%q', [])).toThrow(/Invalid format/);
  });

  it('leaves a text without places as it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), each => {
        const plain = each.replaceAll('%', '');
        expect(formatMessage(plain, [])).toBe(plain);
        expect(formatMessage('%s', [text(each)])).toBe(each);
      }),
    );
  });
});
