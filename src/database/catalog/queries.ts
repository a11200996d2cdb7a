import type { Role, Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from './types.ts';

/** Columns of catalog views that came with a version later than 2012, or that a server may lack. */
export type Shape = ReadonlySet<string>;

const LATER: Readonly<Record<string, readonly string[]>> = {
  tables: [
    'temporal_type',
    'is_memory_optimized',
    'is_external',
    'is_node',
    'is_edge',
    'ledger_type',
    'is_dropped_ledger_table',
  ],
  columns: ['generated_always_type_desc', 'encryption_type_desc', 'is_hidden'],
};

const inList = (names: readonly string[]): string => names.map(name => `N'${name}'`).join(', ');

/** Columns to be asked for only where the server has them, as `view.column`. */
export const SHAPE_QUERY = `SELECT o.name AS [view], c.name AS [column]
FROM sys.all_objects AS o
JOIN sys.all_columns AS c ON c.object_id = o.object_id
WHERE o.schema_id = SCHEMA_ID(N'sys') AND (
  ${Object.entries(LATER)
    .map(([view, columns]) => `o.name = N'${view}' AND c.name IN (${inList(columns)})`)
    .join('\n  OR ')})`;

/** Waits no longer than this for whoever changes the schema just now. */
const LOCK_TIMEOUT_MS = 10_000;
const TIMEOUT_MS = 120_000;

/**
 * One read of the catalog. It has a parameter always, for then SET holds for this one batch and not for the connection
 * that goes back into the pool.
 */
export const catalogRead = (on: Role, database: string, title: string, query: string): Statement => ({
  on,
  database,
  title: `read the catalog of ${database}: ${title}`,
  text: `SET LOCK_TIMEOUT ${LOCK_TIMEOUT_MS};\n${query};`,
  effect: 'reads',
  parameters: { own: { type: 'nvarchar', value: OWN_SCHEMA } },
  timeoutMs: TIMEOUT_MS,
});

/** Tables that transactional replication puts into the databases of publisher and subscriber. */
const REPLICATION_TABLES = [
  'MSreplication[_]%',
  'MSsubscription[_]%',
  'MSsnapshotdelivery%',
  'MSpeer[_]%',
  'MSsaved%',
  'MSpub[_]identity%',
  'MSdynamicsnapshot%',
];
/** Procedures and views that it makes for articles. */
const REPLICATION_MODULES = ['sp[_]MSins[_]%', 'sp[_]MSupd[_]%', 'sp[_]MSdel[_]%', 'syncobj[_]0x%'];

const notLike = (column: string, patterns: readonly string[]): string =>
  patterns.map(pattern => `${column} NOT LIKE N'${pattern}'`).join(' AND ');

/** Schemas of the server, of roles and of change data capture are nobody's own. */
const OWN_SCHEMAS = `s.name <> @own AND s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest')
  AND NOT (s.name = N'cdc' AND EXISTS (SELECT * FROM sys.databases WHERE database_id = DB_ID() AND is_cdc_enabled = 1))`;

const USER_TABLES = `SELECT t.object_id FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
  WHERE t.is_ms_shipped = 0 AND ${OWN_SCHEMAS}
  AND ${notLike('t.name', REPLICATION_TABLES)}`;

/** Ids of everything that has columns of its own: tables, and the tables behind table types. */
const WITH_COLUMNS = `${USER_TABLES}
  UNION ALL SELECT type_table_object_id FROM sys.table_types WHERE is_user_defined = 1`;

export const DATABASE_QUERY = `SELECT name, collation_name AS [collation], compatibility_level AS [compatibility]
FROM sys.databases WHERE database_id = DB_ID()`;

export const SCHEMAS_QUERY = `SELECT s.name FROM sys.schemas AS s WHERE ${OWN_SCHEMAS} ORDER BY s.name`;

/** The later column, or what stands for it on a server that has none. */
const later = (shape: Shape, view: string, column: string, alias: string, otherwise: string): string =>
  shape.has(`${view}.${column}`) ? `${alias}.${column}` : otherwise;

export function tablesQuery(shape: Shape): string {
  const own = (column: string): string => later(shape, 'tables', column, 't', '0');
  const dropped = shape.has('tables.is_dropped_ledger_table')
    ? '\nAND ISNULL(t.is_dropped_ledger_table, 0) = 0'
    : '';
  return `SELECT t.object_id AS id, s.name AS [schema], t.name,
  CONVERT(varchar(20), ISNULL(n.[rows], 0)) AS [rows],
  CONVERT(varchar(20), ISNULL(a.pages, 0) * 8192) AS [bytes],
  CONVERT(varchar(20), ISNULL(a.lobPages, 0) * 8192) AS [lobBytes],
  ${own('temporal_type')} AS [temporal], ${own('is_memory_optimized')} AS [memoryOptimized],
  t.is_filetable AS [fileTable], ${own('is_external')} AS [external],
  ${own('is_node')} AS [node], ${own('is_edge')} AS [edge], ${own('ledger_type')} AS [ledger],
  t.is_tracked_by_cdc AS [trackedByCdc], t.is_published AS [published], t.is_replicated AS [replicated],
  CONVERT(bit, CASE WHEN c.object_id IS NULL THEN 0 ELSE 1 END) AS [changeTracked]
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
LEFT JOIN sys.change_tracking_tables AS c ON c.object_id = t.object_id
LEFT JOIN (SELECT p.object_id, SUM(p.[rows]) AS [rows] FROM sys.partitions AS p
  WHERE p.index_id IN (0, 1) GROUP BY p.object_id) AS n ON n.object_id = t.object_id
LEFT JOIN (SELECT p.object_id, SUM(u.total_pages) AS [pages],
    SUM(CASE WHEN u.type = 2 THEN u.total_pages ELSE 0 END) AS [lobPages]
  FROM sys.partitions AS p
  JOIN sys.allocation_units AS u
    ON u.container_id = CASE WHEN u.type = 2 THEN p.partition_id ELSE p.hobt_id END
  GROUP BY p.object_id) AS a ON a.object_id = t.object_id
WHERE t.object_id IN (${USER_TABLES})${dropped}
ORDER BY s.name, t.name`;
}

export function columnsQuery(shape: Shape): string {
  const own = (column: string, otherwise = 'NULL'): string => later(shape, 'columns', column, 'c', otherwise);
  return `SELECT c.object_id AS [table], c.column_id AS id, c.name,
  ISNULL(b.name, y.name) AS [type], y.name AS [declared], ys.name AS [declaredSchema],
  y.is_user_defined AS [userDefined], y.is_assembly_type AS [assemblyType],
  c.max_length AS [length], c.[precision], c.scale, c.collation_name AS [collation], c.is_nullable AS [nullable],
  CONVERT(varchar(50), i.seed_value) AS [seed], CONVERT(varchar(50), i.increment_value) AS [increment],
  CONVERT(varchar(50), i.last_value) AS [last], i.is_not_for_replication AS [notForReplication],
  k.definition AS [computed], k.is_persisted AS [persisted],
  d.name AS [defaultName], d.definition AS [default], d.is_system_named AS [defaultSystemNamed],
  c.is_rowguidcol AS [rowGuid], c.is_sparse AS [sparse], c.is_column_set AS [columnSet],
  ${own('is_hidden', '0')} AS [hidden], ${own('generated_always_type_desc')} AS [generated],
  ${own('encryption_type_desc')} AS [encryption], x.name AS [xmlCollection], xs.name AS [xmlSchema]
FROM sys.columns AS c
JOIN sys.types AS y ON y.user_type_id = c.user_type_id
JOIN sys.schemas AS ys ON ys.schema_id = y.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
LEFT JOIN sys.identity_columns AS i ON i.object_id = c.object_id AND i.column_id = c.column_id
LEFT JOIN sys.computed_columns AS k ON k.object_id = c.object_id AND k.column_id = c.column_id
LEFT JOIN sys.default_constraints AS d ON d.parent_object_id = c.object_id AND d.parent_column_id = c.column_id
LEFT JOIN sys.xml_schema_collections AS x ON x.xml_collection_id = c.xml_collection_id AND c.xml_collection_id > 1
LEFT JOIN sys.schemas AS xs ON xs.schema_id = x.schema_id
WHERE c.object_id IN (${WITH_COLUMNS})
ORDER BY c.object_id, c.column_id`;
}

export const INDEXES_QUERY = `SELECT i.object_id AS [table], i.index_id AS id, i.name, i.type_desc AS [kind],
  i.is_unique AS [unique], i.is_primary_key AS [primaryKey], i.is_unique_constraint AS [uniqueConstraint],
  k.is_system_named AS [systemNamed], i.is_disabled AS [disabled], i.ignore_dup_key AS [ignoreDuplicates],
  i.filter_definition AS [filter], i.fill_factor AS [fillFactor]
FROM sys.indexes AS i
LEFT JOIN sys.key_constraints AS k ON k.parent_object_id = i.object_id AND k.unique_index_id = i.index_id
WHERE i.type > 0 AND i.is_hypothetical = 0 AND i.object_id IN (${WITH_COLUMNS})
ORDER BY i.object_id, i.index_id`;

export const INDEX_COLUMNS_QUERY = `SELECT n.object_id AS [table], n.index_id AS [index], c.name,
  n.is_descending_key AS [descending], n.is_included_column AS [included], n.key_ordinal AS [place]
FROM sys.index_columns AS n
JOIN sys.indexes AS i ON i.object_id = n.object_id AND i.index_id = n.index_id
JOIN sys.columns AS c ON c.object_id = n.object_id AND c.column_id = n.column_id
WHERE (n.key_ordinal > 0 OR n.is_included_column = 1 OR i.type > 2) AND n.object_id IN (${WITH_COLUMNS})
ORDER BY n.object_id, n.index_id, CASE WHEN n.key_ordinal = 0 THEN 1 ELSE 0 END, n.key_ordinal, n.index_column_id`;

export const FOREIGN_KEYS_QUERY = `SELECT f.parent_object_id AS [table], f.name,
  rs.name AS [referencedSchema], r.name AS [referencedTable], pc.name AS [column], rc.name AS [referencedColumn],
  f.delete_referential_action_desc AS [onDelete], f.update_referential_action_desc AS [onUpdate],
  f.is_disabled AS [disabled], f.is_not_trusted AS [notTrusted], f.is_not_for_replication AS [notForReplication],
  f.is_system_named AS [systemNamed]
FROM sys.foreign_keys AS f
JOIN sys.tables AS r ON r.object_id = f.referenced_object_id
JOIN sys.schemas AS rs ON rs.schema_id = r.schema_id
JOIN sys.foreign_key_columns AS m ON m.constraint_object_id = f.object_id
JOIN sys.columns AS pc ON pc.object_id = m.parent_object_id AND pc.column_id = m.parent_column_id
JOIN sys.columns AS rc ON rc.object_id = m.referenced_object_id AND rc.column_id = m.referenced_column_id
WHERE f.parent_object_id IN (${USER_TABLES})
ORDER BY f.parent_object_id, f.name, m.constraint_column_id`;

export const CHECKS_QUERY = `SELECT k.parent_object_id AS [table], k.name, k.definition, k.is_disabled AS [disabled],
  k.is_not_trusted AS [notTrusted], k.is_not_for_replication AS [notForReplication], k.is_system_named AS [systemNamed]
FROM sys.check_constraints AS k
WHERE k.parent_object_id IN (${WITH_COLUMNS})
ORDER BY k.parent_object_id, k.name`;

const OWN_NAMES = `NOT LIKE N'landfall[_]%'`;

export const TRIGGERS_QUERY = `SELECT g.parent_id AS [table], g.object_id AS id, g.name,
  g.is_instead_of_trigger AS [insteadOf], g.is_disabled AS [disabled], g.is_not_for_replication AS [notForReplication],
  m.definition, m.uses_ansi_nulls AS [ansiNulls], m.uses_quoted_identifier AS [quotedIdentifier]
FROM sys.triggers AS g
LEFT JOIN sys.sql_modules AS m ON m.object_id = g.object_id
WHERE g.parent_class = 1 AND g.is_ms_shipped = 0 AND g.name ${OWN_NAMES} AND g.parent_id IN (${USER_TABLES})
ORDER BY g.parent_id, g.name`;

export const TRIGGER_EVENTS_QUERY = `SELECT e.object_id AS [trigger], e.type_desc AS [event]
FROM sys.trigger_events AS e
JOIN sys.triggers AS g ON g.object_id = e.object_id
WHERE g.parent_class = 1 AND g.is_ms_shipped = 0
ORDER BY e.object_id, e.type`;

export const MODULES_QUERY = `SELECT s.name AS [schema], o.name, o.type_desc AS [kind], m.definition,
  m.uses_ansi_nulls AS [ansiNulls], m.uses_quoted_identifier AS [quotedIdentifier], m.is_schema_bound AS [schemaBound]
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.type IN ('V', 'P', 'FN', 'IF', 'TF', 'PC', 'FS', 'FT', 'AF') AND o.is_ms_shipped = 0 AND ${OWN_SCHEMAS}
  AND o.name ${OWN_NAMES}
  AND ${notLike('o.name', REPLICATION_MODULES)}
ORDER BY s.name, o.name`;

export const SEQUENCES_QUERY = `SELECT s.name AS [schema], q.name, TYPE_NAME(q.system_type_id) AS [type],
  q.[precision], q.scale, CONVERT(varchar(50), q.start_value) AS [start], CONVERT(varchar(50), q.increment) AS [increment],
  CONVERT(varchar(50), q.minimum_value) AS [minimum], CONVERT(varchar(50), q.maximum_value) AS [maximum],
  q.is_cycling AS [cycles], q.is_cached AS [cached], q.cache_size AS [cache],
  CONVERT(varchar(50), q.current_value) AS [current]
FROM sys.sequences AS q
JOIN sys.schemas AS s ON s.schema_id = q.schema_id
WHERE q.is_ms_shipped = 0 AND ${OWN_SCHEMAS}
ORDER BY s.name, q.name`;

export const SYNONYMS_QUERY = `SELECT s.name AS [schema], y.name, y.base_object_name AS [target]
FROM sys.synonyms AS y
JOIN sys.schemas AS s ON s.schema_id = y.schema_id
WHERE y.is_ms_shipped = 0 AND ${OWN_SCHEMAS}
ORDER BY s.name, y.name`;

export const TYPES_QUERY = `SELECT s.name AS [schema], y.name, b.name AS [base], y.max_length AS [length], y.[precision],
  y.scale, y.is_nullable AS [nullable], y.is_assembly_type AS [assemblyType], g.type_table_object_id AS [table]
FROM sys.types AS y
JOIN sys.schemas AS s ON s.schema_id = y.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id AND y.is_assembly_type = 0
LEFT JOIN sys.table_types AS g ON g.user_type_id = y.user_type_id
WHERE y.is_user_defined = 1 AND ${OWN_SCHEMAS}
ORDER BY s.name, y.name`;

export const PARTITIONS_QUERY = `SELECT f.name, f.boundary_value_on_right AS [onRight],
  TYPE_NAME(p.system_type_id) AS [type], p.max_length AS [length], p.[precision], p.scale,
  v.boundary_id AS [boundary], CONVERT(nvarchar(max), CASE
    WHEN TYPE_NAME(p.system_type_id) IN (N'binary', N'varbinary') THEN CONVERT(nvarchar(max), CONVERT(varbinary(max), v.[value]), 1)
    WHEN TYPE_NAME(p.system_type_id) IN (N'float', N'real') THEN CONVERT(nvarchar(max), CONVERT(float, v.[value]), 2)
    WHEN TYPE_NAME(p.system_type_id) IN (N'money', N'smallmoney') THEN CONVERT(nvarchar(max), CONVERT(money, v.[value]), 2)
    ELSE CONVERT(nvarchar(max), v.[value], 126) END) AS [value]
FROM sys.partition_functions AS f
JOIN sys.partition_parameters AS p ON p.function_id = f.function_id AND p.parameter_id = 1
LEFT JOIN sys.partition_range_values AS v ON v.function_id = f.function_id AND v.parameter_id = 1
WHERE f.is_system = 0
ORDER BY f.name, v.boundary_id`;
