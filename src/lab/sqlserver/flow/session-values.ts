import type { SessionOptions, SessionValues } from '../functions/function.ts';
import type { SqlType, Value } from '../values/types.ts';
import { type Caught, caughtIn, type Frame } from './frame.ts';
import { userName } from './permissions.ts';
import type { SessionState, TransactionState } from './state.ts';

/** What functions may know of a session, as it is at the moment of the question. */
export class LiveSessionValues implements SessionValues {
  readonly #state: SessionState;

  constructor(state: SessionState) {
    this.#state = state;
  }

  get id(): number {
    return this.#state.login.id;
  }

  get login(): string {
    return this.#state.login.principal.name;
  }

  get user(): string {
    return userName(this.#state, this.#state.currentDatabase);
  }

  get application(): string {
    return this.#state.login.application;
  }

  get host(): string {
    return this.#state.login.host;
  }

  get transactionCount(): number {
    return this.#state.transaction.count;
  }

  get transactionState(): TransactionState {
    const { transaction } = this.#state;
    if (transaction.count === 0) return 0;
    return transaction.doomed ? -1 : 1;
  }

  get rowCount(): number {
    return this.#state.rowCount;
  }

  get lastError(): number {
    return this.#state.lastError;
  }

  get identity(): bigint | null {
    return this.#state.identity;
  }

  get scopeIdentity(): bigint | null {
    return this.#state.frame?.scopeIdentity ?? null;
  }

  get nestLevel(): number {
    return this.#state.frame?.level ?? 0;
  }

  get procedure(): SessionValues['procedure'] {
    const module = moduleOf(this.#state.frame);
    return module && { id: module.id, name: module.name, schema: module.schema };
  }

  get caught(): Caught | undefined {
    return caughtIn(this.#state.frame);
  }

  get options(): SessionOptions {
    return this.#state.options;
  }

  get contextInfo(): Uint8Array | null {
    return this.#state.contextInfo;
  }

  get contextValues(): Map<string, { readonly type: SqlType; readonly value: Value }> {
    return this.#state.contextValues;
  }

  get cursors(): ReadonlyMap<string, { readonly status: number }> {
    return new Map([...this.#state.globalCursors, ...(this.#state.frame?.cursors ?? [])]);
  }

  get fetchStatus(): number {
    return this.#state.fetchStatus;
  }

  get updatedColumns(): ReadonlySet<number> | undefined {
    return this.#state.frame?.updatedColumns;
  }

  get replication(): boolean {
    return this.#state.replication;
  }
}

function moduleOf(
  frame: Frame | undefined,
): { readonly id: number; readonly name: string; readonly schema: string } | undefined {
  if (!frame?.module) return undefined;
  return { id: frame.module.id, name: frame.module.name, schema: frame.schema ?? 'dbo' };
}
