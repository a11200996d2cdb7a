import type { Table } from '../../catalog/schema.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Evaluation, Row } from '../../query/bound.ts';
import type { Scope } from '../../query/scope.ts';

/** Name of the row set in which the rows of a view lie while they are written to; no variable is called so. */
export const VIEW_ROWS = '@@view rows';

/** A scope that knows one more table variable. */
export function scopeWithRows(scope: Scope, name: string, table: Table): Scope {
  return {
    instance: scope.instance,
    database: scope.database,
    catalogOf: database => scope.catalogOf(database),
    defaultSchema: scope.defaultSchema,
    variable: asked => scope.variable(asked),
    rowSet: asked => (asked.toLowerCase() === name ? table : scope.rowSet(asked)),
    temporary: asked => scope.temporary(asked),
    permit: (permission, database, objectId) => scope.permit(permission, database, objectId),
  };
}

export function evaluationWithRows(evaluation: Evaluation, name: string, rows: readonly Row[]): Evaluation {
  const { catalogOf, temporary } = evaluation;
  return {
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
    rowsOf: asked => (asked.toLowerCase() === name ? rows : evaluation.rowsOf(asked)),
  };
}

/** An execution in which one more table variable has rows: what a view shows. */
export function withRows(execution: Execution, table: Table, rows: readonly Row[]): Execution {
  return {
    instance: execution.instance,
    scope: scopeWithRows(execution.scope, VIEW_ROWS, table),
    evaluation: evaluationWithRows(execution.evaluation, VIEW_ROWS, rows),
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
