import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { guidText } from '../server/guid.ts';
import type { Lsn } from '../storage/store.ts';
import { optionText } from '../system/statement-values.ts';
import type { BackupWork } from './backup.ts';
import { CHAIN, forksOf, lsnOption, ownOthers } from './chain.ts';
import type { BackupHeader } from './header.ts';
import { mediaOf, writeStripes } from './media-set.ts';
import { hasOption, numberOption, progressOf } from './options.ts';

/** What a backup has written. */
export interface Written {
  readonly header: BackupHeader;
  readonly position: number;
  /** Bytes of the payload as it lies in the files. */
  readonly stored: number;
}

/** A copy of the database's file as of now. */
export async function backUpDatabase(work: BackupWork): Promise<Written> {
  const { statement, execution, database, store } = work;
  const { signal } = execution;
  const progress = meter(work, 'BACKUP DATABASE');
  const copy = temporary(work);
  const packed = `${copy}.gz`;
  const { options } = database;
  const copyOnly = hasOption(statement.options, 'COPY_ONLY');
  const begins = !copyOnly && options.recovery !== 'SIMPLE' && !options.others.has(CHAIN.log);
  await mkdir(dirname(copy), { recursive: true });
  try {
    // Before the copy, so that every commit that is not in it is in the log.
    if (begins) store.log.backups.enable(true);
    const first = store.log.oldestActive()?.beginLsn ?? store.log.current;
    const last = await store.copyTo(copy, {
      signal,
      progress: (done, total) => progress(total === 0 ? 0 : (80 * done) / total),
    });
    const { size } = await stat(copy);
    const compressed = hasOption(statement.options, 'COMPRESSION');
    if (compressed)
      await pipeline(createReadStream(copy), createGzip({ level: 1 }), createWriteStream(packed), { signal });
    const header = await headerOf(work, { type: 1, first, last, size, compressed, begins, tail: false });
    const written = await writeStripes(work, header, compressed ? packed : copy, done =>
      progress(80 + 20 * done),
    );
    if (!copyOnly) options.others.set(CHAIN.full, header.checkpointLsn);
    if (begins) options.others.set(CHAIN.log, header.lastLsn);
    return { header, ...written };
  } finally {
    await rm(copy, { force: true });
    await rm(packed, { force: true });
  }
}

/** Everything that was committed since the last log backup, whatever is committed meanwhile. */
export async function backUpLog(work: BackupWork, tail: boolean): Promise<Written> {
  const { statement, execution, database, store } = work;
  const { signal } = execution;
  const { options } = database;
  const progress = meter(work, 'BACKUP LOG');
  const first = lsnOption(options, CHAIN.log) ?? 0n;
  const last = store.log.current;
  const compressed = hasOption(statement.options, 'COMPRESSION');
  const file = temporary(work);
  await mkdir(dirname(file), { recursive: true });
  try {
    let size = 0;
    const records = Readable.from(
      framed(recordsUpTo(work, first, last), bytes => {
        size += bytes;
      }),
    );
    if (compressed) await pipeline(records, createGzip({ level: 1 }), createWriteStream(file), { signal });
    else await pipeline(records, createWriteStream(file), { signal });
    progress(50);
    const header = await headerOf(work, { type: 2, first, last, size, compressed, begins: false, tail });
    const written = await writeStripes(work, header, file, done => progress(50 + 50 * done));
    if (!hasOption(statement.options, 'COPY_ONLY')) {
      options.others.set(CHAIN.log, header.lastLsn);
      store.log.backups.truncate(last);
    }
    return { header, ...written };
  } finally {
    await rm(file, { force: true });
  }
}

function* recordsUpTo({ store }: BackupWork, first: Lsn, last: Lsn): Iterable<Uint8Array> {
  const { backups } = store.log;
  for (const record of backups.read(first)) {
    if (backups.describe(record).lsn > last) return;
    yield record;
  }
}

/** Each record of the log behind its length. */
function* framed(records: Iterable<Uint8Array>, written: (bytes: number) => void): Iterable<Buffer> {
  for (const each of records) {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(each.length);
    written(head.length + each.length);
    yield Buffer.concat([head, each]);
  }
}

const meter = ({ statement, execution }: BackupWork, command: string): ((percent: number) => void) =>
  progressOf(execution, command, numberOption(execution, statement.options, 'STATS', 10));

/** A file of the instance's own that no device names. */
function temporary({ execution: { instance } }: BackupWork): string {
  return join(instance.directory, 'backup', `.${guidText(instance.random.bytes(16))}`);
}

interface Content {
  readonly type: 1 | 2;
  readonly first: Lsn;
  readonly last: Lsn;
  readonly size: number;
  readonly compressed: boolean;
  readonly begins: boolean;
  readonly tail: boolean;
}

async function headerOf(work: BackupWork, content: Content): Promise<BackupHeader> {
  const { statement, execution, database, store, devices, began } = work;
  const { instance, evaluation } = execution;
  const { product, clock, random } = instance;
  const { options } = database;
  const { type, first, last, size, compressed, begins, tail } = content;
  const bytes = store.size();
  const base = lsnOption(options, CHAIN.full) ?? 0n;
  return {
    ...{ type, setId: guidText(random.bytes(16)), ...(await mediaOf(work)) },
    name: optionText(execution, statement.options, 'NAME') ?? null,
    description: optionText(execution, statement.options, 'DESCRIPTION') ?? null,
    ...{ database: database.name, server: instance.name, user: evaluation.session.login },
    ...{ databaseVersion: product.databaseVersion, compatibility: options.compatibility },
    ...{ collation: database.collation, recovery: options.recovery },
    copyOnly: hasOption(statement.options, 'COPY_ONLY'),
    checksums: hasOption(statement.options, 'CHECKSUM'),
    ...{ compressed, tail, beginsChain: begins },
    ...{ firstLsn: String(first), lastLsn: String(last) },
    checkpointLsn: String(type === 1 ? first : base),
    databaseBackupLsn: String(base),
    ...{ family: database.family, recoveryFork: database.recoveryFork, forks: [...forksOf(database)] },
    software: { major: product.major, minor: product.minor, build: product.build },
    ...{ created: database.created, started: began, finished: clock.now(), size },
    ...{ stripe: 0, stripes: devices.length, published: options.published },
    files: database.files.map(file => ({ ...file, size: file.type === 'LOG' ? bytes.log : bytes.data })),
    settings: {
      ...{ readOnly: options.readOnly, access: options.access },
      ...{ snapshotIsolation: options.snapshotIsolation },
      readCommittedSnapshot: options.readCommittedSnapshot,
      changeTracking: options.changeTracking ?? null,
      others: ownOthers(options),
    },
  };
}
