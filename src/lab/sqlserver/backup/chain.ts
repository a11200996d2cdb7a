import { SqlError } from '../errors.ts';
import type { Database, DatabaseOptions } from '../server/instance.ts';
import { lsnToDecimal } from '../storage/lsn.ts';
import type { Lsn } from '../storage/store.ts';
import type { BackupHeader, Fork } from './header.ts';

/** Where a database stands among its backups. */

/** In DatabaseOptions.others, not for the eyes of users; LSNs as decimal text. */
export const CHAIN = {
  /** Checkpoint of the last full backup that was not COPY_ONLY. */
  full: 'LAST_FULL_BACKUP_LSN',
  /** Up to here log backups have everything; absent while there is no chain. */
  log: 'LAST_LOG_BACKUP_LSN',
  /** While it is being restored, and in STANDBY: up to here it has everything. */
  restored: 'RESTORED_TO_LSN',
  /** `server/database` that had published what is being restored. */
  publisher: 'RESTORED_FROM_PUBLISHER',
  /** File of WITH STANDBY. */
  standby: 'STANDBY_FILE',
  /** Forks of its past: `guid:lsn guid:lsn`. */
  forks: 'RECOVERY_FORKS',
} as const;

const OWN: ReadonlySet<string> = new Set(Object.values(CHAIN));

/** Options that are not about one copy of the database but about the database. */
export const ownOthers = ({ others }: DatabaseOptions): [string, string | number][] =>
  [...others].filter(([name]) => !OWN.has(name));

export function lsnOption({ others }: DatabaseOptions, name: string): Lsn | undefined {
  const text = others.get(name);
  return text === undefined ? undefined : BigInt(String(text));
}

export function forksOf({ options }: Database): readonly Fork[] {
  const text = String(options.others.get(CHAIN.forks) ?? '');
  return text
    .split(' ')
    .filter(Boolean)
    .map(each => {
      const [fork = '', until = '0'] = each.split(':');
      return { fork, until };
    });
}

export function keepForks(options: DatabaseOptions, forks: readonly Fork[]): void {
  if (forks.length === 0) options.others.delete(CHAIN.forks);
  else options.others.set(CHAIN.forks, forks.map(({ fork, until }) => `${fork}:${until}`).join(' '));
}

interface Stretch {
  readonly fork: string;
  readonly from: Lsn;
  readonly until: Lsn | undefined;
}

function stretches(forks: readonly Fork[], present: string): readonly Stretch[] {
  let from = 0n;
  const past = forks.map(({ fork, until }) => {
    const stretch = { fork, from, until: BigInt(until) };
    from = stretch.until;
    return stretch;
  });
  return [...past, { fork: present, from, until: undefined }];
}

/** The fork that a database was on at an LSN of its past. */
export const forkAt = ({ forks, recoveryFork }: BackupHeader, lsn: Lsn): string =>
  forks.find(({ until }) => lsn <= BigInt(until))?.fork ?? recoveryFork;

/** Whether the history of a backup goes through the point at which a database stands, or ends before it. */
function isOfOneHistory(header: BackupHeader, database: Database, reached: Lsn): boolean {
  if (header.family !== database.family) return false;
  const through = stretches(header.forks, header.recoveryFork).some(
    ({ fork, from, until }) =>
      fork === database.recoveryFork && from <= reached && (until === undefined || reached <= until),
  );
  const last = BigInt(header.lastLsn);
  const before = stretches(forksOf(database), database.recoveryFork).some(
    ({ fork, until }) => fork === header.recoveryFork && last <= (until ?? reached),
  );
  return through || before;
}

/**
 * Whether a log backup goes on from where a database that is being restored stands.
 *
 * @throws SqlError 4330 another history, 4305 there is a gap, 4326 the database is further already
 */
export function requireNext(header: BackupHeader, database: Database, reached: Lsn): void {
  if (!isOfOneHistory(header, database, reached))
    throw new SqlError(
      4330,
      'This backup set cannot be applied because it is on a recovery path that is inconsistent with the database. The recovery path is the sequence of data and log backups that have brought the database to a particular recovery point. Find a compatible backup to restore, or restore the rest of the database to match a recovery point within this backup set, which will restore the database to a different point in time.',
    );
  const [first, last] = [BigInt(header.firstLsn), BigInt(header.lastLsn)];
  if (first > reached)
    throw new SqlError(
      4305,
      `The log in this backup set begins at LSN ${lsnToDecimal(first)}, which is too recent to apply to the database. An earlier log backup that includes LSN ${lsnToDecimal(reached)} can be restored.`,
    );
  if (last < reached)
    throw new SqlError(
      4326,
      `The log in this backup set terminates at LSN ${lsnToDecimal(last)}, which is too early to apply to the database. A more recent log backup that includes LSN ${lsnToDecimal(reached)} can be restored.`,
    );
}
