import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectSqlServer } from '../../../../src/remote/sql/connect.ts';
import type { SqlServer } from '../../../../src/remote/sql/server.ts';
import type { Statement } from '../../../../src/remote/sql/statement.ts';
import { SA_PASSWORD, type SqlDouble, startDouble } from '../../../support/sql-double.ts';

const statement = (text: string, more: Partial<Statement> = {}): Statement => ({
  on: 'publisher',
  database: 'app',
  title: 'a test',
  text,
  effect: 'writes',
  ...more,
});

describe('a SQL Server', () => {
  let double: SqlDouble;
  let server: SqlServer;

  beforeAll(async () => {
    double = await startDouble();
    server = connectSqlServer(
      {
        role: 'publisher',
        label: 'publisher MIA-SQL1',
        address: '127.0.0.1',
        port: double.port,
        user: 'sa',
        password: SA_PASSWORD,
        encrypt: 'off',
        trustCertificate: false,
      },
      { secret: reference => `the secret of ${reference}` },
    );
  });
  afterAll(async () => {
    await server.close();
    await double[Symbol.asyncDispose]();
  });

  it('answers rows that were checked, with parameters and secrets as values', async () => {
    const rows = await server.ask(
      statement('SELECT @id AS id, @pw AS pw', {
        parameters: { id: { type: 'bigint', value: '9007199254740993' } },
        secrets: { pw: 'env:PW' },
      }),
      z.strictObject({ id: z.string(), pw: z.string() }),
    );
    expect(rows).toEqual([{ id: '9007199254740993', pw: 'the secret of env:PW' }]);
  });

  it('keeps a session, streams its rows, and loads others in bulk', async () => {
    await server.session('app', async session => {
      await session.run(statement('CREATE TABLE #stage (k bigint, t nvarchar(max))'));
      const sent = await session.bulk({
        database: 'app',
        table: '#stage',
        columns: [
          { name: 'k', type: 'bigint' },
          { name: 't', type: 'nvarchar' },
        ],
        rows: Array.from({ length: 5000 }, (_, at) => [String(at), at % 7 === 0 ? null : `é${at}`]),
      });
      expect(sent).toBe(5000);
      const rows: unknown[] = [];
      for await (const row of session.stream(
        statement('SELECT k, t FROM #stage ORDER BY k', { effect: 'reads' }),
      ))
        rows.push(row);
      expect(rows).toHaveLength(5000);
      expect(rows[7]).toEqual(['7', null]);
      expect(rows[8]).toEqual(['8', 'é8']);
      expect(session.traffic().sent).toBeGreaterThan(100_000);
    });
  });

  it('a session whose connection was cut is not silently another one', async () => {
    await server.session('app', async session => {
      const rows = await session.ask(statement('SELECT @@SPID AS spid'), z.object({ spid: z.number() }));
      await server.run(statement(`KILL ${rows[0]?.spid}`, { database: 'master' }));
      await expect(session.run(statement('SELECT 1 AS one'))).rejects.toMatchObject({
        code: 'sql.connection-lost',
      });
      await expect(session.run(statement('SELECT 1 AS one'))).rejects.toMatchObject({
        code: 'sql.connection-lost',
      });
    });
  });

  it('an error names the statement, the line and what the server said', async () => {
    await expect(server.run(statement('\nSELECT 1/0'))).rejects.toMatchObject({
      code: 'sql.failed',
      facts: { evidence: ['8134: Divide by zero error encountered.'], where: { line: 2 } },
    });
  });

  it('a stream that is left early ends its request; a stream that fails says so', async () => {
    await server.session('app', async session => {
      const many = statement(
        'SELECT a.n FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)) a(n), (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)) b(n), (VALUES (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)) c(n)',
        { effect: 'reads' },
      );
      for await (const _ of session.stream(many)) break;
      await expect(
        (async () => {
          for await (const _ of session.stream(statement('SELECT 1 AS a UNION ALL SELECT 1/0')));
        })(),
      ).rejects.toMatchObject({ code: 'sql.failed' });
      const rows = await session.ask(statement('SELECT 1 AS one'), z.object({ one: z.number() }));
      expect(rows).toEqual([{ one: 1 }]);
    });
  });
});
