import { SqlError, unsupported } from '../errors.ts';
import type { Module, Parameter } from './definitions.ts';
import type { Condition, Expression } from './expressions.ts';
import { tooDeep } from './faults.ts';
import type { Rule } from './grammar/base.ts';
import { Grammar } from './grammar/batch.ts';
import { tokensOf } from './lexer.ts';
import type { Name, TypeName } from './names.ts';
import type { Statement } from './statements.ts';

export interface ParseOptions {
  /** QUOTED_IDENTIFIER of the session; off makes "x" a string. On by default. */
  readonly quotedIdentifier?: boolean;
}

let grammar: Grammar | undefined;

const run = <T>(rule: (grammar: Grammar) => Rule<T>, text: string, quotedIdentifier = true): T => {
  grammar ??= new Grammar();
  try {
    return grammar.parse(rule(grammar), text, tokensOf(text, quotedIdentifier));
  } catch (error) {
    if (error instanceof SqlError) throw error;
    // A stack that overflows is a text that nests deeper than the grammar counts.
    if (error instanceof RangeError) throw tooDeep(1);
    throw error;
  }
};

/** The statements of a batch. Throws SqlError with its line (102, 156, 105, 111 …), which ends the batch. */
export const parseBatch = (text: string, options: ParseOptions = {}): readonly Statement[] =>
  run(rules => rules.batch, text, options.quotedIdentifier);

/** One expression, as a default or a computed column keeps it. */
export const parseExpression = (text: string): Expression => run(rules => rules.expression, text);

/** One condition, as a check or a filtered index keeps it. */
export const parseCondition = (text: string): Condition => run(rules => rules.condition, text);

/** A type as in a declaration: `decimal(9,2)`. */
export const parseTypeName = (text: string): TypeName => run(rules => rules.typeName, text);

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
