import { temporaryName } from '../catalog/temporary.ts';
import type { SessionState } from './state.ts';

/**
 * Inner names of the temporary tables that a session has made.
 *
 * @param level those of one nest level only
 */
export function temporariesOf(
  { instance, login, transaction }: SessionState,
  level?: number,
): readonly string[] {
  const tempdb = instance.databases.get('tempdb');
  if (!tempdb) return [];
  const { tables } = transaction.part(tempdb)?.catalog ?? tempdb.catalog;
  if (tables.size === 0) return [];
  // The last twelve characters are the session's number and the level.
  const place = temporaryName('#', login.id, level ?? 0).slice(-12);
  const mark = level === undefined ? place.slice(0, 8) : place;
  const names: string[] = [];
  for (const { name } of tables.values())
    if (name.length === 128 && name.startsWith('#') && name.slice(-12).startsWith(mark)) names.push(name);
  return names;
}
