import { emptyView, view } from '../define-view.ts';
import { isOn } from './databases.ts';

/** Views of things the double does not have: their columns bind, and they are truly empty. */

export const extendedProperties = emptyView(
  'extended_properties',
  `class tinyint
   class_desc nvarchar(60) null
   major_id int
   minor_id int
   name sysname
   value sql_variant null`,
);

export const credentials = emptyView(
  'credentials',
  `credential_id int
   name sysname
   credential_identity nvarchar(4000) null
   create_date datetime
   modify_date datetime
   target_type nvarchar(100) null
   target_id int null`,
);

export const certificates = emptyView(
  'certificates',
  `name sysname
   certificate_id int
   principal_id int null
   pvt_key_encryption_type char(2)
   pvt_key_encryption_type_desc nvarchar(60) null
   is_active_for_begin_dialog bit null
   issuer_name nvarchar(442) null
   cert_serial_number nvarchar(64) null
   sid varbinary(85) null
   string_sid nvarchar(128) null
   subject nvarchar(4000) null
   expiry_date datetime null
   start_date datetime null
   thumbprint varbinary(32)
   attested_by nvarchar(260) null
   pvt_key_last_backup_date datetime null
   key_length int null since 2016`,
);

export const symmetricKeys = emptyView(
  'symmetric_keys',
  `name sysname
   principal_id int null
   symmetric_key_id int
   key_length int
   key_algorithm char(2)
   algorithm_desc nvarchar(60) null
   create_date datetime
   modify_date datetime
   key_guid uniqueidentifier null
   key_thumbprint sql_variant null
   provider_type nvarchar(120) null
   cryptographic_provider_guid uniqueidentifier null
   cryptographic_provider_algid sql_variant null`,
);

export const asymmetricKeys = emptyView(
  'asymmetric_keys',
  `name sysname
   principal_id int null
   asymmetric_key_id int
   pvt_key_encryption_type char(2)
   pvt_key_encryption_type_desc nvarchar(60) null
   thumbprint varbinary(32)
   algorithm char(2)
   algorithm_desc nvarchar(60) null
   key_length int
   sid varbinary(85) null
   string_sid nvarchar(128) null
   public_key varbinary(max)
   attested_by nvarchar(260) null
   provider_type nvarchar(120) null
   cryptographic_provider_guid uniqueidentifier null
   cryptographic_provider_algid sql_variant null`,
);

const TRIGGER = `name sysname
   object_id int
   parent_class tinyint
   parent_class_desc nvarchar(60) null
   parent_id int
   type char(2)
   type_desc nvarchar(60) null
   create_date datetime
   modify_date datetime
   is_ms_shipped bit
   is_disabled bit`;

export const serverTriggers = emptyView('server_triggers', TRIGGER);

export const xmlSchemaCollections = emptyView(
  'xml_schema_collections',
  `xml_collection_id int
   schema_id int
   principal_id int null
   name sysname
   create_date datetime
   modify_date datetime`,
);

export const assemblies = emptyView(
  'assemblies',
  `name sysname
   principal_id int null
   assembly_id int
   clr_name nvarchar(4000) null
   permission_set tinyint null
   permission_set_desc nvarchar(60) null
   is_visible bit
   create_date datetime
   modify_date datetime
   is_user_defined bit null`,
);

export const partitionFunctions = emptyView(
  'partition_functions',
  `name sysname
   function_id int
   type char(2)
   type_desc nvarchar(60) null
   fanout int
   boundary_value_on_right bit
   is_system bit
   create_date datetime
   modify_date datetime`,
);

export const partitionSchemes = emptyView(
  'partition_schemes',
  `name sysname
   data_space_id int
   type char(2)
   type_desc nvarchar(60) null
   is_default bit null
   is_system bit null
   function_id int`,
);

export const partitionParameters = emptyView(
  'partition_parameters',
  `function_id int
   parameter_id int
   system_type_id tinyint
   max_length smallint
   precision tinyint
   scale tinyint
   collation_name sysname null
   user_type_id int`,
);

export const partitionRangeValues = emptyView(
  'partition_range_values',
  `function_id int
   boundary_id int
   parameter_id int
   value sql_variant null`,
);

export const fulltextIndexes = emptyView(
  'fulltext_indexes',
  `object_id int
   unique_index_id int
   fulltext_catalog_id int null
   is_enabled bit
   change_tracking_state char(1) null
   change_tracking_state_desc nvarchar(60) null
   has_crawl_completed bit
   crawl_type char(1)
   crawl_type_desc nvarchar(60) null
   crawl_start_date datetime null
   crawl_end_date datetime null
   incremental_timestamp binary(8) null
   stoplist_id int null
   data_space_id int
   property_list_id int null`,
);

export const fulltextCatalogs = emptyView(
  'fulltext_catalogs',
  `fulltext_catalog_id int
   name sysname
   path nvarchar(260) null
   is_default bit
   is_accent_sensitivity_on bit
   data_space_id int null
   file_id int null
   principal_id int null
   is_importing bit`,
);

export const services = emptyView(
  'services',
  `name sysname
   service_id int
   principal_id int null
   service_queue_id int`,
);

export const serviceQueues = emptyView(
  'service_queues',
  `name sysname
   object_id int
   principal_id int null
   schema_id int
   parent_object_id int
   type char(2) null
   type_desc nvarchar(60) null
   create_date datetime
   modify_date datetime
   is_ms_shipped bit
   is_published bit
   is_schema_published bit
   max_readers smallint null
   activation_procedure nvarchar(776) null
   execute_as_principal_id int null
   is_activation_enabled bit
   is_receive_enabled bit
   is_enqueue_enabled bit
   is_retention_enabled bit
   is_poison_message_handling_enabled bit null`,
);

export const planGuides = emptyView(
  'plan_guides',
  `plan_guide_id int
   name sysname
   create_date datetime
   modify_date datetime
   is_disabled bit
   query_text nvarchar(max) null
   scope_type tinyint
   scope_type_desc nvarchar(60) null
   scope_object_id int null
   scope_batch nvarchar(max) null
   parameters nvarchar(max) null
   hints nvarchar(max) null`,
);

export const columnMasterKeys = emptyView(
  'column_master_keys',
  `name sysname
   column_master_key_id int
   create_date datetime
   modify_date datetime
   key_store_provider_name sysname null
   key_path nvarchar(4000) null
   allow_enclave_computations bit since 2019
   signature varbinary(max) null since 2019`,
  { since: 2016 },
);

export const columnEncryptionKeys = emptyView(
  'column_encryption_keys',
  `name sysname
   column_encryption_key_id int
   create_date datetime
   modify_date datetime`,
  { since: 2016 },
);

export const encryptionKeys = emptyView(
  'dm_database_encryption_keys',
  `database_id int
   encryption_state int
   create_date datetime
   regenerate_date datetime
   modify_date datetime
   set_date datetime
   opened_date datetime
   key_algorithm nvarchar(32)
   key_length int
   encryptor_thumbprint varbinary(20)
   encryptor_type nvarchar(32)
   percent_complete real
   encryption_state_desc nvarchar(32) since 2019
   encryption_scan_state int since 2019
   encryption_scan_state_desc nvarchar(32) since 2019
   encryption_scan_modify_date datetime null since 2019`,
);

export const serverAudits = emptyView(
  'server_audits',
  `audit_id int
   name sysname
   audit_guid uniqueidentifier null
   create_date datetime
   modify_date datetime
   principal_id int null
   type char(2)
   type_desc nvarchar(60) null
   on_failure tinyint null
   on_failure_desc nvarchar(60) null
   is_state_enabled bit null
   queue_delay int null
   predicate nvarchar(3000) null`,
);

export const eventSessions = emptyView(
  'server_event_sessions',
  `event_session_id int null
   name sysname
   event_retention_mode nchar(1) null
   event_retention_mode_desc sysname null
   max_dispatch_latency int null
   max_memory int null
   max_event_size int null
   memory_partition_mode nchar(1) null
   memory_partition_mode_desc sysname null
   track_causality bit null
   startup_state bit null`,
);

export const resourcePools = emptyView(
  'resource_governor_resource_pools',
  `pool_id int
   name sysname
   min_cpu_percent int
   max_cpu_percent int
   min_memory_percent int
   max_memory_percent int
   cap_cpu_percent int`,
);

const CONFIGURATIONS: readonly (readonly [number, string, number, number])[] = [
  [1, 'MAXDOP', 0, 2016],
  [2, 'LEGACY_CARDINALITY_ESTIMATION', 0, 2016],
  [3, 'PARAMETER_SNIFFING', 1, 2016],
  [4, 'QUERY_OPTIMIZER_HOTFIXES', 0, 2016],
  [6, 'IDENTITY_CACHE', 1, 2017],
];

export const scopedConfigurations = view(
  'database_scoped_configurations',
  `configuration_id int null
   name nvarchar(60) null
   value sql_variant null
   value_for_secondary sql_variant null
   is_value_default bit null since 2017`,
  function* (context, database) {
    for (const [id, name, value, since] of CONFIGURATIONS) {
      if (since > context.instance.product.release) continue;
      const set = database.options.others.get(`SCOPED ${name}`);
      yield {
        configuration_id: id,
        name,
        value: set === undefined ? value : Number(set),
        is_value_default: set === undefined,
      };
    }
  },
  { since: 2016 },
);

export const queryStore = view(
  'database_query_store_options',
  `desired_state smallint
   desired_state_desc nvarchar(60) null
   actual_state smallint
   actual_state_desc nvarchar(60) null
   readonly_reason int null = 0
   current_storage_size_mb bigint null = 0
   flush_interval_seconds bigint null = 900
   interval_length_minutes bigint null = 60
   max_storage_size_mb bigint null = 1000
   stale_query_threshold_days bigint null = 30
   max_plans_per_query bigint null = 200
   query_capture_mode smallint
   query_capture_mode_desc nvarchar(60) null
   size_based_cleanup_mode smallint = 1
   size_based_cleanup_mode_desc nvarchar(60) null = AUTO
   wait_stats_capture_mode smallint = 1 since 2017
   wait_stats_capture_mode_desc nvarchar(60) null = ON since 2017
   actual_state_additional_info nvarchar(4000) null`,
  (_context, database) => {
    const on = isOn(database, 'QUERY_STORE');
    return [
      {
        desired_state: on ? 2 : 0,
        desired_state_desc: on ? 'READ_WRITE' : 'OFF',
        actual_state: on ? 2 : 0,
        actual_state_desc: on ? 'READ_WRITE' : 'OFF',
        query_capture_mode: 2,
        query_capture_mode_desc: 'AUTO',
      },
    ];
  },
  { since: 2016 },
);
