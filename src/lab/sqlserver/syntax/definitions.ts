import type { Expression, Node } from './expressions.ts';
import type { Name, TypeName } from './names.ts';
import type { QueryExpression } from './queries.ts';
import type {
  ColumnShape,
  ConstraintShape,
  IndexShape,
  KeyColumn,
  Statement,
  TableShape,
} from './statements.ts';

/** Statements that define the objects of a database. */
export type DefinitionStatement =
  | (Node & {
      readonly statement: 'create-table';
      readonly name: Name;
      readonly shape: TableShape;
      readonly options: readonly string[];
    })
  | (Node & {
      readonly statement: 'alter-table';
      readonly name: Name;
      readonly action: TableAction;
      /** The action as it was written: replication sends it on. */
      readonly text: string;
    })
  | (Node & { readonly statement: 'create-index'; readonly table: Name; readonly index: IndexShape })
  | (Node & {
      readonly statement: 'alter-index' /** undefined is ALL. */;
      readonly name?: string;
      readonly table: Name;
      readonly action: 'rebuild' | 'reorganize' | 'disable';
    })
  | (Node & {
      readonly statement: 'create-module';
      readonly module: Module;
      readonly mode: 'create' | 'alter' | 'create-or-alter';
    })
  | (Node & {
      readonly statement: 'toggle-trigger' /** Empty is ALL. */;
      readonly triggers: readonly string[];
      readonly on: Name | 'database' | 'server';
      readonly enable: boolean;
    })
  | (Node & { readonly statement: 'create-schema'; readonly name: string; readonly owner?: string })
  | (Node & {
      readonly statement: 'create-sequence';
      readonly name: Name;
      readonly type?: TypeName;
      readonly options: SequenceOptions;
    })
  | (Node & { readonly statement: 'alter-sequence'; readonly name: Name; readonly options: SequenceOptions })
  | (Node & {
      readonly statement: 'create-type';
      readonly name: Name;
      readonly from?: TypeName;
      readonly nullable?: boolean;
      readonly table?: TableShape;
    })
  | (Node & { readonly statement: 'create-synonym'; readonly name: Name; readonly target: Name })
  | (Node & { readonly statement: 'update-statistics'; readonly table: Name })
  | (Node & {
      readonly statement: 'drop';
      readonly kind:
        | 'table'
        | 'view'
        | 'procedure'
        | 'function'
        | 'trigger'
        | 'schema'
        | 'sequence'
        | 'type'
        | 'synonym';
      readonly names: readonly Name[];
      readonly ifExists: boolean;
    })
  | (Node & {
      readonly statement: 'drop-index';
      readonly indexes: readonly { readonly name: string; readonly table: Name }[];
      readonly ifExists: boolean;
    });

export type TableAction =
  | {
      readonly kind: 'add';
      readonly withCheck?: boolean;
      readonly columns: readonly ColumnShape[];
      readonly constraints: readonly ConstraintShape[];
    }
  | {
      readonly kind: 'alter-column';
      readonly column: string;
      readonly type: TypeName;
      readonly collation?: string;
      readonly nullable?: boolean;
    }
  | {
      readonly kind: 'drop';
      readonly ifExists: boolean;
      readonly items: readonly { readonly kind: 'column' | 'constraint'; readonly name: string }[];
    }
  /** `[WITH CHECK|NOCHECK] CHECK|NOCHECK CONSTRAINT ALL|name, …`; empty names are ALL. */
  | {
      readonly kind: 'check';
      readonly withCheck?: boolean;
      readonly check: boolean;
      readonly names: readonly string[];
    }
  /** `ENABLE|DISABLE TRIGGER ALL|name, …`. */
  | { readonly kind: 'trigger'; readonly enable: boolean; readonly names: readonly string[] }
  | { readonly kind: 'change-tracking'; readonly enable: boolean; readonly trackColumns: boolean }
  | { readonly kind: 'rebuild' }
  | { readonly kind: 'set'; readonly options: readonly string[] };

export interface SequenceOptions {
  readonly start?: bigint;
  readonly restart?: bigint | 'start';
  readonly increment?: bigint;
  readonly minimum?: bigint | 'none';
  readonly maximum?: bigint | 'none';
  readonly cycle?: boolean;
  /** `none` is NO CACHE. */
  readonly cache?: number | 'none';
}

/** A procedure, function, view or trigger; `text` is the whole statement as written, for sys.sql_modules. */
export interface Module extends Node {
  readonly text: string;
  readonly name: Name;
  readonly definition:
    | {
        readonly kind: 'procedure';
        readonly parameters: readonly Parameter[];
        readonly options: readonly string[];
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'view';
        readonly columns: readonly string[];
        readonly options: readonly string[];
        readonly query: QueryExpression;
        readonly withCheck: boolean;
      }
    | {
        readonly kind: 'scalar-function';
        readonly parameters: readonly Parameter[];
        readonly returns: TypeName;
        readonly options: readonly string[];
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'inline-function';
        readonly parameters: readonly Parameter[];
        readonly options: readonly string[];
        readonly query: QueryExpression;
      }
    | {
        readonly kind: 'table-function';
        readonly parameters: readonly Parameter[];
        readonly variable: string;
        readonly shape: TableShape;
        readonly options: readonly string[];
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'trigger';
        readonly on: Name;
        readonly insteadOf: boolean;
        readonly events: readonly ('insert' | 'update' | 'delete')[];
        readonly notForReplication: boolean;
        readonly options: readonly string[];
        readonly body: readonly Statement[];
      };
}

export interface Parameter extends Node {
  readonly name: string;
  readonly type: TypeName;
  readonly default?: Expression;
  readonly output: boolean;
  readonly readOnly: boolean;
}

export type { KeyColumn };
