import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LandfallError, recordOf } from '../../../../src/foundation/errors.ts';
import { connectSqlServer, type SqlAddress } from '../../../../src/remote/sql/connect.ts';
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

const serverAt = (port: number, more: Partial<SqlAddress> = {}): SqlServer =>
  connectSqlServer(
    {
      role: 'publisher',
      label: 'publisher MIA-SQL1',
      address: '127.0.0.1',
      port,
      user: 'sa',
      password: SA_PASSWORD,
      encrypt: 'off',
      trustCertificate: false,
      ...more,
    },
    { secret: reference => reference },
  );

const failure = async (work: Promise<unknown>): Promise<LandfallError> => {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof LandfallError) return thrown;
    throw thrown;
  }
  throw new Error('it went well');
};

/** What an engineer is told when this is asked of that server. */
async function told(
  port: number,
  more: Partial<SqlAddress> = {},
  { text = 'SELECT 1 AS one', database = 'app' } = {},
): Promise<LandfallError> {
  const server = serverAt(port, more);
  try {
    return await failure(server.run(statement(text, { database })));
  } finally {
    await server.close();
  }
}

const OTHER = 'Correct horse 2';

describe('the worst day of a DBA', () => {
  let double: SqlDouble;
  beforeAll(async () => {
    double = await startDouble({ databases: ['app', 'gone', 'closed'] });
    await double.run('master', 'ALTER DATABASE gone SET OFFLINE');
    await double.run('master', `CREATE LOGIN landfall WITH PASSWORD = N'${OTHER}'`);
    await double.run(
      'master',
      `CREATE LOGIN resting WITH PASSWORD = N'${OTHER}'; ALTER LOGIN resting DISABLE`,
    );
    await double.run('app', 'CREATE USER landfall FOR LOGIN landfall; CREATE TABLE dbo.T (i int)');
  });
  afterAll(async () => {
    await double[Symbol.asyncDispose]();
  });

  it.each([
    ['a wrong password', { password: 'wrong' }, /CREATE LOGIN \[sa\]/],
    ['a login that is not there', { user: 'no]body' }, /CREATE LOGIN \[no]]body\]/],
    ['a login that is disabled', { user: 'resting', password: OTHER }, /ALTER LOGIN \[resting\] ENABLE/],
  ] as const)('%s', async (_what, login, remedy) => {
    const error = await told(double.port, login);
    expect(error.code).toBe('sql.login-refused');
    expect(error.facts.next[0]).toMatch(remedy);
    expect(error.facts.evidence?.join()).toMatch(/^18(456|470): Login failed for user/);
    expect(JSON.stringify(recordOf(error))).not.toContain(OTHER);
  });

  it.each<[what: string, name: string, login: Partial<SqlAddress>]>([
    ['is offline', 'gone', {}],
    ['is not there', 'nosuch', {}],
    ['has no user for the login', 'closed', { user: 'landfall', password: OTHER }],
  ])('a database that %s is told from a login that is refused', async (_what, name, login) => {
    const error = await told(double.port, login, { database: name });
    expect(error.code).toBe('sql.permission');
    expect(error.facts.what).toContain(`no database ${name}`);
    expect(error.facts.evidence?.[0]).toMatch(/^4060: Cannot open database/);
    expect(error.facts.next[0]).toContain(`N'${name}'`);
  });

  it('a permission that is missing', async () => {
    const login = { user: 'landfall', password: OTHER };
    const read = await told(double.port, login, { text: 'SELECT * FROM dbo.T' });
    expect(read.code).toBe('sql.permission');
    expect(read.facts.evidence?.[0]).toMatch(/^229: The SELECT permission was denied/);
    const publish = await told(double.port, login, {
      text: "EXEC sys.sp_replicationdboption N'app', N'publish', N'true'",
    });
    expect(publish.code).toBe('sql.permission');
    expect(publish.facts.next[0]).toMatch(/ADD MEMBER \[landfall\]/);
  });

  it('a database that went offline under a statement', async () => {
    const error = await told(double.port, {}, { text: 'SELECT * FROM gone.dbo.T' });
    expect(error.code).toBe('database.blocked');
    expect(error.facts.what).toBe('a test: a database that it needs is offline on the publisher MIA-SQL1');
    expect(error.facts.evidence?.[0]).toMatch(/^942: /);
  });

  it('a lock that somebody holds', async () => {
    const holder = double.session();
    await holder.run('BEGIN TRANSACTION; INSERT dbo.T (i) VALUES (1)');
    const error = await told(double.port, {}, { text: 'SET LOCK_TIMEOUT 1; SELECT * FROM dbo.T' });
    await holder.run('ROLLBACK');
    holder.end();
    expect(error.code).toBe('sql.failed');
    expect(error.facts.what).toMatch(/production goes first/);
  });

  it('a port where nothing listens, and a name that nobody knows', async () => {
    const refused = await told(1);
    expect(refused.code).toBe('sql.unreachable');
    expect(refused.facts.what).toMatch(/^nothing listens on 127\.0\.0\.1:1,/);
    const unknown = await told(double.port, { address: 'no.such.host.invalid' });
    expect(unknown.code).toBe('sql.unreachable');
    expect(unknown.facts.what).toMatch(/^the name no\.such\.host\.invalid of the publisher/);
  });

  it('a port where something else listens', async () => {
    const other = createServer(socket => {
      socket.on('error', () => socket.destroy());
      socket.end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const error = await told(address.port);
    other.close();
    expect(error.code).toBe('sql.unreachable');
    expect(error.facts.what).toMatch(/does not talk as SQL Server does$/);
  });

  it('encryption that only one of them wants', async () => {
    await using demanding = await startDouble({ encryption: 'required' });
    const plain = await told(demanding.port);
    expect(plain.code).toBe('sql.encryption');
    expect(plain.facts.next).toEqual(['in the plan: encrypt: required for the publisher']);
    const wanting = await told(double.port, { encrypt: 'required' });
    expect(wanting.code).toBe('sql.encryption');
    expect(wanting.facts.what).toMatch(/offers no encryption/);
    const strict = await told(double.port, { encrypt: 'strict' });
    expect(strict.code).toBe('sql.encryption');
    expect(strict.facts.what).toMatch(/TDS 8\.0/);
  });

  it.each(['required', 'strict'] as const)(
    'a certificate that nobody has vouched for (%s)',
    async encrypt => {
      await using sealed = await startDouble({ encryption: 'on' });
      const error = await told(sealed.port, { encrypt });
      expect(error.code).toBe('sql.certificate');
      expect(error.facts.evidence?.join()).toMatch(/self-signed/);
      if (encrypt === 'strict') return;
      const server = serverAt(sealed.port, { encrypt, trustCertificate: true });
      const rows = await server.ask(
        statement('SELECT encrypt_option AS is_on FROM sys.dm_exec_connections WHERE session_id = @@SPID'),
        z.object({ is_on: z.string() }),
      );
      await server.close();
      expect(rows).toEqual([{ is_on: 'TRUE' }]);
    },
  );

  it('a server that restarts: what ran is lost and said so, what comes next goes on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'landfall-sql-'));
    const first = await startDouble({ directory });
    const { port } = first;
    const server = serverAt(port);
    await server.run(statement('CREATE TABLE dbo.Kept (i int)'));
    const holding = Promise.withResolvers<void>();
    const waiting = failure(
      server.run(statement("RAISERROR (N'begun', 0, 1) WITH NOWAIT; WAITFOR DELAY '01:00:00'"), {
        onMessage: () => holding.resolve(),
      }),
    );
    await holding.promise;
    await first.close();
    const lost = await waiting;
    expect(lost.code).toBe('sql.connection-lost');
    expect(lost.facts.next.join()).toMatch(/sqlserver_start_time/);
    expect((await failure(server.run(statement('SELECT 1 AS one')))).code).toMatch(
      /^sql\.(unreachable|connection-lost)$/,
    );
    const again = await startDouble({ directory, port });
    const rows = await server.ask(
      statement('SELECT COUNT(*) AS n FROM dbo.Kept', { effect: 'reads' }),
      z.object({ n: z.number() }),
    );
    expect(rows).toEqual([{ n: 0 }]);
    await server.close();
    await again.close();
    rmSync(directory, { recursive: true, force: true });
  });
});
