import type { Module } from '../syntax/definitions.ts';
import type { ReferentialAction } from '../syntax/statements.ts';
import type { SqlType } from '../values/types.ts';

/**
 * The objects of a database as immutable values: a change makes a new catalog, a statement works on the one it was bound to.
 * Everything here can be written as JSON (bigint as text); expressions are kept as the text of their definition and parsed
 * when a statement needs them.
 */
export interface Catalog {
  readonly schemas: ReadonlyMap<number, Schema>;
  readonly tables: ReadonlyMap<number, Table>;
  readonly modules: ReadonlyMap<number, StoredModule>;
  readonly sequences: ReadonlyMap<number, Sequence>;
  readonly synonyms: ReadonlyMap<number, Synonym>;
  readonly types: ReadonlyMap<number, UserType>;
  readonly principals: ReadonlyMap<number, Principal>;
  readonly permissions: readonly Permission[];
  /** Object ids by lower-case `schema.name`, over tables, modules, sequences and synonyms. */
  readonly byName: ReadonlyMap<string, number>;
  /** Grows with every change; what was bound against an older one is bound again. */
  readonly version: number;
}

export interface DatabaseObject {
  readonly id: number;
  readonly schemaId: number;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly modified: number;
  /** Made by the double itself: `is_ms_shipped`. */
  readonly shipped: boolean;
}

export interface Schema {
  readonly id: number;
  readonly name: string;
  readonly owner: number;
}

export interface Table extends DatabaseObject {
  readonly columns: readonly Column[];
  readonly keys: readonly Key[];
  readonly indexes: readonly Index[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  /** The physical table in the store: TRUNCATE and a rewrite of all rows give a new one. */
  readonly storeId: number;
  readonly changeTracking?: { readonly trackColumns: boolean; readonly beginVersion: bigint };
  /** Article of a publication; TRUNCATE and DROP are refused (4711, 3724). */
  readonly published: boolean;
  /** What the double knows of it without acting on it: `temporal_type`, `is_memory_optimized`, … for sys.tables. */
  readonly features: Readonly<Record<string, number | string>>;
}

export interface Column {
  /** column_id, never used twice in a table. */
  readonly id: number;
  readonly name: string;
  readonly type: SqlType;
  /** user_type_id where it is an alias type. */
  readonly userType?: number;
  readonly nullable: boolean;
  readonly identity?: Identity;
  readonly computed?: { readonly text: string; readonly persisted: boolean };
  readonly default?: {
    readonly objectId: number;
    readonly name: string;
    readonly systemNamed: boolean;
    readonly text: string;
  };
  readonly rowguid: boolean;
  readonly sparse: boolean;
  readonly features: Readonly<Record<string, number | string>>;
}

/** The running value is the store's: it is not undone by a rollback. */
export interface Identity {
  readonly seed: bigint;
  readonly increment: bigint;
  readonly notForReplication: boolean;
}

export interface IndexColumn {
  readonly column: number;
  readonly descending: boolean;
  readonly included: boolean;
}

export interface Index {
  /** index_id: 1 is clustered. */
  readonly id: number;
  readonly name: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly IndexColumn[];
  readonly filter?: string;
  readonly disabled: boolean;
  readonly fillFactor: number;
}

/** Primary key or unique constraint, carried by an index. */
export interface Key {
  readonly objectId: number;
  readonly name: string;
  readonly primary: boolean;
  readonly systemNamed: boolean;
  readonly indexId: number;
}

export interface ForeignKey {
  readonly objectId: number;
  readonly name: string;
  readonly systemNamed: boolean;
  readonly columns: readonly number[];
  readonly referencedTable: number;
  readonly referencedColumns: readonly number[];
  readonly onDelete: ReferentialAction;
  readonly onUpdate: ReferentialAction;
  readonly disabled: boolean;
  readonly trusted: boolean;
  readonly notForReplication: boolean;
}

export interface Check {
  readonly objectId: number;
  readonly name: string;
  readonly systemNamed: boolean;
  readonly text: string;
  /** The column it was written behind, 0 for a table's. */
  readonly column: number;
  readonly disabled: boolean;
  readonly trusted: boolean;
  readonly notForReplication: boolean;
}

/** A procedure, view, function or trigger; `module` is parsed from `text` when it is loaded. */
export interface StoredModule extends DatabaseObject {
  readonly type: 'P' | 'V' | 'FN' | 'IF' | 'TF' | 'TR';
  readonly text: string;
  readonly module: Module;
  readonly ansiNulls: boolean;
  readonly quotedIdentifier: boolean;
  /** Of a trigger. */
  readonly parent?: number;
  readonly disabled: boolean;
  readonly encrypted: boolean;
}

export interface Sequence extends DatabaseObject {
  readonly type: SqlType;
  readonly start: bigint;
  readonly increment: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint;
  readonly cycling: boolean;
  /** 0 is NO CACHE, undefined the default size. */
  readonly cache?: number;
}

export interface Synonym extends DatabaseObject {
  readonly target: string;
}

export interface UserType {
  readonly id: number;
  readonly schemaId: number;
  readonly name: string;
  readonly base?: SqlType;
  readonly nullable: boolean;
  readonly table?: Table;
}

export interface Principal {
  readonly id: number;
  readonly name: string;
  readonly type: 'S' | 'U' | 'G' | 'R';
  readonly sid?: Uint8Array;
  readonly defaultSchema?: string;
  /** Roles it is a member of. */
  readonly roles: readonly number[];
  readonly fixed: boolean;
}

export interface Permission {
  readonly class: number;
  readonly majorId: number;
  readonly minorId: number;
  readonly grantee: number;
  readonly grantor: number;
  /** Full name in upper case. */
  readonly permission: string;
  readonly state: 'D' | 'G' | 'W' | 'R';
}
