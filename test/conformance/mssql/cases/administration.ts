import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type Case, does, failsWith, failure, numberOf, refuses, rowsOf, shows, value } from '../case.ts';
import type { Client } from '../client.ts';

const random = (): string => `landfall_case_${randomBytes(5).toString('hex')}`;

async function withLogin(
  client: Client,
  use: (login: string) => Promise<void>,
  more = "PASSWORD = 'Some.word.1'",
): Promise<void> {
  const login = random();
  await client.batch(`CREATE LOGIN [${login}] WITH ${more}, CHECK_POLICY = OFF`);
  try {
    await use(login);
  } finally {
    await client.batch(`DROP LOGIN [${login}]`);
  }
}

export const ADMINISTRATION: readonly Case[] = [
  does(
    'logins/hash',
    'a login made from hash and SID takes the same password and is the same principal',
    async client => {
      const sid = `0x${randomBytes(16).toString('hex').toUpperCase()}`;
      await withLogin(client, async login => {
        const hash = String(
          await value(client, `SELECT CONVERT(varchar(514), LOGINPROPERTY('${login}', 'PasswordHash'), 1)`),
        );
        expect(hash).toMatch(/^0x0200[0-9A-F]{136}$/);
        await withLogin(
          client,
          async copy => {
            expect(
              await value(
                client,
                `SELECT CONVERT(varchar(100), sid, 1) FROM sys.sql_logins WHERE name = '${copy}'`,
              ),
            ).toBe(sid);
            const other = await client.another({ user: copy, password: 'Some.word.1', database: 'master' });
            expect(await value(other, 'SELECT SUSER_SNAME()')).toBe(copy);
            await other.close();
          },
          `PASSWORD = ${hash} HASHED, SID = ${sid}`,
        );
      });
    },
    { needs: 'sysadmin' },
  ),
  does(
    'logins/pwdcompare',
    'PWDCOMPARE',
    client =>
      withLogin(client, async login => {
        expect(
          await rowsOf(
            client,
            `SELECT PWDCOMPARE('Some.word.1', LOGINPROPERTY('${login}', 'PasswordHash')), PWDCOMPARE('other', LOGINPROPERTY('${login}', 'PasswordHash'))`,
          ),
        ).toEqual([[1, 0]]);
      }),
    { needs: 'sysadmin' },
  ),
  does(
    'logins/disabled',
    'a disabled login is 18470',
    client =>
      withLogin(client, async login => {
        await client.batch(`ALTER LOGIN [${login}] DISABLE`);
        const failed = await failure(
          client.another({ user: login, password: 'Some.word.1', database: 'master' }),
        );
        expect(failed.message).toBe(`Login failed for user '${login}'. Reason: The account is disabled.`);
        if (client.driver === 'tedious') expect(failed.errors.map(numberOf)).toEqual([18470]);
      }),
    { needs: 'sysadmin' },
  ),
  does(
    'logins/15025',
    'a login twice is 15025',
    client =>
      withLogin(client, async login => {
        await failsWith(client.batch(`CREATE LOGIN [${login}] WITH PASSWORD = 'x', CHECK_POLICY = OFF`), {
          number: 15025,
          message: `The server principal '${login}' already exists.`,
        });
      }),
    { needs: 'sysadmin' },
  ),
  does(
    'logins/916',
    'a login without user in a database stays outside',
    client =>
      withLogin(client, async login => {
        const failed = await failure(client.another({ user: login, password: 'Some.word.1' }));
        expect(failed.message).toMatch(/Cannot open database|Login failed/);
        const other = await client.another({ user: login, password: 'Some.word.1', database: 'master' });
        await failsWith(other.batch(`USE [${client.database}]`), {
          number: 916,
          severity: 14,
          message: new RegExp(
            `^The server principal "${login}" is not able to access the database "${client.database}" under the current security context\\.$`,
          ),
        });
        await other.close();
      }),
    { needs: 'sysadmin' },
  ),
  does(
    'users/permissions',
    'users, roles, GRANT and 229',
    client =>
      withLogin(client, async login => {
        await client.batch(
          `CREATE TABLE dbo.t (a int); CREATE USER u FOR LOGIN [${login}]; GRANT SELECT ON dbo.t TO u`,
        );
        const other = await client.another({ user: login, password: 'Some.word.1' });
        expect(await value(other, 'SELECT COUNT(*) FROM dbo.t')).toBe(0);
        await failsWith(other.batch('INSERT dbo.t VALUES (1)'), {
          number: 229,
          severity: 14,
          state: 5,
          message: `The INSERT permission was denied on the object 't', database '${client.database}', schema 'dbo'.`,
        });
        await client.batch('ALTER ROLE db_datawriter ADD MEMBER u');
        await other.batch('INSERT dbo.t VALUES (1)');
        expect(
          await rowsOf(
            other,
            "SELECT USER_NAME(), IS_MEMBER('db_datawriter'), IS_MEMBER('db_owner'), HAS_PERMS_BY_NAME('dbo.t', 'OBJECT', 'INSERT')",
          ),
        ).toEqual([['u', 1, 0, 1]]);
        await other.close();
      }),
    { needs: 'sysadmin' },
  ),
  does(
    'users/orphan',
    'ALTER USER … WITH LOGIN mends an orphan',
    async client => {
      let lost = '';
      await withLogin(client, async login => {
        lost = login;
        await client.batch(`CREATE USER u FOR LOGIN [${login}]`);
      });
      const orphans =
        "SELECT COUNT(*) FROM sys.database_principals AS d LEFT JOIN sys.server_principals AS s ON s.sid = d.sid WHERE d.name = 'u' AND s.sid IS NULL";
      expect(lost).not.toBe('');
      expect(await value(client, orphans)).toBe(1);
      await withLogin(client, async login => {
        await client.batch(`ALTER USER u WITH LOGIN = [${login}]`);
        expect(await value(client, orphans)).toBe(0);
      });
    },
    { needs: 'sysadmin' },
  ),
  shows('dbcc/opentran', 'DBCC OPENTRAN without one', 'DBCC OPENTRAN WITH TABLERESULTS', []),
  does('dbcc/opentran-message', 'DBCC OPENTRAN tells', async client => {
    const { messages } = await client.batch('DBCC OPENTRAN');
    expect(messages[0]?.message).toMatch(/^No active open transactions\./);
  }),
  refuses('dbcc/unknown', 'an unknown DBCC is 2526', 'DBCC nothing', {
    number: 2526,
    message: 'Incorrect DBCC statement. Check the documentation for the correct DBCC syntax and options.',
  }),
  does('options/database', 'options of a database', async client => {
    await client.batch(
      'ALTER DATABASE CURRENT SET RECOVERY SIMPLE; ALTER DATABASE CURRENT SET AUTO_CLOSE OFF',
    );
    expect(await value(client, 'SELECT recovery_model_desc FROM sys.databases WHERE name = DB_NAME()')).toBe(
      'SIMPLE',
    );
    await client.batch('ALTER DATABASE CURRENT SET READ_ONLY WITH ROLLBACK IMMEDIATE');
    await failsWith(client.batch('CREATE TABLE dbo.t (a int)'), {
      number: 3906,
      severity: 16,
      message: `Failed to update database "${client.database}" because the database is read-only.`,
    });
    await client.batch('ALTER DATABASE CURRENT SET READ_WRITE WITH ROLLBACK IMMEDIATE');
  }),
  does(
    'options/configure',
    'sp_configure: 15123 for an unknown option',
    async client => {
      await failsWith(client.batch("EXEC sp_configure 'nothing at all', 1"), {
        number: 15123,
        severity: 16,
        message: "The configuration option 'nothing at all' does not exist, or it may be an advanced option.",
      });
    },
    { needs: 'sysadmin' },
  ),
  refuses(
    'databases/1801',
    'a database twice is 1801',
    "DECLARE @s nvarchar(200) = N'CREATE DATABASE ' + QUOTENAME(DB_NAME()); EXEC (@s)",
    {
      number: 1801,
      severity: 16,
      message: /^Database '.*' already exists\. Choose a different database name\.$/,
    },
  ),
  refuses(
    'databases/3701',
    'a database that is not there is not dropped',
    'DROP DATABASE landfall_no_such_database',
    {
      number: 3701,
      severity: 11,
      message:
        "Cannot drop the database 'landfall_no_such_database', because it does not exist or you do not have permission.",
    },
  ),
  does('databases/226', 'CREATE DATABASE is not for transactions', async client => {
    await failsWith(client.batch(`BEGIN TRAN; CREATE DATABASE [${random()}]`), {
      number: 226,
      severity: 16,
      message: 'CREATE DATABASE statement not allowed within multi-statement transaction.',
    });
    await client.batch('IF @@TRANCOUNT > 0 ROLLBACK');
  }),
  does('snapshots/reads', 'a database snapshot keeps what was committed when it was made', async client => {
    const name = random();
    await client.batch('CREATE TABLE dbo.t (a int); INSERT dbo.t VALUES (1)');
    const [file] = await rowsOf(client, 'SELECT name, physical_name FROM sys.database_files WHERE type = 0');
    const path = String(file?.[1]).replace(/[^\\/]*$/, `${name}.ss`);
    await client.batch(
      `CREATE DATABASE [${name}] ON (NAME = [${String(file?.[0])}], FILENAME = '${path}') AS SNAPSHOT OF [${client.database}]`,
    );
    try {
      await client.batch('UPDATE dbo.t SET a = 2; CREATE TABLE dbo.later (a int)');
      expect(
        await rowsOf(
          client,
          `SELECT (SELECT a FROM [${name}].dbo.t), (SELECT a FROM dbo.t), OBJECT_ID('[${name}].dbo.later')`,
        ),
      ).toEqual([[1, 2, null]]);
      await failsWith(client.batch(`UPDATE [${name}].dbo.t SET a = 3`), {
        number: 3906,
        message: `Failed to update database "${name}" because the database is read-only.`,
      });
      expect(
        await value(client, `SELECT DB_NAME(source_database_id) FROM sys.databases WHERE name = '${name}'`),
      ).toBe(client.database);
    } finally {
      await client.batch(`DROP DATABASE [${name}]`);
    }
  }),
  does('tracking/changes', 'change tracking gives net changes since a version', async client => {
    await client.batch(
      'ALTER DATABASE CURRENT SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS, AUTO_CLEANUP = ON)',
    );
    await client.batch(
      'CREATE TABLE dbo.t (id int PRIMARY KEY, v int); ALTER TABLE dbo.t ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)',
    );
    await client.batch('INSERT dbo.t VALUES (1, 1), (2, 2)');
    const version = String(await value(client, 'SELECT CHANGE_TRACKING_CURRENT_VERSION()'));
    await client.batch(
      'UPDATE dbo.t SET v = 5 WHERE id = 1; DELETE dbo.t WHERE id = 2; INSERT dbo.t VALUES (3, 3); UPDATE dbo.t SET v = 4 WHERE id = 3',
    );
    expect(
      await rowsOf(
        client,
        `SELECT id, SYS_CHANGE_OPERATION FROM CHANGETABLE(CHANGES dbo.t, ${version}) AS c ORDER BY id`,
      ),
    ).toEqual([
      [1, 'U'],
      [2, 'D'],
      [3, 'I'],
    ]);
    expect(await value(client, "SELECT CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID('dbo.t'))")).toBe('0');
  }),
  refuses(
    'tracking/4997',
    'a table without key is not tracked',
    [
      'ALTER DATABASE CURRENT SET CHANGE_TRACKING = ON',
      'CREATE TABLE dbo.t (a int)',
      'ALTER TABLE dbo.t ENABLE CHANGE_TRACKING',
    ],
    {
      number: 4997,
      message:
        "Cannot enable change tracking on table 't'. Change tracking requires a primary key on the table. Create a primary key on the table before enabling change tracking.",
    },
  ),
  refuses(
    'tracking/22105',
    'a table that is not tracked has no changes',
    ['CREATE TABLE dbo.t (a int PRIMARY KEY)', 'SELECT * FROM CHANGETABLE(CHANGES dbo.t, 0) AS c'],
    { number: 22105, message: "Change tracking is not enabled on table 'dbo.t'." },
  ),
  refuses(
    'editions/if-exists',
    'DROP IF EXISTS is unknown to 2012',
    'DROP TABLE IF EXISTS dbo.t',
    { number: 156, message: "Incorrect syntax near the keyword 'IF'." },
    { product: '2012-standard' },
  ),
  refuses(
    'editions/json',
    'FOR JSON is unknown to 2012',
    'SELECT 1 AS a FOR JSON PATH',
    { number: 102 },
    { product: '2012-standard' },
  ),
  refuses(
    'editions/string-split',
    'STRING_SPLIT is unknown to 2012',
    "SELECT value FROM STRING_SPLIT('a', ',')",
    { number: 208, message: "Invalid object name 'STRING_SPLIT'." },
    { product: '2012-standard' },
  ),
  refuses(
    'editions/concat-ws',
    'CONCAT_WS is unknown to 2016',
    "SELECT CONCAT_WS(',', 'a', 'b')",
    { number: 195 },
    { product: '2016-web' },
  ),
  refuses(
    'editions/greatest',
    'GREATEST is unknown to 2019',
    'SELECT GREATEST(1, 2)',
    { number: 195 },
    { product: '2019-express' },
  ),
  shows('editions/greatest-2022', 'and known to 2022', 'SELECT GREATEST(1, 2), LEAST(1, NULL, 2)', [[2, 1]], {
    since: 16,
  }),
  shows('editions/express', 'Express says so', "SELECT CAST(SERVERPROPERTY('EngineEdition') AS int)", [[4]], {
    product: '2019-express',
  }),
];
