import { schemaName } from '../catalog/find.ts';
import type { StoredModule } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import { type BoundCondition, type BoundExpression, type BoundQuery, PAUSE } from '../query/bound.ts';
import { bindCondition, bindExpression, bindQuery } from '../query/index.ts';
import type { Database } from '../server/instance.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import type { Statement } from '../syntax/statements.ts';
import { assignValue } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import { Frame } from './frame.ts';
import { changeVariable } from './function-change.ts';
import { FunctionEvaluation, type FunctionHost } from './function-evaluation.ts';
import { insertIntoVariable } from './function-insert.ts';
import { type Plan, planOfModule } from './plan.ts';
import { requireDepth } from './run-frame.ts';
import { Runtime } from './runtime.ts';
import { compound, declareVariables, scalarType, typeOf } from './variables.ts';

/**
 * Functions in T-SQL: run to their end without a wait, once a row, inside the statement that calls them and on its view.
 * What is bound of a body is kept for the statement.
 */

export function runScalarFunction(
  host: FunctionHost,
  database: Database,
  module: number,
  values: readonly Value[],
): Value {
  const body = bodyOf(host, database, module);
  const call = new FunctionCall(host, body, values);
  call.run();
  return call.returned;
}

export function runTableFunction(
  host: FunctionHost,
  database: Database,
  module: number,
  values: readonly Value[],
): Iterable<readonly Value[]> {
  const body = bodyOf(host, database, module);
  const call = new FunctionCall(host, body, values);
  call.run();
  return body.variable === undefined ? [] : call.frame.rows(body.variable);
}

/** A function's body with what has been bound of it. */
export interface FunctionBody {
  readonly database: Database;
  readonly module: StoredModule;
  readonly schema: string;
  readonly plan: Plan;
  readonly parameters: readonly string[];
  /** Of a scalar function. */
  readonly returns: SqlType | undefined;
  /** The table variable that a table function fills, in lower case. */
  readonly variable: string | undefined;
  /** Declares parameters and variables in a frame. */
  readonly template: Frame;
  readonly expressions: WeakMap<Expression, BoundExpression>;
  readonly conditions: WeakMap<Condition, BoundCondition>;
  readonly queries: WeakMap<QueryExpression, BoundQuery>;
}

function bodyOf(host: FunctionHost, database: Database, id: number): FunctionBody {
  const known = host.functions.get(id)?.find(each => each.database === database);
  if (known) return known;
  const catalog = host.scope.catalogOf(database);
  const module = catalog.modules.get(id);
  if (!module) throw new Error(`no function ${id}`);
  const { definition } = module.module;
  if (definition.kind !== 'scalar-function' && definition.kind !== 'table-function')
    throw new Error(`${module.name} has no body`);
  const schema = schemaName(catalog, module.schemaId);
  const template = newFrame(host, database, module, schema);
  const runtime = new Runtime(host.state, template);
  for (const parameter of definition.parameters) {
    const type = typeOf(runtime, parameter.type, `"${parameter.name}"`);
    if (type.kind === 'table') throw unsupported('a table as a parameter of a function', parameter.line);
    template.types.set(parameter.name.toLowerCase(), type.type);
  }
  const plan = planOfModule(module.module);
  declareVariables(runtime, plan.declared);
  if (definition.kind === 'table-function')
    declareVariables(runtime, [{ name: definition.variable, type: { table: definition.shape } }]);
  const returns =
    definition.kind === 'scalar-function' ? typeOf(runtime, definition.returns, '"RETURNS"') : undefined;
  const body: FunctionBody = {
    database,
    module,
    schema,
    plan,
    parameters: definition.parameters.map(each => each.name.toLowerCase()),
    returns: returns?.kind === 'scalar' ? returns.type : undefined,
    variable: definition.kind === 'table-function' ? definition.variable.toLowerCase() : undefined,
    template,
    expressions: new WeakMap(),
    conditions: new WeakMap(),
    queries: new WeakMap(),
  };
  host.functions.set(id, [...(host.functions.get(id) ?? []), body]);
  return body;
}

const newFrame = (host: FunctionHost, database: Database, module: StoredModule, schema: string): Frame =>
  new Frame({
    kind: 'function',
    database,
    level: host.frame.level + 1,
    parent: host.frame,
    module,
    schema,
  });

type End = 'break' | 'continue' | 'return' | undefined;

/** One call. */
class FunctionCall {
  readonly frame: Frame;
  returned: Value = null;
  readonly #body: FunctionBody;
  readonly #runtime: Runtime;
  readonly #evaluation: FunctionEvaluation;

  constructor(host: FunctionHost, body: FunctionBody, values: readonly Value[]) {
    this.#body = body;
    this.frame = newFrame(host, body.database, body.module, body.schema);
    requireDepth(this.frame.level);
    for (const [name, type] of body.template.types) {
      this.frame.types.set(name, type);
      this.frame.variables.set(name, null);
    }
    for (const [name, set] of body.template.rowSets) this.frame.rowSets.set(name, { ...set, rows: [] });
    for (const [place, name] of body.parameters.entries())
      this.frame.variables.set(name, values[place] ?? null);
    this.#runtime = new Runtime(host.state, this.frame);
    this.#evaluation = new FunctionEvaluation(host, this.#runtime);
  }

  run(): void {
    try {
      this.#all(this.#body.plan.statements);
    } catch (error) {
      if (error instanceof SqlError) {
        error.procedure ??= this.#body.module.name;
        error.line ??= this.frame.line;
      }
      throw error;
    }
  }

  #all(statements: readonly Statement[]): End {
    for (const statement of statements) {
      const end = this.#one(statement);
      if (end) return end;
    }
    return undefined;
  }

  #one(statement: Statement): End {
    this.frame.line = statement.line;
    this.#evaluation.turn();
    switch (statement.statement) {
      case 'block':
        return this.#all(statement.body);
      case 'if':
        if (this.#isTrue(statement.condition)) return this.#one(statement.then);
        return statement.otherwise && this.#one(statement.otherwise);
      case 'while':
        while (this.#isTrue(statement.condition)) {
          this.#evaluation.signal.throwIfAborted();
          const end = this.#one(statement.body);
          if (end === 'break') return undefined;
          if (end === 'return') return end;
        }
        return undefined;
      case 'break':
        return 'break';
      case 'continue':
        return 'continue';
      case 'return':
        if (statement.value) this.returned = this.#value(statement.value, this.#body.returns);
        return 'return';
      case 'declare':
        for (const { name, value } of statement.variables) if (value) this.#set(name, value);
        return undefined;
      case 'set-variable': {
        const { variable, operator, expression, line } = statement;
        this.#set(
          variable,
          this.#compound(statement, () => compound(variable, operator, expression, line)),
        );
        return undefined;
      }
      case 'select':
        this.#select(statement.query);
        return undefined;
      case 'insert':
        insertIntoVariable(statement, this.#runtime.execution(this.#evaluation));
        return undefined;
      case 'update':
      case 'delete':
        changeVariable(statement, this.#runtime.execution(this.#evaluation));
        return undefined;
      default:
        throw unsupported(`${statement.statement} in a function`, statement.line);
    }
  }

  readonly #compounds = new Map<Statement, Expression>();

  #compound(statement: Statement, make: () => Expression): Expression {
    let made = this.#compounds.get(statement);
    if (!made) {
      made = make();
      this.#compounds.set(statement, made);
    }
    return made;
  }

  #set(name: string, expression: Expression): void {
    const type = scalarType(this.#runtime, name);
    this.frame.variables.set(name.toLowerCase(), this.#value(expression, type));
  }

  #value(expression: Expression, type: SqlType | undefined): Value {
    if (expression.node === 'literal' && expression.literal.kind === 'null') return null;
    const { expressions } = this.#body;
    let bound = expressions.get(expression);
    if (!bound) {
      bound = bindExpression(expression, this.#runtime.scope);
      expressions.set(expression, bound);
    }
    const value = bound.evaluate([], this.#evaluation);
    return type ? assignValue(value, bound.type, type) : value;
  }

  #isTrue(condition: Condition): boolean {
    const { conditions } = this.#body;
    let bound = conditions.get(condition);
    if (!bound) {
      bound = bindCondition(condition, this.#runtime.scope);
      conditions.set(condition, bound);
    }
    return bound.test([], this.#evaluation) === true;
  }

  /** @throws SqlError 444 for one that would send rows */
  #select(query: QueryExpression): void {
    const { queries } = this.#body;
    let bound = queries.get(query);
    if (!bound) {
      bound = bindQuery(query, this.#runtime.scope);
      queries.set(query, bound);
    }
    if (!bound.assigns)
      throw new SqlError(
        444,
        'Select statements included within a function cannot return data to a client.',
        { state: 2, endsBatch: true },
      );
    for (const row of bound.run(this.#evaluation))
      if (row === PAUSE) this.#evaluation.signal.throwIfAborted();
  }
}
