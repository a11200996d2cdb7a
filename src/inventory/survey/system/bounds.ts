import type { Answers } from '../learn.ts';

/** The first `most` of a list; that there were more is told. */
export function bounded<T>(answers: Answers, what: string, list: readonly T[], most: number): T[] {
  if (list.length > most)
    answers.gap(`${what}: ${list.length - most} more than the ${most} that are kept`, 'cut-short');
  return list.slice(0, most);
}
