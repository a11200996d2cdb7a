import type { Catalog, Table } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { SessionState } from './state.ts';

/** Versions are kept there whatever ALLOW_SNAPSHOT_ISOLATION says. */
const ALWAYS_VERSIONED: ReadonlySet<string> = new Set(['master', 'msdb', 'tempdb']);

export type Reading = 'dirty' | 'versions' | 'respect' | 'share' | 'exclude';

const has = (hints: readonly string[], ...names: readonly string[]): boolean =>
  hints.some(hint => names.includes(hint));

/** How rows of a table are read, by the hints behind its name and the isolation level. */
export function readingOf(state: SessionState, database: Database, hints: readonly string[]): Reading {
  if (hints.length > 0) {
    if (has(hints, 'READPAST')) throw unsupported('READPAST');
    if (has(hints, 'NOWAIT')) throw unsupported('the table hint NOWAIT');
    if (has(hints, 'NOLOCK', 'READUNCOMMITTED')) return 'dirty';
    if (has(hints, 'TABLOCKX', 'XLOCK', 'UPDLOCK')) return 'exclude';
    if (has(hints, 'HOLDLOCK', 'SERIALIZABLE', 'REPEATABLEREAD', 'TABLOCK')) return 'share';
  }
  switch (state.options.isolation) {
    case 'read-uncommitted':
      return 'dirty';
    case 'read-committed':
      return database.options.readCommittedSnapshot && !has(hints, 'READCOMMITTEDLOCK')
        ? 'versions'
        : 'respect';
    case 'repeatable-read':
    case 'serializable':
      return 'share';
    case 'snapshot':
      return 'versions';
  }
}

/**
 * Whether the part of a transaction in a database is one of SNAPSHOT isolation.
 *
 * @throws SqlError 3952, 3951
 */
export function snapshotPart(state: SessionState, database: Database): boolean {
  if (state.options.isolation !== 'snapshot')
    return state.transaction.count > 0 && state.transaction.snapshot;
  if (ALWAYS_VERSIONED.has(database.name.toLowerCase())) return false;
  if (!database.options.snapshotIsolation)
    throw new SqlError(
      3952,
      `Snapshot isolation transaction failed accessing database '${database.name}' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.`,
      { endsTransaction: true },
    );
  if (state.transaction.count > 0 && !state.transaction.snapshot)
    throw new SqlError(
      3951,
      `Transaction failed in database '${database.name}' because the statement was run under snapshot isolation but the transaction did not start in snapshot isolation. You cannot change the isolation level of the transaction to snapshot after the transaction has started unless the transaction was originally started under snapshot isolation level.`,
      { endsTransaction: true },
    );
  return true;
}

/** @throws SqlError 3961 where the table is not the one of the snapshot any more */
export function requireSameDefinition(database: Database, seen: Catalog, table: number): void {
  const now: Table | undefined = database.catalog.tables.get(table);
  if (now === seen.tables.get(table)) return;
  throw new SqlError(
    3961,
    `Snapshot isolation transaction failed in database '${database.name}' because the object accessed by the statement has been modified by a DDL statement in another concurrent transaction since the start of this transaction.  It is disallowed because the metadata is not versioned. A concurrent update to metadata can lead to inconsistency if mixed with snapshot isolation.`,
    { endsTransaction: true },
  );
}
