import { BYTES } from './data/bytes.ts';
import { CHECKSUMS } from './data/checksum.ts';
import { VALUES } from './data/values.ts';
import { DATE_ARITHMETIC } from './dates/arithmetic.ts';
import { DATE_MAKING } from './dates/making.ts';
import { refused } from './define.ts';
import type { GlobalVariable, ScalarFunction } from './function.ts';
import { JSON_FUNCTIONS } from './json/functions.ts';
import { openJson } from './json/open-json.ts';
import { FLOATS } from './numbers/floats.ts';
import { ROUNDING } from './numbers/rounding.ts';
import { TABLES } from './rows.ts';
import { GLOBALS } from './session/globals.ts';
import { SESSION } from './session/session.ts';
import type { TableFunction } from './table-function.ts';
import { format, formatmessage } from './text/format.ts';
import { LENGTHS } from './text/lengths.ts';
import { PIECES } from './text/pieces.ts';
import { SEARCHES } from './text/search.ts';
import { SHAPES } from './text/shapes.ts';

export type { ShapeColumn, TableFunction, TableFunctionColumn } from './table-function.ts';

/** Every built-in scalar function that is not about metadata. */
export const scalarFunctions: readonly ScalarFunction[] = [
  ...LENGTHS,
  ...PIECES,
  ...SEARCHES,
  ...SHAPES,
  format,
  formatmessage,
  ...ROUNDING,
  ...FLOATS,
  ...DATE_ARITHMETIC,
  ...DATE_MAKING,
  ...JSON_FUNCTIONS,
  ...BYTES,
  ...CHECKSUMS,
  ...VALUES,
  ...SESSION,
  refused('soundex'),
  refused('difference'),
];

/** `@@rowcount` and its kin. */
export const globalVariables: readonly GlobalVariable[] = GLOBALS;

export const tableFunctions: readonly TableFunction[] = [...TABLES, openJson];
