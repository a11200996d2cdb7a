import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { SqlError } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import { requireOnline } from '../server/online.ts';
import { lsnToDecimal } from '../storage/lsn.ts';
import type { Lsn, Store } from '../storage/store.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { optionText } from '../system/statement-values.ts';
import { type BackupHeader, writeSet } from './media.ts';
import {
  type DeviceFile,
  databaseName,
  deviceFiles,
  hasOption,
  numberOption,
  progressOf,
  refuseOthers,
} from './options.ts';

export type BackupStatement = Extract<AdministrativeStatement, { readonly statement: 'backup' }>;

const KNOWN: ReadonlySet<string> = new Set([
  ...[
    'COPY_ONLY',
    'COMPRESSION',
    'NO_COMPRESSION',
    'CHECKSUM',
    'NO_CHECKSUM',
    'INIT',
    'NOINIT',
    'FORMAT',
    'NOFORMAT',
    'SKIP',
    'NOSKIP',
  ],
  ...[
    'STATS',
    'MAXTRANSFERSIZE',
    'BUFFERCOUNT',
    'BLOCKSIZE',
    'NAME',
    'DESCRIPTION',
    'NORECOVERY',
    'NO_TRUNCATE',
    'CONTINUE_AFTER_ERROR',
    'STOP_ON_ERROR',
  ],
  ...['MEDIANAME', 'MEDIADESCRIPTION', 'REWIND', 'NOREWIND', 'UNLOAD', 'NOUNLOAD'],
]);

/** In DatabaseOptions.others: where the log chain stands; LSNs as decimal text. */
export const CHAIN = { full: 'LAST_FULL_BACKUP_LSN', log: 'LAST_LOG_BACKUP_LSN' } as const;

/**
 * BACKUP DATABASE and BACKUP LOG.
 *
 * @throws SqlError 3013 after the reason: 911, 927, 1844, 4208, 4214, 3101 …
 */
export async function backup(statement: BackupStatement, execution: Execution): Promise<StatementResult> {
  const { instance } = execution;
  const { options, line } = statement;
  refuseOthers(options, KNOWN);
  const name = databaseName(execution, statement.database);
  const database = instance.databases.get(name.toLowerCase());
  if (database === undefined)
    throw ended(
      new SqlError(911, `Database '${name}' does not exist. Make sure that the name is entered correctly.`, {
        line,
      }),
      statement,
    );
  requireOnline(database);
  const { store } = database;
  if (store === undefined || database.snapshotOf !== undefined)
    throw ended(new SqlError(3002, `Cannot BACKUP or RESTORE a database snapshot.`), statement);
  if (name.toLowerCase() === 'tempdb')
    throw ended(
      new SqlError(3147, 'Backup and restore operations are not allowed on database tempdb.'),
      statement,
    );
  if (hasOption(options, 'COMPRESSION') && !instance.product.backupCompression) {
    throw ended(
      new SqlError(1844, `BACKUP DATABASE WITH COMPRESSION is not supported on ${instance.product.edition}.`),
      statement,
    );
  }
  const devices = deviceFiles(execution, statement.to, line);
  const began = instance.clock.now();
  const bytes =
    statement.what === 'database'
      ? await full({ statement, execution, database, store, devices, began })
      : await log({ statement, execution, database, store, devices, began });
  const seconds = Math.max(0.001, (instance.clock.now() - began) / 1000);
  const pages = Math.ceil(bytes / 8192);
  execution.message({
    ...{ number: 3014, severity: 0, state: 1 },
    text: `BACKUP ${statement.what.toUpperCase()} successfully processed ${pages} pages in ${seconds.toFixed(3)} seconds (${(bytes / 1048576 / seconds).toFixed(3)} MB/sec).`,
  });
  return { count: undefined };
}

/** Every refusal of a backup is followed by 3013. */
const ended = (reason: SqlError, { what }: BackupStatement): SqlError =>
  new SqlError(3013, `BACKUP ${what.toUpperCase()} is terminating abnormally.`, { preceding: [reason] });

interface Work {
  readonly statement: BackupStatement;
  readonly execution: Execution;
  readonly database: Database;
  readonly store: Store;
  readonly devices: readonly DeviceFile[];
  readonly began: number;
}

async function full(work: Work): Promise<number> {
  const { statement, execution, database, store } = work;
  const progress = progressOf(
    execution,
    'BACKUP DATABASE',
    numberOption(execution, statement.options, 'STATS', 10),
  );
  const copy = temporary(work);
  const packed = `${copy}.gz`;
  try {
    const first = store.log.current;
    const last = await store.copyTo(copy, {
      signal: execution.signal,
      progress: (done, total) => progress(total === 0 ? 0 : (90 * done) / total),
    });
    const { size } = await stat(copy);
    const compressed = hasOption(statement.options, 'COMPRESSION');
    if (compressed) await pipeline(createReadStream(copy), createGzip(), createWriteStream(packed));
    const stored = await stripe(
      work,
      headerOf(work, { type: 1, first, last, size, compressed }),
      compressed ? packed : copy,
    );
    progress(100);
    if (!hasOption(statement.options, 'COPY_ONLY')) database.options.others.set(CHAIN.full, String(last));
    // The first full backup begins the log chain, copy or not.
    if (!database.options.others.has(CHAIN.log)) database.options.others.set(CHAIN.log, String(last));
    await record(work, { type: 'D', first, last, size, stored });
    return size;
  } finally {
    await rm(copy, { force: true });
    await rm(packed, { force: true });
  }
}

/** A file of the instance's own that no device names. */
function temporary({ execution: { instance } }: Work): string {
  return join(instance.directory, 'backup', `.${guidOf(instance.random.bytes(16))}`);
}

async function log(work: Work): Promise<number> {
  const { statement, execution, database, store } = work;
  const { others, recovery } = database.options;
  if (recovery === 'SIMPLE') {
    throw ended(
      new SqlError(
        4208,
        'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.',
      ),
      statement,
    );
  }
  const chain = others.get(CHAIN.log);
  if (typeof chain !== 'string')
    throw ended(
      new SqlError(4214, 'BACKUP LOG cannot be performed because there is no current database backup.'),
      statement,
    );
  const tail = hasOption(statement.options, 'NORECOVERY');
  if (tail) refuseUsers(execution, database, statement);
  const progress = progressOf(
    execution,
    'BACKUP LOG',
    numberOption(execution, statement.options, 'STATS', 10),
  );
  const first = BigInt(chain);
  const last = store.log.current;
  const compressed = hasOption(statement.options, 'COMPRESSION');
  const file = temporary(work);
  try {
    const records = Readable.from(framed(store.log.backups.read(first)));
    await mkdir(dirname(file), { recursive: true });
    if (compressed) await pipeline(records, createGzip(), createWriteStream(file));
    else await pipeline(records, createWriteStream(file));
    const { size } = await stat(file);
    const stored = await stripe(
      work,
      { ...headerOf(work, { type: 2, first, last, size, compressed }), tail },
      file,
    );
    progress(100);
    if (!hasOption(statement.options, 'COPY_ONLY')) {
      others.set(CHAIN.log, String(last));
      store.log.backups.truncate(last);
    }
    await record(work, { type: 'L', first, last, size, stored });
    if (tail) database.options.state = 'RESTORING';
    return size;
  } finally {
    await rm(file, { force: true });
  }
}

/** Each record of the log behind its length. */
function* framed(records: Iterable<Uint8Array>): Iterable<Buffer> {
  for (const each of records) {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(each.length);
    yield head;
    yield Buffer.from(each);
  }
}

function refuseUsers({ instance }: Execution, { id }: Database, statement: BackupStatement): void {
  const others = [...instance.sessions.values()].filter(
    ({ database, user, request }) => user && database.id === id && request === undefined,
  );
  if (others.length === 0) return;
  throw ended(
    new SqlError(3101, 'Exclusive access could not be obtained because the database is in use.'),
    statement,
  );
}

interface Content {
  readonly type: 1 | 2;
  readonly first: Lsn;
  readonly last: Lsn;
  readonly size: number;
  readonly compressed: boolean;
}

function headerOf(
  { statement, execution, database, store, devices, began }: Work,
  { type, first, last, size, compressed }: Content,
): BackupHeader {
  const { instance, evaluation } = execution;
  const { product, clock, random } = instance;
  const bytes = store.size();
  return {
    ...{
      type,
      setId: guidOf(random.bytes(16)),
      database: database.name,
      server: instance.name,
      user: evaluation.session.login,
    },
    name: optionText(execution, statement.options, 'NAME') ?? null,
    description: optionText(execution, statement.options, 'DESCRIPTION') ?? null,
    ...{
      databaseVersion: product.databaseVersion,
      compatibility: database.options.compatibility,
      collation: database.collation,
    },
    ...{
      recovery: database.options.recovery,
      copyOnly: hasOption(statement.options, 'COPY_ONLY'),
      checksums: hasOption(statement.options, 'CHECKSUM'),
    },
    ...{
      compressed,
      tail: false,
      firstLsn: String(first),
      lastLsn: String(last),
      checkpointLsn: String(first),
    },
    databaseBackupLsn: String(database.options.others.get(CHAIN.full) ?? 0),
    ...{
      family: database.family,
      recoveryFork: database.recoveryFork,
      software: { major: product.major, minor: product.minor, build: product.build },
    },
    ...{
      created: database.created,
      started: began,
      finished: clock.now(),
      size,
      stripe: 0,
      stripes: devices.length,
      published: database.options.published,
    },
    files: database.files.map(file => ({ ...file, size: file.type === 'LOG' ? bytes.log : bytes.data })),
  };
}

export const guidOf = (bytes: Uint8Array): string => {
  const hex = Buffer.from(bytes).toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
};

/** Each device gets its part of the payload, one after the other; gives the payload's length. */
async function stripe({ statement, devices }: Work, header: BackupHeader, payload: string): Promise<number> {
  const anew = hasOption(statement.options, 'INIT') || hasOption(statement.options, 'FORMAT');
  const { size } = await stat(payload);
  const part = Math.ceil(size / devices.length);
  for (const [at, { file }] of devices.entries()) {
    const [start, end] = [Math.min(size, at * part), Math.min(size, (at + 1) * part)];
    const own = end > start ? createReadStream(payload, { start, end: end - 1 }) : Readable.from([]);
    await writeSet(file, { ...header, stripe: at }, own, end - start, anew);
  }
  return size;
}

interface Recorded {
  readonly type: 'D' | 'L';
  readonly first: Lsn;
  readonly last: Lsn;
  readonly size: number;
  readonly stored: number;
}

/** msdb.dbo.backupset and its kin. */
async function record(
  { statement, execution, database, devices, began }: Work,
  { type, first, last, size, stored }: Recorded,
): Promise<void> {
  const { instance } = execution;
  const seconds = Math.ceil((instance.clock.now() - began) / 1000);
  const copyOnly = hasOption(statement.options, 'COPY_ONLY') ? 1 : 0;
  const text = (value: string): string => `N'${value.replaceAll("'", "''")}'`;
  const base = BigInt(String(database.options.others.get(CHAIN.full) ?? 0));
  await instance.run(
    'msdb',
    `DECLARE @media int = ISNULL((SELECT MAX(media_set_id) FROM dbo.backupmediaset), 0) + 1, @set int = ISNULL((SELECT MAX(backup_set_id) FROM dbo.backupset), 0) + 1;
INSERT dbo.backupmediaset (media_set_id) VALUES (@media);
INSERT dbo.backupset (backup_set_id, media_set_id, type, database_name, server_name, is_copy_only, first_lsn, last_lsn, checkpoint_lsn, database_backup_lsn,
  backup_start_date, backup_finish_date, backup_size, compressed_backup_size)
VALUES (@set, @media, '${type}', ${text(database.name)}, ${text(instance.name)}, ${copyOnly}, ${lsnToDecimal(first)}, ${lsnToDecimal(last)}, ${lsnToDecimal(first)}, ${lsnToDecimal(base)},
  DATEADD(second, ${-seconds}, GETDATE()), GETDATE(), ${size}, ${stored});
${devices.map(({ device }, at) => `INSERT dbo.backupmediafamily (media_set_id, family_sequence_number, physical_device_name, device_type) VALUES (@media, ${at + 1}, ${text(device)}, 2);`).join('\n')}`,
  );
}
