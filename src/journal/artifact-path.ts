import { join } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';

/** Folders that anybody may write into; everything else in the directory has a keeper of its own. */
const OPEN_FOLDERS = new Set(['inventories', 'logs', 'reports']);
const PART = /^[A-Za-z0-9_][A-Za-z0-9_.@:+%,=-]{0,199}$/;

/**
 * The path of a file in an evacuation directory. Names of machines, passes and mount points end up here: anything
 * that could lead elsewhere, hide a file or confuse a terminal is refused as our mistake, not repaired in silence.
 */
export function artifactPath(directory: string, relative: string): string {
  const parts = relative.split('/');
  const [folder] = parts;
  const sound = parts.length >= 2 && parts.every(part => PART.test(part));
  if (sound && folder !== undefined && OPEN_FOLDERS.has(folder)) return join(directory, ...parts);
  throw new LandfallError('bug', {
    what: `landfall tried to write "${harmless(relative)}" into its evacuation directory`,
    why: 'the name is not allowed there, so nothing was written',
    next: ['report this with the journal of the evacuation'],
  });
}
