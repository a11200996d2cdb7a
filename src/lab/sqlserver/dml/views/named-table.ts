import { resolveObject } from '../../catalog/find.ts';
import type { Table } from '../../catalog/schema.ts';
import { isTemporary } from '../../catalog/temporary.ts';
import type { Scope } from '../../query/scope.ts';
import type { Database } from '../../server/instance.ts';
import type { Name } from '../../syntax/names.ts';
import { noObject } from '../target.ts';

/** A stored table by its name. @throws SqlError 208 */
export function namedTable(
  name: Name,
  scope: Scope,
  line: number,
): { readonly database: Database; readonly table: Table } {
  const own = name.at(-1) ?? '';
  const written = isTemporary(own) ? 'tempdb' : (name.at(-3) ?? '');
  const database = written === '' ? scope.database : scope.instance.databases.get(written.toLowerCase());
  if (!database) throw noObject(name, line);
  if (isTemporary(own)) {
    const table = scope.temporary(own);
    if (table) return { database, table };
    throw noObject(name, line);
  }
  const schema = database === scope.database ? scope.defaultSchema : 'dbo';
  const found = resolveObject(scope.catalogOf(database), name, schema);
  if (found?.kind === 'table') return { database, table: found.object };
  throw noObject(name, line);
}
