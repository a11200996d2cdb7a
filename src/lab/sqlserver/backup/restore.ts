import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { Database, DatabaseFile, RestoreTarget } from '../server/instance.ts';
import { lsnToDecimal } from '../storage/lsn.ts';
import type { Store } from '../storage/store.ts';
import type { Option } from '../syntax/administration.ts';
import { nameOf } from '../system/statement-values.ts';
import { CHAIN, guidOf } from './backup.ts';
import { chosenSet, type RestoreStatement } from './information.ts';
import { type BackupHeader, type BackupSet, readPayload, readSets, verifySet } from './media.ts';
import {
  type DeviceFile,
  databaseName,
  deviceFiles,
  hasOption,
  numberOption,
  progressOf,
  refuseOthers,
} from './options.ts';

const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'MOVE',
    'NORECOVERY',
    'RECOVERY',
    'REPLACE',
    'STATS',
    'CHECKSUM',
    'NO_CHECKSUM',
    'FILE',
    'KEEP_REPLICATION',
    'MAXTRANSFERSIZE',
    'BUFFERCOUNT',
  ],
  ...['NOUNLOAD', 'UNLOAD', 'CONTINUE_AFTER_ERROR', 'STOP_ON_ERROR', 'RESTRICTED_USER', 'STOPAT'],
]);

/**
 * RESTORE DATABASE and RESTORE LOG.
 *
 * @throws SqlError 3013 after the reason: 3101, 3117, 3154, 3169, 3118, 4305, 4326, 4330, 1834 …
 */
export async function restore(statement: RestoreStatement, execution: Execution): Promise<StatementResult> {
  refuseOthers(statement.options, KNOWN);
  if (hasOption(statement.options, 'STOPAT')) throw unsupported('STOPAT', statement.line);
  try {
    if (statement.from.length === 0) recover(statement, execution);
    else if (statement.what === 'log') await restoreLog(statement, execution);
    else await restoreDatabase(statement, execution);
    return { count: undefined };
  } catch (error) {
    if (!(error instanceof SqlError) || error.number === 40517) throw error;
    throw new SqlError(3013, `RESTORE ${statement.what.toUpperCase()} is terminating abnormally.`, {
      preceding: [error],
    });
  }
}

interface Source {
  readonly set: BackupSet;
  readonly header: BackupHeader;
  readonly parts: readonly { readonly file: string; readonly set: BackupSet }[];
}

async function sourceOf(statement: RestoreStatement, execution: Execution): Promise<Source> {
  const position = numberOption(execution, statement.options, 'FILE', 1) ?? 1;
  const devices = deviceFiles(execution, statement.from, statement.line);
  const parts = await Promise.all(
    devices.map(async device => ({
      file: device.file,
      set: await partOf(device, position, statement.options),
    })),
  );
  const ordered = parts.sort((left, right) => left.set.header.stripe - right.set.header.stripe);
  const set = ordered[0]?.set;
  if (set === undefined) throw unsupported('RESTORE without a device', statement.line);
  if (ordered.length !== set.header.stripes) {
    throw new SqlError(
      3132,
      `The media set has ${set.header.stripes} media families but only ${ordered.length} are provided. All members must be provided.`,
    );
  }
  return { set, header: set.header, parts: ordered };
}

async function partOf(
  { file, device }: DeviceFile,
  position: number,
  options: readonly Option[],
): Promise<BackupSet> {
  const set = chosenSet(await readSets(file, device), position, device);
  if (hasOption(options, 'CHECKSUM')) await verifySet(file, set, device);
  return set;
}

async function* payloadOf({ parts }: Source): AsyncIterable<Uint8Array> {
  for (const { file, set } of parts) yield* readPayload(file, set);
}

async function restoreDatabase(statement: RestoreStatement, execution: Execution): Promise<void> {
  const { instance } = execution;
  const source = await sourceOf(statement, execution);
  const { header } = source;
  if (header.type !== 1)
    throw new SqlError(
      3118,
      `The database "${header.database}" cannot be restored from a log backup; restore the full backup first.`,
    );
  if (header.databaseVersion > instance.product.databaseVersion) {
    throw new SqlError(
      3169,
      `The database was backed up on a server running version ${version(header)}. That version is incompatible with this server, which is running version ${instance.version.major}.${String(instance.version.minor).padStart(2, '0')}.${instance.version.build}. Either restore the database on a server that supports the backup, or use a backup that is compatible with this server.`,
    );
  }
  const name = databaseName(execution, statement.database);
  const there = instance.databases.get(name.toLowerCase());
  if (there !== undefined) refuseOver(execution, there, header, statement.options);
  const files = moved(execution, statement.options, header);
  const progress = progressOf(
    execution,
    'RESTORE DATABASE',
    numberOption(execution, statement.options, 'STATS', 10),
  );
  const target = instance.prepareRestore({ name, files, collation: header.collation });
  await replaceStore(target, source, progress);
  target.family = header.family;
  target.recoveryFork = header.recoveryFork;
  target.files = files;
  settle(target, header, hasOption(statement.options, 'KEEP_REPLICATION'));
  told(execution, 'DATABASE', header.size);
  if (!hasOption(statement.options, 'NORECOVERY')) online(execution, target);
}

const version = ({ software }: BackupHeader): string =>
  `${software.major}.${String(software.minor).padStart(2, '0')}.${software.build}`;

/** 3101 in use, 3159 tail not backed up, 3154 another database. */
function refuseOver(
  { instance, evaluation }: Execution,
  there: Database,
  header: BackupHeader,
  options: readonly Option[],
): void {
  const used = [...instance.sessions.values()].some(
    ({ id, database, user }) => user && id !== evaluation.session.id && database === there,
  );
  if (used)
    throw new SqlError(3101, 'Exclusive access could not be obtained because the database is in use.');
  if (there.options.published)
    throw new SqlError(
      3724,
      `Cannot restore over the database '${there.name}' because it is being used for replication.`,
    );
  if (hasOption(options, 'REPLACE')) return;
  if (there.family !== header.family) {
    throw new SqlError(
      3154,
      `The backup set holds a backup of a database other than the existing '${there.name}' database.`,
    );
  }
  if (there.options.state === 'ONLINE' && there.options.recovery !== 'SIMPLE') {
    throw new SqlError(
      3159,
      `The tail of the log for the database "${there.name}" has not been backed up. Use BACKUP LOG WITH NORECOVERY to backup the log if it contains work you do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE statement to just overwrite the contents of the log.`,
    );
  }
}

/** MOVE 'logical' TO 'path'; a name that the backup has not is 3234. */
function moved(
  execution: Execution,
  options: readonly Option[],
  header: BackupHeader,
): readonly DatabaseFile[] {
  const moves = new Map<string, string>();
  for (const { name, value } of options) {
    if (name !== 'MOVE' || !Array.isArray(value)) continue;
    const [from, to] = ['FROM', 'TO'].map(part =>
      textOfOption(
        execution,
        value.find(each => each.name === part),
      ),
    );
    if (from === undefined || to === undefined) continue;
    if (!header.files.some(({ logicalName }) => logicalName.toLowerCase() === from.toLowerCase())) {
      throw new SqlError(
        3234,
        `Logical file '${from}' is not part of database '${header.database}'. Use RESTORE FILELISTONLY to list the logical file names.`,
      );
    }
    moves.set(from.toLowerCase(), to);
  }
  return header.files.map(({ id, logicalName, physicalName, type }) => ({
    ...{ id, logicalName, type },
    physicalName: moves.get(logicalName.toLowerCase()) ?? physicalName,
  }));
}

function textOfOption(execution: Execution, option: Option | undefined): string | undefined {
  const value = option?.value;
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  return 'node' in value ? (nameOf(execution, value) ?? undefined) : undefined;
}

async function replaceStore(
  target: RestoreTarget,
  source: Source,
  progress: (percent: number) => void,
): Promise<void> {
  for (const ending of ['', '-wal', '-shm']) await rm(`${target.path}${ending}`, { force: true });
  const total = source.parts.reduce((sum, { set }) => sum + set.length, 0);
  const counted = Readable.from(
    counting(payloadOf(source), done => progress(total === 0 ? 100 : (100 * done) / total)),
  );
  if (source.header.compressed) await pipeline(counted, createGunzip(), createWriteStream(target.path));
  else await pipeline(counted, createWriteStream(target.path));
}

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

/** What a restored database is besides its rows. */
function settle(target: RestoreTarget, header: BackupHeader, keepReplication: boolean): void {
  const { options } = target;
  options.recovery = header.recovery;
  options.compatibility = header.compatibility;
  options.published = keepReplication && header.published;
  options.subscribed = false;
  options.trustworthy = false;
  options.broker = false;
  options.others.set(RESTORED_TO, header.lastLsn);
  options.others.delete(CHAIN.full);
  options.others.delete(CHAIN.log);
}

/** In DatabaseOptions.others while it is being restored: LSN up to which it is complete. */
const RESTORED_TO = 'RESTORED_TO_LSN';

async function restoreLog(statement: RestoreStatement, execution: Execution): Promise<void> {
  const { instance } = execution;
  const name = databaseName(execution, statement.database);
  const there = instance.databases.get(name.toLowerCase());
  if (there === undefined || there.options.state !== 'RESTORING') {
    throw new SqlError(
      3117,
      'The log or differential backup cannot be restored because no files are ready to rollforward.',
    );
  }
  const source = await sourceOf(statement, execution);
  const { header } = source;
  if (header.type !== 2)
    throw new SqlError(4322, 'This backup set is no log backup: RESTORE DATABASE restores it.');
  if (header.recoveryFork !== there.recoveryFork || header.family !== there.family) {
    throw new SqlError(
      4330,
      'This backup set cannot be applied because it is on a recovery path that is inconsistent with the database. The recovery path is the sequence of data and log backups that have brought the database to a particular recovery point.',
    );
  }
  const reached = BigInt(String(there.options.others.get(RESTORED_TO) ?? 0));
  if (BigInt(header.firstLsn) > reached) {
    throw new SqlError(
      4305,
      `The log in this backup set begins at LSN ${lsnToDecimal(BigInt(header.firstLsn))}, which is too recent to apply to the database. An earlier log backup that includes LSN ${lsnToDecimal(reached)} can be restored.`,
    );
  }
  if (BigInt(header.lastLsn) < reached) {
    throw new SqlError(
      4326,
      `The log in this backup set terminates at LSN ${lsnToDecimal(BigInt(header.lastLsn))}, which is too early to apply to the database. A more recent log backup that includes LSN ${lsnToDecimal(reached)} can be restored.`,
    );
  }
  const target = instance.prepareRestore({ name });
  const progress = progressOf(
    execution,
    'RESTORE LOG',
    numberOption(execution, statement.options, 'STATS', 10),
  );
  target.open();
  try {
    if (target.store !== undefined) await applyRecords(target.store, source, execution);
  } finally {
    target.shut();
  }
  progress(100);
  target.options.others.set(RESTORED_TO, header.lastLsn);
  told(execution, 'LOG', header.size);
  if (!hasOption(statement.options, 'NORECOVERY')) online(execution, target);
}

/** Records of a log backup, each behind its length, in the order of their commits. */
async function applyRecords(store: Store, source: Source, execution: Execution): Promise<void> {
  const raw = Readable.from(payloadOf(source));
  const pieces: AsyncIterable<unknown> = source.header.compressed ? raw.pipe(createGunzip()) : raw;
  let left: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) continue;
    left = Buffer.concat([left, piece]);
    for (;;) {
      if (left.length < 4) break;
      const length = left.readUInt32LE();
      if (left.length < 4 + length) break;
      store.log.backups.apply(left.subarray(4, 4 + length));
      left = left.subarray(4 + length);
    }
    await execution.breathe();
  }
  if (left.length > 0)
    throw new SqlError(3203, 'Read on the backup failed: 38(Reached the end of the file.)');
}

/** RESTORE DATABASE x WITH RECOVERY, without a device. */
function recover(statement: RestoreStatement, execution: Execution): void {
  const name = databaseName(execution, statement.database);
  const there = execution.instance.databases.get(name.toLowerCase());
  if (there === undefined)
    throw new SqlError(
      911,
      `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
    );
  if (there.options.state !== 'RESTORING')
    throw new SqlError(3153, `The database is already fully recovered.`);
  online(execution, execution.instance.prepareRestore({ name }));
}

/** From here on its history is its own: a new recovery fork, so that no log of the source fits any more. */
function online({ instance }: Execution, target: RestoreTarget): void {
  target.recoveryFork = guidOf(instance.random.bytes(16));
  target.options.others.delete(RESTORED_TO);
  target.open();
  target.store?.log.capture(target.options.published);
  target.store?.log.backups.enable(target.options.recovery !== 'SIMPLE');
  target.options.state = 'ONLINE';
}

function told(execution: Execution, what: string, bytes: number): void {
  execution.message({
    number: 3014,
    severity: 0,
    state: 1,
    text: `RESTORE ${what} successfully processed ${Math.ceil(bytes / 8192)} pages.`,
  });
}
