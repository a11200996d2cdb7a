import type { SqlType, Value } from '../values/types.ts';

/** What a session answers, in the order of the wire; `wire/` turns each into tokens. */
export type Reply =
  | { readonly reply: 'columns'; readonly columns: readonly ResultColumn[] }
  /** Values in the order of the last `columns`. */
  | { readonly reply: 'rows'; readonly rows: readonly (readonly Value[])[] }
  /** The end of a statement. `count` undefined: SET NOCOUNT ON, or a statement that counts nothing. */
  | {
      readonly reply: 'done';
      readonly count: number | undefined;
      readonly command: 'select' | 'other';
      readonly inProcedure: boolean;
    }
  | { readonly reply: 'message'; readonly message: Message }
  | { readonly reply: 'environment'; readonly change: EnvironmentChange }
  /** End of a procedure that the client called by RPC. */
  | { readonly reply: 'return'; readonly status: number; readonly outputs: readonly OutputValue[] };

export interface ResultColumn {
  /** '' for a column without a name. */
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly identity: boolean;
}

export interface OutputValue {
  readonly name: string;
  readonly type: SqlType;
  readonly value: Value;
}

/** ERROR from severity 11 on, INFO below. */
export interface Message {
  readonly number: number;
  readonly state: number;
  readonly severity: number;
  readonly text: string;
  readonly procedure: string;
  readonly line: number;
  /** To be sent at once: RAISERROR … WITH NOWAIT, progress of a backup. */
  readonly now: boolean;
}

export type EnvironmentChange =
  | {
      readonly kind: 'database';
      readonly name: string;
      readonly before: string;
      /** Of the database entered, where it is not the one of the database left: the client encodes varchar by it. */
      readonly collation?: string;
    }
  | {
      readonly kind: 'begin' | 'commit' | 'rollback' /** Descriptor of the transaction. */;
      readonly transaction: bigint;
    };
