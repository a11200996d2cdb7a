import type { Catalog, StoredModule, Table } from '../../catalog/schema.ts';
import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import {
  catalogOf,
  features,
  type ObjectFacts,
  objectsOf,
  systemObjectsOf,
  TYPE_DESCRIPTIONS,
  typeCode,
} from '../catalog-facts.ts';
import { type ViewRow, view } from '../define-view.ts';
import { isLob } from '../sizes.ts';

const OBJECT_COLUMNS = `name sysname
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
   is_schema_published bit`;

export function objectRow(facts: ObjectFacts): ViewRow {
  return {
    name: facts.name,
    object_id: facts.id,
    schema_id: facts.schemaId,
    parent_object_id: facts.parent,
    type: typeCode(facts.type),
    type_desc: facts.type === 'X' ? 'EXTENDED_STORED_PROCEDURE' : (TYPE_DESCRIPTIONS[facts.type] ?? null),
    create_date: facts.created,
    modify_date: facts.modified,
    is_ms_shipped: facts.shipped,
    is_published: facts.published,
    is_schema_published: facts.published,
  };
}

const all = (context: FunctionContext, database: Database) => objectsOf(catalogOf(context, database));

export const objects = view('objects', OBJECT_COLUMNS, (context, database) =>
  [...all(context, database).values()].map(objectRow),
);

export const allObjects = view('all_objects', OBJECT_COLUMNS, (context, database) => [
  ...[...all(context, database).values()].map(objectRow),
  ...[...systemObjectsOf(context).values()].map(objectRow),
]);

export const systemObjectsView = view('system_objects', OBJECT_COLUMNS, context =>
  [...systemObjectsOf(context).values()].map(objectRow),
);

/** Rows of one or several types, each with what the view adds. */
export function* typed(
  context: FunctionContext,
  database: Database,
  types: readonly string[],
  more: (facts: ObjectFacts, catalog: Catalog) => ViewRow,
): Iterable<ViewRow> {
  const catalog = catalogOf(context, database);
  for (const facts of objectsOf(catalog).values())
    if (types.includes(facts.type)) yield { ...objectRow(facts), ...more(facts, catalog) };
}

/** What `Table.features` may say of a table. */
const TABLE_FEATURES = [
  'is_tracked_by_cdc',
  'is_filetable',
  'is_memory_optimized',
  'durability',
  'durability_desc',
  'temporal_type',
  'temporal_type_desc',
  'history_table_id',
  'is_remote_data_archive_enabled',
  'is_external',
  'is_node',
  'is_edge',
  'ledger_type',
  'ledger_type_desc',
  'has_replication_filter',
  'lock_escalation',
  'lock_escalation_desc',
];

export const tables = view(
  'tables',
  `${OBJECT_COLUMNS}
   lob_data_space_id int
   filestream_data_space_id int null
   max_column_id_used int
   lock_on_bulk_load bit = 0
   uses_ansi_nulls bit null = 1
   is_replicated bit null
   has_replication_filter bit null = 0
   is_merge_published bit null = 0
   is_sync_tran_subscribed bit null = 0
   has_unchecked_assembly_data bit = 0
   text_in_row_limit int null = 0
   large_value_types_out_of_row bit null = 0
   is_tracked_by_cdc bit null = 0
   lock_escalation tinyint null = 0
   lock_escalation_desc nvarchar(60) null = TABLE
   is_filetable bit null = 0
   is_memory_optimized bit null = 0 since 2014
   durability tinyint null = 0 since 2014
   durability_desc nvarchar(60) null = SCHEMA_AND_DATA since 2014
   temporal_type tinyint null = 0 since 2016
   temporal_type_desc nvarchar(60) null = NON_TEMPORAL_TABLE since 2016
   history_table_id int null since 2016
   is_remote_data_archive_enabled bit null = 0 since 2016
   is_external bit = 0 since 2016
   history_retention_period int null since 2017
   history_retention_period_unit int null since 2017
   history_retention_period_unit_desc nvarchar(10) null since 2017
   is_node bit null = 0 since 2017
   is_edge bit null = 0 since 2017
   data_retention_period int null = -1 since 2022
   data_retention_period_unit int null = -1 since 2022
   data_retention_period_unit_desc nvarchar(10) null = INFINITE since 2022
   ledger_type tinyint null = 0 since 2022
   ledger_type_desc nvarchar(60) null = NON_LEDGER_TABLE since 2022
   ledger_view_id int null since 2022
   is_dropped_ledger_table bit null = 0 since 2022`,
  (context, database) =>
    typed(context, database, ['U'], (facts, catalog) => {
      const table = catalog.tables.get(facts.id);
      return table === undefined ? {} : tableRow(table);
    }),
);

const tableRow = (table: Table): ViewRow => ({
  lob_data_space_id: table.columns.some(column => isLob(column.type)) ? 1 : 0,
  max_column_id_used: Math.max(0, ...table.columns.map(column => column.id)),
  is_replicated: table.published,
  ...features(table.features, TABLE_FEATURES),
});

export const views = view(
  'views',
  `${OBJECT_COLUMNS}
   is_replicated bit null = 0
   has_replication_filter bit null = 0
   has_opaque_metadata bit = 0
   has_unchecked_assembly_data bit = 0
   with_check_option bit
   is_date_correlation_view bit = 0
   is_tracked_by_cdc bit null = 0
   has_snapshot bit null = 0 since 2019
   ledger_view_type tinyint null = 0 since 2022
   ledger_view_type_desc nvarchar(60) null = NON_LEDGER_VIEW since 2022
   is_dropped_ledger_view bit null = 0 since 2022`,
  (context, database) =>
    typed(context, database, ['V'], (facts, catalog) => {
      const definition = catalog.modules.get(facts.id)?.module.definition;
      return { with_check_option: definition?.kind === 'view' && definition.withCheck };
    }),
);

export const procedures = view(
  'procedures',
  `${OBJECT_COLUMNS}
   is_auto_executed bit = 0
   is_execution_replicated bit null = 0
   is_repl_serializable_only bit null = 0
   skips_repl_constraints bit null = 0`,
  (context, database) => typed(context, database, ['P'], () => ({})),
);

const moduleOf = (catalog: Catalog, id: number): StoredModule | undefined => catalog.modules.get(id);

export const triggers = view(
  'triggers',
  `name sysname
   object_id int
   parent_class tinyint
   parent_class_desc nvarchar(60) null
   parent_id int
   type char(2)
   type_desc nvarchar(60) null
   create_date datetime
   modify_date datetime
   is_ms_shipped bit
   is_disabled bit
   is_not_for_replication bit
   is_instead_of_trigger bit`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    for (const module of catalog.modules.values()) {
      const definition = module.module.definition;
      if (definition.kind !== 'trigger') continue;
      yield {
        name: module.name,
        object_id: module.id,
        parent_class: 1,
        parent_class_desc: 'OBJECT_OR_COLUMN',
        parent_id: module.parent ?? 0,
        type: 'TR',
        type_desc: 'SQL_TRIGGER',
        create_date: module.created,
        modify_date: module.modified,
        is_ms_shipped: module.shipped,
        is_disabled: module.disabled,
        is_not_for_replication: definition.notForReplication,
        is_instead_of_trigger: definition.insteadOf,
      };
    }
  },
);

const EVENT_TYPES = { insert: 1, update: 2, delete: 3 } as const;

export const triggerEvents = view(
  'trigger_events',
  `object_id int
   type int
   type_desc nvarchar(60)
   is_trigger_event bit null = 1
   is_first bit = 0
   is_last bit = 0
   event_group_type int null
   event_group_type_desc nvarchar(60) null`,
  function* (context, database) {
    for (const module of catalogOf(context, database).modules.values()) {
      const definition = module.module.definition;
      if (definition.kind !== 'trigger') continue;
      for (const event of definition.events)
        yield { object_id: module.id, type: EVENT_TYPES[event], type_desc: event.toUpperCase() };
    }
  },
);

export const sqlModules = view(
  'sql_modules',
  `object_id int
   definition nvarchar(max) null
   uses_ansi_nulls bit null
   uses_quoted_identifier bit null
   is_schema_bound bit null
   uses_database_collation bit null = 0
   is_recompiled bit null
   null_on_null_input bit null = 0
   execute_as_principal_id int null
   uses_native_compilation bit null = 0 since 2014
   inline_type bit null = 0 since 2019
   is_inlineable bit null = 0 since 2019`,
  (context, database) =>
    [...catalogOf(context, database).modules.values()].map(module => {
      const options = module.module.definition.options;
      return {
        object_id: module.id,
        definition: module.encrypted ? null : module.text,
        uses_ansi_nulls: module.ansiNulls,
        uses_quoted_identifier: module.quotedIdentifier,
        is_schema_bound: options.includes('SCHEMABINDING'),
        is_recompiled: options.includes('RECOMPILE'),
      };
    }),
);

export const schemas = view(
  'schemas',
  `name sysname
   schema_id int
   principal_id int null`,
  (context, database) =>
    [...catalogOf(context, database).schemas.values()].map(schema => ({
      name: schema.name,
      schema_id: schema.id,
      principal_id: schema.owner,
    })),
);

export const synonyms = view(
  'synonyms',
  `${OBJECT_COLUMNS}
   base_object_name nvarchar(1035) null`,
  (context, database) =>
    typed(context, database, ['SN'], (facts, catalog) => ({
      base_object_name: catalog.synonyms.get(facts.id)?.target ?? null,
    })),
);

export { moduleOf, OBJECT_COLUMNS };
