import { CHAIN, forksOf, lsnOption } from '../../backup/chain.ts';
import type { Database } from '../../server/instance.ts';
import { lsnToDecimal } from '../../storage/lsn.ts';
import { view } from '../define-view.ts';
import { sizeInPages } from '../sizes.ts';
import { maySeeFiles } from '../state-permission.ts';
import { isSubscribed } from '../subscribed.ts';

/** sys.databases, in SQL Server's own order of columns. */
export const databases = view(
  'databases',
  `name sysname
   database_id int
   source_database_id int null
   owner_sid varbinary(85) null
   create_date datetime
   compatibility_level tinyint
   collation_name sysname null
   user_access tinyint null
   user_access_desc nvarchar(60) null
   is_read_only bit null
   is_auto_close_on bit = 0
   is_auto_shrink_on bit null = 0
   state tinyint null
   state_desc nvarchar(60) null
   is_in_standby bit null = 0
   is_cleanly_shutdown bit null = 0
   is_supplemental_logging_enabled bit null = 0
   snapshot_isolation_state tinyint null
   snapshot_isolation_state_desc nvarchar(60) null
   is_read_committed_snapshot_on bit null
   recovery_model tinyint null
   recovery_model_desc nvarchar(60) null
   page_verify_option tinyint null
   page_verify_option_desc nvarchar(60) null
   is_auto_create_stats_on bit null = 1
   is_auto_create_stats_incremental_on bit null = 0 since 2014
   is_auto_update_stats_on bit null = 1
   is_auto_update_stats_async_on bit null = 0
   is_ansi_null_default_on bit null = 0
   is_ansi_nulls_on bit null = 0
   is_ansi_padding_on bit null = 0
   is_ansi_warnings_on bit null = 0
   is_arithabort_on bit null = 0
   is_concat_null_yields_null_on bit null = 0
   is_numeric_roundabort_on bit null = 0
   is_quoted_identifier_on bit null = 0
   is_recursive_triggers_on bit null = 0
   is_cursor_close_on_commit_on bit null = 0
   is_local_cursor_default bit null = 0
   is_fulltext_enabled bit null = 1
   is_trustworthy_on bit null
   is_db_chaining_on bit null = 0
   is_parameterization_forced bit null = 0
   is_master_key_encrypted_by_server bit = 0
   is_query_store_on bit null = 0 since 2016
   is_published bit
   is_subscribed bit
   is_merge_published bit = 0
   is_distributor bit
   is_sync_with_backup bit
   service_broker_guid uniqueidentifier
   is_broker_enabled bit
   log_reuse_wait tinyint null
   log_reuse_wait_desc nvarchar(60) null
   is_date_correlation_on bit = 0
   is_cdc_enabled bit = 0
   is_encrypted bit null = 0
   is_honor_broker_priority_on bit null = 0
   replica_id uniqueidentifier null
   group_database_id uniqueidentifier null
   resource_pool_id int null since 2014
   default_language_lcid smallint null
   default_language_name nvarchar(128) null
   default_fulltext_language_lcid int null
   default_fulltext_language_name nvarchar(128) null
   is_nested_triggers_on bit null
   is_transform_noise_words_on bit null
   two_digit_year_cutoff smallint null
   containment tinyint null = 0
   containment_desc nvarchar(60) null = NONE
   target_recovery_time_in_seconds int null
   delayed_durability int null = 0 since 2014
   delayed_durability_desc nvarchar(60) null since 2014
   is_memory_optimized_elevate_to_snapshot_on bit null = 0 since 2014
   is_federation_member bit null = 0 since 2016
   is_remote_data_archive_enabled bit null = 0 since 2016
   is_mixed_page_allocation_on bit null = 0 since 2016
   is_temporal_history_retention_enabled bit null = 1 since 2017
   catalog_collation_type int = 0 since 2019
   catalog_collation_type_desc nvarchar(60) null = DATABASE_DEFAULT since 2019
   physical_database_name nvarchar(128) null since 2019
   is_result_set_caching_on bit null = 0 since 2019
   is_accelerated_database_recovery_on bit null = 0 since 2019
   is_tempdb_spill_to_remote_store bit null = 0 since 2019
   is_stale_page_detection_on bit null = 0 since 2019
   is_memory_optimized_enabled bit null = 1 since 2019
   is_data_retention_enabled bit null = 0 since 2022
   is_ledger_on bit null = 0 since 2022
   is_change_feed_enabled bit null = 0 since 2022`,
  context => [...context.instance.databases.values()].map(each => row(each)),
);

function row(database: Database) {
  const { options } = database;
  const online = options.state === 'ONLINE';
  const flag = (name: string, fallback = false) => isOn(database, name, fallback);
  const system = database.id <= 4;
  const wait = logReuseWait(database);
  return {
    name: database.name,
    database_id: database.id,
    source_database_id: database.snapshotOf?.id ?? null,
    owner_sid: options.owner,
    create_date: database.created,
    compatibility_level: options.compatibility,
    collation_name: online ? database.collation : null,
    user_access: ['MULTI_USER', 'SINGLE_USER', 'RESTRICTED_USER'].indexOf(options.access),
    user_access_desc: options.access,
    is_read_only: options.readOnly || database.snapshotOf !== undefined || options.others.has(CHAIN.standby),
    is_auto_close_on: flag('AUTO_CLOSE'),
    is_auto_shrink_on: flag('AUTO_SHRINK'),
    state: STATES[options.state],
    state_desc: options.state,
    is_in_standby: options.others.has(CHAIN.standby),
    snapshot_isolation_state: options.snapshotIsolation ? 1 : 0,
    snapshot_isolation_state_desc: options.snapshotIsolation ? 'ON' : 'OFF',
    is_read_committed_snapshot_on: options.readCommittedSnapshot,
    recovery_model: RECOVERY[options.recovery],
    recovery_model_desc: options.recovery,
    ...pageVerify(String(options.others.get('PAGE_VERIFY') ?? 'CHECKSUM').toUpperCase()),
    is_auto_create_stats_on: flag('AUTO_CREATE_STATISTICS', true),
    is_auto_update_stats_on: flag('AUTO_UPDATE_STATISTICS', true),
    is_auto_update_stats_async_on: flag('AUTO_UPDATE_STATISTICS_ASYNC'),
    is_ansi_null_default_on: flag('ANSI_NULL_DEFAULT'),
    is_ansi_nulls_on: flag('ANSI_NULLS'),
    is_ansi_padding_on: flag('ANSI_PADDING'),
    is_ansi_warnings_on: flag('ANSI_WARNINGS'),
    is_arithabort_on: flag('ARITHABORT'),
    is_concat_null_yields_null_on: flag('CONCAT_NULL_YIELDS_NULL'),
    is_numeric_roundabort_on: flag('NUMERIC_ROUNDABORT'),
    is_quoted_identifier_on: flag('QUOTED_IDENTIFIER'),
    is_recursive_triggers_on: flag('RECURSIVE_TRIGGERS'),
    is_cursor_close_on_commit_on: flag('CURSOR_CLOSE_ON_COMMIT'),
    is_local_cursor_default: options.others.get('CURSOR_DEFAULT') === 'LOCAL',
    is_trustworthy_on: options.trustworthy,
    is_db_chaining_on: flag('DB_CHAINING', system),
    is_parameterization_forced: options.others.get('PARAMETERIZATION') === 'FORCED',
    is_query_store_on: flag('QUERY_STORE'),
    is_published: options.published,
    is_subscribed: online ? isSubscribed(database) : options.subscribed,
    is_distributor: options.distributor,
    is_sync_with_backup: options.syncWithBackup,
    service_broker_guid: system ? '00000000-0000-0000-0000-000000000000' : database.family,
    is_broker_enabled: options.broker,
    log_reuse_wait: wait.id,
    log_reuse_wait_desc: wait.name,
    is_encrypted: flag('ENCRYPTION'),
    target_recovery_time_in_seconds: number(
      options.others.get('TARGET_RECOVERY_TIME'),
      options.compatibility >= 130 ? 60 : 0,
    ),
    ...delayedDurability(String(options.others.get('DELAYED_DURABILITY') ?? 'DISABLED').toUpperCase()),
    physical_database_name: database.name,
    is_accelerated_database_recovery_on: flag('ACCELERATED_DATABASE_RECOVERY'),
  };
}

const STATES = { ONLINE: 0, RESTORING: 1, SUSPECT: 4, OFFLINE: 6 } as const;
const RECOVERY = { FULL: 1, BULK_LOGGED: 2, SIMPLE: 3 } as const;

const number = (value: number | string | undefined, fallback: number): number =>
  value === undefined ? fallback : Number.parseInt(String(value), 10) || 0;

/** An option of ALTER DATABASE that is only kept: `ON` or 1 is on. */
export function isOn(database: Database, name: string, fallback = false): boolean {
  const value = database.options.others.get(name);
  return value === undefined ? fallback : value === 1 || String(value).toUpperCase().startsWith('ON');
}

const pageVerify = (name: string) => ({
  page_verify_option: ['NONE', 'TORN_PAGE_DETECTION', 'CHECKSUM'].indexOf(name),
  page_verify_option_desc: name,
});

const delayedDurability = (name: string) => ({
  delayed_durability: ['DISABLED', 'ALLOWED', 'FORCED'].indexOf(name),
  delayed_durability_desc: name,
});

/** Why the log cannot be truncated now, in SQL Server's order of precedence as far as the double has the reasons. */
export function logReuseWait(database: Database): { readonly id: number; readonly name: string } {
  const log = database.store?.log;
  if (log === undefined) return { id: 0, name: 'NOTHING' };
  if (log.capturing && log.backlog.transactions > 0) return { id: 6, name: 'REPLICATION' };
  if (log.oldestActive() !== undefined) return { id: 4, name: 'ACTIVE_TRANSACTION' };
  if (database.options.recovery !== 'SIMPLE' && log.backups.from > 0n && log.backups.from < log.current)
    return { id: 2, name: 'LOG_BACKUP' };
  return { id: 0, name: 'NOTHING' };
}

const FILE_COLUMNS = `file_id int
   file_guid uniqueidentifier null
   type tinyint
   type_desc nvarchar(60) null
   data_space_id int
   name sysname
   physical_name nvarchar(260) null
   state tinyint null = 0
   state_desc nvarchar(60) null = ONLINE
   size int
   max_size int
   growth int
   is_media_read_only bit = 0
   is_read_only bit = 0
   is_sparse bit = 0
   is_percent_growth bit = 0
   is_name_reserved bit = 0
   create_lsn numeric(25,0) null
   drop_lsn numeric(25,0) null
   read_only_lsn numeric(25,0) null
   read_write_lsn numeric(25,0) null
   differential_base_lsn numeric(25,0) null
   differential_base_guid uniqueidentifier null
   differential_base_time datetime null
   redo_start_lsn numeric(25,0) null
   redo_start_fork_guid uniqueidentifier null
   redo_target_lsn numeric(25,0) null
   redo_target_fork_guid uniqueidentifier null
   backup_lsn numeric(25,0) null`;

const fileRows = (database: Database) =>
  database.files.map(file => {
    const data = file.type === 'ROWS';
    return {
      file_id: file.id,
      type: data ? 0 : 1,
      type_desc: file.type,
      data_space_id: data ? 1 : 0,
      name: file.logicalName,
      physical_name: file.physicalName,
      state: STATES[database.options.state],
      state_desc: database.options.state,
      size: sizeInPages(database, file.type),
      max_size: data ? -1 : 268_435_456,
      growth: 8192,
      is_sparse: database.snapshotOf !== undefined,
    };
  });

export const databaseFiles = view('database_files', FILE_COLUMNS, (_context, database) => fileRows(database));

export const masterFiles = view(
  'master_files',
  `database_id int
   ${FILE_COLUMNS}
   credential_id int null since 2014`,
  function* (context) {
    if (!maySeeFiles(context)) return;
    for (const database of context.instance.databases.values())
      for (const file of fileRows(database)) yield { database_id: database.id, ...file };
  },
);

export const recoveryStatus = view(
  'database_recovery_status',
  `database_id int
   database_guid uniqueidentifier null
   family_guid uniqueidentifier null
   last_log_backup_lsn numeric(25,0) null
   recovery_fork_guid uniqueidentifier null
   first_recovery_fork_guid uniqueidentifier null
   fork_point_lsn numeric(25,0) null`,
  context =>
    [...context.instance.databases.values()].map(database => {
      const forks = forksOf(database);
      const last = lsnOption(database.options, CHAIN.log);
      const point = forks.at(-1);
      return {
        database_id: database.id,
        database_guid: database.family,
        family_guid: database.family,
        last_log_backup_lsn: last === undefined ? null : lsnToDecimal(last),
        recovery_fork_guid: database.recoveryFork,
        first_recovery_fork_guid: point?.fork ?? null,
        fork_point_lsn: point === undefined ? null : lsnToDecimal(BigInt(point.until)),
      };
    }),
);

export const filegroups = view(
  'filegroups',
  `name sysname
   data_space_id int
   type char(2)
   type_desc nvarchar(60) null
   is_default bit null
   is_system bit null = 0
   filegroup_guid uniqueidentifier null
   log_filegroup_id int null
   is_read_only bit null
   is_autogrow_all_files bit null = 0 since 2016`,
  (_context, database) => [
    {
      name: 'PRIMARY',
      data_space_id: 1,
      type: 'FG',
      type_desc: 'ROWS_FILEGROUP',
      is_default: true,
      is_read_only: database.options.readOnly,
    },
  ],
);

export const dataSpaces = view(
  'data_spaces',
  `name sysname
   data_space_id int
   type char(2)
   type_desc nvarchar(60) null
   is_default bit null
   is_system bit null = 0`,
  () => [{ name: 'PRIMARY', data_space_id: 1, type: 'FG', type_desc: 'ROWS_FILEGROUP', is_default: true }],
);
