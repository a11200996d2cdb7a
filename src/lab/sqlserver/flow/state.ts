import type { SessionOptions, SessionValues } from '../functions/function.ts';
import type { Database, Instance, SessionFacts } from '../server/instance.ts';
import type { ServerPrincipal } from '../server/principals.ts';
import type { SqlType, Value } from '../values/types.ts';
import type { AnnouncedBulk } from './bulk.ts';
import type { Cursor } from './cursor.ts';
import type { Frame } from './frame.ts';
import type { Output } from './output.ts';
import type { Prepared } from './special-procedures.ts';
import { SessionTransaction } from './transaction.ts';

/** A login that was let in. */
export interface SessionLogin {
  /** @@SPID. */
  readonly id: number;
  readonly principal: ServerPrincipal;
  readonly database: Database;
  readonly application: string;
  readonly host: string;
  readonly encrypted: boolean;
  /** Of a client; false for what the server runs for itself. */
  readonly user: boolean;
}

export const defaultOptions = (): SessionOptions => ({
  nocount: false,
  xactAbort: false,
  ansiNulls: true,
  ansiWarnings: true,
  ansiPadding: true,
  arithAbort: true,
  concatNullYieldsNull: true,
  quotedIdentifier: true,
  numericRoundAbort: false,
  implicitTransactions: false,
  dateFirst: 7,
  dateFormat: 'mdy',
  language: 'us_english',
  textSize: 2147483647,
  lockTimeout: -1,
  rowCount: 0,
  isolation: 'read-committed',
  deadlockPriority: 0,
});

/** What a session keeps between its statements. */
export class SessionState {
  readonly instance: Instance;
  readonly login: SessionLogin;
  readonly transaction: SessionTransaction;
  readonly started: number;
  database: Database;
  options = defaultOptions();
  /** @@ROWCOUNT and @@ERROR. */
  rowCount = 0;
  lastError = 0;
  /** @@IDENTITY. */
  identity: bigint | null = null;
  fetchStatus = 0;
  contextInfo: Uint8Array | null = null;
  readonly contextValues = new Map<string, { readonly type: SqlType; readonly value: Value }>();
  readonly globalCursors = new Map<string, Cursor>();
  readonly prepared = new Map<number, Prepared>();
  lastHandle = 0;
  identityInsert: { readonly database: Database; readonly table: number; readonly name: string } | undefined;
  /** Set by `sp_` procedures and agents of replication. */
  replication = false;
  frame: Frame | undefined;
  output: Output;
  signal: AbortSignal;
  /** INSERT … EXECUTE takes the results of what runs. */
  capturing = false;
  /** INSERT BULK was the last batch. */
  bulk: AnnouncedBulk | undefined;
  /** Of the statement that runs, as the grammar calls it. */
  command = '';
  request: SessionFacts['request'];
  lastRequest: number;

  constructor(instance: Instance, login: SessionLogin, output: Output) {
    this.instance = instance;
    this.login = login;
    this.transaction = new SessionTransaction(login.id);
    this.started = instance.clock.now();
    this.lastRequest = this.started;
    this.database = login.database;
    this.output = output;
    this.signal = new AbortController().signal;
  }

  /** Of the batch or module that runs. */
  get currentDatabase(): Database {
    return this.frame?.database ?? this.database;
  }
}

export type TransactionState = SessionValues['transactionState'];
