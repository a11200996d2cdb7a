import { rmSync } from 'node:fs';
import { ServerDatabase } from './database-state.ts';
import type { Databases } from './databases.ts';
import type { Database, Restoring } from './instance.ts';

/** What RESTORE does to the databases of a server. */
export function restoringOf(databases: Databases, changed: () => void): Restoring {
  return {
    create: wanted => databases.create(wanted, 'RESTORING'),
    path: database => own(database).path,
    shut(database) {
      own(database).shut();
      for (const ending of ['-wal', '-shm']) rmSync(`${own(database).path}${ending}`, { force: true });
    },
    open: database => own(database).open(),
    identify(database, { family, recoveryFork, files }) {
      const known = own(database);
      if (family !== undefined) known.family = family;
      if (recoveryFork !== undefined) known.recoveryFork = recoveryFork;
      if (files !== undefined) known.files = files;
      changed();
    },
  };
}

function own(database: Database): ServerDatabase {
  if (database instanceof ServerDatabase) return database;
  throw new TypeError(`${database.name} is no database of this server`);
}
