/** The tables of a distribution database. */
export const DISTRIBUTION_TABLES: readonly string[] = [
  `CREATE TABLE dbo.MSreplservers (srvid smallint NOT NULL PRIMARY KEY, srvname sysname NOT NULL UNIQUE)`,
  `CREATE TABLE dbo.MSpublisher_databases (
  publisher_id smallint NOT NULL, publisher_db sysname NOT NULL, id int IDENTITY(1,1) NOT NULL PRIMARY KEY, publisher_engine_edition int NULL,
  CONSTRAINT uc_MSpublisher_databases UNIQUE (publisher_id, publisher_db)
)`,
  `CREATE TABLE dbo.MSpublications (
  publisher_id smallint NOT NULL, publisher_db sysname NOT NULL, publication sysname NOT NULL,
  publication_id int IDENTITY(1,1) NOT NULL PRIMARY KEY, publication_type int NOT NULL, thirdparty_flag bit NOT NULL,
  independent_agent bit NOT NULL, immediate_sync bit NOT NULL, allow_push bit NOT NULL, allow_pull bit NOT NULL,
  allow_anonymous bit NOT NULL, description nvarchar(255) NULL, vendor_name nvarchar(100) NULL, retention int NULL,
  sync_method int NOT NULL, allow_subscription_copy bit NOT NULL DEFAULT (0), thirdparty_options int NULL,
  allow_queued_tran bit NOT NULL DEFAULT (0), options int NOT NULL DEFAULT (0), retention_period_unit tinyint NOT NULL DEFAULT (0),
  allow_initialize_from_backup bit NOT NULL, min_autonosync_lsn varbinary(16) NULL,
  CONSTRAINT uc_MSpublications UNIQUE (publisher_id, publisher_db, publication)
)`,
  `CREATE TABLE dbo.MSarticles (
  publisher_id smallint NOT NULL, publisher_db sysname NOT NULL, publication_id int NOT NULL, article sysname NOT NULL,
  article_id int NOT NULL, destination_object sysname NULL, source_owner sysname NULL, source_object sysname NULL,
  description nvarchar(255) NULL, destination_owner sysname NULL,
  CONSTRAINT uc_MSarticles PRIMARY KEY (publisher_id, publisher_db, publication_id, article_id)
)`,
  `CREATE TABLE dbo.MSsubscriptions (
  publisher_database_id int NOT NULL, publisher_id smallint NOT NULL, publisher_db sysname NOT NULL, publication_id int NOT NULL,
  article_id int NOT NULL, subscriber_id smallint NOT NULL, subscriber_db sysname NOT NULL, subscription_type int NOT NULL,
  sync_type tinyint NOT NULL, status tinyint NOT NULL, subscription_seqno varbinary(16) NOT NULL, snapshot_seqno_flag bit NOT NULL,
  independent_agent bit NOT NULL, subscription_time datetime NOT NULL, loopback_detection bit NOT NULL, agent_id int NOT NULL,
  update_mode tinyint NOT NULL, publisher_seqno varbinary(16) NOT NULL, ss_cplt_seqno varbinary(16) NOT NULL, nosync_type tinyint NOT NULL
)`,
  'CREATE UNIQUE CLUSTERED INDEX ucMSsubscriptions ON dbo.MSsubscriptions (agent_id, publisher_database_id, publication_id, article_id, subscriber_id, subscriber_db)',
  `CREATE TABLE dbo.MSrepl_transactions (
  publisher_database_id int NOT NULL, xact_id varbinary(16) NULL, xact_seqno varbinary(16) NOT NULL, entry_time datetime NOT NULL,
  CONSTRAINT ucMSrepl_transactions PRIMARY KEY (publisher_database_id, xact_seqno)
)`,
  `CREATE TABLE dbo.MSrepl_commands (
  publisher_database_id int NOT NULL, xact_seqno varbinary(16) NOT NULL, type int NOT NULL, article_id int NOT NULL,
  originator_id int NOT NULL, command_id int NOT NULL, partial_command bit NOT NULL, command varbinary(1024) NULL,
  hashkey int NULL DEFAULT (0), originator_lsn varbinary(16) NULL,
  CONSTRAINT ucMSrepl_commands PRIMARY KEY (publisher_database_id, xact_seqno, command_id)
)`,
  `CREATE TABLE dbo.MSrepl_originators (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, publisher_database_id int NOT NULL, srvname sysname NOT NULL, dbname sysname NOT NULL
)`,
  `CREATE TABLE dbo.MSlogreader_agents (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name nvarchar(100) NOT NULL, publisher_id smallint NOT NULL, publisher_db sysname NOT NULL,
  publication sysname NOT NULL, local_job bit NULL, job_id binary(16) NULL, profile_id int NOT NULL,
  publisher_security_mode smallint NULL, publisher_login sysname NULL, publisher_password nvarchar(524) NULL, job_step_uid uniqueidentifier NULL
)`,
  `CREATE TABLE dbo.MSsnapshot_agents (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name nvarchar(100) NOT NULL, publisher_id smallint NOT NULL, publisher_db sysname NOT NULL,
  publication sysname NOT NULL, publication_type int NOT NULL, local_job bit NULL, job_id binary(16) NULL, profile_id int NOT NULL,
  publisher_security_mode int NULL, publisher_login sysname NULL, publisher_password nvarchar(524) NULL
)`,
  `CREATE TABLE dbo.MSdistribution_agents (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name nvarchar(100) NOT NULL, publisher_database_id int NOT NULL, publisher_id smallint NOT NULL,
  publisher_db sysname NOT NULL, publication sysname NOT NULL, subscriber_id smallint NULL, subscriber_db sysname NULL,
  subscription_type int NOT NULL, local_job bit NULL, job_id binary(16) NULL, subscription_guid binary(16) NOT NULL, profile_id int NOT NULL,
  anonymous_subid uniqueidentifier NULL, subscriber_name sysname NULL, virtual_agent_id int NULL, anonymous_agent_id int NULL,
  creation_date datetime NOT NULL DEFAULT (GETDATE()), queue_id sysname NULL, queue_status int NOT NULL DEFAULT (0), offload_enabled bit NOT NULL DEFAULT (0),
  offload_server sysname NULL, dts_package_name sysname NULL, dts_package_password nvarchar(524) NULL, dts_package_location int NOT NULL DEFAULT (0),
  sid varbinary(85) NOT NULL DEFAULT (0x01), queue_server sysname NULL, subscriber_security_mode smallint NULL, subscriber_login sysname NULL,
  subscriber_password nvarchar(524) NULL, reset_partial_snapshot_progress bit NOT NULL DEFAULT (0), job_step_uid uniqueidentifier NULL,
  subscriptionstreams tinyint NULL, subscriber_type tinyint NOT NULL DEFAULT (0), subscriber_provider sysname NULL
)`,
  `CREATE TABLE dbo.MSlogreader_history (
  agent_id int NOT NULL, runstatus int NOT NULL, start_time datetime NOT NULL, time datetime NOT NULL, duration int NOT NULL,
  comments nvarchar(4000) NOT NULL, xact_seqno varbinary(16) NULL, delivery_time int NOT NULL DEFAULT (0), delivered_transactions int NOT NULL DEFAULT (0),
  delivered_commands int NOT NULL DEFAULT (0), average_commands int NOT NULL DEFAULT (0), delivery_rate float NOT NULL DEFAULT (0),
  delivery_latency int NOT NULL DEFAULT (0), error_id int NOT NULL DEFAULT (0), timestamp timestamp NOT NULL, updateable_row bit NOT NULL DEFAULT (1)
)`,
  'CREATE INDEX ucMSlogreader_history ON dbo.MSlogreader_history (agent_id, timestamp)',
  `CREATE TABLE dbo.MSsnapshot_history (
  agent_id int NOT NULL, runstatus int NOT NULL, start_time datetime NOT NULL, time datetime NOT NULL, duration int NOT NULL,
  comments nvarchar(1000) NOT NULL, delivered_transactions int NOT NULL DEFAULT (0), delivered_commands int NOT NULL DEFAULT (0),
  delivery_rate float NOT NULL DEFAULT (0), error_id int NOT NULL DEFAULT (0), timestamp timestamp NOT NULL
)`,
  `CREATE TABLE dbo.MSdistribution_history (
  agent_id int NOT NULL, runstatus int NOT NULL, start_time datetime NOT NULL, time datetime NOT NULL, duration int NOT NULL,
  comments nvarchar(4000) NOT NULL, xact_seqno varbinary(16) NULL, current_delivery_rate float NOT NULL DEFAULT (0),
  current_delivery_latency int NOT NULL DEFAULT (0), delivered_transactions int NOT NULL DEFAULT (0), delivered_commands int NOT NULL DEFAULT (0),
  average_commands int NOT NULL DEFAULT (0), delivery_rate float NOT NULL DEFAULT (0), delivery_latency int NOT NULL DEFAULT (0),
  total_delivered_commands bigint NOT NULL DEFAULT (0), error_id int NOT NULL DEFAULT (0), updateable_row bit NOT NULL DEFAULT (1), timestamp timestamp NOT NULL
)`,
  'CREATE INDEX ucMSdistribution_history ON dbo.MSdistribution_history (agent_id, timestamp)',
  `CREATE TABLE dbo.MSrepl_errors (
  id int NOT NULL, time datetime NOT NULL, error_type_id int NULL, source_type_id int NULL, source_name nvarchar(100) NULL,
  error_code sysname NULL, error_text nvarchar(max) NULL, xact_seqno varbinary(16) NULL, command_id int NULL, session_id int NULL
)`,
  `CREATE TABLE dbo.MStracer_tokens (
  tracer_id int IDENTITY(-2147483647,1) NOT NULL PRIMARY KEY, publication_id int NOT NULL, publisher_commit datetime NOT NULL, distributor_commit datetime NULL
)`,
  `CREATE TABLE dbo.MStracer_history (
  parent_tracer_id int NOT NULL, agent_id int NOT NULL, subscriber_commit datetime NULL,
  CONSTRAINT PK_MStracer_history PRIMARY KEY (parent_tracer_id, agent_id)
)`,
  `CREATE VIEW dbo.MSdistribution_status AS
SELECT s.article_id, s.agent_id,
  (SELECT COUNT(*) FROM dbo.MSrepl_commands AS c WHERE c.publisher_database_id = s.publisher_database_id AND c.article_id = s.article_id AND c.type = 30 AND c.partial_command = 0
     AND c.xact_seqno > ISNULL((SELECT MAX(h.xact_seqno) FROM dbo.MSdistribution_history AS h WHERE h.agent_id = s.agent_id), 0x00)) AS UndelivCmdsInDistDB,
  (SELECT COUNT(*) FROM dbo.MSrepl_commands AS c WHERE c.publisher_database_id = s.publisher_database_id AND c.article_id = s.article_id AND c.type = 30 AND c.partial_command = 0
     AND c.xact_seqno <= ISNULL((SELECT MAX(h.xact_seqno) FROM dbo.MSdistribution_history AS h WHERE h.agent_id = s.agent_id), 0x00)) AS DelivCmdsInDistDB
FROM dbo.MSsubscriptions AS s`,
];
