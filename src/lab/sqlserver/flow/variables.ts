import { findSchema, sameName } from '../catalog/find.ts';
import type { UserType } from '../catalog/schema.ts';
import { tableFromShape } from '../definition/index.ts';
import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { TypeName } from '../syntax/names.ts';
import type { AssignOperator } from '../syntax/queries.ts';
import type { DeclaredVariable, FlowStatement } from '../syntax/statements.ts';
import { resolveType } from '../values/index.ts';
import type { SqlType } from '../values/types.ts';
import { valueAs } from './expressions.ts';
import type { Runtime } from './runtime.ts';

export type DeclaredType =
  | { readonly kind: 'scalar'; readonly type: SqlType }
  | { readonly kind: 'table'; readonly userType: UserType };

/** @throws SqlError 2715 for a type that is not there */
export function typeOf(runtime: Runtime, name: TypeName, variable: string, line?: number): DeclaredType {
  const { database } = runtime.scope;
  const builtIn = resolveType(name, database.collation);
  if (builtIn) return { kind: 'scalar', type: builtIn };
  const found = userTypeOf(runtime, name);
  if (found?.table) return { kind: 'table', userType: found };
  if (found?.base) return { kind: 'scalar', type: found.base };
  throw new SqlError(
    2715,
    `Column, parameter, or variable ${variable}: Cannot find data type ${name.name.join('.')}.`,
    { state: 3, endsBatch: true, ...(line === undefined ? {} : { line }) },
  );
}

function userTypeOf(runtime: Runtime, { name }: TypeName): UserType | undefined {
  const { scope } = runtime;
  const catalog = scope.catalogOf(scope.database);
  const schemas = name.length > 1 ? [name.at(-2) ?? ''] : [scope.defaultSchema, 'dbo'];
  const last = name.at(-1) ?? '';
  for (const schema of schemas) {
    const schemaId = findSchema(catalog, schema)?.id;
    for (const type of catalog.types.values())
      if (type.schemaId === schemaId && sameName(type.name, last)) return type;
  }
  return undefined;
}

/** Makes the variables of a batch before it runs: NULL, and table variables empty. */
export function declareVariables(runtime: Runtime, declared: readonly DeclaredVariable[]): void {
  for (const variable of declared) declareVariable(runtime, variable);
}

function declareVariable(runtime: Runtime, { name, type }: DeclaredVariable): void {
  const { frame, state } = runtime;
  const key = name.toLowerCase();
  if ('table' in type) {
    const table = tableFromShape(name, type.table, runtime.scope, state.instance.clock.now());
    frame.rowSets.set(key, { table, rows: [], readOnly: false });
    return;
  }
  const found = typeOf(runtime, type, `"${name}"`);
  if (found.kind === 'table') {
    if (found.userType.table)
      frame.rowSets.set(key, { table: found.userType.table, rows: [], readOnly: false });
    return;
  }
  if (found.type.kind === 'text' || found.type.kind === 'ntext' || found.type.kind === 'image')
    throw new SqlError(2739, 'The text, ntext, and image data types are invalid for local variables.', {
      endsBatch: true,
    });
  frame.types.set(key, found.type);
  frame.variables.set(key, null);
}

export async function initialise(
  runtime: Runtime,
  statement: Extract<FlowStatement, { statement: 'declare' }>,
): Promise<void> {
  for (const { name, value } of statement.variables) if (value) await assign(runtime, name, value);
}

const compounds = new WeakMap<object, Expression>();

export async function setVariable(
  runtime: Runtime,
  statement: Extract<FlowStatement, { statement: 'set-variable' }>,
): Promise<void> {
  const { variable, operator, expression, line } = statement;
  let whole = compounds.get(statement);
  if (!whole) {
    whole = compound(variable, operator, expression, line);
    compounds.set(statement, whole);
  }
  await assign(runtime, variable, whole);
  runtime.state.rowCount = 1;
}

async function assign(runtime: Runtime, name: string, expression: Expression): Promise<void> {
  const type = scalarType(runtime, name);
  runtime.frame.variables.set(name.toLowerCase(), await valueAs(runtime, expression, type));
}

/** @throws SqlError 137 where it is a table variable or was never declared */
export function scalarType(runtime: Runtime, name: string): SqlType {
  const type = runtime.scope.variable(name);
  if (type) return type;
  throw new SqlError(137, `Must declare the scalar variable "${name}".`, {
    severity: 15,
    state: 1,
    endsBatch: true,
  });
}

/** `@v += e` as `@v + e`. */
export function compound(
  variable: string,
  operator: AssignOperator,
  expression: Expression,
  line: number,
): Expression {
  const plain = plainOperator(operator);
  if (!plain) return expression;
  return {
    node: 'binary',
    operator: plain,
    left: { node: 'variable', name: variable, line },
    right: expression,
    line,
  };
}

function plainOperator(
  operator: AssignOperator,
): Extract<Expression, { node: 'binary' }>['operator'] | undefined {
  switch (operator) {
    case '=':
      return undefined;
    case '+=':
      return '+';
    case '-=':
      return '-';
    case '*=':
      return '*';
    case '/=':
      return '/';
    case '%=':
      return '%';
    case '&=':
      return '&';
    case '|=':
      return '|';
    case '^=':
      return '^';
  }
}
