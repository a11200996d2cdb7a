import { setImmediate } from 'node:timers/promises';
import { SqlError } from '../errors.ts';
import type { Evaluation } from '../query/bound.ts';
import type { Scope } from '../query/scope.ts';
import type { Database, Instance } from '../server/instance.ts';
import { requireWritable } from '../server/online.ts';
import type { Message } from '../server/replies.ts';
import type { Transaction } from '../storage/store.ts';
import type { ExecuteStatement } from '../syntax/statements.ts';
import type { Value } from '../values/types.ts';
import { executeForResults } from './execute.ts';
import type { ExecutedResult, Execution, Firing, RowSets } from './execution.ts';
import { snapshotPart } from './isolation.ts';
import { showProgress } from './progress.ts';
import { LONGEST_TURN, type Runtime } from './runtime.ts';
import { fireTrigger } from './triggers.ts';

/** What the handler of one statement is given. */
export class StatementExecution implements Execution {
  readonly instance: Instance;
  readonly scope: Scope;
  readonly evaluation: Evaluation;
  readonly signal: AbortSignal;
  readonly rowSets: RowSets;
  readonly #runtime: Runtime;
  #breathed = performance.now();

  constructor(runtime: Runtime, evaluation: Evaluation) {
    this.#runtime = runtime;
    this.instance = runtime.state.instance;
    this.scope = runtime.scope;
    this.evaluation = evaluation;
    this.signal = runtime.state.signal;
    this.rowSets = runtime.frame;
  }

  transaction(database: Database): Transaction {
    const { state } = this.#runtime;
    requireWritable(database);
    requireHealthy(state.transaction.doomed);
    return state.transaction.join(database, snapshotPart(state, database));
  }

  fire(firing: Firing): Promise<void> {
    return fireTrigger(this.#runtime, firing);
  }

  async execute(statement: ExecuteStatement): Promise<readonly (readonly Value[])[]> {
    const results = await this.executeResults(statement);
    return results.flatMap(result => result.rows);
  }

  executeResults(statement: ExecuteStatement): Promise<readonly ExecutedResult[]> {
    return executeForResults(this.#runtime, statement);
  }

  progress(percent: number, command?: string): void {
    showProgress(this.#runtime.state, percent, command);
  }

  message(message: Partial<Message> & { readonly text: string }): void {
    const { state, frame } = this.#runtime;
    state.output.message({
      number: 0,
      state: 1,
      severity: 0,
      procedure: frame.procedureName,
      line: frame.line,
      now: false,
      ...message,
    });
  }

  setIdentity(value: bigint): void {
    this.#runtime.state.identity = value;
    this.#runtime.frame.scopeIdentity = value;
  }

  setVariable(name: string, value: Value): void {
    this.#runtime.frame.variables.set(name.toLowerCase(), value);
  }

  get identityInsert(): number | undefined {
    const { identityInsert } = this.#runtime.state;
    return identityInsert?.table;
  }

  async breathe(): Promise<void> {
    this.signal.throwIfAborted();
    if (performance.now() - this.#breathed < LONGEST_TURN) return;
    await setImmediate();
    this.#breathed = performance.now();
    this.signal.throwIfAborted();
  }
}

/** @throws SqlError 3930 */
export function requireHealthy(doomed: boolean): void {
  if (doomed)
    throw new SqlError(
      3930,
      'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
      { endsBatch: true },
    );
}
