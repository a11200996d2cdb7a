import { diffTexts } from '../foundation/text-diff.ts';
import type { FileEdit, Fixup } from '../journal/proof-facts.ts';
import { displayWord } from '../step/action.ts';

/** A fix-up for people: which files it changes and how, and what it runs. */
export interface FixupReport {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly files: readonly EditReport[];
  readonly commands: ReadonlyArray<{ readonly command: string; readonly why: string }>;
  readonly warnings: readonly string[];
}

export interface EditReport {
  readonly path: string;
  readonly change: 'made' | 'changed' | 'removed' | 'same';
  /** A unified diff, one line an entry; empty for a file that goes and for one of which only the mode changes. */
  readonly diff: readonly string[];
}

export const fixupReport = ({ id, title, why, edits, commands, warnings }: Fixup): FixupReport => ({
  id,
  title,
  why,
  files: edits.map(editReport),
  commands: commands.map(each => ({ command: each.argv.map(shownWord).join(' '), why: each.why })),
  warnings,
});

function editReport({ path, before, after }: FileEdit): EditReport {
  if (after === null) return { path, change: 'removed', diff: [] };
  // Tabs would stand there as marks. Where nothing else changes they are what changes.
  const text = diffTexts(spaced(before ?? ''), spaced(after)) || diffTexts(before ?? '', after);
  const change = before === undefined ? 'made' : before === after ? 'same' : 'changed';
  return { path, change, diff: text === '' ? [] : text.split('\n') };
}

/** A word that no shell can hold is shown all the same: it may come of a file of the copy. */
const shownWord = (word: string, at: number): string => displayWord(word.replaceAll('\0', '\\x00'), at);

const spaced = (text: string): string => text.replaceAll('\t', '    ');
