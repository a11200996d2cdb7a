import { define } from '../definition/index.ts';
import { runData } from '../dml/index.ts';
import { changeDatabase } from '../server/database-statements.ts';
import type { Statement } from '../syntax/statements.ts';
import { administer } from '../system/administration.ts';
import { requireAnsiNulls } from './ansi-nulls.ts';
import { announceBulk } from './bulk.ts';
import { runCursorStatement } from './cursor.ts';
import { drive } from './driver.ts';
import { runExecute } from './execute.ts';
import { isTrue, valueNow } from './expressions.ts';
import { print, raiseError, throwError } from './messages.ts';
import { permitStatement } from './permit-statement.ts';
import { raise } from './raise.ts';
import { returnValue } from './return-value.ts';
import type { Runtime } from './runtime.ts';
import { runSelect } from './select.ts';
import { runSessionStatement } from './session-statements.ts';
import { beginImplicitly, finish, forbidTransaction } from './statement-end.ts';
import { runTransactionStatement } from './transaction-statements.ts';
import { Transfer } from './transfer.ts';
import { runTry } from './try-catch.ts';
import { initialise, setVariable } from './variables.ts';
import { waitFor } from './wait-for.ts';

/** Where control goes behind a statement; undefined is the next one. */
export type Signal =
  | undefined
  | { readonly signal: 'break' | 'continue' | 'return' }
  | { readonly signal: 'goto'; readonly label: string };

const BREAK: Signal = { signal: 'break' };
const CONTINUE: Signal = { signal: 'continue' };
const RETURN: Signal = { signal: 'return' };

/** Statements one after the other. */
export async function runStatements(runtime: Runtime, statements: readonly Statement[]): Promise<Signal> {
  for (let place = 0; place < statements.length; place += 1) {
    const statement = statements[place];
    if (!statement) break;
    const signal = await runStatement(runtime, statement);
    if (!signal) continue;
    if (signal.signal !== 'goto') return signal;
    const target = labelPlace(statements, signal.label);
    if (target < 0) return signal;
    place = target;
  }
  return undefined;
}

const labelPlace = (statements: readonly Statement[], label: string): number =>
  statements.findIndex(
    each => each.statement === 'label' && each.label.toLowerCase() === label.toLowerCase(),
  );

export async function runStatement(runtime: Runtime, statement: Statement): Promise<Signal> {
  const { state, frame } = runtime;
  if (state.signal.aborted) throw new Transfer('cancelled');
  frame.line = statement.line;
  switch (statement.statement) {
    case 'block':
      return runStatements(runtime, statement.body);
    case 'while':
      return runWhile(runtime, statement);
    case 'try':
      return runTry(runtime, statement);
    case 'break':
      return BREAK;
    case 'continue':
      return CONTINUE;
    case 'goto':
      return { signal: 'goto', label: statement.label };
    case 'label':
      return undefined;
    case 'if': {
      const then = await guarded(runtime, statement, () => holds(runtime, statement));
      if (then === undefined) return undefined;
      state.rowCount = 0;
      if (then) return runStatement(runtime, statement.then);
      return statement.otherwise && runStatement(runtime, statement.otherwise);
    }
    case 'return':
      await guarded(runtime, statement, () => returnValue(runtime, statement.value));
      return RETURN;
    default:
      state.command = statement.statement;
      await guarded(runtime, statement, async () => {
        if (!state.options.ansiNulls) requireAnsiNulls(statement, statement.line);
        await runLeaf(runtime, statement);
        return true;
      });
      return undefined;
  }
}

async function holds(
  runtime: Runtime,
  { condition, line }: Extract<Statement, { statement: 'if' | 'while' }>,
): Promise<boolean> {
  if (!runtime.state.options.ansiNulls) requireAnsiNulls(condition, line);
  return isTrue(runtime, condition);
}

/** Runs a piece of a statement; undefined where it failed and the next statement follows. */
async function guarded<T>(
  runtime: Runtime,
  statement: Statement,
  piece: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    const result = await piece();
    // Of a procedure the last statement inside it counts.
    if (statement.statement !== 'raiserror' && statement.statement !== 'execute') runtime.state.lastError = 0;
    return result;
  } catch (failure) {
    runtime.frame.line = statement.line;
    raise(runtime, failure, { changes: changesRows(statement) });
    return undefined;
  }
}

const changesRows = ({ statement }: Statement): boolean =>
  statement === 'insert' || statement === 'update' || statement === 'delete' || statement === 'merge';

async function runWhile(
  runtime: Runtime,
  statement: Extract<Statement, { statement: 'while' }>,
): Promise<Signal> {
  for (;;) {
    runtime.frame.line = statement.line;
    const again = await guarded(runtime, statement, () => holds(runtime, statement));
    if (!again) return undefined;
    await runtime.turn();
    const signal = await runStatement(runtime, statement.body);
    if (!signal || signal.signal === 'continue') continue;
    if (signal.signal === 'break') return undefined;
    return signal;
  }
}

type Leaf = Exclude<
  Statement,
  {
    readonly statement: 'block' | 'while' | 'try' | 'break' | 'continue' | 'goto' | 'label' | 'if' | 'return';
  }
>;

async function runLeaf(runtime: Runtime, statement: Leaf): Promise<void> {
  const { state } = runtime;
  switch (statement.statement) {
    case 'declare':
      return initialise(runtime, statement);
    case 'set-variable':
      return setVariable(runtime, statement);
    case 'print':
      return print(runtime, await valueNow(runtime, statement.message));
    case 'raiserror':
      return raiseError(runtime, statement);
    case 'throw':
      return throwError(runtime, statement);
    case 'waitfor':
      return waitFor(runtime, statement);
    case 'execute':
      return runExecute(runtime, statement);
    case 'declare-cursor':
    case 'open-cursor':
    case 'close-cursor':
    case 'deallocate-cursor':
    case 'fetch':
      return runCursorStatement(runtime, statement);
    case 'begin-transaction':
    case 'commit':
    case 'rollback':
    case 'save-transaction':
      state.rowCount = 0;
      return runTransactionStatement(runtime, statement);
    case 'use':
    case 'set-option':
    case 'set-identity-insert':
    case 'set-isolation':
      state.rowCount = 0;
      return runSessionStatement(runtime, statement);
    case 'select':
      return runSelect(runtime, statement);
    case 'insert-bulk':
      return announceBulk(runtime, statement);
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'truncate':
      beginImplicitly(runtime);
      return finish(runtime, await drive(runtime, true, ({ execution }) => runData(statement, execution)));
    default:
      return runDefinition(runtime, statement);
  }
}

type Definition = Parameters<typeof define>[0] | Parameters<typeof administer>[0];

async function runDefinition(runtime: Runtime, statement: Definition): Promise<void> {
  permitStatement(runtime, statement);
  switch (statement.statement) {
    case 'create-database':
    case 'alter-database':
    case 'drop-database':
      forbidTransaction(runtime, statement.statement);
      return finish(
        runtime,
        await drive(runtime, true, ({ execution }) => changeDatabase(statement, execution)),
      );
    case 'create-table':
    case 'alter-table':
    case 'create-index':
    case 'alter-index':
    case 'create-module':
    case 'toggle-trigger':
    case 'create-schema':
    case 'create-sequence':
    case 'alter-sequence':
    case 'create-type':
    case 'create-synonym':
    case 'update-statistics':
    case 'drop':
    case 'drop-index':
      beginImplicitly(runtime);
      await drive(runtime, true, ({ execution }) => define(statement, execution));
      return finish(runtime, { count: undefined });
    default:
      return finish(runtime, await drive(runtime, true, ({ execution }) => administer(statement, execution)));
  }
}
