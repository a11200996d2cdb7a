/** What `sp_replicationdboption 'publish'` makes in a publication database: ordinary tables with SQL Server's own columns. */
export const PUBLISHER_TABLES: readonly string[] = [
  `CREATE TABLE dbo.syspublications (
  description nvarchar(255) NULL, name sysname NOT NULL, pubid int IDENTITY(1,1) NOT NULL PRIMARY KEY,
  repl_freq tinyint NOT NULL, status tinyint NOT NULL, sync_method tinyint NOT NULL, snapshot_jobid binary(16) NULL,
  independent_agent bit NOT NULL, immediate_sync bit NOT NULL, enabled_for_internet bit NOT NULL DEFAULT (0),
  allow_push bit NOT NULL, allow_pull bit NOT NULL, allow_anonymous bit NOT NULL, immediate_sync_ready bit NOT NULL DEFAULT (0),
  allow_sync_tran bit NOT NULL DEFAULT (0), autogen_sync_procs bit NOT NULL DEFAULT (0), retention int NULL,
  allow_queued_tran bit NOT NULL DEFAULT (0), snapshot_in_defaultfolder bit NOT NULL DEFAULT (1), alt_snapshot_folder nvarchar(255) NULL,
  pre_snapshot_script nvarchar(255) NULL, post_snapshot_script nvarchar(255) NULL, compress_snapshot bit NOT NULL DEFAULT (0),
  allow_dts bit NOT NULL DEFAULT (0), allow_subscription_copy bit NOT NULL DEFAULT (0), backward_comp_level int NOT NULL DEFAULT (90),
  options int NOT NULL DEFAULT (0), replicate_ddl int NULL, allow_initialize_from_backup bit NOT NULL,
  min_autonosync_lsn binary(10) NULL, originator_id int NULL,
  CONSTRAINT uc_syspublications_name UNIQUE (name)
)`,
  `CREATE TABLE dbo.sysarticles (
  artid int IDENTITY(1,1) NOT NULL PRIMARY KEY, creation_script nvarchar(255) NULL, del_cmd nvarchar(255) NULL,
  description nvarchar(255) NULL, dest_table sysname NOT NULL, filter int NOT NULL DEFAULT (0), filter_clause nvarchar(max) NULL,
  ins_cmd nvarchar(255) NULL, name sysname NOT NULL, objid int NOT NULL, pubid int NOT NULL, pre_creation_cmd tinyint NOT NULL,
  status tinyint NOT NULL, sync_objid int NOT NULL, type tinyint NOT NULL, upd_cmd nvarchar(255) NULL,
  schema_option binary(8) NULL, dest_owner sysname NULL, ins_scripting_proc int NULL, del_scripting_proc int NULL,
  upd_scripting_proc int NULL, custom_script nvarchar(2048) NULL, fire_triggers_on_snapshot bit NOT NULL DEFAULT (0)
)`,
  'CREATE UNIQUE INDEX uc_sysarticles ON dbo.sysarticles (pubid, name)',
  `CREATE TABLE dbo.sysarticlecolumns (
  artid int NOT NULL, colid int NOT NULL, is_udt bit NOT NULL DEFAULT (0), is_xml bit NOT NULL DEFAULT (0), is_max bit NOT NULL DEFAULT (0),
  CONSTRAINT idx_sysarticlecolumns PRIMARY KEY (artid, colid)
)`,
  `CREATE TABLE dbo.syssubscriptions (
  artid int NOT NULL, srvid smallint NOT NULL, dest_db sysname NOT NULL, status tinyint NOT NULL, sync_type tinyint NOT NULL,
  login_name sysname NOT NULL, subscription_type int NOT NULL, distribution_jobid binary(16) NULL, timestamp timestamp NOT NULL,
  update_mode tinyint NOT NULL, loopback_detection bit NOT NULL, queued_reinit bit NOT NULL DEFAULT (0),
  nosync_type tinyint NOT NULL DEFAULT (0), srvname sysname NOT NULL,
  CONSTRAINT unc_syssubscriptions PRIMARY KEY (artid, srvname, dest_db)
)`,
  // The publication access list; SQL Server keeps it in a role of the publication.
  `CREATE TABLE dbo.MSpub_access (pubid int NOT NULL, login sysname NOT NULL, CONSTRAINT uc_MSpub_access PRIMARY KEY (pubid, login))`,
];
