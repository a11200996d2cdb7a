import type { Table } from '../../catalog/schema.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Evaluation, Row } from '../../query/bound.ts';
import type { Scope } from '../../query/scope.ts';

/** Name of the row set in which the rows of a view lie while they are written to; no variable is called so. */
export const VIEW_ROWS = '@@view rows';

/** An execution in which one more table variable has rows: what a view shows. */
export function withRows(execution: Execution, table: Table, rows: readonly Row[]): Execution {
  const { scope, evaluation } = execution;
  const known = (name: string) => name.toLowerCase() === VIEW_ROWS;
  const widerScope: Scope = {
    instance: scope.instance,
    database: scope.database,
    catalogOf: database => scope.catalogOf(database),
    defaultSchema: scope.defaultSchema,
    variable: name => scope.variable(name),
    rowSet: name => (known(name) ? table : scope.rowSet(name)),
    temporary: name => scope.temporary(name),
    permit: (permission, database, objectId) => scope.permit(permission, database, objectId),
  };
  const { catalogOf, temporary } = evaluation;
  const widerEvaluation: Evaluation = {
    instance: evaluation.instance,
    database: evaluation.database,
    now: evaluation.now,
    session: evaluation.session,
    variables: evaluation.variables,
    signal: evaluation.signal,
    ...(catalogOf ? { catalogOf } : {}),
    ...(temporary ? { temporary } : {}),
    view: database => evaluation.view(database),
    reading: (database, id, hints, range) => evaluation.reading(database, id, hints, range),
    callFunction: (database, module, values) => evaluation.callFunction(database, module, values),
    callTableFunction: (database, module, values) => evaluation.callTableFunction(database, module, values),
    rowsOf: name => (known(name) ? rows : evaluation.rowsOf(name)),
  };
  return {
    instance: execution.instance,
    scope: widerScope,
    evaluation: widerEvaluation,
    signal: execution.signal,
    rowSets: execution.rowSets,
    identityInsert: execution.identityInsert,
    transaction: database => execution.transaction(database),
    fire: firing => execution.fire(firing),
    execute: statement => execution.execute(statement),
    message: message => execution.message(message),
    setIdentity: value => execution.setIdentity(value),
    setVariable: (name, value) => execution.setVariable(name, value),
    breathe: () => execution.breathe(),
  };
}
