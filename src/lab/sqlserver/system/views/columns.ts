import type { Catalog, Column, Table } from '../../catalog/schema.ts';
import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import type { SqlType, Value } from '../../values/types.ts';
import { catalogOf, features, systemObjectId, tableTypes } from '../catalog-facts.ts';
import { type ViewRow, view } from '../define-view.ts';
import { moduleColumns } from '../module-columns.ts';
import { BUILT_IN_TYPES, storedType } from '../type-ids.ts';
import { parenthesized } from './constraints.ts';
import { OBJECT_COLUMNS } from './objects.ts';

const COLUMN_COLUMNS = `object_id int
   name sysname null
   column_id int
   system_type_id tinyint
   user_type_id int
   max_length smallint
   precision tinyint
   scale tinyint
   collation_name sysname null
   is_nullable bit null
   is_ansi_padded bit
   is_rowguidcol bit = 0
   is_identity bit = 0
   is_computed bit = 0
   is_filestream bit = 0
   is_replicated bit null = 0
   is_non_sql_subscribed bit null = 0
   is_merge_published bit null = 0
   is_dts_replicated bit null = 0
   is_xml_document bit = 0
   xml_collection_id int = 0
   default_object_id int = 0
   rule_object_id int = 0`;

const LATER_COLUMNS = `is_sparse bit null = 0
   is_column_set bit null = 0
   generated_always_type tinyint null = 0 since 2016
   generated_always_type_desc nvarchar(60) null = NOT_APPLICABLE since 2016
   encryption_type int null since 2016
   encryption_type_desc nvarchar(64) null since 2016
   encryption_algorithm_name sysname null since 2016
   column_encryption_key_id int null since 2016
   column_encryption_key_database_name sysname null since 2016
   is_hidden bit null = 0 since 2016
   is_masked bit = 0 since 2016
   graph_type int null since 2017
   graph_type_desc nvarchar(60) null since 2017
   is_data_deletion_filter_column bit null = 0 since 2022
   ledger_view_column_type tinyint null since 2022
   ledger_view_column_type_desc nvarchar(60) null since 2022
   is_dropped_ledger_column bit null = 0 since 2022`;

const COLUMN_FEATURES = [
  'is_filestream',
  'is_column_set',
  'is_xml_document',
  'xml_collection_id',
  'generated_always_type',
  'generated_always_type_desc',
  'encryption_type',
  'encryption_type_desc',
  'encryption_algorithm_name',
  'is_hidden',
  'is_masked',
  'graph_type',
  'graph_type_desc',
];

function columnRow(table: Table, column: Column): ViewRow {
  const text = 'collation' in column.type || column.type.kind.endsWith('binary');
  return {
    object_id: table.id,
    name: column.name,
    column_id: column.id,
    ...storedType(column),
    is_nullable: column.nullable,
    is_ansi_padded: text && column.type.kind !== 'text' && column.type.kind !== 'ntext',
    is_rowguidcol: column.rowguid,
    is_identity: column.identity !== undefined,
    is_computed: column.computed !== undefined,
    is_replicated: table.published && column.computed === undefined,
    default_object_id: column.default?.objectId ?? 0,
    is_sparse: column.sparse,
    ...features(column.features, COLUMN_FEATURES),
  };
}

const plainRow = (
  objectId: number,
  place: number,
  column: { readonly name: string; readonly type: SqlType; readonly nullable: boolean },
): ViewRow => ({
  object_id: objectId,
  name: column.name,
  column_id: place + 1,
  ...storedType(column),
  is_nullable: column.nullable,
  is_ansi_padded: 'length' in column.type,
});

/** Tables and table types, with the columns that `wanted` takes. */
function* tableColumns(
  context: FunctionContext,
  database: Database,
  wanted: (column: Column) => boolean = () => true,
): Iterable<{ readonly table: Table; readonly column: Column }> {
  const catalog = catalogOf(context, database);
  for (const table of catalog.tables.values())
    for (const column of table.columns) if (wanted(column)) yield { table, column };
  for (const { table } of tableTypes(catalog))
    for (const column of table.columns) if (wanted(column)) yield { table, column };
}

function* userColumns(context: FunctionContext, database: Database): Iterable<ViewRow> {
  for (const { table, column } of tableColumns(context, database)) yield columnRow(table, column);
  for (const module of catalogOf(context, database).modules.values())
    for (const [place, column] of moduleColumns(context, database, module).entries())
      yield plainRow(module.id, place, column);
}

function* systemColumns(context: FunctionContext): Iterable<ViewRow> {
  for (const each of context.instance.system.views.values())
    for (const [place, column] of each.columns.entries())
      yield plainRow(systemObjectId(each.schema, each.name), place, column);
}

export const columns = view('columns', `${COLUMN_COLUMNS}\n${LATER_COLUMNS}`, userColumns);

export const allColumns = view(
  'all_columns',
  `${COLUMN_COLUMNS}\n${LATER_COLUMNS}`,
  function* (context, database) {
    yield* userColumns(context, database);
    yield* systemColumns(context);
  },
);

export const systemColumnsView = view('system_columns', `${COLUMN_COLUMNS}\n${LATER_COLUMNS}`, systemColumns);

/** A number of the column's own type inside sql_variant, as seed_value and last_value are given. */
const ofColumn = (value: bigint | null, type: SqlType): Value => {
  if (value === null) return null;
  const scaled = type.kind === 'decimal' || type.kind === 'numeric' || type.kind === 'bigint';
  return { type, value: scaled ? value : Number(value) };
};

export const identityColumns = view(
  'identity_columns',
  `${COLUMN_COLUMNS}
   seed_value sql_variant null
   increment_value sql_variant null
   last_value sql_variant null
   is_not_for_replication bit null
   ${LATER_COLUMNS}`,
  function* (context, database) {
    for (const { table, column } of tableColumns(context, database, each => each.identity !== undefined)) {
      const { identity } = column;
      if (identity === undefined) continue;
      yield {
        ...columnRow(table, column),
        seed_value: ofColumn(identity.seed, column.type),
        increment_value: ofColumn(identity.increment, column.type),
        last_value: ofColumn(lastIdentity(database, table), column.type),
        is_not_for_replication: identity.notForReplication,
      };
    }
  },
);

/** null before the first value; a database snapshot shows its source's. */
export const lastIdentity = (database: Database, table: Table): bigint | null =>
  (database.store ?? database.snapshotOf?.store)?.identity(table) ?? null;

export const computedColumns = view(
  'computed_columns',
  `${COLUMN_COLUMNS}
   definition nvarchar(max) null
   uses_database_collation bit = 1
   is_persisted bit
   ${LATER_COLUMNS}`,
  function* (context, database) {
    for (const { table, column } of tableColumns(context, database, each => each.computed !== undefined))
      yield {
        ...columnRow(table, column),
        definition: parenthesized(column.computed?.text ?? ''),
        is_persisted: column.computed?.persisted ?? false,
      };
  },
);

export const maskedColumns = view(
  'masked_columns',
  `${COLUMN_COLUMNS}
   ${LATER_COLUMNS}
   masking_function nvarchar(4000) null`,
  function* (context, database) {
    for (const { table, column } of tableColumns(context, database, each => each.features['is_masked'] === 1))
      yield {
        ...columnRow(table, column),
        masking_function: String(column.features['masking_function'] ?? 'default()'),
      };
  },
  { since: 2016 },
);

const TYPE_COLUMNS = `name sysname
   system_type_id tinyint
   user_type_id int
   schema_id int
   principal_id int null
   max_length smallint
   precision tinyint
   scale tinyint
   collation_name sysname null
   is_nullable bit null
   is_user_defined bit
   is_assembly_type bit
   default_object_id int = 0
   rule_object_id int = 0
   is_table_type bit`;

export const types = view('types', TYPE_COLUMNS, function* (context, database) {
  for (const each of BUILT_IN_TYPES)
    yield {
      name: each.name,
      system_type_id: each.systemTypeId,
      user_type_id: each.userTypeId,
      schema_id: 4,
      max_length: each.maxLength,
      precision: each.precision,
      scale: each.scale,
      collation_name: each.text ? database.collation : null,
      is_nullable: each.nullable,
      is_user_defined: false,
      is_assembly_type: each.assembly,
      is_table_type: false,
    };
  yield* userTypes(catalogOf(context, database));
});

function* userTypes(catalog: Catalog): Iterable<ViewRow> {
  for (const each of catalog.types.values()) {
    const facts =
      each.base === undefined
        ? { system_type_id: 243, max_length: -1, precision: 0, scale: 0, collation_name: null }
        : storedType({ type: each.base });
    yield {
      ...facts,
      name: each.name,
      user_type_id: each.id,
      schema_id: each.schemaId,
      is_nullable: each.table === undefined && each.nullable,
      is_user_defined: true,
      is_assembly_type: false,
      is_table_type: each.table !== undefined,
    };
  }
}

export const tableTypesView = view(
  'table_types',
  `${TYPE_COLUMNS}
   type_table_object_id int
   is_memory_optimized bit null = 0 since 2014`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    const tables = new Map(tableTypes(catalog).map(each => [each.id, each.table.id]));
    for (const row of userTypes(catalog)) {
      const table = tables.get(Number(row['user_type_id']));
      if (table !== undefined) yield { ...row, type_table_object_id: table };
    }
  },
);

/** A number of the sequence's type. */
const ofSequence = (value: bigint, type: SqlType): Value => ofColumn(value, type);

export const sequences = view(
  'sequences',
  `${OBJECT_COLUMNS}
   start_value sql_variant
   increment sql_variant
   minimum_value sql_variant null
   maximum_value sql_variant null
   is_cycling bit null
   is_cached bit null
   cache_size int null
   system_type_id tinyint
   user_type_id int
   precision tinyint
   scale tinyint null
   current_value sql_variant
   is_exhausted bit
   last_used_value sql_variant null since 2017`,
  function* (context, database) {
    for (const sequence of catalogOf(context, database).sequences.values()) {
      const next =
        (database.store ?? database.snapshotOf?.store)?.sequenceValue(sequence.id) ?? sequence.start;
      // The store keeps the value that comes next.
      const used = next === sequence.start ? null : next - sequence.increment;
      const { max_length: _, collation_name: __, ...type } = storedType({ type: sequence.type });
      const edge = sequence.increment > 0n ? sequence.maximum : sequence.minimum;
      yield {
        name: sequence.name,
        object_id: sequence.id,
        schema_id: sequence.schemaId,
        parent_object_id: 0,
        type: 'SO',
        type_desc: 'SEQUENCE_OBJECT',
        create_date: sequence.created,
        modify_date: sequence.modified,
        is_ms_shipped: sequence.shipped,
        is_published: false,
        is_schema_published: false,
        start_value: ofSequence(sequence.start, sequence.type),
        increment: ofSequence(sequence.increment, sequence.type),
        minimum_value: ofSequence(sequence.minimum, sequence.type),
        maximum_value: ofSequence(sequence.maximum, sequence.type),
        is_cycling: sequence.cycling,
        is_cached: sequence.cache !== 0,
        cache_size: sequence.cache === undefined || sequence.cache === 0 ? null : sequence.cache,
        ...type,
        current_value: ofSequence(used ?? sequence.start, sequence.type),
        is_exhausted: used === edge && !sequence.cycling,
        last_used_value: used === null ? null : ofSequence(used, sequence.type),
      };
    }
  },
);
