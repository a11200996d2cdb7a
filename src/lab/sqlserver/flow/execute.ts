import { SqlError } from '../errors.ts';
import type { Name } from '../syntax/names.ts';
import { splitName } from '../syntax/parse.ts';
import type { ExecuteStatement } from '../syntax/statements.ts';
import { assignValue } from '../values/index.ts';
import { INT, nvarchar } from '../values/types.ts';
import type { Argument } from './arguments.ts';
import { type CallResult, callModule } from './call-module.ts';
import { callSystem } from './call-system.ts';
import { nested } from './driver.ts';
import { runText } from './dynamic.ts';
import { valueAs, valueNow } from './expressions.ts';
import { CapturedOutput, type ResultSet } from './output.ts';
import { findProcedure, remoteServer } from './procedure-name.ts';
import { raise } from './raise.ts';
import type { Runtime } from './runtime.ts';
import { specialProcedure } from './special-procedures.ts';
import { scalarType } from './variables.ts';

/** EXECUTE, in both of its forms. */
export async function runExecute(runtime: Runtime, statement: ExecuteStatement): Promise<void> {
  const { target } = statement;
  if (target.kind === 'text') {
    const text = String((await valueAs(runtime, target.text, nvarchar('max'))) ?? '');
    if (target.at !== undefined) throw remoteServer(runtime, target.at);
    const before = runtime.state.transaction.count;
    await runText(runtime, text);
    requireSameCount(runtime, before);
    return;
  }
  const name =
    target.kind === 'procedure'
      ? target.name
      : splitName(String(runtime.frame.variables.get(target.name.toLowerCase()) ?? ''));
  const given = await argumentsOf(runtime, statement.arguments);
  const before = runtime.state.transaction.count;
  const { status, outputs } = await callProcedure(runtime, name, given);
  for (const { variable, type, value } of outputs)
    if (variable !== undefined)
      runtime.frame.variables.set(
        variable.toLowerCase(),
        assignValue(value, type, scalarType(runtime, variable)),
      );
  if (statement.result !== undefined)
    runtime.frame.variables.set(
      statement.result.toLowerCase(),
      assignValue(status, INT, scalarType(runtime, statement.result)),
    );
  requireSameCount(runtime, before);
}

/** Calls whatever a name means. */
export async function callProcedure(
  runtime: Runtime,
  name: Name,
  given: readonly Argument[],
): Promise<CallResult> {
  const special = specialProcedure(name);
  if (special) return special(runtime, given);
  const found = findProcedure(runtime, name);
  return found.kind === 'module' ? callModule(runtime, found, given) : callSystem(runtime, found, given);
}

/** 266, which ends nothing: the procedure has begun or ended a transaction of its caller. */
export function requireSameCount(runtime: Runtime, before: number): void {
  const { count } = runtime.state.transaction;
  if (count === before) return;
  raise(
    runtime,
    new SqlError(
      266,
      `Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = ${before}, current count = ${count}.`,
      { state: 2 },
    ),
    { byStatement: true },
  );
}

async function argumentsOf(
  runtime: Runtime,
  written: ExecuteStatement['arguments'],
): Promise<readonly Argument[]> {
  const given: Argument[] = [];
  for (const { name, value: expression, output } of written) {
    const variable = expression.node === 'variable' ? expression.name : undefined;
    const rowSet = variable === undefined ? undefined : runtime.frame.rowSets.get(variable.toLowerCase());
    if (rowSet) {
      given.push({ name, value: { kind: 'rows', rowSet }, output, variable });
      continue;
    }
    if (expression.node === 'literal' && expression.literal.kind === 'default') {
      given.push({ name, value: { kind: 'default' }, output, variable: undefined });
      continue;
    }
    if (output && variable === undefined)
      throw new SqlError(179, 'Cannot use the OUTPUT option when passing a constant to a stored procedure.', {
        severity: 15,
        endsBatch: true,
      });
    // A bare word is a text.
    const { type, value } =
      expression.node === 'column'
        ? { type: nvarchar(128), value: expression.name.join('.') }
        : await valueNow(runtime, expression);
    given.push({ name, value: { kind: 'value', type, value }, output, variable });
  }
  return given;
}

/** INSERT … EXECUTE: all result sets of what is run. @throws SqlError 8164 */
export async function executeForResults(
  runtime: Runtime,
  statement: ExecuteStatement,
): Promise<readonly ResultSet[]> {
  const { state } = runtime;
  if (state.capturing) throw new SqlError(8164, 'An INSERT EXEC statement cannot be nested.');
  const { output } = state;
  const captured = new CapturedOutput(output);
  state.output = captured;
  state.capturing = true;
  try {
    await nested(state, () => runExecute(runtime, statement));
  } finally {
    state.output = output;
    state.capturing = false;
  }
  return captured.results;
}
