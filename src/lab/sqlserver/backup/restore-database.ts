import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database, DatabaseFile, RestoreTarget } from '../server/instance.ts';
import type { Option } from '../syntax/administration.ts';
import { nameOf } from '../system/statement-values.ts';
import { CHAIN, keepForks } from './chain.ts';
import type { BackupHeader } from './header.ts';
import { recordRestore } from './history.ts';
import type { RestoreStatement } from './information.ts';
import { type Source, sourceOf } from './media-set.ts';
import { databaseName, hasOption, numberOption, progressOf, tellProcessed } from './options.ts';
import { beginRestore, endRestore, isRestoring, requireExclusive } from './recover.ts';

/**
 * The database of a full backup, in the place of one that is there or beside the others.
 *
 * @throws SqlError 3135, 3169, 3101, 3102, 3154, 3159, 3234, 1834 …; once rows are read the database stays RESTORING
 */
export async function restoreDatabase(statement: RestoreStatement, execution: Execution): Promise<void> {
  const { instance } = execution;
  const { options } = statement;
  const source = await sourceOf(statement, execution);
  const { header } = source;
  if (header.type !== 1)
    throw new SqlError(
      3135,
      `The backup set in file '${source.devices[0] ?? ''}' was created by BACKUP LOG and cannot be used for this restore operation.`,
    );
  requireVersion(header, execution);
  const name = databaseName(execution, statement.database);
  const there = instance.databases.get(name.toLowerCase());
  if (there !== undefined) refuseOver(execution, there, header, options);
  const files = moved(execution, options, header);
  refuseForeignFiles(execution, there, files);
  const began = instance.clock.now();
  const progress = progressOf(execution, 'RESTORE DATABASE', numberOption(execution, options, 'STATS', 10));
  const target =
    there === undefined
      ? instance.prepareRestore({ name, files, collation: header.collation, owner: ownerOf(execution) })
      : await beginRestore(execution, there.name);
  // Until it is whole nothing can be restored upon it, and nobody can recover it.
  target.options.others.delete(CHAIN.restored);
  target.family = header.family;
  await replaceStore(target, source, execution, progress);
  settle(target, header, files);
  await recordRestore(execution, source, { database: target.name, type: 'D', options, stopAt: undefined });
  progress(100);
  tellProcessed(execution, 'RESTORE DATABASE', {
    ...{ database: target.name, files, position: source.position, bytes: header.size, began },
  });
  await endRestore(statement, execution, target);
}

const ownerOf = ({ instance, evaluation }: Execution): Uint8Array =>
  instance.principals.find(evaluation.session.login)?.sid ?? Uint8Array.of(1);

/** @throws SqlError 3169 */
export function requireVersion({ software, databaseVersion }: BackupHeader, { instance }: Execution): void {
  if (databaseVersion <= instance.product.databaseVersion) return;
  const text = (version: typeof software): string =>
    `${version.major}.${String(version.minor).padStart(2, '0')}.${String(version.build).padStart(4, '0')}`;
  throw new SqlError(
    3169,
    `The database was backed up on a server running version ${text(software)}. That version is incompatible with this server, which is running version ${text(instance.version)}. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.`,
  );
}

/** 3102 and 3101 in use, 5094 snapshots, 3154 another database, 3159 tail not backed up. */
function refuseOver(
  execution: Execution,
  there: Database,
  header: BackupHeader,
  options: readonly Option[],
): void {
  requireExclusive(execution, there);
  if ([...execution.instance.databases.values()].some(({ snapshotOf }) => snapshotOf === there))
    throw new SqlError(
      5094,
      'The operation cannot be performed on a database with database snapshots or active DBCC replicas.',
      { state: 2 },
    );
  if (hasOption(options, 'REPLACE')) return;
  if (there.family !== header.family)
    throw new SqlError(
      3154,
      `The backup set holds a backup of a database other than the existing '${there.name}' database.`,
      { state: 4 },
    );
  if (!isRestoring(there) && there.options.recovery !== 'SIMPLE' && there.options.others.has(CHAIN.log))
    throw new SqlError(
      3159,
      `The tail of the log for the database "${there.name}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.`,
    );
}

/** MOVE 'logical' TO 'path'. @throws SqlError 3234 for a name that the backup has not */
function moved(
  execution: Execution,
  options: readonly Option[],
  header: BackupHeader,
): readonly DatabaseFile[] {
  const moves = new Map<string, string>();
  for (const { name, value } of options) {
    if (name !== 'MOVE' || !isList(value)) continue;
    const [from, to] = ['FROM', 'TO'].map(part =>
      optionValue(
        execution,
        value.find(each => each.name === part),
      ),
    );
    if (from === undefined || to === undefined) continue;
    if (!header.files.some(({ logicalName }) => logicalName.toLowerCase() === from.toLowerCase()))
      throw new SqlError(
        3234,
        `Logical file '${from}' is not part of database '${header.database}'. Use RESTORE FILELISTONLY to list the logical file names.`,
        { state: 2 },
      );
    moves.set(from.toLowerCase(), to);
  }
  return header.files.map(({ id, logicalName, physicalName, type }) => ({
    ...{ id, logicalName, type },
    physicalName: moves.get(logicalName.toLowerCase()) ?? physicalName,
  }));
}

const isList = (value: Option['value']): value is readonly Option[] => Array.isArray(value);

function optionValue(execution: Execution, option: Option | undefined): string | undefined {
  const value = option?.value;
  if (value === undefined || isList(value)) return undefined;
  return typeof value === 'string' ? value : (nameOf(execution, value) ?? undefined);
}

/** @throws SqlError 3119 behind 1834 and 3156 for each file that another database has */
function refuseForeignFiles(
  { instance }: Execution,
  there: Database | undefined,
  files: readonly DatabaseFile[],
): void {
  const faults: SqlError[] = [];
  for (const { logicalName, physicalName } of files) {
    const path = physicalName.toLowerCase();
    const other = [...instance.databases.values()].find(
      each => each !== there && each.files.some(file => file.physicalName.toLowerCase() === path),
    );
    if (other === undefined) continue;
    faults.push(
      new SqlError(
        1834,
        `The file '${physicalName}' cannot be overwritten.  It is being used by database '${other.name}'.`,
      ),
      new SqlError(
        3156,
        `File '${logicalName}' cannot be restored to '${physicalName}'. Use WITH MOVE to identify a valid location for the file.`,
        { state: 4 },
      ),
    );
  }
  if (faults.length > 0)
    throw new SqlError(
      3119,
      'Problems were identified while planning for the RESTORE statement. Previous messages provide details.',
      { preceding: faults },
    );
}

async function replaceStore(
  target: RestoreTarget,
  source: Source,
  { signal }: Execution,
  progress: (percent: number) => void,
): Promise<void> {
  for (const ending of ['', '-wal', '-shm']) await rm(`${target.path}${ending}`, { force: true });
  const counted = Readable.from(
    counting(source.payload(), done => progress(source.length === 0 ? 0 : (99 * done) / source.length)),
  );
  const file = createWriteStream(target.path);
  try {
    if (source.header.compressed) await pipeline(counted, createGunzip(), file, { signal });
    else await pipeline(counted, file, { signal });
  } catch (error) {
    throw isPackingFault(error) ? damaged(source) : error;
  }
  target.open();
  // What is in the backup's own log lies before it; what is restored upon it is no log of this copy.
  target.store?.log.backups.enable(false);
  target.shut();
}

const isPackingFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^Z_/.test(String(error.code));

const damaged = ({ devices, position }: Source): SqlError =>
  new SqlError(3189, `Damage to the backup set was detected. (${devices[0] ?? ''}, file ${position})`);

async function* counting(
  pieces: AsyncIterable<Uint8Array>,
  told: (done: number) => void,
): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const piece of pieces) {
    yield piece;
    done += piece.length;
    told(done);
  }
}

/** What a restored database is besides its rows: what its boot page says, and what RESTORE resets. */
function settle(target: RestoreTarget, header: BackupHeader, files: readonly DatabaseFile[]): void {
  const { options } = target;
  const { settings } = header;
  target.family = header.family;
  target.recoveryFork = header.recoveryFork;
  target.files = files;
  target.collation = header.collation;
  options.recovery = header.recovery;
  options.compatibility = header.compatibility;
  options.readOnly = settings.readOnly;
  options.access = settings.access;
  options.snapshotIsolation = settings.snapshotIsolation;
  options.readCommittedSnapshot = settings.readCommittedSnapshot;
  options.changeTracking = settings.changeTracking ?? undefined;
  options.published = false;
  options.subscribed = false;
  options.distributor = false;
  options.trustworthy = false;
  options.broker = false;
  for (const name of [...options.others.keys()]) options.others.delete(name);
  for (const [name, value] of settings.others) options.others.set(name, value);
  keepForks(options, header.forks);
  options.others.set(CHAIN.full, header.checkpointLsn);
  if (header.published)
    options.others.set(CHAIN.publisher, `${header.server}/${header.database}`.toLowerCase());
  options.others.set(CHAIN.restored, header.lastLsn);
}
