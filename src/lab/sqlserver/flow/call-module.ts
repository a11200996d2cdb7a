import type { StoredModule } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Parameter } from '../syntax/definitions.ts';
import type { SqlType, Value } from '../values/types.ts';
import { type Argument, argumentValue, matchArguments } from './arguments.ts';
import { valueAs } from './expressions.ts';
import { Frame } from './frame.ts';
import { planOfModule } from './plan.ts';
import { runFrame } from './run-frame.ts';
import type { Runtime } from './runtime.ts';
import { typeOf } from './variables.ts';

export interface CallOutput {
  readonly name: string;
  readonly type: SqlType;
  readonly value: Value;
  readonly variable: string | undefined;
}

export interface CallResult {
  readonly status: number;
  readonly outputs: readonly CallOutput[];
}

/** What SQL Server returns for a procedure that an error of compilation has ended. */
const ENDED = -6;

/** Runs a procedure that is kept in a database. */
export async function callModule(
  runtime: Runtime,
  found: { readonly database: Database; readonly module: StoredModule; readonly schema: string },
  given: readonly Argument[],
): Promise<CallResult> {
  const { state } = runtime;
  const { database, module, schema } = found;
  const { definition } = module.module;
  if (definition.kind !== 'procedure') throw new Error(`${module.name} is no procedure`);
  runtime.scope.permit('EXECUTE', database, module.id);
  const { parameters } = definition;
  const matched = matchedArguments(module.name, parameters, given);
  const frame = new Frame({
    kind: 'procedure',
    database,
    level: runtime.frame.level + 1,
    parent: runtime.frame,
    module,
    schema,
  });
  const end = await runFrame(
    state,
    frame,
    () => planOfModule(module.module),
    async inner => {
      state.options.quotedIdentifier = module.quotedIdentifier;
      state.options.ansiNulls = module.ansiNulls;
      for (const [place, parameter] of parameters.entries())
        await bindParameter(inner, parameter, matched[place]);
    },
  );
  return {
    status: frame.returned ?? (end === 'complete' ? 0 : ENDED),
    outputs: outputsOf(frame, parameters, matched),
  };
}

function matchedArguments(
  procedure: string,
  parameters: readonly Parameter[],
  given: readonly Argument[],
): readonly (Argument | undefined)[] {
  try {
    return matchArguments(
      procedure,
      parameters.map(each => ({
        name: each.name,
        optional: each.default !== undefined || each.readOnly,
        output: each.output,
      })),
      given,
    );
  } catch (error) {
    if (error instanceof SqlError) {
      error.procedure ??= procedure;
      error.line ??= 0;
    }
    throw error;
  }
}

/** Makes the parameter's variable, with the argument or the default in it. */
export async function bindParameter(
  inner: Runtime,
  parameter: Parameter,
  argument: Argument | undefined,
): Promise<void> {
  const { frame } = inner;
  const key = parameter.name.toLowerCase();
  const declared = typeOf(inner, parameter.type, `"${parameter.name}"`, parameter.line);
  if (declared.kind === 'table') {
    const { table } = declared.userType;
    if (!table) return;
    const rows =
      argument?.value.kind === 'rows'
        ? argument.value.rowSet.rows
        : argument?.value.kind === 'table'
          ? argument.value.table.rows
          : [];
    frame.rowSets.set(key, { table, rows, readOnly: true });
    return;
  }
  const { type } = declared;
  frame.types.set(key, type);
  frame.variables.set(key, null);
  if (argument?.value.kind === 'value') frame.variables.set(key, argumentValue(argument.value, type));
  else if (argument && argument.value.kind !== 'default')
    throw new SqlError(206, `Operand type clash: table is incompatible with ${type.kind}`, { state: 2 });
  else if (parameter.default) {
    const { default: written } = parameter;
    // A bare word is a text.
    const expression =
      written.node === 'column'
        ? ({
            node: 'literal',
            literal: { kind: 'nstring', text: written.name.join('.') },
            line: written.line,
          } as const)
        : written;
    frame.variables.set(key, await valueAs(inner, expression, type));
  }
}

/** Values of the OUTPUT parameters that the call asked for. */
export function outputsOf(
  frame: Frame,
  parameters: readonly Parameter[],
  matched: readonly (Argument | undefined)[],
): readonly CallOutput[] {
  return parameters.flatMap((parameter, place) => {
    const argument = matched[place];
    const key = parameter.name.toLowerCase();
    const type = frame.types.get(key);
    if (!argument?.output || !type) return [];
    return [
      {
        name: parameter.name,
        type,
        value: frame.variables.get(key) ?? null,
        variable: argument.variable,
      },
    ];
  });
}
