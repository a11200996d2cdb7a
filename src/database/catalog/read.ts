import { LandfallError } from '../../foundation/errors.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role } from '../../remote/sql/statement.ts';
import type { Catalog } from './types.ts';

/** The catalog of one database, by a few queries that only read. */
export async function readCatalog(
  server: Pick<SqlServer, 'ask'>,
  role: Role,
  database: string,
  signal?: AbortSignal,
): Promise<Catalog> {
  signal?.throwIfAborted();
  throw new LandfallError('bug', {
    what: `the catalog of ${database} cannot be read yet (${role}, ${typeof server.ask})`,
    next: [],
  });
}
