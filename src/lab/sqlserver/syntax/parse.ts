import { TextCache } from './cache.ts';
import type { Module, Parameter } from './definitions.ts';
import type { Condition, Expression } from './expressions.ts';
import { syntaxError, tooDeep } from './faults.ts';
import type { Rule } from './grammar/base.ts';
import { Grammar } from './grammar/batch.ts';
import { tokensOf } from './lexer.ts';
import type { TypeName } from './names.ts';
import type { Statement } from './statements.ts';

export { splitName } from './split.ts';

export interface ParseOptions {
  /** QUOTED_IDENTIFIER of the session; off makes "x" a string. On by default. */
  readonly quotedIdentifier?: boolean;
}

/**
 * UTF-16 units of all batches kept, and of one batch: what repeats is short, what is long is data. A tree takes some
 * fifty bytes for each unit.
 */
const KEPT = 400_000;
const KEPT_EACH = 50_000;

// Trees are immutable, so every session shares them. The grammar is built at the first use and serves them all.
const batches = {
  quoted: new TextCache<readonly Statement[]>(KEPT, KEPT_EACH),
  unquoted: new TextCache<readonly Statement[]>(KEPT, KEPT_EACH),
};
let grammar: Grammar | undefined;

const run = <T>(rule: (grammar: Grammar) => Rule<T>, text: string, quotedIdentifier = true): T => {
  grammar ??= new Grammar();
  try {
    return grammar.parse(rule(grammar), text, tokensOf(text, quotedIdentifier));
  } catch (error) {
    // A stack that overflows is a text that nests deeper than the grammar counts.
    if (error instanceof RangeError) throw tooDeep(1);
    throw error;
  }
};

/**
 * The statements of a batch; the same text gives the same tree again. Throws SqlError with its line (102, 156, 105, 111 …,
 * or the double's refusal of a construct it does not know), which ends the batch before any of it has run.
 */
export const parseBatch = (text: string, options: ParseOptions = {}): readonly Statement[] => {
  const quotedIdentifier = options.quotedIdentifier ?? true;
  const cache = quotedIdentifier ? batches.quoted : batches.unquoted;
  const known = cache.get(text);
  if (known !== undefined) return known;
  const statements = run(rules => rules.batch, text, quotedIdentifier);
  cache.set(text, statements);
  return statements;
};

/** One expression, as a default or a computed column keeps it. Throws SqlError. */
export const parseExpression = (text: string): Expression => run(rules => rules.expression, text);

/** One condition, as a check or a filtered index keeps it. Throws SqlError. */
export const parseCondition = (text: string): Condition => run(rules => rules.condition, text);

/** A type as in a declaration: `decimal(9,2)`. Throws SqlError. */
export const parseTypeName = (text: string): TypeName => run(rules => rules.typeName, text);

/** The second argument of sp_executesql: `@a int, @o int OUTPUT`; none for an empty text. Throws SqlError. */
export const parseParameters = (text: string): readonly Parameter[] => run(rules => rules.parameters, text);

/**
 * The definition of a procedure, function, view or trigger as sys.sql_modules keeps it; CREATE, ALTER and CREATE OR ALTER
 * all do. Throws SqlError.
 */
export const parseModule = (text: string, options: ParseOptions = {}): Module => {
  const [statement] = parseBatch(text, options);
  if (statement?.statement === 'create-module') return statement.module;
  throw syntaxError(102, `Incorrect syntax near '${text.trim().slice(0, 40)}'.`, statement?.line ?? 1);
};
