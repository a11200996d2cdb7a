import type { IToken } from 'chevrotain';
import { SqlError } from '../errors.ts';
import { ReservedWord, textOf } from './tokens.ts';

/** An error of the parser: class 15, ends the batch before anything of it has run. */
export const syntaxError = (number: number, message: string, line: number, state = 1): SqlError =>
  new SqlError(number, message, { severity: 15, state, line, endsBatch: true });

/** 156 at a reserved word, 102 at anything else. */
export const near = (at: IToken): SqlError => {
  if (at.payload instanceof SqlError) return at.payload;
  const line = at.startLine ?? 1;
  const reserved = at.tokenType.CATEGORIES?.includes(ReservedWord) ?? false;
  return reserved
    ? syntaxError(156, `Incorrect syntax near the keyword '${at.image}'.`, line)
    : syntaxError(102, `Incorrect syntax near '${textOf(at)}'.`, line);
};

/** At the end of the text the last token is named, and a keyword there is no 156. */
export const nearEnd = (last: IToken): SqlError =>
  last.payload instanceof SqlError
    ? last.payload
    : syntaxError(102, `Incorrect syntax near '${textOf(last)}'.`, last.startLine ?? 1);

export const unclosedQuotation = (text: string, line: number): SqlError =>
  syntaxError(105, `Unclosed quotation mark after the character string '${text}'.`, line);

export const missingEndComment = (line: number): SqlError =>
  syntaxError(113, "Missing end comment mark '*/'.", line);

export const identifierTooLong = (name: string, line: number): SqlError =>
  syntaxError(
    103,
    `The identifier that starts with '${name.slice(0, 128)}' is too long. Maximum length is 128.`,
    line,
  );

export const emptyName = (line: number): SqlError =>
  syntaxError(
    1038,
    'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
    line,
  );

export const tooDeep = (line: number): SqlError =>
  syntaxError(
    191,
    'Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries.',
    line,
  );

export const notBoolean = (at: IToken, line: number): SqlError =>
  syntaxError(
    4145,
    `An expression of non-boolean type specified in a context where a condition is expected, near '${textOf(at)}'.`,
    line,
  );

export const mustBeFirst = (statement: string, line: number): SqlError =>
  syntaxError(111, `'${statement}' must be the first statement in a query batch.`, line);

export const withNeedsSeparator = (at: IToken): SqlError =>
  syntaxError(
    319,
    `Incorrect syntax near the keyword '${at.image}'. If this statement is a common table expression, an xmlnamespaces clause or a change tracking context clause, the previous statement must be terminated with a semicolon.`,
    at.startLine ?? 1,
  );

export const mergeNeedsSeparator = (line: number): SqlError =>
  syntaxError(10713, 'A MERGE statement must be terminated by a semi-colon (;).', line);

export const unknownHint = (hint: string, line: number): SqlError =>
  syntaxError(
    321,
    `"${hint}" is not a recognized table hints option. If it is intended as a parameter to a table-valued function or to the CHANGETABLE function, ensure that your database compatibility mode is set to 90.`,
    line,
  );
