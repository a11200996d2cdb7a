/** What a distribution agent makes in a subscription database at its first delivery. */
export const SUBSCRIBER_TABLES: readonly string[] = [
  `CREATE TABLE dbo.MSreplication_subscriptions (
  publisher sysname NOT NULL, publisher_db sysname NULL, publication sysname NULL, independent_agent bit NOT NULL,
  subscription_type int NOT NULL, distribution_agent sysname NULL, time smalldatetime NOT NULL, description nvarchar(255) NULL,
  transaction_timestamp varbinary(16) NOT NULL, update_mode tinyint NOT NULL, agent_id binary(16) NULL, subscription_guid binary(16) NULL,
  subid binary(16) NULL, immediate_sync bit NOT NULL DEFAULT (1),
  CONSTRAINT uc_MSreplication_subscriptions UNIQUE (publisher, publisher_db, publication, subscription_type)
)`,
  `CREATE TABLE dbo.MSsubscription_agents (
  id int IDENTITY(1,1) NOT NULL PRIMARY KEY, publisher sysname NOT NULL, publisher_db sysname NOT NULL, publication sysname NOT NULL,
  subscription_type int NOT NULL, queue_id sysname NULL, update_mode tinyint NOT NULL, failover_mode bit NOT NULL DEFAULT (0), spid int NOT NULL DEFAULT (0),
  login_time datetime NOT NULL DEFAULT (GETDATE()), allow_subscription_copy bit NOT NULL DEFAULT (0), attach_state int NOT NULL DEFAULT (0),
  attach_version binary(16) NOT NULL DEFAULT (0x00), last_sync_status int NULL, last_sync_summary sysname NULL, last_sync_time datetime NULL, queue_server sysname NULL
)`,
  `CREATE TABLE dbo.MSreplication_objects (
  publisher sysname NULL, publisher_db sysname NULL, publication sysname NULL, object_name sysname NOT NULL, object_type char(2) NOT NULL, article sysname NULL
)`,
  `CREATE TABLE dbo.MSsnapshotdeliveryprogress (
  session_token nvarchar(260) NOT NULL, progress_token_hash int NOT NULL, progress_token nvarchar(500) NOT NULL, progress_timestamp datetime NULL
)`,
];
