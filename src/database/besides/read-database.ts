import { z } from 'zod';
import { identifier } from '../../remote/sql/quote.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role } from '../../remote/sql/statement.ts';
import type { DatabaseFacts, SequenceFacts, Setting } from './facts.ts';
import { permission, reading } from './read-server.ts';

const on = z.union([z.boolean(), z.number()]).transform(value => (Number(value) === 1 ? 'ON' : 'OFF'));

const optionRow = z.object({
  owner: z.string(),
  compatibility: z.string(),
  recovery: z.string(),
  pageVerify: z.string(),
  readCommittedSnapshot: on,
  snapshotIsolation: on,
  trustworthy: on,
  broker: on,
  chaining: on,
  autoClose: on,
  autoShrink: on,
  autoCreate: on,
  autoUpdate: on,
  recursive: on,
  forced: on,
  encrypted: z.union([z.boolean(), z.null()]),
  online: z.boolean(),
});

const OPTIONS: readonly (readonly [keyof z.infer<typeof optionRow>, string])[] = [
  ['owner', 'OWNER'],
  ['compatibility', 'COMPATIBILITY_LEVEL'],
  ['recovery', 'RECOVERY'],
  ['pageVerify', 'PAGE_VERIFY'],
  ['readCommittedSnapshot', 'READ_COMMITTED_SNAPSHOT'],
  ['snapshotIsolation', 'ALLOW_SNAPSHOT_ISOLATION'],
  ['trustworthy', 'TRUSTWORTHY'],
  ['broker', 'ENABLE_BROKER'],
  ['chaining', 'DB_CHAINING'],
  ['autoClose', 'AUTO_CLOSE'],
  ['autoShrink', 'AUTO_SHRINK'],
  ['autoCreate', 'AUTO_CREATE_STATISTICS'],
  ['autoUpdate', 'AUTO_UPDATE_STATISTICS'],
  ['recursive', 'RECURSIVE_TRIGGERS'],
  ['forced', 'PARAMETERIZATION'],
];

/** What belongs to one database beside its tables; undefined where it is not there or cannot be read now. */
export async function readDatabase(
  server: Pick<SqlServer, 'ask'>,
  role: Role,
  database: string,
  signal: AbortSignal,
): Promise<DatabaseFacts | undefined> {
  const ask = <S extends z.ZodType>(
    title: string,
    text: string,
    row: S,
    where = database,
  ): Promise<z.infer<S>[]> => server.ask(reading(role, where, title, text), row, { signal });
  const [options] = await server.ask(
    {
      ...reading(role, 'master', 'options of the database', OPTION_QUERY),
      parameters: { database: { type: 'nvarchar', value: database } },
    },
    optionRow,
    { signal },
  );
  if (options === undefined || !options.online) return undefined;
  const users = await ask('users', USER_QUERY, userRow);
  const keys = await ask(
    'certificates and keys',
    `SELECT N'certificate ' + name AS name FROM sys.certificates WHERE name NOT LIKE N'##%'
UNION ALL SELECT N'symmetric key ' + name FROM sys.symmetric_keys
UNION ALL SELECT N'asymmetric key ' + name FROM sys.asymmetric_keys;`,
    z.object({ name: z.string() }),
  );
  return {
    name: database,
    users: users.map(({ type, login, ...user }) => ({
      ...user,
      kind: type === 'S' ? 'sql' : type === 'U' ? 'windows' : 'group',
      ...(login === null ? {} : { login }),
    })),
    roles: (
      await ask(
        'roles',
        `SELECT name FROM sys.database_principals WHERE type = 'R' AND is_fixed_role = 0 AND name <> N'public'
  AND name NOT LIKE N'MSReplPAL%' ORDER BY name;`,
        z.object({ name: z.string() }),
      )
    ).map(({ name }) => name),
    members: await ask(
      'members of roles',
      `SELECT r.name AS role, p.name AS member FROM sys.database_role_members AS m
JOIN sys.database_principals AS r ON r.principal_id = m.role_principal_id
JOIN sys.database_principals AS p ON p.principal_id = m.member_principal_id
WHERE r.name NOT LIKE N'MSReplPAL%' AND p.name <> N'dbo' ORDER BY r.name, p.name;`,
      z.object({ role: z.string(), member: z.string() }),
    ),
    permissions: await ask('permissions', PERMISSION_QUERY, permission),
    options: OPTIONS.map(([key, name]): Setting => ({ name, value: String(options[key]) })),
    encrypted: options.encrypted === true,
    keys: keys.map(({ name }) => name).sort(),
    guards: await ask('triggers and constraints', GUARD_QUERY, guardRow),
    sequences: await readSequences(server, role, database, signal),
  };
}

const OPTION_QUERY = `SELECT ISNULL(SUSER_SNAME(owner_sid), N'') AS owner, CONVERT(nvarchar(4), compatibility_level) AS compatibility,
  ISNULL(recovery_model_desc, N'') AS recovery, ISNULL(page_verify_option_desc, N'') AS pageVerify,
  is_read_committed_snapshot_on AS readCommittedSnapshot, CONVERT(bit, snapshot_isolation_state) AS snapshotIsolation,
  is_trustworthy_on AS trustworthy, is_broker_enabled AS broker, is_db_chaining_on AS chaining, is_auto_close_on AS autoClose,
  is_auto_shrink_on AS autoShrink, is_auto_create_stats_on AS autoCreate, is_auto_update_stats_on AS autoUpdate,
  is_recursive_triggers_on AS recursive, is_parameterization_forced AS forced, is_encrypted AS encrypted,
  CONVERT(bit, CASE WHEN state = 0 AND HAS_DBACCESS(name) = 1 THEN 1 ELSE 0 END) AS online
FROM sys.databases WHERE name = @database;`;

const userRow = z.object({
  name: z.string(),
  sid: z.string(),
  type: z.enum(['S', 'U', 'G']),
  authentication: z.number(),
  schema: z.string(),
  login: z.string().nullable(),
});

const USER_QUERY = `SELECT u.name, ISNULL(CONVERT(varchar(200), u.sid, 1), '0x') AS sid, RTRIM(u.type) AS type,
  u.authentication_type AS authentication, ISNULL(u.default_schema_name, N'dbo') AS [schema], l.name AS login
FROM sys.database_principals AS u LEFT JOIN ${identifier('master')}.sys.server_principals AS l ON l.sid = u.sid
WHERE u.type IN ('S', 'U', 'G') AND u.principal_id > 4 ORDER BY u.name;`;

const PERMISSION_QUERY = `SELECT p.name AS grantee, g.permission_name AS permission, g.state_desc AS state, g.class_desc AS class,
  ISNULL(CASE g.class WHEN 1 THEN OBJECT_SCHEMA_NAME(g.major_id) WHEN 3 THEN SCHEMA_NAME(g.major_id) END, N'') AS [schema],
  ISNULL(CASE g.class WHEN 1 THEN OBJECT_NAME(g.major_id) END, N'') AS object,
  ISNULL(CASE WHEN g.class = 1 AND g.minor_id > 0 THEN COL_NAME(g.major_id, g.minor_id) END, N'') AS [column]
FROM sys.database_permissions AS g JOIN sys.database_principals AS p ON p.principal_id = g.grantee_principal_id
WHERE g.state_desc IN (N'GRANT', N'DENY', N'GRANT_WITH_GRANT_OPTION') AND p.name NOT LIKE N'MSReplPAL%'
  AND NOT (p.name = N'dbo' AND g.permission_name = N'CONNECT') AND g.major_id >= 0
  AND NOT (g.class = 1 AND ISNULL(OBJECTPROPERTY(g.major_id, N'IsMSShipped'), 1) = 1)
ORDER BY grantee, class, [schema], object, [column], permission;`;

const guardRow = z.object({
  kind: z.enum(['trigger', 'foreign-key', 'check']),
  name: z.string(),
  disabled: z.boolean(),
  trusted: z.boolean(),
});

const NOT_OURS = `OBJECT_SCHEMA_NAME(parent_object_id) <> N'landfall'`;

const GUARD_QUERY = `SELECT N'trigger' AS kind, OBJECT_SCHEMA_NAME(parent_id) + N'.' + name AS name, is_disabled AS disabled, CONVERT(bit, 1) AS trusted
FROM sys.triggers WHERE parent_class = 1 AND is_ms_shipped = 0 AND OBJECT_SCHEMA_NAME(parent_id) <> N'landfall'
UNION ALL SELECT N'foreign-key', OBJECT_SCHEMA_NAME(parent_object_id) + N'.' + name, is_disabled, CONVERT(bit, 1 - is_not_trusted)
FROM sys.foreign_keys WHERE is_ms_shipped = 0 AND ${NOT_OURS}
UNION ALL SELECT N'check', OBJECT_SCHEMA_NAME(parent_object_id) + N'.' + name, is_disabled, CONVERT(bit, 1 - is_not_trusted)
FROM sys.check_constraints WHERE is_ms_shipped = 0 AND ${NOT_OURS}
ORDER BY kind, name;`;

const sequenceRow = z.object({
  schema: z.string(),
  name: z.string(),
  current: z.string(),
  increment: z.string(),
  minimum: z.string(),
  maximum: z.string(),
  cycles: z.boolean(),
  cache: z.number(),
});

const SEQUENCE_QUERY = `SELECT SCHEMA_NAME(schema_id) AS [schema], name, CONVERT(nvarchar(40), current_value) AS [current],
  CONVERT(nvarchar(40), increment) AS increment, CONVERT(nvarchar(40), minimum_value) AS minimum,
  CONVERT(nvarchar(40), maximum_value) AS maximum, is_cycling AS cycles, ISNULL(cache_size, 50) AS cache
FROM sys.sequences WHERE is_ms_shipped = 0 AND SCHEMA_NAME(schema_id) <> N'landfall' ORDER BY 1, 2;`;

export const readSequences = (
  server: Pick<SqlServer, 'ask'>,
  role: Role,
  database: string,
  signal: AbortSignal,
): Promise<SequenceFacts[]> =>
  server.ask(reading(role, database, 'sequences', SEQUENCE_QUERY), sequenceRow, { signal });
