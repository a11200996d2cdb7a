import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Lsn, Store } from '../storage/store.ts';
import { optionText } from '../system/statement-values.ts';
import { CHAIN, forkAt, keepForks, lsnOption, requireNext } from './chain.ts';
import { recordRestore } from './history.ts';
import type { RestoreStatement } from './information.ts';
import { type Source, sourceOf } from './media-set.ts';
import { databaseName, numberOption, progressOf, tellProcessed } from './options.ts';
import { beginRestore, endRestore, isRestoring, requireExclusive } from './recover.ts';
import { requireVersion } from './restore-database.ts';
import { parseStopAt } from './stop-at.ts';

/**
 * The commits of a log backup upon what has been restored, up to STOPAT.
 *
 * @throws SqlError 3118, 3117, 3135, 3101, 4330, 4305, 4326, 3203, 3189
 */
export async function restoreLog(statement: RestoreStatement, execution: Execution): Promise<void> {
  const { instance } = execution;
  const { options } = statement;
  const name = databaseName(execution, statement.database);
  const there = instance.databases.get(name.toLowerCase());
  if (there === undefined)
    throw new SqlError(
      3118,
      `The database "${name}" does not exist. RESTORE can only create a database when restoring either a full backup or a file backup of the primary file.`,
    );
  const reached = lsnOption(there.options, CHAIN.restored);
  if (!isRestoring(there) || reached === undefined)
    throw new SqlError(
      3117,
      'The log or differential backup cannot be restored because no files are ready to rollforward.',
    );
  const source = await sourceOf(statement, execution);
  const { header } = source;
  if (header.type !== 2)
    throw new SqlError(
      3135,
      `The backup set in file '${source.devices[0] ?? ''}' was created by BACKUP DATABASE and cannot be used for this restore operation.`,
    );
  requireVersion(header, execution);
  requireExclusive(execution, there);
  requireNext(header, there, reached);
  const stopAt = parseStopAt(optionText(execution, options, 'STOPAT'));
  // A damaged backup is refused before a part of it is applied.
  await source.verify(execution.signal);
  const began = instance.clock.now();
  const progress = progressOf(execution, 'RESTORE LOG', numberOption(execution, options, 'STATS', 10));
  const target = await beginRestore(execution, there.name);
  target.open();
  let end: Lsn | undefined;
  try {
    if (target.store !== undefined)
      end = await applyRecords(target.store, source, execution, stopAt, progress);
  } finally {
    target.shut();
  }
  const to = end ?? BigInt(header.lastLsn);
  target.recoveryFork = forkAt(header, to);
  keepForks(
    target.options,
    header.forks.filter(({ until }) => BigInt(until) < to),
  );
  target.options.others.set(CHAIN.restored, String(to > reached ? to : reached));
  await recordRestore(execution, source, { database: target.name, type: 'L', options, stopAt });
  progress(100);
  tellProcessed(execution, 'RESTORE LOG', {
    ...{ database: target.name, files: target.files, position: source.position, bytes: header.size, began },
  });
  if (stopAt !== undefined && end === undefined && header.finished < stopAt) {
    execution.message({
      ...{ number: 4342, severity: 0, state: 1 },
      text: 'This backup set contains records that were logged before the designated point in time. The database is being left in the restoring state so that more roll forward can be performed.',
    });
    return;
  }
  await endRestore(statement, execution, target);
}

/** Gives the LSN after which STOPAT has ended it, undefined where the whole backup was applied. */
async function applyRecords(
  store: Store,
  source: Source,
  execution: Execution,
  stopAt: number | undefined,
  progress: (percent: number) => void,
): Promise<Lsn | undefined> {
  const { backups } = store.log;
  const total = Math.max(1, source.header.size);
  let applied = 0;
  let last = BigInt(source.header.firstLsn);
  for await (const record of recordsOf(source)) {
    execution.signal.throwIfAborted();
    if (stopAt !== undefined && backups.describe(record).committed > stopAt) return last;
    last = backups.apply(record);
    applied += record.length + 4;
    progress((99 * applied) / total);
    await execution.breathe();
  }
  return undefined;
}

/** Records of a log backup, each behind its length, in the order of their commits. */
async function* recordsOf(source: Source): AsyncIterable<Uint8Array> {
  const raw = Readable.from(source.payload());
  const unpacked = source.header.compressed ? raw.pipe(createGunzip()) : raw;
  if (unpacked !== raw) raw.once('error', error => unpacked.destroy(error));
  const pieces: AsyncIterable<unknown> = unpacked;
  let left: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (!(piece instanceof Uint8Array)) continue;
    left = left.length === 0 ? Buffer.from(piece) : Buffer.concat([left, piece]);
    let at = 0;
    while (left.length >= at + 4) {
      const length = left.readUInt32LE(at);
      if (left.length < at + 4 + length) break;
      yield left.subarray(at + 4, at + 4 + length);
      at += 4 + length;
    }
    left = left.subarray(at);
  }
  if (left.length > 0)
    throw new SqlError(3203, `Read on "${source.devices[0] ?? ''}" failed: 38(Reached the end of the file.)`);
}
