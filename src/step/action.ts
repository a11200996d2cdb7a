import { formatArgv } from '../remote/quote.ts';

/**
 * What a step will do to a host, as data: the same value is printed by --dry-run, shown on the confirm screen
 * and executed. A fact that is not recorded yet stands as an Unknown, which can be printed but never executed.
 */

export interface Unknown {
  /** What is missing: `size of disk vda`. */
  readonly unknown: string;
  /** The step that will record it: `inventory/web1`. */
  readonly from: string;
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
    }
  /** A remote job: a long command that survives the control connection. */
  | {
      readonly kind: 'job';
      readonly host: string;
      readonly job: string;
      readonly argv: readonly Word[];
      readonly note?: string;
    };

export const isUnknown = (word: Word): word is Unknown => typeof word !== 'string';

/** The fact, or a placeholder that names what is missing and the step that will find it. */
export function fact(value: string | number | undefined, unknown: string, from: string): Word {
  return value === undefined ? { unknown, from } : String(value);
}

/** Joins words into one; unknown as soon as one part is. */
export function join(...parts: readonly Word[]): Word {
  const missing = parts.find(isUnknown);
  if (missing === undefined) return parts.filter(p => typeof p === 'string').join('');
  return { unknown: parts.map(show).join(''), from: missing.from };
}

const show = (word: Word): string => (isUnknown(word) ? `‹${word.unknown}›` : word);

/** The facts an action waits for, without repeats. */
export function waitsFor(action: Action): Unknown[] {
  const words: Word[] =
    action.kind === 'write'
      ? [action.content]
      : [...action.argv, ...(action.kind === 'exec' && action.stdin !== undefined ? [action.stdin] : [])];
  const seen = new Map<string, Unknown>();
  for (const word of words) if (isUnknown(word)) seen.set(`${word.from}\0${word.unknown}`, word);
  return [...seen.values()];
}

/** The action as one line that can be pasted into a shell on the host; placeholders are shown in ‹›. */
export function describe(action: Action): string {
  if (action.kind === 'write')
    return `write ${action.path} (mode ${action.mode.toString(8).padStart(4, '0')})`;
  const line = action.argv.map(word => (isUnknown(word) ? show(word) : formatArgv([word]))).join(' ');
  return action.kind === 'job' ? `${line}   # remote job ${action.job}` : line;
}
