/**
 * A database as its catalog describes it, by names, never by ids of one server. Texts are as SQL Server gives them;
 * numbers that could be rounded (seeds, LSNs) are text.
 */

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface Column {
  readonly name: string;
  /** 1, 2, 3 …; gaps where columns were dropped. */
  readonly id: number;
  /** System type: `int`, `nvarchar`, `timestamp`, `hierarchyid`. */
  readonly type: string;
  /** The alias type it was declared with. */
  readonly userType?: TableName;
  /** Bytes as sys.columns.max_length has them: nvarchar(50) is 100, max is -1. */
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly collation?: string;
  readonly nullable: boolean;
  readonly identity?: {
    readonly seed: string;
    readonly increment: string;
    readonly last?: string;
    readonly notForReplication: boolean;
  };
  readonly computed?: { readonly definition: string; readonly persisted: boolean };
  readonly default?: { readonly name: string; readonly definition: string; readonly systemNamed: boolean };
  readonly rowGuid: boolean;
  readonly sparse: boolean;
  readonly columnSet: boolean;
  readonly hidden: boolean;
  /** `AS_ROW_START`, `AS_ROW_END` …; absent for ordinary columns. */
  readonly generated?: string;
  /** `DETERMINISTIC`, `RANDOMIZED`; absent where it is not encrypted. */
  readonly encryption?: string;
  readonly assemblyType: boolean;
  readonly xmlCollection?: TableName;
}

export interface IndexColumn {
  readonly name: string;
  readonly descending: boolean;
  readonly included: boolean;
}

export interface Index {
  readonly name: string;
  /** sys.indexes.type_desc: `CLUSTERED`, `NONCLUSTERED`, `CLUSTERED COLUMNSTORE` … Heaps have none. */
  readonly kind: string;
  readonly unique: boolean;
  readonly primaryKey: boolean;
  readonly uniqueConstraint: boolean;
  readonly systemNamed: boolean;
  readonly disabled: boolean;
  readonly ignoreDuplicates: boolean;
  readonly filter?: string;
  readonly fillFactor: number;
  readonly columns: readonly IndexColumn[];
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: TableName;
  readonly referencedColumns: readonly string[];
  /** `NO_ACTION`, `CASCADE`, `SET_NULL`, `SET_DEFAULT`. */
  readonly onDelete: string;
  readonly onUpdate: string;
  readonly disabled: boolean;
  readonly trusted: boolean;
  readonly notForReplication: boolean;
  readonly systemNamed: boolean;
}

export interface Check {
  readonly name: string;
  readonly definition: string;
  readonly disabled: boolean;
  readonly trusted: boolean;
  readonly notForReplication: boolean;
  readonly systemNamed: boolean;
}

export interface Trigger {
  readonly name: string;
  readonly events: readonly string[];
  readonly insteadOf: boolean;
  readonly disabled: boolean;
  readonly notForReplication: boolean;
  /** Absent where it is encrypted. */
  readonly definition?: string;
  /** As it was created with; ON where absent. */
  readonly ansiNulls?: boolean;
  readonly quotedIdentifier?: boolean;
}

export interface Table extends TableName {
  readonly columns: readonly Column[];
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  readonly triggers: readonly Trigger[];
  /** From sys.partitions: near enough to plan with, never a proof. */
  readonly rows: number;
  /** Reserved bytes: data and indexes. */
  readonly bytes: number;
  readonly lobBytes: number;
  readonly temporal: 'none' | 'history' | 'versioned';
  readonly memoryOptimized: boolean;
  readonly fileTable: boolean;
  readonly external: boolean;
  readonly graph: boolean;
  readonly ledger: boolean;
  readonly trackedByCdc: boolean;
  readonly changeTracked: boolean;
  readonly published: boolean;
}

export interface Module extends TableName {
  /** sys.objects.type_desc: `VIEW`, `SQL_STORED_PROCEDURE`, `SQL_SCALAR_FUNCTION` … */
  readonly kind: string;
  /** Absent where it is encrypted. */
  readonly definition?: string;
  readonly ansiNulls: boolean;
  readonly quotedIdentifier: boolean;
  readonly schemaBound: boolean;
}

export interface Sequence extends TableName {
  readonly type: string;
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cycles: boolean;
  readonly cache?: number;
  readonly current: string;
}

export interface Catalog {
  readonly database: string;
  readonly collation: string;
  readonly compatibility: number;
  readonly schemas: readonly string[];
  /** User tables, landfall's own schema and replication's tables left out; by schema and name. */
  readonly tables: readonly Table[];
  readonly modules: readonly Module[];
  readonly sequences: readonly Sequence[];
  readonly synonyms: readonly (TableName & { readonly target: string })[];
  /** Alias types and table types, by name; a table type has its columns. */
  readonly types: readonly (TableName & { readonly definition: string })[];
  readonly partitionFunctions: readonly { readonly name: string; readonly definition: string }[];
}

/** The schema in which landfall keeps what it needs in a database: marker, progress, staging tables. */
export const OWN_SCHEMA = 'landfall';

export const fullName = ({ schema, name }: TableName): string => `${schema}.${name}`;

/** The primary key, or undefined. */
export const primaryKey = (table: Table): Index | undefined =>
  table.indexes.find(index => index.primaryKey && !index.disabled);

/** Columns whose values a copy has to carry: not computed, not rowversion, not made by the server. */
export const carried = (table: Table): Column[] =>
  table.columns.filter(
    column =>
      column.computed === undefined &&
      column.type !== 'timestamp' &&
      column.generated === undefined &&
      !column.columnSet,
  );
