import { view } from '../define-view.ts';

/** No database of a double is ever mirrored: each has its row, and nothing in it. */
export const databaseMirroring = view(
  'database_mirroring',
  `database_id int
   mirroring_guid uniqueidentifier null
   mirroring_state tinyint null
   mirroring_state_desc nvarchar(60) null
   mirroring_role tinyint null
   mirroring_role_desc nvarchar(60) null
   mirroring_role_sequence int null
   mirroring_safety_level tinyint null
   mirroring_safety_level_desc nvarchar(60) null
   mirroring_safety_sequence int null
   mirroring_partner_name nvarchar(128) null
   mirroring_partner_instance nvarchar(128) null
   mirroring_witness_name nvarchar(128) null
   mirroring_witness_state tinyint null
   mirroring_witness_state_desc nvarchar(60) null
   mirroring_failover_lsn numeric(25,0) null
   mirroring_connection_timeout int null
   mirroring_redo_queue int null
   mirroring_redo_queue_type nvarchar(60) null
   mirroring_end_of_log_lsn numeric(25,0) null
   mirroring_replication_lsn numeric(25,0) null`,
  context => [...context.instance.databases.values()].map(({ id }) => ({ database_id: id })),
);

/** The route that every database is made with; the double has no Service Broker that could have others. */
export const routes = view(
  'routes',
  `name sysname
   route_id int
   principal_id int null
   remote_service_name nvarchar(256) null
   broker_instance nvarchar(128) null
   lifetime datetime null
   address nvarchar(256) null
   mirror_address nvarchar(256) null`,
  () => [{ name: 'AutoCreatedLocal', route_id: 65_536, principal_id: 1, address: 'LOCAL' }],
);
