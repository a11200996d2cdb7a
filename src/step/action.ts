import { formatArgv, quote } from '../remote/quote.ts';

/**
 * What a step will do to a host, as data: the same value is printed by --dry-run, shown on the confirm screen
 * and executed. A fact that is not recorded yet stands as an Unknown, which can be printed but never executed.
 */

export interface Unknown {
  /** What is missing: `size of disk vda`. */
  readonly unknown: string;
  /** The step that will record it: `inventory/web1`. */
  readonly from: string;
  /** The whole word with the missing part in ‹›, where the missing part is not all of it. */
  readonly shown?: string;
}

export type Word = string | Unknown;

export type Action =
  /** A command run to its end. `reads` marks one that changes nothing. */
  | {
      readonly kind: 'exec';
      readonly host: string;
      readonly argv: readonly Word[];
      readonly stdin?: Word;
      readonly reads?: boolean;
      readonly note?: string;
    }
  /** A file written on a host, whole. */
  | {
      readonly kind: 'write';
      readonly host: string;
      readonly path: string;
      readonly mode: number;
      readonly content: Word;
      /** The text from which it was made: people are shown what changed, as a diff. */
      readonly was?: string;
    }
  /** A remote job: a long command that survives the control connection. */
  | {
      readonly kind: 'job';
      readonly host: string;
      readonly job: string;
      readonly argv: readonly Word[];
      readonly note?: string;
    }
  /** A batch of T-SQL. `host` is `<database of the plan>.<role>`; parameters stand in the text, their values do not. */
  | {
      readonly kind: 'sql';
      readonly host: string;
      /** The database whose context it runs in. */
      readonly database: string;
      readonly text: Word;
      readonly reads?: boolean;
      readonly note?: string;
    };

export const isUnknown = (word: Word): word is Unknown => typeof word !== 'string';

/** The fact, or a placeholder that names what is missing and the step that will find it. */
export function fact(value: string | number | undefined, unknown: string, from: string): Word {
  return value === undefined ? { unknown, from } : String(value);
}

/** Joins words into one; unknown as soon as one part is, and then waiting for the first of these. */
export function join(...parts: readonly Word[]): Word {
  const missing = parts.find(isUnknown);
  if (missing === undefined) return parts.filter(p => typeof p === 'string').join('');
  const { unknown, from } = missing;
  const shown = parts.map(show).join('').trimEnd();
  return shown === `‹${unknown}›` ? { unknown, from } : { unknown, from, shown };
}

const show = (word: Word): string => (isUnknown(word) ? (word.shown ?? `‹${word.unknown}›`) : word);

/** A word as it stands at its place in a line for people: quoted for a shell; what is all placeholder is bare. */
export function displayWord(word: Word, at: number): string {
  if (isUnknown(word) && word.shown === undefined) return show(word);
  return at === 0 ? formatArgv([show(word)]) : quote(show(word));
}

/** The facts an action waits for, without repeats. */
export function waitsFor(action: Action): Unknown[] {
  const words: Word[] =
    action.kind === 'write'
      ? [action.content]
      : action.kind === 'sql'
        ? [action.text]
        : [...action.argv, ...(action.kind === 'exec' && action.stdin !== undefined ? [action.stdin] : [])];
  const seen = new Map<string, Unknown>();
  for (const word of words) if (isUnknown(word)) seen.set(`${word.from}\0${word.unknown}`, word);
  return [...seen.values()];
}

/** The action as one line that can be pasted into a shell on the host; placeholders are shown in ‹›. */
export function describe(action: Action): string {
  if (action.kind === 'write')
    return `write ${action.path} (mode ${action.mode.toString(8).padStart(4, '0')})`;
  if (action.kind === 'sql') return show(action.text);
  const line = action.argv.map(displayWord).join(' ');
  return action.kind === 'job' ? `${line}   # remote job ${action.job}` : line;
}
