import { harmless } from '../../foundation/text.ts';

/** Keys of a connection string that say where something is, and nothing of who asks. */
const WHERE = /^\s*(?:server|data source|addr|address|network address|host|dsn|dbq)\s*=/i;

/**
 * Where a linked server leads. A data source may be a whole connection string, in any order, with a password in it: of
 * one only the part that names a place is told; undefined where none does.
 */
export function dataSourceOf(source: string): string | undefined {
  const parts = source.split(';').map(part => part.trim());
  const [first = ''] = parts;
  const place = first.includes('=') ? parts.find(part => WHERE.test(part)) : first;
  return place === undefined ? undefined : harmless(place);
}
