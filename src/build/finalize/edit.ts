import type { FileEdit, Fixup, TreeCommand } from '../../journal/proof-facts.ts';
import type { Tree } from './tree.ts';

/** The edits that a fix-up may ask for, made so that what is there already is no edit. */

/** The kinds of st_mode: an edit without one is a plain file. */
const LINK = 0o120000;
const DIRECTORY = 0o040000;
const KIND = 0o170000;

export type EditKind = 'file' | 'link' | 'directory' | 'absent';

/** What an edit leaves behind: a file, a symbolic link to what `after` says, an empty directory, or nothing. */
export function kindOf(edit: FileEdit): EditKind {
  if (edit.after === null) return 'absent';
  if ((edit.mode & KIND) === LINK) return 'link';
  return (edit.mode & KIND) === DIRECTORY ? 'directory' : 'file';
}

/**
 * A file with this text; one that is there keeps its mode, and where a link leads to it, the link stays. Undefined where
 * it is so already, or where what is there must not be edited.
 */
export function file(tree: Tree, path: string, after: string, mode = 0o644): FileEdit | undefined {
  const entry = tree.entries.get(path);
  if (entry === undefined) return { path, mode, after };
  if (entry.text === undefined) {
    return entry.kind === 'other' && entry.link !== undefined
      ? { path, mode, before: entry.link, after }
      : undefined;
  }
  if (entry.text === after) return undefined;
  return { path: entry.real, mode: entry.mode, before: entry.text, after };
}

/** A symbolic link; what stands in its place goes. */
export function link(tree: Tree, path: string, target: string): FileEdit | undefined {
  const entry = tree.entries.get(path);
  if (entry?.link === target) return undefined;
  const before = entry?.link ?? entry?.text;
  return { path, mode: LINK | 0o777, after: target, ...(before === undefined ? {} : { before }) };
}

/** An empty directory with these permission bits; one that is there only gets the bits. */
export function directory(tree: Tree, path: string, mode: number): FileEdit | undefined {
  const entry = tree.entries.get(path);
  if (entry?.kind === 'directory' && entry.mode === mode) return undefined;
  // Where a file or a link stands in its place, somebody meant it.
  if (entry !== undefined && (entry.kind !== 'directory' || entry.link !== undefined)) return undefined;
  return { path, mode: DIRECTORY | mode, after: '' };
}

export function absent(tree: Tree, path: string): FileEdit | undefined {
  const entry = tree.entries.get(path);
  if (entry === undefined || entry.kind === 'directory') return undefined;
  return { path, mode: entry.mode, after: null, ...(entry.text === undefined ? {} : { before: entry.text }) };
}

/** A fix-up, or nothing where it has nothing to do and nothing to say. */
export function fixupOf(
  about: Pick<Fixup, 'id' | 'title' | 'why'>,
  parts: {
    readonly edits?: readonly (FileEdit | undefined)[];
    readonly commands?: readonly TreeCommand[];
    readonly warnings?: readonly string[];
  },
): Fixup | undefined {
  const edits = (parts.edits ?? []).filter(edit => edit !== undefined);
  const commands = [...(parts.commands ?? [])];
  const warnings = [...(parts.warnings ?? [])];
  if (edits.length + commands.length + warnings.length === 0) return undefined;
  return { ...about, edits, commands, warnings };
}
