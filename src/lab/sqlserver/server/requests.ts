import type { SqlType, Value } from '../values/types.ts';
import type { Reply } from './replies.ts';

/** A value that came over the wire. */
export interface InputValue {
  /** With its @; '' for one by position. */
  readonly name: string;
  /** Means nothing beside a TableValue, whose type has a name of its own. */
  readonly type: SqlType;
  readonly value: Value | TableValue;
  readonly output: boolean;
}

export interface TableValue {
  readonly typeName: readonly string[];
  readonly columns: readonly SqlType[];
  readonly rows: readonly (readonly Value[])[];
}

export interface BulkRows {
  /** None where a client without rows sends no columns either. */
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  /**
   * Throws SqlError: 4002 where the client took the load back or is gone, 4815, 4816, 9803 for what no column takes. Only
   * rows that end without a throw are all of them.
   */
  readonly rows: AsyncIterable<readonly (readonly Value[])[]>;
}

export type TransactionRequest =
  | { readonly kind: 'begin'; readonly isolation: 0 | 1 | 2 | 3 | 4 | 5; readonly name: string }
  | { readonly kind: 'commit' | 'rollback' | 'save'; readonly name: string };

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly application: string;
  readonly host: string;
  readonly address: string;
  /** All of the session goes through TLS. */
  readonly encrypted?: boolean;
}

/**
 * One connection's session. Every method answers a stream of replies: it ends when the request is over, an error is a
 * `message` and not a throw, and an abort by `signal` ends it early with whatever a cancelled batch leaves behind.
 * One request at a time.
 */
export interface Session {
  readonly id: number;
  /** Where the login put it: the login reply tells database and collation, without which the driver refuses varchar. */
  readonly opened: { readonly database: string; readonly collation: string };
  batch(text: string, signal: AbortSignal): AsyncIterable<Reply>;
  /** RPC by name; sp_executesql, sp_prepare and the cursor procedures come this way too. */
  call(procedure: string, parameters: readonly InputValue[], signal: AbortSignal): AsyncIterable<Reply>;
  transaction(request: TransactionRequest): AsyncIterable<Reply>;
  /** After a batch `insert bulk …`; refused where none came before. */
  bulk(rows: BulkRows, signal: AbortSignal): AsyncIterable<Reply>;
  /** What sp_reset_connection leaves: own transaction rolled back, SET options and temp tables gone. */
  reset(keepTransaction: boolean): void;
  /** The connection is gone: its transaction is rolled back, its temp tables are dropped. */
  end(): void;
  /** Aborts when KILL or a severity of 20 ends it from inside. */
  readonly ended: AbortSignal;
}

/** The server as the wire sees it. */
export interface Listener {
  /**
   * @throws SqlError 18456 with its state, 4060, 18461: the wire sends it and closes
   */
  login(login: Login): Session;
  readonly name: string;
  /** Major, minor, build for PRELOGIN and LOGINACK. */
  readonly version: { readonly major: number; readonly minor: number; readonly build: number };
}
