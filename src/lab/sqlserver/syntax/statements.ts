import type { AdministrativeStatement } from './administration.ts';
import type { DefinitionStatement } from './definitions.ts';
import type { Condition, Expression, Node } from './expressions.ts';
import type { Name, TypeName } from './names.ts';
import type { AssignOperator, CommonTable, QueryExpression, SelectItem, Source, Top } from './queries.ts';

export type Statement =
  | DataStatement
  | FlowStatement
  | TransactionStatement
  | SessionStatement
  | DefinitionStatement
  | AdministrativeStatement;

export interface Output {
  readonly items: readonly SelectItem[];
  /** `INTO @t` or `INTO t`. */
  readonly into?: { readonly target: Name; readonly columns: readonly string[] };
}

export type DataStatement =
  | (Node & { readonly statement: 'select'; readonly query: QueryExpression })
  | (Node & {
      readonly statement: 'insert';
      readonly with: readonly CommonTable[];
      readonly top?: Top;
      /** A name of one part that begins with @ is a table variable. */
      readonly target: Name;
      readonly hints: readonly string[];
      readonly columns: readonly string[];
      readonly output?: Output;
      readonly rows: InsertRows;
    })
  | (Node & {
      readonly statement: 'update';
      readonly with: readonly CommonTable[];
      readonly top?: Top;
      /** A table, a table variable, or an alias of `from`. */
      readonly target: Name;
      readonly hints: readonly string[];
      readonly set: readonly Assignment[];
      readonly output?: Output;
      readonly from: readonly Source[];
      readonly where?: Condition;
      readonly hintsOption: readonly string[];
    })
  | (Node & {
      readonly statement: 'delete';
      readonly with: readonly CommonTable[];
      readonly top?: Top;
      readonly target: Name;
      readonly hints: readonly string[];
      readonly output?: Output;
      readonly from: readonly Source[];
      readonly where?: Condition;
      readonly hintsOption: readonly string[];
    })
  | (Node & {
      readonly statement: 'merge';
      readonly with: readonly CommonTable[];
      readonly target: Name;
      readonly alias?: string;
      readonly hints: readonly string[];
      readonly using: Source;
      readonly on: Condition;
      readonly branches: readonly MergeBranch[];
      readonly output?: Output;
    })
  | (Node & { readonly statement: 'truncate'; readonly table: Name })
  /** `INSERT BULK`, which announces a bulk message. */
  | (Node & {
      readonly statement: 'insert-bulk';
      readonly table: Name;
      readonly columns: readonly {
        readonly name: string;
        readonly type: TypeName;
        readonly collation?: string;
      }[];
      /** In upper case: `KEEP_NULLS`, `CHECK_CONSTRAINTS`, `FIRE_TRIGGERS`, `TABLOCK`. */
      readonly options: readonly string[];
    });

export type InsertRows =
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
  | { readonly kind: 'query'; readonly query: QueryExpression }
  | { readonly kind: 'execute'; readonly execute: ExecuteStatement }
  | { readonly kind: 'default' };

export type Assignment =
  /** `column = expression`; with `variable`: `@v = column = expression`. */
  | {
      readonly kind: 'column';
      readonly name: Name;
      readonly operator: AssignOperator;
      readonly expression: Expression;
      readonly variable?: string;
    }
  | {
      readonly kind: 'variable';
      readonly variable: string;
      readonly operator: AssignOperator;
      readonly expression: Expression;
    };

export interface MergeBranch {
  readonly when: 'matched' | 'not-matched-by-target' | 'not-matched-by-source';
  readonly and?: Condition;
  readonly action:
    | { readonly kind: 'update'; readonly set: readonly Assignment[] }
    | { readonly kind: 'delete' }
    | {
        readonly kind: 'insert';
        readonly columns: readonly string[];
        readonly values: readonly Expression[];
      };
}

export type ExecuteStatement = Node & {
  readonly statement: 'execute';
  /** `@rc = `. */
  readonly result?: string;
  readonly target:
    | { readonly kind: 'procedure'; readonly name: Name }
    /** `EXEC @name`. */
    | { readonly kind: 'variable'; readonly name: string }
    /** `EXEC ('text' + @x) [AT server]`. */
    | { readonly kind: 'text'; readonly text: Expression; readonly at?: string };
  readonly arguments: readonly {
    readonly name?: string;
    readonly value: Expression;
    readonly output: boolean;
  }[];
};

export type FlowStatement =
  | (Node & { readonly statement: 'block'; readonly body: readonly Statement[] })
  | (Node & {
      readonly statement: 'if';
      readonly condition: Condition;
      readonly then: Statement;
      readonly otherwise?: Statement;
    })
  | (Node & { readonly statement: 'while'; readonly condition: Condition; readonly body: Statement })
  | (Node & { readonly statement: 'break' | 'continue' })
  | (Node & { readonly statement: 'return'; readonly value?: Expression })
  | (Node & {
      readonly statement: 'try';
      readonly body: readonly Statement[];
      readonly handler: readonly Statement[];
    })
  | (Node & {
      readonly statement: 'throw';
      readonly error?: {
        readonly number: Expression;
        readonly message: Expression;
        readonly state: Expression;
      };
    })
  | (Node & {
      readonly statement: 'raiserror';
      readonly message: Expression;
      readonly severity: Expression;
      readonly state: Expression;
      readonly arguments: readonly Expression[];
      /** In upper case: `NOWAIT`, `LOG`, `SETERROR`. */
      readonly options: readonly string[];
    })
  | (Node & { readonly statement: 'print'; readonly message: Expression })
  | (Node & { readonly statement: 'waitfor'; readonly kind: 'delay' | 'time'; readonly moment: Expression })
  | (Node & { readonly statement: 'declare'; readonly variables: readonly DeclaredVariable[] })
  | (Node & {
      readonly statement: 'set-variable';
      readonly variable: string;
      readonly operator: AssignOperator;
      readonly expression: Expression;
    })
  | (Node & {
      readonly statement: 'declare-cursor';
      readonly name: string;
      readonly query: QueryExpression /** In upper case. */;
      readonly options: readonly string[];
    })
  | (Node & {
      readonly statement: 'open-cursor' | 'close-cursor' | 'deallocate-cursor';
      readonly name: string;
    })
  | (Node & {
      readonly statement: 'fetch';
      readonly direction: 'next' | 'prior' | 'first' | 'last';
      readonly name: string;
      readonly into: readonly string[];
    })
  | (Node & { readonly statement: 'goto'; readonly label: string })
  | (Node & { readonly statement: 'label'; readonly label: string })
  | ExecuteStatement;

export interface DeclaredVariable {
  readonly name: string;
  readonly type: TypeName | { readonly table: TableShape };
  readonly value?: Expression;
}

export type TransactionStatement =
  | (Node & { readonly statement: 'begin-transaction'; readonly name?: string | Expression })
  | (Node & { readonly statement: 'commit'; readonly name?: string | Expression })
  | (Node & { readonly statement: 'rollback'; readonly name?: string | Expression })
  | (Node & { readonly statement: 'save-transaction'; readonly name: string | Expression });

export type SessionStatement =
  | (Node & { readonly statement: 'use'; readonly database: string })
  /** `SET NOCOUNT, XACT_ABORT ON`, `SET LOCK_TIMEOUT 5000`: names in upper case. */
  | (Node & {
      readonly statement: 'set-option';
      readonly options: readonly string[];
      readonly value: boolean | Expression;
    })
  | (Node & { readonly statement: 'set-identity-insert'; readonly table: Name; readonly on: boolean })
  | (Node & {
      readonly statement: 'set-isolation';
      readonly level: 'read-uncommitted' | 'read-committed' | 'repeatable-read' | 'serializable' | 'snapshot';
    });

/** Columns and constraints between the parentheses of CREATE TABLE, a table variable or a table type. */
export interface TableShape {
  readonly columns: readonly ColumnShape[];
  readonly constraints: readonly ConstraintShape[];
  readonly indexes: readonly IndexShape[];
}

export interface ColumnShape extends Node {
  readonly name: string;
  /** Absent for a computed column. */
  readonly type?: TypeName;
  readonly computed?: {
    readonly expression: Expression /** Text as written, without the outer parentheses. */;
    readonly text: string;
    readonly persisted: boolean;
  };
  readonly nullable?: boolean;
  readonly identity?: {
    readonly seed: bigint;
    readonly increment: bigint;
    readonly notForReplication: boolean;
  };
  readonly collation?: string;
  readonly rowguid: boolean;
  readonly sparse: boolean;
  /** Column constraints, among them the default. */
  readonly constraints: readonly ConstraintShape[];
}

export type ConstraintShape = Node & { readonly name?: string } & (
    | {
        readonly constraint: 'primary-key' | 'unique';
        readonly clustered?: boolean /** Empty for a column constraint. */;
        readonly columns: readonly KeyColumn[];
        /** Of its index, in upper case: `FILLFACTOR = 90`; only options that change no result. */
        readonly options?: readonly string[];
      }
    | {
        readonly constraint: 'foreign-key';
        readonly columns: readonly string[];
        readonly references: Name;
        readonly referenced: readonly string[];
        readonly onDelete: ReferentialAction;
        readonly onUpdate: ReferentialAction;
        readonly notForReplication: boolean;
      }
    | {
        readonly constraint: 'check';
        readonly condition: Condition;
        readonly text: string;
        readonly notForReplication: boolean;
      }
    | {
        readonly constraint: 'default';
        readonly expression: Expression;
        readonly text: string /** For `ADD DEFAULT … FOR column`. */;
        readonly column?: string;
        /** WITH VALUES: rows that are there get it too, where the new column may be NULL. */
        readonly withValues?: boolean;
      }
  );

export type ReferentialAction = 'no-action' | 'cascade' | 'set-null' | 'set-default';

export interface KeyColumn {
  readonly name: string;
  readonly descending: boolean;
}

export interface IndexShape extends Node {
  readonly name: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly KeyColumn[];
  readonly included: readonly string[];
  readonly where?: { readonly condition: Condition; readonly text: string };
  /** Each in upper case as written: `FILLFACTOR = 90`. */
  readonly options: readonly string[];
}
