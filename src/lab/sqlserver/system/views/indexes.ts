import { keyOfIndex } from '../../catalog/find.ts';
import type { Index, Table } from '../../catalog/schema.ts';
import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import { catalogOf } from '../catalog-facts.ts';
import { type ViewRow, view } from '../define-view.ts';
import { indexPages, isLob, rowCount, tablePages } from '../sizes.ts';
import { parenthesized } from './constraints.ts';

interface Physical {
  readonly table: Table;
  /** undefined is the heap: index_id 0. */
  readonly index: Index | undefined;
}

/** Each table with its heap or clustered index first, then its other indexes. */
function* physical(context: FunctionContext, database: Database): Iterable<Physical> {
  for (const table of catalogOf(context, database).tables.values()) {
    if (!table.indexes.some(index => index.clustered)) yield { table, index: undefined };
    for (const index of [...table.indexes].sort((left, right) => left.id - right.id)) yield { table, index };
  }
}

export const indexes = view(
  'indexes',
  `object_id int
   name sysname null
   index_id int
   type tinyint
   type_desc nvarchar(60) null
   is_unique bit null
   data_space_id int null = 1
   ignore_dup_key bit null = 0
   is_primary_key bit null
   is_unique_constraint bit null
   fill_factor tinyint
   is_padded bit null = 0
   is_disabled bit null
   is_hypothetical bit null = 0
   is_ignored_in_optimization bit null = 0 since 2017
   allow_row_locks bit null = 1
   allow_page_locks bit null = 1
   has_filter bit null
   filter_definition nvarchar(max) null
   compression_delay int null since 2016
   suppress_dup_key_messages bit null = 0 since 2017
   auto_created bit null = 0 since 2017
   optimize_for_sequential_key bit null = 0 since 2019`,
  function* (context, database) {
    for (const { table, index } of physical(context, database)) {
      const key = index && keyOfIndex(table, index);
      yield {
        object_id: table.id,
        name: index?.name ?? null,
        index_id: index?.id ?? 0,
        type: index === undefined ? 0 : index.clustered ? 1 : 2,
        type_desc: index === undefined ? 'HEAP' : index.clustered ? 'CLUSTERED' : 'NONCLUSTERED',
        is_unique: index?.unique ?? false,
        is_primary_key: key?.primary ?? false,
        is_unique_constraint: key !== undefined && !key.primary,
        fill_factor: index?.fillFactor ?? 0,
        is_disabled: index?.disabled ?? false,
        has_filter: index?.filter !== undefined,
        filter_definition: index?.filter === undefined ? null : parenthesized(index.filter),
      };
    }
  },
);

export const indexColumns = view(
  'index_columns',
  `object_id int
   index_id int
   index_column_id int
   column_id int
   key_ordinal tinyint
   partition_ordinal tinyint = 0
   is_descending_key bit null
   is_included_column bit null
   column_store_order_ordinal tinyint = 0 since 2022`,
  function* (context, database) {
    for (const { table, index } of physical(context, database))
      for (const [place, column] of (index?.columns ?? []).entries())
        yield {
          object_id: table.id,
          index_id: index?.id ?? 0,
          index_column_id: place + 1,
          column_id: column.column,
          key_ordinal: column.included ? 0 : place + 1,
          is_descending_key: column.descending,
          is_included_column: column.included,
        };
  },
);

/** partition_id and hobt_id: one partition a heap or index. */
const partitionId = (table: Table, index: Index | undefined): bigint =>
  72_057_594_000_000_000n + BigInt(table.id >>> 0) * 256n + BigInt(index?.id ?? 0);

const pagesOf = ({ table, index }: Physical, rows: number): number =>
  index === undefined || index.clustered
    ? tablePages(table, rows)
    : indexPages(
        table,
        index.columns.map(column => column.column),
        rows,
      );

export const partitions = view(
  'partitions',
  `partition_id bigint
   object_id int
   index_id int
   partition_number int
   hobt_id bigint
   rows bigint null
   filestream_filegroup_id smallint = 0
   data_compression tinyint null = 0
   data_compression_desc nvarchar(60) null = NONE
   xml_compression bit null = 0 since 2022
   xml_compression_desc varchar(3) null = OFF since 2022`,
  function* (context, database) {
    for (const { table, index } of physical(context, database)) {
      const id = partitionId(table, index);
      yield {
        partition_id: id,
        object_id: table.id,
        index_id: index?.id ?? 0,
        partition_number: 1,
        hobt_id: id,
        rows: rowCount(database, table),
      };
    }
  },
);

export const allocationUnits = view(
  'allocation_units',
  `allocation_unit_id bigint
   type tinyint
   type_desc nvarchar(60) null
   container_id bigint
   data_space_id int null
   total_pages bigint
   used_pages bigint
   data_pages bigint`,
  function* (context, database) {
    for (const each of physical(context, database)) {
      const pages = pagesOf(each, rowCount(database, each.table));
      const id = partitionId(each.table, each.index);
      const unit = (type: number, name: string, used: number): ViewRow => ({
        allocation_unit_id: id + BigInt(type) * 1_000_000_000_000n,
        type,
        type_desc: name,
        container_id: id,
        data_space_id: 1,
        total_pages: reserved(used),
        used_pages: used === 0 ? 0 : used + 1,
        data_pages: type === 1 ? used : 0,
      });
      yield unit(1, 'IN_ROW_DATA', pages);
      if ((each.index?.clustered ?? true) && each.table.columns.some(column => isLob(column.type)))
        yield unit(2, 'LOB_DATA', 0);
    }
  },
);

/** Space comes in extents of 8 pages. */
const reserved = (pages: number): number => (pages === 0 ? 0 : Math.ceil((pages + 1) / 8) * 8 + 1);

export const partitionStats = view(
  'dm_db_partition_stats',
  `partition_id bigint null
   object_id int
   index_id int
   partition_number int
   in_row_data_page_count bigint null
   in_row_used_page_count bigint null
   in_row_reserved_page_count bigint null
   lob_used_page_count bigint null = 0
   lob_reserved_page_count bigint null = 0
   row_overflow_used_page_count bigint null = 0
   row_overflow_reserved_page_count bigint null = 0
   used_page_count bigint null
   reserved_page_count bigint null
   row_count bigint null`,
  function* (context, database) {
    for (const each of physical(context, database)) {
      const rows = rowCount(database, each.table);
      const pages = pagesOf(each, rows);
      const used = pages === 0 ? 0 : pages + 1;
      yield {
        partition_id: partitionId(each.table, each.index),
        object_id: each.table.id,
        index_id: each.index?.id ?? 0,
        partition_number: 1,
        in_row_data_page_count: pages,
        in_row_used_page_count: used,
        in_row_reserved_page_count: reserved(pages),
        used_page_count: used,
        reserved_page_count: reserved(pages),
        row_count: rows,
      };
    }
  },
  { state: 'database' },
);

/** Statistics exist for indexes only: the double makes none by itself. */
export const stats = view(
  'stats',
  `object_id int
   name nvarchar(128) null
   stats_id int
   auto_created bit null = 0
   user_created bit null = 0
   no_recompute bit null = 0
   has_filter bit null
   filter_definition nvarchar(max) null
   is_temporary bit null = 0
   is_incremental bit null = 0 since 2014
   has_persisted_sample bit null = 0 since 2019
   stats_generation_method int = 0 since 2019
   stats_generation_method_desc varchar(80) = Sort_based since 2019
   auto_drop bit null = 0 since 2022`,
  function* (context, database) {
    for (const { table, index } of physical(context, database))
      if (index !== undefined)
        yield {
          object_id: table.id,
          name: index.name,
          stats_id: index.id,
          has_filter: index.filter !== undefined,
          filter_definition: index.filter === undefined ? null : parenthesized(index.filter),
        };
  },
);

export const statsColumns = view(
  'stats_columns',
  `object_id int
   stats_id int
   stats_column_id int null
   column_id int null`,
  function* (context, database) {
    for (const { table, index } of physical(context, database))
      for (const [place, column] of (index?.columns ?? []).filter(each => !each.included).entries())
        yield {
          object_id: table.id,
          stats_id: index?.id ?? 0,
          stats_column_id: place + 1,
          column_id: column.column,
        };
  },
);

/** Only tables that were written to since the database was opened have rows; reads are not counted. */
export const indexUsage = view(
  'dm_db_index_usage_stats',
  `database_id smallint
   object_id int
   index_id int
   user_seeks bigint = 0
   user_scans bigint = 0
   user_lookups bigint = 0
   user_updates bigint
   last_user_seek datetime null
   last_user_scan datetime null
   last_user_lookup datetime null
   last_user_update datetime null
   system_seeks bigint = 0
   system_scans bigint = 0
   system_lookups bigint = 0
   system_updates bigint = 0
   last_system_seek datetime null
   last_system_scan datetime null
   last_system_lookup datetime null
   last_system_update datetime null`,
  function* (context) {
    for (const database of context.instance.databases.values()) {
      const usage = database.store?.usage;
      if (usage === undefined) continue;
      for (const { table, index } of physical(context, database)) {
        const counted = usage.get(table.id);
        if (counted !== undefined)
          yield {
            database_id: database.id,
            object_id: table.id,
            index_id: index?.id ?? 0,
            user_updates: counted.updates,
            last_user_update: counted.lastUpdate,
          };
      }
    }
  },
  { state: 'server' },
);
