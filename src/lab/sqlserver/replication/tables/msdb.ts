/** What msdb knows of replication on every server; agent profiles with the ids and values of SQL Server's own set. */
export const REPLICATION_MSDB: readonly string[] = [
  `CREATE TABLE dbo.MSdistributiondbs (
  name sysname NOT NULL PRIMARY KEY, min_distretention int NOT NULL, max_distretention int NOT NULL, history_retention int NOT NULL
)`,
  `CREATE TABLE dbo.MSdistpublishers (
  name sysname NOT NULL PRIMARY KEY, distribution_db sysname NOT NULL, working_directory nvarchar(255) NOT NULL, security_mode int NOT NULL,
  login sysname NOT NULL, password nvarchar(524) NULL, active bit NOT NULL, trusted bit NOT NULL, thirdparty_flag bit NOT NULL, publisher_type sysname NOT NULL
)`,
  // The distributor this server publishes to, itself or another; SQL Server keeps it in sys.servers.
  'CREATE TABLE dbo.MSdistributor (name sysname NOT NULL PRIMARY KEY, login sysname NOT NULL, password nvarchar(524) NULL, heartbeat_interval int NOT NULL)',
  `CREATE TABLE dbo.MSagent_profiles (
  profile_id int NOT NULL PRIMARY KEY, profile_name sysname NOT NULL, agent_type int NOT NULL, type int NOT NULL, description nvarchar(3000) NULL, def_profile bit NOT NULL
)`,
  `CREATE TABLE dbo.MSagent_parameters (
  profile_id int NOT NULL, parameter_name sysname NOT NULL, value nvarchar(255) NOT NULL, CONSTRAINT pk_MSagent_parameters PRIMARY KEY (profile_id, parameter_name)
)`,
  `INSERT dbo.MSagent_profiles (profile_id, profile_name, agent_type, type, description, def_profile) VALUES
  (1, N'Default agent profile', 1, 0, NULL, 1),
  (2, N'Default agent profile', 2, 0, NULL, 1),
  (3, N'Verbose history agent profile.', 2, 0, NULL, 0),
  (4, N'Default agent profile', 3, 0, NULL, 1),
  (5, N'Verbose history agent profile.', 3, 0, NULL, 0),
  (14, N'Continue on data consistency errors.', 3, 0, NULL, 0)`,
  `INSERT dbo.MSagent_parameters (profile_id, parameter_name, value) VALUES
  (2, N'-HistoryVerboseLevel', N'1'), (2, N'-LoginTimeout', N'15'), (2, N'-LogScanThreshold', N'500000'), (2, N'-PollingInterval', N'5'),
  (2, N'-QueryTimeout', N'1800'), (2, N'-ReadBatchSize', N'500'), (3, N'-HistoryVerboseLevel', N'2'), (3, N'-PollingInterval', N'5'), (3, N'-ReadBatchSize', N'500'),
  (4, N'-BcpBatchSize', N'2147473647'), (4, N'-CommitBatchSize', N'100'), (4, N'-CommitBatchThreshold', N'1000'), (4, N'-HistoryVerboseLevel', N'1'),
  (4, N'-KeepAliveMessageInterval', N'300'), (4, N'-LoginTimeout', N'15'), (4, N'-MaxBcpThreads', N'1'), (4, N'-MaxDeliveredTransactions', N'0'),
  (4, N'-PollingInterval', N'5'), (4, N'-QueryTimeout', N'1800'), (4, N'-TransactionsPerHistory', N'100'),
  (5, N'-CommitBatchSize', N'100'), (5, N'-CommitBatchThreshold', N'1000'), (5, N'-HistoryVerboseLevel', N'2'), (5, N'-PollingInterval', N'5'), (5, N'-TransactionsPerHistory', N'100'),
  (14, N'-CommitBatchSize', N'100'), (14, N'-CommitBatchThreshold', N'1000'), (14, N'-HistoryVerboseLevel', N'1'), (14, N'-PollingInterval', N'5'),
  (14, N'-SkipErrors', N'2601:2627:20598'), (14, N'-TransactionsPerHistory', N'100')`,
];
