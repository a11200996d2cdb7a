import { SqlError } from '../errors.ts';
import type { TableValue } from '../server/requests.ts';
import { assignValue, typeName } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import { ArgumentError } from './faults.ts';
import type { RowSet } from './frame.ts';

/** An argument of a call, computed. */
export interface Argument {
  /** With its @; undefined for one by position. */
  readonly name: string | undefined;
  /** `default`: the word DEFAULT; a table for a table-valued parameter. */
  readonly value:
    | { readonly kind: 'value'; readonly type: SqlType | undefined; readonly value: Value }
    | { readonly kind: 'default' }
    | { readonly kind: 'rows'; readonly rowSet: RowSet }
    | { readonly kind: 'table'; readonly table: TableValue };
  readonly output: boolean;
  /** The caller's variable that takes the output. */
  readonly variable: string | undefined;
}

/** A parameter as far as calls care. */
export interface Formal {
  /** With its @. */
  readonly name: string;
  readonly optional: boolean;
  readonly output: boolean;
}

/**
 * The argument of each parameter, by position and by name; undefined where none was given.
 *
 * @throws SqlError 8144, 8146, 8145, 8143, 119, 201, 8162 as SQL Server does, in its order
 */
export function matchArguments(
  procedure: string,
  formals: readonly Formal[],
  given: readonly Argument[],
): readonly (Argument | undefined)[] {
  const matched: (Argument | undefined)[] = formals.map(() => undefined);
  if (formals.length === 0 && given.length > 0)
    throw new SqlError(8146, `Procedure ${procedure} has no parameters and arguments were supplied.`, {
      state: 2,
    });
  if (given.length > formals.length)
    throw new SqlError(8144, `Procedure or function ${procedure} has too many arguments specified.`, {
      state: 2,
    });
  let named = false;
  for (const [place, argument] of given.entries()) {
    if (argument.name === undefined) {
      if (named)
        throw new SqlError(
          119,
          `Must pass parameter number ${place + 1} and subsequent parameters as '@name = value'. After the form '@name = value' has been used, all subsequent parameters must be passed in the form '@name = value'.`,
          { severity: 15, endsBatch: true },
        );
      matched[place] = argument;
      continue;
    }
    named = true;
    const wanted = argument.name.toLowerCase();
    const at = formals.findIndex(formal => formal.name.toLowerCase() === wanted);
    if (at < 0)
      throw new SqlError(8145, `${argument.name} is not a parameter for procedure ${procedure}.`, {
        state: 2,
      });
    if (matched[at]) throw new SqlError(8143, `Parameter '${argument.name}' was supplied multiple times.`);
    matched[at] = argument;
  }
  for (const [place, formal] of formals.entries()) {
    const argument = matched[place];
    if ((!argument || argument.value.kind === 'default') && !formal.optional)
      throw new SqlError(
        201,
        `Procedure or function '${procedure}' expects parameter '${formal.name}', which was not supplied.`,
        { state: 4 },
      );
    if (argument?.output && !formal.output)
      throw new SqlError(
        8162,
        `The formal parameter "${formal.name}" was not declared as an OUTPUT parameter, but the actual parameter passed in requested output.`,
        { state: 2 },
      );
  }
  return matched;
}

/** A value as its parameter takes it. @throws ArgumentError 8114 for one that is none of the type */
export function argumentValue(
  given: Extract<Argument['value'], { readonly kind: 'value' }>,
  type: SqlType,
): Value {
  try {
    return assignValue(given.value, given.type, type);
  } catch (error) {
    if (!(error instanceof SqlError) || !given.type || error.number === 206 || error.number === 257)
      throw error;
    throw new ArgumentError(
      8114,
      `Error converting data type ${typeName(given.type)} to ${typeName(type)}.`,
      { state: 5, line: 0 },
    );
  }
}
