import { dropTable } from '../catalog/edit.ts';
import { SqlError, unsupported } from '../errors.ts';
import { drive } from './driver.ts';
import type { Frame } from './frame.ts';
import { runStatements } from './interpreter.ts';
import type { Plan } from './plan.ts';
import { raise } from './raise.ts';
import { Runtime } from './runtime.ts';
import type { SessionState } from './state.ts';
import { temporariesOf } from './temporaries.ts';
import { rollbackAll } from './transaction-statements.ts';
import { Transfer } from './transfer.ts';
import { declareVariables } from './variables.ts';

const DEEPEST = 32;

/** @throws SqlError 217 */
export function requireDepth(level: number): void {
  if (level > DEEPEST)
    throw new SqlError(
      217,
      `Maximum stored procedure, function, trigger, or view nesting level exceeded (limit ${DEEPEST}).`,
      { endsBatch: true },
    );
}

/**
 * Runs a batch, a procedure, a trigger or dynamic text in a frame of its own: variables, temporary tables, cursors and SET
 * options that it makes are gone behind it.
 *
 * @param planned gives its statements; what is wrong with them is an error of the frame
 * @param prepare binds what comes from outside (parameters) before the first statement
 */
export async function runFrame(
  state: SessionState,
  frame: Frame,
  planned: () => Plan,
  prepare?: (runtime: Runtime) => void | Promise<void>,
): Promise<'complete' | 'ended'> {
  requireDepth(frame.level);
  const before = state.frame;
  const options = { ...state.options };
  const { database } = frame;
  const runtime = new Runtime(state, frame);
  state.frame = frame;
  try {
    const plan = planned();
    await prepare?.(runtime);
    declareVariables(runtime, plan.declared);
    const signal = await runStatements(runtime, plan.statements);
    if (signal?.signal === 'goto') throw unsupported('GOTO into a block', frame.line);
    return 'complete';
  } catch (failure) {
    // Variables whose type is not there, parameters that do not fit: faults of the frame as a whole.
    if (failure instanceof Transfer) {
      if (failure.kind !== 'scope') throw failure;
    } else {
      try {
        raise(runtime, failure);
      } catch (transfer) {
        if (!(transfer instanceof Transfer) || transfer.kind !== 'scope') throw transfer;
      }
    }
    return 'ended';
  } finally {
    if (frame.parent) {
      Object.assign(state.options, options);
      state.transaction.deadlockPriority = options.deadlockPriority;
      if (frame.database !== database)
        state.output.environment({
          kind: 'database',
          name: database.name,
          before: frame.database.name,
        });
    }
    state.frame = before;
    await dropTemporaries(runtime);
  }
}

/** What was made as `#t` in a frame goes with it; at the outermost level it is the session's. */
async function dropTemporaries(runtime: Runtime): Promise<void> {
  const { state, frame } = runtime;
  if (frame.level === 0) return;
  const names = temporariesOf(state, frame.level);
  if (names.length > 0) await dropTables(runtime, names);
}

/** Drops tables of tempdb by their inner names, those that are still there. */
export async function dropTables(runtime: Runtime, names: readonly string[]): Promise<void> {
  const { state } = runtime;
  const tempdb = state.instance.databases.get('tempdb');
  if (!tempdb) return;
  if (state.transaction.doomed) rollbackAll(state);
  await drive(runtime, true, ({ execution }) => {
    const part = execution.transaction(tempdb);
    for (const name of names) {
      const id = part.catalog.byName.get(`dbo.${name.toLowerCase()}`);
      if (id !== undefined) part.define(catalog => dropTable(catalog, id));
    }
  });
}
