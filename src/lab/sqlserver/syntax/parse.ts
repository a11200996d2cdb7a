import { unsupported } from '../errors.ts';
import type { Module, Parameter } from './definitions.ts';
import type { Condition, Expression } from './expressions.ts';
import type { Name, TypeName } from './names.ts';
import type { Statement } from './statements.ts';

export interface ParseOptions {
  /** QUOTED_IDENTIFIER of the session; off makes "x" a string. On by default. */
  readonly quotedIdentifier?: boolean;
}

/** The statements of a batch. Throws SqlError with its line (102, 156, 105, 111 …), which ends the batch. */
export const parseBatch = (_text: string, _options: ParseOptions = {}): readonly Statement[] => {
  throw unsupported('the grammar');
};

/** One expression, as a default or a computed column keeps it. */
export const parseExpression = (_text: string): Expression => {
  throw unsupported('the grammar');
};

/** One condition, as a check or a filtered index keeps it. */
export const parseCondition = (_text: string): Condition => {
  throw unsupported('the grammar');
};

/** A type as in a declaration: `decimal(9,2)`. */
export const parseTypeName = (_text: string): TypeName => {
  throw unsupported('the grammar');
};

/** The second argument of sp_executesql: `@a int, @o int OUTPUT`. */
export const parseParameters = (_text: string): readonly Parameter[] => {
  throw unsupported('the grammar');
};

/** A name as OBJECT_ID and its kin take it: '[a b].dbo."x"'. */
export const splitName = (_text: string): Name => {
  throw unsupported('the grammar');
};

/** The definition of a procedure, function, view or trigger as sys.sql_modules keeps it. */
export const parseModule = (_text: string): Module => {
  throw unsupported('the grammar');
};
