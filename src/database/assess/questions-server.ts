import { z } from 'zod';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import { flag, size, text, textOrNull, whole } from './rows.ts';

/** Questions about a server. A question is a statement that only reads, and the shape of one row of its answer. */
export interface Question<S extends z.ZodType> {
  readonly statement: Statement;
  readonly row: S;
}

export const question = <S extends z.ZodType>(
  on: Role,
  database: string,
  title: string,
  row: S,
  text: string,
  parameters: Statement['parameters'] = {},
): Question<S> => ({
  statement: {
    on,
    database,
    title,
    text,
    effect: 'reads',
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
  },
  row,
});

export const serverQuestion = (on: Role) =>
  question(
    on,
    'master',
    'name, version, edition and collation of the server, and what this login may do',
    z.object({
      local_name: textOrNull,
      name: text,
      version: text,
      update_level: textOrNull,
      edition: text,
      engine_edition: whole,
      collation: text,
      banner: text,
      login: text,
      sysadmin: flag,
      dbcreator: flag,
      sees_state: flag,
    }),
    `SELECT @@SERVERNAME AS local_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductUpdateLevel')) AS update_level,
  CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
  CONVERT(int, SERVERPROPERTY('EngineEdition')) AS engine_edition,
  CONVERT(nvarchar(128), SERVERPROPERTY('Collation')) AS collation,
  @@VERSION AS banner,
  SUSER_SNAME() AS login,
  IS_SRVROLEMEMBER(N'sysadmin') AS sysadmin,
  IS_SRVROLEMEMBER(N'dbcreator') AS dbcreator,
  HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') AS sees_state;`,
  );

export const servicesQuestion = (on: Role) =>
  question(
    on,
    'master',
    'does SQL Server Agent run',
    z.object({ service: text, status: text }),
    `SELECT servicename AS service, status_desc AS status
FROM sys.dm_server_services
WHERE servicename LIKE N'SQL Server Agent%';`,
  );

/** Where the services are not listed (Linux, some builds): Agent keeps sessions of its own. */
export const agentSessionsQuestion = (on: Role) =>
  question(
    on,
    'master',
    'is SQL Server Agent connected',
    z.object({ sessions: whole }),
    `SELECT COUNT(*) AS sessions FROM sys.dm_exec_sessions WHERE program_name LIKE N'SQLAgent%';`,
  );

export const configurationQuestion = (on: Role) =>
  question(
    on,
    'master',
    'settings that replication depends on',
    z.object({ name: text, value: whole }),
    `SELECT name, CONVERT(int, value_in_use) AS value
FROM sys.configurations
WHERE name IN (N'max text repl size (B)', N'Agent XPs');`,
  );

export const encryptionQuestion = (on: Role) =>
  question(
    on,
    'master',
    'is this connection encrypted',
    z.object({ encrypted: text }),
    'SELECT encrypt_option AS encrypted FROM sys.dm_exec_connections WHERE session_id = @@SPID;',
  );

/** The distributor that a server publishes to, if it has one. */
export const distributorOfQuestion = (on: Role) =>
  question(
    on,
    'master',
    'the distributor that this server already has',
    z.object({ name: text }),
    'SELECT ISNULL(data_source, name) AS name FROM sys.servers WHERE is_distributor = 1;',
  );

/** Distribution databases and how long each keeps commands, in hours. The table is there once a server distributes. */
export const distributionQuestion = (on: Role) =>
  question(
    on,
    'msdb',
    'distribution databases and their retention',
    z.object({ name: text, hours: whole, history_hours: whole }),
    `IF OBJECT_ID(N'dbo.MSdistributiondbs') IS NOT NULL
  SELECT name, max_distretention AS hours, history_retention AS history_hours FROM dbo.MSdistributiondbs;`,
  );

/** Publishers that use a distributor: whose it is. */
export const publishersQuestion = (on: Role) =>
  question(
    on,
    'msdb',
    'publishers of this distributor',
    z.object({ name: text, distribution: text }),
    `IF OBJECT_ID(N'dbo.MSdistpublishers') IS NOT NULL
  SELECT name, distribution_db AS distribution FROM dbo.MSdistpublishers;`,
  );

/** Certificates with which an encrypted database can be restored. */
export const certificatesQuestion = (on: Role) =>
  question(
    on,
    'master',
    'certificates that can open an encrypted database',
    z.object({ thumbprint: text }),
    'SELECT CONVERT(nvarchar(100), thumbprint, 2) AS thumbprint FROM sys.certificates;',
  );

/** Free bytes where the files of a database lie: least of all volumes with data, and of those with log. */
export const freeQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `free space where the files of ${database} lie`,
    z.object({ kind: text, free: size }),
    `SELECT CASE WHEN f.type = 1 THEN N'log' ELSE N'data' END AS kind, MIN(v.available_bytes) AS free
FROM sys.database_files AS f
CROSS APPLY sys.dm_os_volume_stats(DB_ID(), f.file_id) AS v
GROUP BY CASE WHEN f.type = 1 THEN N'log' ELSE N'data' END;`,
  );

/** All of them, in their order. */
export const serverQuestions = (on: Role): readonly Statement[] =>
  [
    serverQuestion(on),
    configurationQuestion(on),
    servicesQuestion(on),
    agentSessionsQuestion(on),
    encryptionQuestion(on),
    distributorOfQuestion(on),
    distributionQuestion(on),
    publishersQuestion(on),
    certificatesQuestion(on),
    freeQuestion(on, 'master'),
  ].map(({ statement }) => statement);
