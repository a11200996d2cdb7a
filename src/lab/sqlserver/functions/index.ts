import type { GlobalVariable, ScalarFunction } from './function.ts';
import type { TableFunction } from './table-function.ts';

export type { ShapeColumn, TableFunction, TableFunctionColumn } from './table-function.ts';

/** Every built-in scalar function that is not about metadata. */
export const scalarFunctions: readonly ScalarFunction[] = [];
/** `@@rowcount` and its kin. */
export const globalVariables: readonly GlobalVariable[] = [];
export const tableFunctions: readonly TableFunction[] = [];
