import { SqlError, unsupported } from '../errors.ts';
import type { Parameter } from '../syntax/definitions.ts';
import type { Name } from '../syntax/names.ts';
import { parseBatch, parseParameters } from '../syntax/parse.ts';
import { assignValue } from '../values/index.ts';
import { INT, nvarchar, type SqlType, type Value } from '../values/types.ts';
import type { Argument } from './arguments.ts';
import { bindParameter, type CallResult, outputsOf } from './call-module.ts';
import { runText } from './dynamic.ts';
import type { Runtime } from './runtime.ts';

/** sp_executesql, sp_prepare and their kin: procedures of the protocol, whose parameters are those of a text. */

type Special = (runtime: Runtime, given: readonly Argument[]) => Promise<CallResult>;

/** What sp_prepare keeps for sp_execute. */
export interface Prepared {
  readonly text: string;
  readonly parameters: string;
}

export function specialProcedure(name: Name): Special | undefined {
  const schema = (name.at(-2) ?? '').toLowerCase();
  const last = (name.at(-1) ?? '').toLowerCase();
  if (schema !== '' && schema !== 'sys' && schema !== 'dbo') return undefined;
  if (last.startsWith('sp_cursor') && last !== 'sp_cursor_list') throw unsupported(last);
  return SPECIAL[last];
}

const SPECIAL: Readonly<Record<string, Special>> = {
  sp_executesql: async (runtime, given) => {
    const [statement, parameters, ...values] = given;
    const text = textOf(statement, '@statement');
    const declared = parameters === undefined ? '' : textOf(parameters, '@params');
    return runParameterised(runtime, text, declared, values);
  },
  sp_prepare: async (runtime, given) => {
    const [handle, parameters, statement] = inOrder(given, ['@handle', '@params', '@stmt', '@options']);
    const prepared = prepare(optionalText(parameters, '@params'), textOf(statement, '@stmt'));
    return { status: 0, outputs: [handleOutput(handle, keep(runtime, prepared))] };
  },
  sp_prepexec: async (runtime, given) => {
    const [handle, parameters, statement, ...values] = given;
    const prepared = prepare(optionalText(parameters, '@params'), textOf(statement, '@stmt'));
    const output = handleOutput(handle, keep(runtime, prepared));
    const result = await runParameterised(runtime, prepared.text, prepared.parameters, values);
    return { status: result.status, outputs: [output, ...result.outputs] };
  },
  sp_execute: async (runtime, given) => {
    const [handle, ...values] = given;
    const { text, parameters } = find(runtime, integerOf(handle));
    return runParameterised(runtime, text, parameters, values);
  },
  sp_unprepare: async (runtime, given) => {
    const handle = integerOf(given[0]);
    find(runtime, handle);
    runtime.state.prepared.delete(handle);
    return { status: 0, outputs: [] };
  },
};

/** Arguments by name or by position, as a procedure with these parameters takes them. */
function inOrder(given: readonly Argument[], names: readonly string[]): readonly (Argument | undefined)[] {
  const found: (Argument | undefined)[] = names.map(() => undefined);
  for (const [place, argument] of given.entries()) {
    const at = argument.name === undefined ? place : names.indexOf(argument.name.toLowerCase());
    if (at >= 0) found[at] = argument;
  }
  return found;
}

const WIDE: ReadonlySet<string> = new Set(['nvarchar', 'nchar', 'ntext']);

/** @throws SqlError 214 for anything but Unicode text */
function textOf(argument: Argument | undefined, name: string): string {
  const { value } = argument ?? {};
  if (value?.kind === 'value' && (value.type === undefined || WIDE.has(value.type.kind)))
    return value.value === null ? '' : String(value.value);
  throw new SqlError(214, `Procedure expects parameter '${name}' of type 'ntext/nchar/nvarchar'.`, {
    state: name === '@params' ? 3 : 2,
    endsBatch: true,
  });
}

const optionalText = (argument: Argument | undefined, name: string): string =>
  argument ? textOf(argument, name) : '';

function integerOf(argument: Argument | undefined): number {
  const { value } = argument ?? {};
  return value?.kind === 'value' ? Number(assignValue(value.value, value.type, INT) ?? 0) : 0;
}

const handleOutput = (argument: Argument | undefined, handle: number) => ({
  name: argument?.name ?? '@handle',
  type: INT,
  value: handle,
  variable: argument?.variable,
});

/** @throws SqlError 8180 behind the error of the text */
function prepare(parameters: string, text: string): Prepared {
  try {
    parseBatch(text);
    parseParameters(parameters);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError(8180, 'Statement(s) could not be prepared.', { preceding: [error] });
  }
  return { text, parameters };
}

function keep({ state }: Runtime, prepared: Prepared): number {
  state.lastHandle += 1;
  state.prepared.set(state.lastHandle, prepared);
  return state.lastHandle;
}

/** @throws SqlError 8179 */
function find({ state }: Runtime, handle: number): Prepared {
  const found = state.prepared.get(handle);
  if (found) return found;
  throw new SqlError(8179, `Could not find prepared statement with handle ${handle}.`, { state: 4 });
}

/** Runs a text with the parameters it declares. */
async function runParameterised(
  runtime: Runtime,
  text: string,
  declared: string,
  values: readonly Argument[],
): Promise<CallResult> {
  const parameters = declared.trim() === '' ? [] : parseParameters(declared);
  const matched = matchValues(text, declared, parameters, values);
  const frame = await runText(runtime, text, {
    known: parameters.map(each => each.name.toLowerCase()),
    prepare: async inner => {
      for (const [place, parameter] of parameters.entries())
        await bindParameter(inner, parameter, matched[place]);
    },
  });
  return { status: frame.returned ?? 0, outputs: outputsOf(frame, parameters, matched) };
}

/** @throws SqlError 8144, 8145, 8178, 8162 */
function matchValues(
  text: string,
  declared: string,
  parameters: readonly Parameter[],
  values: readonly Argument[],
): readonly (Argument | undefined)[] {
  if (values.length > parameters.length)
    throw new SqlError(8144, 'Procedure or function  has too many arguments specified.', { state: 2 });
  const matched: (Argument | undefined)[] = parameters.map(() => undefined);
  for (const [place, argument] of values.entries()) {
    const wanted = argument.name?.toLowerCase();
    const at =
      wanted === undefined ? place : parameters.findIndex(each => each.name.toLowerCase() === wanted);
    if (at < 0) throw new SqlError(8145, `${argument.name} is not a parameter for procedure .`, { state: 1 });
    if (matched[at]) throw new SqlError(8143, `Parameter '${argument.name}' was supplied multiple times.`);
    matched[at] = argument;
  }
  for (const [place, parameter] of parameters.entries()) {
    const argument = matched[place];
    if (!argument && !parameter.default && !parameter.readOnly)
      throw new SqlError(
        8178,
        `The parameterized query '(${declared})${text}' expects the parameter '${parameter.name}', which was not supplied.`,
      );
    if (argument?.output && !parameter.output)
      throw new SqlError(
        8162,
        `The formal parameter "${parameter.name}" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output.`,
        { state: 2 },
      );
  }
  return matched;
}

/** A value given from inside, as an argument. */
export const argument = (type: SqlType | undefined, value: Value, name?: string): Argument => ({
  name,
  value: { kind: 'value', type, value },
  output: false,
  variable: undefined,
});

export const textArgument = (text: string): Argument => argument(nvarchar('max'), text);
