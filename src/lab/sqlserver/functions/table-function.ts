import type { SqlType, Value } from '../values/types.ts';
import type { FunctionContext } from './function.ts';

/** A built-in table function: STRING_SPLIT, OPENJSON, GENERATE_SERIES. */
export interface TableFunction {
  /** Lower case. */
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  /** First release that has it: 208 before. */
  readonly since?: number;
  /** Columns of a call with arguments of these types; `undefined` is the literal NULL. Throws 8116, 214 … */
  columns(
    types: readonly (SqlType | undefined)[],
    constants: readonly (Value | undefined)[],
  ): readonly TableFunctionColumn[];
  /** `shape`: the WITH clause of OPENJSON, types resolved. */
  rows(
    values: readonly Value[],
    types: readonly (SqlType | undefined)[],
    context: FunctionContext,
    shape?: readonly ShapeColumn[],
  ): Iterable<readonly Value[]>;
  /** Takes a WITH clause. */
  readonly shaped: boolean;
}

export interface TableFunctionColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

export interface ShapeColumn {
  readonly name: string;
  readonly type: SqlType;
  /** `$.a.b`; undefined is `$.name`. */
  readonly path: string | undefined;
  /** `AS JSON`. */
  readonly json: boolean;
}
