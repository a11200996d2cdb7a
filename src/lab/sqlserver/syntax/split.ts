import { identifierTooLong, syntaxError } from './faults.ts';
import type { Name } from './names.ts';

const LONGEST_NAME = 128;
const MOST_PARTS = 4;
/** A part in brackets, in quotation marks, or as it is up to the next dot. */
const PART = /\s*(?:\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^."[\]]*))\s*(\.|$)/y;

/**
 * A name as OBJECT_ID, sp_rename and their kin take it: '[a b].dbo."x"'. Reserved words and blanks need no brackets here;
 * an empty part is ''. Throws 102 where brackets do not fit, 117 above four parts, 103 above 128 characters.
 */
export const splitName = (text: string): Name => {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) throw syntaxError(102, `Incorrect syntax near '${text}'.`, 1);
    const [all, bracketed, quoted, plain, separator] = match;
    const part = bracketed?.replaceAll(']]', ']') ?? quoted?.replaceAll('""', '"') ?? (plain ?? '').trim();
    if (part.length > LONGEST_NAME) throw identifierTooLong(part, 1);
    parts.push(part);
    at += all.length;
    if (separator === '') break;
  }
  if (parts.length > MOST_PARTS)
    throw syntaxError(
      117,
      `The object name '${text}' contains more than the maximum number of prefixes. The maximum is 3.`,
      1,
    );
  return parts;
};
