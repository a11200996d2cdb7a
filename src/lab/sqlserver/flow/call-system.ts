import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import { requireOnline } from '../server/online.ts';
import type { ProcedureParameter, ProcedureValues, SystemProcedure } from '../system/procedure.ts';
import { assignValue } from '../values/index.ts';
import { INT, nvarchar, type Value } from '../values/types.ts';
import { type Argument, argumentValue, matchArguments } from './arguments.ts';
import type { CallOutput, CallResult } from './call-module.ts';
import { Frame } from './frame.ts';
import { ProcedureCall } from './procedure-call.ts';
import { requireDepth } from './run-frame.ts';
import { Runtime } from './runtime.ts';

/** Runs a procedure of the system, its arguments checked and converted as SQL Server does. */
export async function callSystem(
  runtime: Runtime,
  found: { readonly database: Database; readonly procedure: SystemProcedure },
  given: readonly Argument[],
): Promise<CallResult> {
  const { state } = runtime;
  const { procedure, database } = found;
  requireOnline(database);
  const frame = new Frame({
    kind: 'system',
    database,
    level: runtime.frame.level + 1,
    parent: runtime.frame,
  });
  requireDepth(frame.level);
  const before = state.frame;
  const inner = new Runtime(state, frame);
  state.frame = frame;
  // What it sets by SET in its own texts ends with it.
  const options = { ...state.options };
  try {
    const matched = matchArguments(procedure.name, procedure.parameters.map(formal), given);
    const values = new GivenValues(procedure, matched);
    const call = new ProcedureCall(inner, procedure, values);
    const status = await call.run();
    return { status, outputs: outputsOf(procedure, matched, call.outputs) };
  } catch (error) {
    if (error instanceof SqlError) {
      error.procedure ??= procedure.name;
      error.line ??= 1;
    }
    throw error;
  } finally {
    Object.assign(state.options, options);
    state.frame = before;
  }
}

const formal = (parameter: ProcedureParameter) => ({
  name: parameter.name,
  optional: parameter.default !== undefined,
  output: parameter.output ?? false,
});

function outputsOf(
  procedure: SystemProcedure,
  matched: readonly (Argument | undefined)[],
  outputs: ReadonlyMap<string, Value>,
): readonly CallOutput[] {
  return procedure.parameters.flatMap((parameter, place) => {
    const argument = matched[place];
    if (!argument?.output) return [];
    const key = parameter.name.toLowerCase();
    const given = argument.value.kind === 'value' ? argument.value.value : null;
    const value = outputs.has(key) ? (outputs.get(key) ?? null) : given;
    return [{ name: parameter.name, type: parameter.type, value, variable: argument.variable }];
  });
}

/** Arguments by name, converted to the types of their parameters. */
class GivenValues implements ProcedureValues {
  readonly #values = new Map<string, Value>();
  readonly #types = new Map<string, ProcedureParameter['type']>();
  readonly #given = new Set<string>();

  constructor(procedure: SystemProcedure, matched: readonly (Argument | undefined)[]) {
    for (const [place, parameter] of procedure.parameters.entries()) {
      const key = parameter.name.toLowerCase();
      const argument = matched[place];
      this.#types.set(key, parameter.type);
      if (argument?.value.kind === 'value') {
        this.#given.add(key);
        this.#values.set(key, argumentValue(argument.value, parameter.type));
      } else this.#values.set(key, parameter.default ?? null);
    }
  }

  get(name: string): Value {
    const key = name.toLowerCase();
    if (!this.#types.has(key)) throw new Error(`no parameter ${name}`);
    return this.#values.get(key) ?? null;
  }

  text(name: string): string | null {
    const value = this.get(name);
    if (value === null) return null;
    return String(assignValue(value, this.#types.get(name.toLowerCase()), nvarchar('max')));
  }

  integer(name: string): number | null {
    const value = this.get(name);
    return value === null ? null : Number(assignValue(value, this.#types.get(name.toLowerCase()), INT));
  }

  given(name: string): boolean {
    return this.#given.has(name.toLowerCase());
  }
}
