import { unsupported } from '../errors.ts';
import type { SqlType, Value } from '../values/index.ts';
import type { FunctionContext, ScalarFunction } from './function.ts';

export type Types = readonly (SqlType | undefined)[];
export type Constants = readonly (Value | undefined)[];

interface Definition {
  readonly name: string;
  /** Number of arguments, or the least and the most. */
  readonly count: number | readonly [minimum: number, maximum: number];
  readonly bareword?: number;
  readonly since?: number;
  readonly type: SqlType | ((types: Types, constants: Constants) => SqlType);
  readonly evaluate: (values: readonly Value[], types: Types, context: FunctionContext) => Value;
  /** NULL comes to `evaluate` instead of being the answer at once. */
  readonly takesNull?: boolean;
}

/** A function from its facts; where an argument is NULL the answer is NULL unless it says otherwise. */
export function define(definition: Definition): ScalarFunction {
  const { name, count, bareword, since, type, evaluate, takesNull } = definition;
  const [minimum, maximum] = typeof count === 'number' ? [count, count] : count;
  return {
    name,
    minimum,
    maximum,
    ...(bareword === undefined ? {} : { bareword }),
    ...(since === undefined ? {} : { since }),
    type: typeof type === 'function' ? type : () => type,
    evaluate: takesNull
      ? evaluate
      : (values, types, context) => {
          for (const value of values) if (value === null) return null;
          return evaluate(values, types, context);
        },
  };
}

/** A function that SQL Server has and the double does not. */
export const refused = (name: string): ScalarFunction => {
  const refuse = (): never => {
    throw unsupported(`the function ${name.toUpperCase()}`);
  };
  return { name, minimum: 0, maximum: Number.POSITIVE_INFINITY, type: refuse, evaluate: refuse };
};
