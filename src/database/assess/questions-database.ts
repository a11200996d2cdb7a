import { z } from 'zod';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import { freeQuestion, question } from './questions-server.ts';
import { flag, size, sizeOrNull, text, textOrNull, whole } from './rows.ts';

/** Questions about one database of a server. */

export const databaseQuestion = (on: Role, database: string) =>
  question(
    on,
    'master',
    `state and options of ${database}`,
    z.object({
      name: text,
      state: text,
      access: text,
      opens: flag,
      collation: textOrNull,
      compatibility: whole,
      recovery: text,
      read_only: flag,
      published: flag,
      merge_published: flag,
      subscribed: flag,
      distributor: flag,
      cdc: flag,
      sync_with_backup: flag,
      snapshot_isolation: text,
      read_committed_snapshot: flag,
      encrypted: flag,
      containment: text,
      group_member: flag,
      log_reuse_wait: text,
      never_backed_up: flag,
    }),
    `SELECT d.name, d.state_desc AS state, d.user_access_desc AS access, HAS_DBACCESS(d.name) AS opens,
  d.collation_name AS collation, CONVERT(int, d.compatibility_level) AS compatibility,
  d.recovery_model_desc AS recovery, d.is_read_only AS read_only,
  d.is_published AS published, d.is_merge_published AS merge_published, d.is_subscribed AS subscribed,
  d.is_distributor AS distributor, d.is_cdc_enabled AS cdc, d.is_sync_with_backup AS sync_with_backup,
  d.snapshot_isolation_state_desc AS snapshot_isolation,
  d.is_read_committed_snapshot_on AS read_committed_snapshot,
  d.is_encrypted AS encrypted, d.containment_desc AS containment,
  CONVERT(bit, CASE WHEN d.group_database_id IS NULL THEN 0 ELSE 1 END) AS group_member,
  d.log_reuse_wait_desc AS log_reuse_wait,
  CONVERT(bit, CASE WHEN r.last_log_backup_lsn IS NULL THEN 1 ELSE 0 END) AS never_backed_up
FROM sys.databases AS d
LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id
WHERE d.name = @name;`,
    { name: { type: 'nvarchar', value: database } },
  );

export const sizesQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `sizes of the files of ${database}`,
    z.object({ data: size, log: size }),
    `SELECT SUM(CASE WHEN type = 1 THEN 0 ELSE CONVERT(bigint, size) END) * 8192 AS data,
  SUM(CASE WHEN type = 1 THEN CONVERT(bigint, size) ELSE 0 END) * 8192 AS log
FROM sys.database_files;`,
  );

export const logQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `how full the log of ${database} is`,
    z.object({ used: size }),
    'SELECT used_log_space_in_bytes AS used FROM sys.dm_db_log_space_usage;',
  );

export const rolesQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `what this login may do in ${database}`,
    z.object({ db_owner: flag, backup_operator: flag }),
    `SELECT IS_ROLEMEMBER(N'db_owner') AS db_owner, IS_ROLEMEMBER(N'db_backupoperator') AS backup_operator;`,
  );

/** The last backups, newest first: how much the log brings, how well data compresses, who else keeps a chain. */
export const backupsQuestion = (on: Role, database: string) =>
  question(
    on,
    'msdb',
    `last backups of ${database}`,
    z.object({
      kind: text,
      copy_only: flag,
      minutes_ago: whole,
      seconds: whole,
      bytes: size,
      compressed: sizeOrNull,
      device: textOrNull,
      by: textOrNull,
    }),
    `SELECT TOP (300) b.type AS kind, b.is_copy_only AS copy_only,
  DATEDIFF(minute, b.backup_finish_date, GETDATE()) AS minutes_ago,
  DATEDIFF(second, b.backup_start_date, b.backup_finish_date) AS seconds,
  CONVERT(bigint, b.backup_size) AS bytes, CONVERT(bigint, b.compressed_backup_size) AS compressed,
  (SELECT MIN(m.physical_device_name) FROM dbo.backupmediafamily AS m WHERE m.media_set_id = b.media_set_id) AS device,
  b.user_name AS [by]
FROM dbo.backupset AS b
WHERE b.database_name = @name AND b.server_name = CONVERT(nvarchar(128), SERVERPROPERTY('ServerName'))
ORDER BY b.backup_set_id DESC;`,
    { name: { type: 'nvarchar', value: database } },
  );

export const publicationsQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `publications of ${database}`,
    z.object({ name: text }),
    `IF OBJECT_ID(N'dbo.syspublications') IS NOT NULL SELECT name FROM dbo.syspublications ORDER BY name;`,
  );

export const subscriptionsQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `subscriptions that write into ${database}`,
    z.object({ publisher: text, publisher_database: text, publication: text }),
    `IF OBJECT_ID(N'dbo.MSreplication_subscriptions') IS NOT NULL
  SELECT publisher, publisher_db AS publisher_database, publication FROM dbo.MSreplication_subscriptions;`,
  );

export const changeTrackingQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `change tracking of ${database}`,
    z.object({ period: whole, unit: text, cleans: flag }),
    `SELECT retention_period AS period, retention_period_units_desc AS unit, is_auto_cleanup_on AS cleans
FROM sys.change_tracking_databases WHERE database_id = DB_ID();`,
  );

/** Transactions that have written and are open: the log reader waits for them, and the log keeps what they began. */
export const transactionsQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `open transactions of ${database}`,
    z.object({ session: whole, login: text, host: textOrNull, program: textOrNull, seconds: whole }),
    `SELECT TOP (20) CONVERT(int, s.session_id) AS session, s.login_name AS login, s.host_name AS host,
  s.program_name AS program, DATEDIFF(second, t.database_transaction_begin_time, GETDATE()) AS seconds
FROM sys.dm_tran_database_transactions AS t
JOIN sys.dm_tran_session_transactions AS x ON x.transaction_id = t.transaction_id
JOIN sys.dm_exec_sessions AS s ON s.session_id = x.session_id
WHERE t.database_id = DB_ID() AND t.database_transaction_begin_time IS NOT NULL AND s.is_user_process = 1
ORDER BY t.database_transaction_begin_time;`,
  );

/** Who else works in a database that is to become the copy. */
export const sessionsQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `sessions of others in ${database}`,
    z.object({ session: whole, login: text, host: textOrNull, program: textOrNull }),
    `SELECT TOP (50) CONVERT(int, session_id) AS session, login_name AS login, host_name AS host, program_name AS program
FROM sys.dm_exec_sessions
WHERE database_id = DB_ID() AND is_user_process = 1 AND session_id <> @@SPID
  AND ISNULL(program_name, N'') NOT IN (N'landfall') AND ISNULL(program_name, N'') NOT LIKE N'SQLAgent%'
ORDER BY session_id;`,
  );

/** When somebody last wrote into a user table, in minutes; NULL where nobody has since the server started. */
export const writtenQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `when ${database} was last written to`,
    z.object({ minutes: z.number().nullable() }),
    `SELECT DATEDIFF(minute, MAX(u.last_user_update), GETDATE()) AS minutes
FROM sys.dm_db_index_usage_stats AS u
JOIN sys.tables AS t ON t.object_id = u.object_id AND t.is_ms_shipped = 0
WHERE u.database_id = DB_ID();`,
  );

/** What of the database's code points out of it. */
export const referencesQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `references out of ${database}`,
    z.object({ from: text, server: textOrNull, database: textOrNull, entity: text }),
    `SELECT ISNULL(OBJECT_SCHEMA_NAME(referencing_id) + N'.', N'') + ISNULL(OBJECT_NAME(referencing_id), N'?') AS [from],
  referenced_server_name AS server, referenced_database_name AS [database], referenced_entity_name AS entity
FROM sys.sql_expression_dependencies
WHERE referenced_server_name IS NOT NULL
  OR (referenced_database_name IS NOT NULL AND referenced_database_name <> DB_NAME());`,
  );

/** The certificate that opens an encrypted database, by its thumbprint. */
export const encryptorQuestion = (on: Role, database: string) =>
  question(
    on,
    database,
    `the certificate of the encrypted ${database}`,
    z.object({ thumbprint: textOrNull }),
    `SELECT CONVERT(nvarchar(100), encryptor_thumbprint, 2) AS thumbprint
FROM sys.dm_database_encryption_keys WHERE database_id = DB_ID();`,
  );

/** All of them that are asked without a condition, in their order. */
export const databaseQuestions = (on: Role, name: string): readonly Statement[] =>
  [
    databaseQuestion(on, name),
    rolesQuestion(on, name),
    sizesQuestion(on, name),
    logQuestion(on, name),
    freeQuestion(on, name),
    changeTrackingQuestion(on, name),
    publicationsQuestion(on, name),
    subscriptionsQuestion(on, name),
    transactionsQuestion(on, name),
    sessionsQuestion(on, name),
    writtenQuestion(on, name),
    referencesQuestion(on, name),
    backupsQuestion(on, name),
  ].map(({ statement }) => statement);
