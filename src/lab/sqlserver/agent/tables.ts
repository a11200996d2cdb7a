/** Tables of msdb with the columns and types that SQL Server gives them: SQL Server Agent, backup history, Database Mail. */
export const MSDB_TABLES = `
CREATE TABLE dbo.syssessions (session_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, agent_start_date datetime NOT NULL);
CREATE TABLE dbo.syscategories (category_id int NOT NULL PRIMARY KEY, category_class int NOT NULL, category_type tinyint NOT NULL, name sysname NOT NULL);
CREATE TABLE dbo.sysjobs (
  job_id uniqueidentifier NOT NULL PRIMARY KEY, originating_server_id int NOT NULL, name sysname NOT NULL, enabled tinyint NOT NULL,
  description nvarchar(512) NULL, start_step_id int NOT NULL, category_id int NOT NULL, owner_sid varbinary(85) NOT NULL,
  notify_level_eventlog int NOT NULL, notify_level_email int NOT NULL, notify_level_netsend int NOT NULL, notify_level_page int NOT NULL,
  notify_email_operator_id int NOT NULL, notify_netsend_operator_id int NOT NULL, notify_page_operator_id int NOT NULL,
  delete_level int NOT NULL, date_created datetime NOT NULL, date_modified datetime NOT NULL, version_number int NOT NULL);
CREATE TABLE dbo.sysjobsteps (
  job_id uniqueidentifier NOT NULL, step_id int NOT NULL, step_name sysname NOT NULL, subsystem nvarchar(40) NOT NULL,
  command nvarchar(max) NULL, flags int NOT NULL, additional_parameters nvarchar(max) NULL, cmdexec_success_code int NOT NULL,
  on_success_action tinyint NOT NULL, on_success_step_id int NOT NULL, on_fail_action tinyint NOT NULL, on_fail_step_id int NOT NULL,
  server sysname NULL, database_name sysname NULL, database_user_name sysname NULL, retry_attempts int NOT NULL, retry_interval int NOT NULL,
  os_run_priority int NOT NULL, output_file_name nvarchar(200) NULL, last_run_outcome int NOT NULL, last_run_duration int NOT NULL,
  last_run_retries int NOT NULL, last_run_date int NOT NULL, last_run_time int NOT NULL, proxy_id int NULL, step_uid uniqueidentifier NULL,
  PRIMARY KEY (job_id, step_id));
CREATE TABLE dbo.sysschedules (
  schedule_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, schedule_uid uniqueidentifier NOT NULL, originating_server_id int NOT NULL, name sysname NOT NULL,
  owner_sid varbinary(85) NOT NULL, enabled int NOT NULL, freq_type int NOT NULL, freq_interval int NOT NULL, freq_subday_type int NOT NULL,
  freq_subday_interval int NOT NULL, freq_relative_interval int NOT NULL, freq_recurrence_factor int NOT NULL, active_start_date int NOT NULL,
  active_end_date int NOT NULL, active_start_time int NOT NULL, active_end_time int NOT NULL, date_created datetime NOT NULL,
  date_modified datetime NOT NULL, version_number int NOT NULL);
CREATE TABLE dbo.sysjobschedules (
  schedule_id int NOT NULL, job_id uniqueidentifier NOT NULL, next_run_date int NOT NULL, next_run_time int NOT NULL, PRIMARY KEY (job_id, schedule_id));
CREATE TABLE dbo.sysjobservers (
  job_id uniqueidentifier NOT NULL, server_id int NOT NULL, last_run_outcome tinyint NOT NULL, last_outcome_message nvarchar(4000) NULL,
  last_run_date int NOT NULL, last_run_time int NOT NULL, last_run_duration int NOT NULL, PRIMARY KEY (job_id, server_id));
CREATE TABLE dbo.sysjobactivity (
  session_id int NOT NULL, job_id uniqueidentifier NOT NULL, run_requested_date datetime NULL, run_requested_source nvarchar(128) NULL,
  queued_date datetime NULL, start_execution_date datetime NULL, last_executed_step_id int NULL, last_executed_step_date datetime NULL,
  stop_execution_date datetime NULL, job_history_id int NULL, next_scheduled_run_date datetime NULL, PRIMARY KEY (session_id, job_id));
CREATE TABLE dbo.sysjobhistory (
  instance_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, job_id uniqueidentifier NOT NULL, step_id int NOT NULL, step_name sysname NOT NULL,
  sql_message_id int NOT NULL, sql_severity int NOT NULL, message nvarchar(4000) NULL, run_status int NOT NULL, run_date int NOT NULL,
  run_time int NOT NULL, run_duration int NOT NULL, operator_id_emailed int NOT NULL, operator_id_netsent int NOT NULL,
  operator_id_paged int NOT NULL, retries_attempted int NOT NULL, server sysname NOT NULL);
CREATE TABLE dbo.sysoperators (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name sysname NOT NULL, enabled tinyint NOT NULL, email_address nvarchar(100) NULL, last_email_date int NOT NULL,
  last_email_time int NOT NULL, pager_address nvarchar(100) NULL, last_pager_date int NOT NULL, last_pager_time int NOT NULL,
  weekday_pager_start_time int NOT NULL, weekday_pager_end_time int NOT NULL, saturday_pager_start_time int NOT NULL,
  saturday_pager_end_time int NOT NULL, sunday_pager_start_time int NOT NULL, sunday_pager_end_time int NOT NULL, pager_days tinyint NOT NULL,
  netsend_address nvarchar(100) NULL, last_netsend_date int NOT NULL, last_netsend_time int NOT NULL, category_id int NOT NULL);
CREATE TABLE dbo.sysalerts (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name sysname NOT NULL, event_source nvarchar(100) NOT NULL, event_category_id int NULL, event_id int NULL,
  message_id int NOT NULL, severity int NOT NULL, enabled tinyint NOT NULL, delay_between_responses int NOT NULL, last_occurrence_date int NOT NULL,
  last_occurrence_time int NOT NULL, last_response_date int NOT NULL, last_response_time int NOT NULL, notification_message nvarchar(512) NULL,
  include_event_description tinyint NOT NULL, database_name nvarchar(512) NULL, event_description_keyword nvarchar(100) NULL,
  occurrence_count int NOT NULL, count_reset_date int NOT NULL, count_reset_time int NOT NULL, job_id uniqueidentifier NOT NULL,
  has_notification int NOT NULL, flags int NOT NULL, performance_condition nvarchar(512) NULL, category_id int NOT NULL);
CREATE TABLE dbo.sysproxies (
  proxy_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name sysname NOT NULL, credential_id int NOT NULL, enabled tinyint NOT NULL,
  description nvarchar(512) NULL, user_sid varbinary(85) NOT NULL, credential_date_created datetime NOT NULL);
CREATE TABLE dbo.sysproxylogin (proxy_id int NOT NULL, sid varbinary(85) NULL, flags int NOT NULL);
CREATE TABLE dbo.backupmediaset (
  media_set_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, media_uuid uniqueidentifier NULL, media_family_count tinyint NULL, name nvarchar(128) NULL,
  description nvarchar(255) NULL, software_name nvarchar(128) NULL, software_vendor_id int NULL, MTF_major_version tinyint NULL,
  mirror_count tinyint NULL, is_password_protected bit NULL, is_compressed bit NULL, is_encrypted bit NULL);
CREATE TABLE dbo.backupmediafamily (
  media_set_id int NOT NULL, family_sequence_number tinyint NOT NULL, media_family_id uniqueidentifier NULL, media_count int NULL,
  logical_device_name nvarchar(128) NULL, physical_device_name nvarchar(260) NULL, device_type tinyint NULL, physical_block_size int NULL,
  mirror tinyint NOT NULL, PRIMARY KEY (media_set_id, family_sequence_number, mirror));
CREATE TABLE dbo.backupset (
  backup_set_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, backup_set_uuid uniqueidentifier NOT NULL, media_set_id int NOT NULL,
  first_family_number tinyint NULL, first_media_number smallint NULL, last_family_number tinyint NULL, last_media_number smallint NULL,
  catalog_family_number tinyint NULL, catalog_media_number smallint NULL, position int NULL, expiration_date datetime NULL,
  software_vendor_id int NULL, name nvarchar(128) NULL, description nvarchar(255) NULL, user_name nvarchar(128) NULL,
  software_major_version tinyint NULL, software_minor_version tinyint NULL, software_build_version smallint NULL, time_zone smallint NULL,
  mtf_minor_version tinyint NULL, first_lsn numeric(25,0) NULL, last_lsn numeric(25,0) NULL, checkpoint_lsn numeric(25,0) NULL,
  database_backup_lsn numeric(25,0) NULL, database_creation_date datetime NULL, backup_start_date datetime NULL, backup_finish_date datetime NULL,
  type char(1) NULL, sort_order smallint NULL, code_page smallint NULL, compatibility_level tinyint NULL, database_version int NULL,
  backup_size numeric(20,0) NULL, database_name nvarchar(128) NULL, server_name nvarchar(128) NULL, machine_name nvarchar(128) NULL,
  flags int NULL, unicode_locale int NULL, unicode_compare_style int NULL, collation_name nvarchar(128) NULL, is_password_protected bit NULL,
  recovery_model nvarchar(60) NULL, has_bulk_logged_data bit NULL, is_snapshot bit NULL, is_readonly bit NULL, is_single_user bit NULL,
  has_backup_checksums bit NULL, is_damaged bit NULL, begins_log_chain bit NULL, has_incomplete_metadata bit NULL, is_force_offline bit NULL,
  is_copy_only bit NULL, first_recovery_fork_guid uniqueidentifier NULL, last_recovery_fork_guid uniqueidentifier NULL,
  fork_point_lsn numeric(25,0) NULL, database_guid uniqueidentifier NULL, family_guid uniqueidentifier NULL,
  differential_base_lsn numeric(25,0) NULL, differential_base_guid uniqueidentifier NULL, compressed_backup_size numeric(20,0) NULL,
  key_algorithm nvarchar(32) NULL, encryptor_thumbprint varbinary(20) NULL, encryptor_type nvarchar(32) NULL);
CREATE TABLE dbo.backupfile (
  backup_set_id int NOT NULL, first_family_number tinyint NULL, first_media_number smallint NULL, filegroup_name nvarchar(128) NULL,
  page_size int NULL, file_number numeric(10,0) NOT NULL, backed_up_page_count numeric(10,0) NULL, file_type char(1) NULL,
  source_file_block_size numeric(10,0) NULL, file_size numeric(20,0) NULL, logical_name nvarchar(128) NULL, physical_drive nvarchar(260) NULL,
  physical_name nvarchar(260) NULL, state tinyint NULL, state_desc nvarchar(64) NULL, create_lsn numeric(25,0) NULL, drop_lsn numeric(25,0) NULL,
  file_guid uniqueidentifier NULL, read_only_lsn numeric(25,0) NULL, read_write_lsn numeric(25,0) NULL, differential_base_lsn numeric(25,0) NULL,
  differential_base_guid uniqueidentifier NULL, backup_size numeric(20,0) NULL, filegroup_guid uniqueidentifier NULL, is_readonly bit NULL,
  is_present bit NULL, PRIMARY KEY (backup_set_id, file_number));
CREATE TABLE dbo.restorehistory (
  restore_history_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, restore_date datetime NULL, destination_database_name nvarchar(128) NULL,
  user_name nvarchar(128) NULL, backup_set_id int NOT NULL, restore_type char(1) NULL, [replace] bit NULL, recovery bit NULL, [restart] bit NULL,
  stop_at datetime NULL, device_count tinyint NULL, stop_at_mark_name nvarchar(128) NULL, stop_before bit NULL);
CREATE TABLE dbo.restorefile (
  restore_history_id int NOT NULL, file_number numeric(10,0) NULL, destination_phys_drive nvarchar(260) NULL, destination_phys_name nvarchar(260) NULL);
CREATE TABLE dbo.sysmail_profile (
  profile_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name sysname NOT NULL, description nvarchar(256) NULL, last_mod_datetime datetime NOT NULL,
  last_mod_user sysname NOT NULL);
CREATE TABLE dbo.sysmail_account (
  account_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name sysname NOT NULL, description nvarchar(256) NULL, email_address nvarchar(128) NOT NULL,
  display_name nvarchar(128) NULL, replyto_address nvarchar(128) NULL, last_mod_datetime datetime NOT NULL, last_mod_user sysname NOT NULL);
CREATE TABLE dbo.sysmail_profileaccount (
  profile_id int NOT NULL, account_id int NOT NULL, sequence_number int NULL, last_mod_datetime datetime NOT NULL, last_mod_user sysname NOT NULL,
  PRIMARY KEY (profile_id, account_id));
CREATE TABLE dbo.sysmail_server (
  account_id int NOT NULL, servertype sysname NOT NULL, servername sysname NOT NULL, port int NOT NULL, username nvarchar(128) NULL,
  credential_id int NULL, use_default_credentials bit NOT NULL, enable_ssl bit NOT NULL, flags int NOT NULL, timeout int NULL,
  last_mod_datetime datetime NOT NULL, last_mod_user sysname NOT NULL, PRIMARY KEY (account_id, servertype));
`;

/** category_id, class (1 jobs, 2 alerts, 3 operators), type (1 local, 2 multi-server, 3 none) and name. */
const CATEGORIES: readonly (readonly [number, number, number, string])[] = [
  [0, 1, 1, '[Uncategorized (Local)]'],
  [1, 1, 1, 'Jobs from MSX'],
  [2, 1, 2, '[Uncategorized (Multi-Server)]'],
  [3, 1, 1, 'Database Maintenance'],
  [5, 1, 1, 'Full-Text'],
  [6, 1, 1, 'Log Shipping'],
  [7, 1, 1, 'Database Engine Tuning Advisor'],
  [8, 1, 1, 'Data Collector'],
  [10, 1, 1, 'REPL-Distribution'],
  [11, 1, 1, 'REPL-Distribution Cleanup'],
  [12, 1, 1, 'REPL-History Cleanup'],
  [13, 1, 1, 'REPL-LogReader'],
  [14, 1, 1, 'REPL-Merge'],
  [15, 1, 1, 'REPL-Snapshot'],
  [16, 1, 1, 'REPL-Checkup'],
  [17, 1, 1, 'REPL-Subscription Cleanup'],
  [18, 1, 1, 'REPL-Alert Response'],
  [19, 1, 1, 'REPL-QueueReader'],
  [20, 2, 3, 'Replication'],
  [98, 2, 3, '[Uncategorized]'],
  [99, 3, 3, '[Uncategorized]'],
];

export const MSDB_ROWS = `INSERT INTO dbo.syscategories (category_id, category_class, category_type, name) VALUES
${CATEGORIES.map(([id, kind, type, name]) => `(${id}, ${kind}, ${type}, N'${name}')`).join(',\n')};`;
