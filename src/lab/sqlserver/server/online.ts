import { CHAIN } from '../backup/chain.ts';
import { SqlError } from '../errors.ts';
import type { Database } from './instance.ts';

/** @throws SqlError 927, 942, 926 where the database cannot be used now */
export function requireOnline(database: Database): void {
  const { name } = database;
  switch (database.options.state) {
    case 'ONLINE':
      return;
    case 'RESTORING':
      throw new SqlError(927, `Database '${name}' cannot be opened. It is in the middle of a restore.`, {
        severity: 14,
        state: 2,
      });
    case 'OFFLINE':
      throw new SqlError(942, `Database '${name}' cannot be opened because it is offline.`, {
        severity: 14,
        state: 4,
      });
    case 'SUSPECT':
      throw new SqlError(
        926,
        `Database '${name}' cannot be opened. It has been marked SUSPECT by recovery. See the SQL Server errorlog for more information.`,
        { severity: 14 },
      );
  }
}

/** @throws SqlError 3906 where the database takes no writes */
export function requireWritable(database: Database): void {
  requireOnline(database);
  if (database.snapshotOf || database.options.readOnly || database.options.others.has(CHAIN.standby))
    throw new SqlError(
      3906,
      `Failed to update database "${database.name}" because the database is read-only.`,
    );
}
