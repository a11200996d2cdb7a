import { z } from 'zod';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import type { ServerFacts } from './facts.ts';
import { readJobs } from './read-jobs.ts';

type Asked = Pick<SqlServer, 'ask'>;

/** Logins that every instance has of its own, and those that replication makes. */
const OWN_LOGIN = `(p.name LIKE N'##%' OR p.name LIKE N'NT SERVICE\\%' OR p.name LIKE N'NT AUTHORITY\\%'
   OR p.name LIKE N'BUILTIN\\%' OR p.principal_id = 1 OR p.name = N'distributor_admin')`;

/** What landfall and replication set themselves, and what only says what is shown. */
const NOT_CONFIGURED = `(N'max text repl size (B)', N'show advanced options', N'Agent XPs', N'remote proc trans')`;

export const reading = (on: Role, database: string, title: string, text: string): Statement => ({
  on,
  database,
  title,
  text,
  effect: 'reads',
});

const named = z.object({ name: z.string() });
const sid = z.string().regex(/^0x[0-9A-F]*$/);

/** Everything beside databases that an application may need of its server (facts 4). Hashes of passwords are not in it. */
export async function readServer(server: Asked, on: Role, signal: AbortSignal): Promise<ServerFacts> {
  const ask = <S extends z.ZodType>(
    title: string,
    text: string,
    row: S,
    database = 'master',
  ): Promise<z.infer<S>[]> => server.ask(reading(on, database, title, text), row, { signal });
  const names = async (title: string, text: string, database = 'master'): Promise<string[]> =>
    (await ask(title, text, named, database)).map(each => each.name);

  const [identity] = await ask(
    'who the server is',
    `SELECT CONVERT(nvarchar(128), @@SERVERNAME) AS name,
       CONVERT(int, PARSENAME(CONVERT(nvarchar(128), SERVERPROPERTY(N'ProductVersion')), 4)) AS major;`,
    z.object({ name: z.string(), major: z.number() }),
  );
  const logins = await ask(
    'logins',
    `SELECT p.name, CONVERT(varchar(200), p.sid, 1) AS sid, RTRIM(p.type) AS type, CONVERT(bit, p.is_disabled) AS disabled,
  ISNULL(l.is_policy_checked, 0) AS policy, ISNULL(l.is_expiration_checked, 0) AS expiration,
  ISNULL(p.default_database_name, N'master') AS [database], ISNULL(p.default_language_name, N'us_english') AS language
FROM sys.server_principals AS p LEFT JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id
WHERE p.type IN ('S', 'U', 'G') AND NOT ${OWN_LOGIN} ORDER BY p.name;`,
    z.object({
      name: z.string(),
      sid,
      type: z.enum(['S', 'U', 'G']),
      disabled: z.boolean(),
      policy: z.boolean(),
      expiration: z.boolean(),
      database: z.string(),
      language: z.string(),
    }),
  );
  const remote = await ask(
    'logins of linked servers',
    `SELECT s.name, l.remote_name AS login FROM sys.linked_logins AS l JOIN sys.servers AS s ON s.server_id = l.server_id
WHERE s.is_linked = 1 AND l.remote_name IS NOT NULL ORDER BY s.name, l.remote_name;`,
    z.object({ name: z.string(), login: z.string() }),
  );
  const linked = await ask(
    'linked servers',
    `SELECT name, product, provider, ISNULL(data_source, N'') AS source, ISNULL(catalog, N'') AS catalog
FROM sys.servers WHERE is_linked = 1 AND is_publisher = 0 AND is_subscriber = 0 AND is_distributor = 0
  AND name <> N'repl_distributor' ORDER BY name;`,
    z.object({
      name: z.string(),
      product: z.string(),
      provider: z.string(),
      source: z.string(),
      catalog: z.string(),
    }),
  );
  const jobs = await readJobs(server, on, signal);
  return {
    name: identity?.name ?? '',
    major: identity?.major ?? 0,
    logins: logins.map(({ type, ...login }) => ({
      ...login,
      kind: type === 'S' ? 'sql' : type === 'U' ? 'windows' : 'group',
    })),
    roles: await names(
      'server roles',
      `SELECT name FROM sys.server_principals WHERE type = 'R' AND is_fixed_role = 0 AND name <> N'public' AND name NOT LIKE N'##%' ORDER BY name;`,
    ),
    members: await ask(
      'members of server roles',
      `SELECT r.name AS role, p.name AS member FROM sys.server_role_members AS m
JOIN sys.server_principals AS r ON r.principal_id = m.role_principal_id
JOIN sys.server_principals AS p ON p.principal_id = m.member_principal_id
WHERE NOT ${OWN_LOGIN} ORDER BY r.name, p.name;`,
      z.object({ role: z.string(), member: z.string() }),
    ),
    permissions: await ask(
      'permissions on the server',
      `SELECT p.name AS grantee, g.permission_name AS permission, g.state_desc AS state, g.class_desc AS class,
  N'' AS [schema], N'' AS object, N'' AS [column]
FROM sys.server_permissions AS g JOIN sys.server_principals AS p ON p.principal_id = g.grantee_principal_id
WHERE NOT ${OWN_LOGIN} AND p.name <> N'public' AND g.state_desc IN (N'GRANT', N'DENY', N'GRANT_WITH_GRANT_OPTION')
ORDER BY p.name, g.permission_name;`,
      permission,
    ),
    linked: linked.map(each => ({
      ...each,
      remoteLogins: remote.filter(({ name }) => name === each.name).map(({ login }) => login),
    })),
    credentials: await ask(
      'credentials',
      `SELECT name, ISNULL(credential_identity, N'') AS [identity] FROM sys.credentials ORDER BY name;`,
      z.object({ name: z.string(), identity: z.string() }),
    ),
    certificates: await names(
      'certificates of the server',
      `SELECT name FROM sys.certificates WHERE name NOT LIKE N'##%' ORDER BY name;`,
    ),
    configuration: await ask(
      'configuration',
      `SELECT name, CONVERT(nvarchar(40), value_in_use) AS value FROM sys.configurations WHERE name NOT IN ${NOT_CONFIGURED} ORDER BY name;`,
      z.object({ name: z.string(), value: z.string() }),
    ),
    triggers: await names('triggers of the server', `SELECT name FROM sys.server_triggers ORDER BY name;`),
    operators: await ask(
      'operators of SQL Server Agent',
      `SELECT name, CONVERT(bit, enabled) AS enabled, ISNULL(email_address, N'') AS email FROM dbo.sysoperators ORDER BY name;`,
      z.object({ name: z.string(), enabled: z.boolean(), email: z.string() }),
      'msdb',
    ),
    jobs,
    alerts: await names(
      'alerts',
      `SELECT name FROM dbo.sysalerts WHERE name NOT LIKE N'Replication%' ORDER BY name;`,
      'msdb',
    ),
    proxies: await names('proxies', `SELECT name FROM dbo.sysproxies ORDER BY name;`, 'msdb'),
    mailProfiles: await names(
      'profiles of Database Mail',
      `SELECT name FROM dbo.sysmail_profile ORDER BY name;`,
      'msdb',
    ),
    messages: await names(
      'messages of applications',
      `SELECT DISTINCT CONVERT(nvarchar(20), message_id) AS name FROM sys.messages WHERE message_id > 50000 ORDER BY name;`,
    ),
  };
}

export const permission = z.object({
  grantee: z.string(),
  permission: z.string(),
  state: z.string(),
  class: z.string(),
  schema: z.string(),
  object: z.string(),
  column: z.string(),
});

/**
 * The hash of one login's password: read when it is needed, handed on as a parameter or into the script that is kept
 * with mode 0600, and nowhere else. Undefined where the server does not show it.
 */
export async function readHash(
  server: Asked,
  on: Role,
  login: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [row] = await server.ask(
    {
      ...reading(
        on,
        'master',
        'the hash of a password',
        `SELECT CONVERT(varchar(514), CONVERT(varbinary(256), LOGINPROPERTY(@login, N'PasswordHash')), 1) AS hash;`,
      ),
      parameters: { login: { type: 'nvarchar', value: login } },
    },
    z.object({ hash: z.string().nullable() }),
    { signal },
  );
  return row?.hash ?? undefined;
}
