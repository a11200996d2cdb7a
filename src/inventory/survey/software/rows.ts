import { harmless } from '../../../foundation/text.ts';
import type { Answers } from '../learn.ts';

/** Lines of an answer that hold anything, as their fields between tabs. */
export const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => line.split('\t'));

/** A text from a host, harmless and not longer than a person would read. */
export const shown = (text: string, longest = 200): string => harmless(text.trim()).slice(0, longest);

export const isRoot = (answers: Answers): boolean => answers.text('survey-user')?.trim() === '0';

/** The first of a list; where there were more, that is told as a gap. */
export function bounded<T>(answers: Answers, what: string, list: readonly T[], most: number): T[] {
  if (list.length > most)
    answers.gap(what, 'cut-short', undefined, `only the first ${most} of ${list.length} are kept`);
  return list.slice(0, most);
}

/** Texts in one order on every machine, whatever its language. */
export const byText =
  <T>(key: (each: T) => string) =>
  (one: T, other: T): number => {
    const [a, b] = [key(one), key(other)];
    return a < b ? -1 : a > b ? 1 : 0;
  };
