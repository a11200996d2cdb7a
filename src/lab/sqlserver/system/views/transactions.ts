import { statfsSync } from 'node:fs';
import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import type { Transaction } from '../../storage/store.ts';
import { view } from '../define-view.ts';
import { logReuseWait } from './databases.ts';

interface Open {
  readonly database: Database;
  readonly transaction: Transaction;
}

/** Every transaction that is open in a store, written or not. */
function* open(context: FunctionContext): Iterable<Open> {
  for (const database of context.instance.databases.values())
    for (const transaction of database.store?.log.active() ?? []) yield { database, transaction };
}

/** A statement's own transaction is none of the session's: those have begun with BEGIN TRANSACTION. */
const isUser = (context: FunctionContext, transaction: Transaction): boolean =>
  (context.instance.sessions.get(transaction.session)?.openTransactions ?? 0) > 0;

/** One id over all databases: the session's, else one of the store's. */
const idOf = (context: FunctionContext, { database, transaction }: Open): number =>
  context.instance.sessions.get(transaction.session)?.transactionId ?? transaction.id * 32_768 + database.id;

export const databaseTransactions = view(
  'dm_tran_database_transactions',
  `transaction_id bigint
   database_id int
   database_transaction_begin_time datetime null
   database_transaction_type int = 1
   database_transaction_state int
   database_transaction_status int = 0
   database_transaction_status2 int = 0
   database_transaction_log_record_count bigint
   database_transaction_replicate_record_count int = 0
   database_transaction_log_bytes_used bigint
   database_transaction_log_bytes_reserved bigint = 0
   database_transaction_log_bytes_used_system int = 0
   database_transaction_log_bytes_reserved_system int = 0
   database_transaction_begin_lsn numeric(25,0) null
   database_transaction_last_lsn numeric(25,0) null
   database_transaction_most_recent_savepoint_lsn numeric(25,0) null
   database_transaction_commit_lsn numeric(25,0) null
   database_transaction_last_rollback_lsn numeric(25,0) null
   database_transaction_next_undo_lsn numeric(25,0) null`,
  function* (context) {
    for (const each of open(context)) {
      const { database, transaction } = each;
      const wrote = transaction.beginLsn !== undefined;
      yield {
        transaction_id: idOf(context, each),
        database_id: database.id,
        database_transaction_begin_time: wrote ? transaction.begun : null,
        database_transaction_state: wrote ? 4 : 3,
        database_transaction_log_record_count: transaction.writes,
        database_transaction_log_bytes_used: transaction.writes * 128,
        database_transaction_begin_lsn:
          transaction.beginLsn === undefined ? null : numericLsn(transaction.beginLsn),
      };
    }
  },
  { state: 'server' },
);

/** An LSN as numeric(25,0): vlf * 10^15 + block * 10^5 + slot. */
export const numericLsn = (lsn: bigint): bigint =>
  (lsn >> 48n) * 10n ** 15n + ((lsn >> 16n) & 0xffff_ffffn) * 10n ** 5n + (lsn & 0xffffn);

export const sessionTransactions = view(
  'dm_tran_session_transactions',
  `session_id int null
   transaction_id bigint null
   transaction_descriptor binary(8) null
   enlist_count int
   is_user_transaction bit
   is_local bit = 1
   is_enlisted bit = 0
   is_bound bit = 0
   open_transaction_count int`,
  function* (context) {
    const seen = new Set<string>();
    for (const each of open(context)) {
      const id = idOf(context, each);
      const key = `${each.transaction.session}/${id}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const session = context.instance.sessions.get(each.transaction.session);
      const descriptor = new Uint8Array(8);
      new DataView(descriptor.buffer).setBigUint64(0, BigInt(id));
      yield {
        session_id: each.transaction.session,
        transaction_id: id,
        transaction_descriptor: descriptor,
        enlist_count: session?.request === undefined ? 0 : 1,
        is_user_transaction: isUser(context, each.transaction),
        open_transaction_count: session?.openTransactions ?? 0,
      };
    }
  },
  { state: 'server' },
);

export const activeTransactions = view(
  'dm_tran_active_transactions',
  `transaction_id bigint
   name nvarchar(32)
   transaction_begin_time datetime
   transaction_type int
   transaction_uow uniqueidentifier null
   transaction_state int
   transaction_status int = 0
   transaction_status2 int = 0
   dtc_state int = 0
   dtc_status int = 0
   dtc_isolation_level int = -1
   filestream_transaction_id varbinary(128) null`,
  function* (context) {
    const seen = new Set<number>();
    for (const each of open(context)) {
      const id = idOf(context, each);
      if (seen.has(id)) continue;
      seen.add(id);
      yield {
        transaction_id: id,
        name: isUser(context, each.transaction) ? 'user_transaction' : 'implicit_transaction',
        transaction_begin_time: each.transaction.begun,
        transaction_type: each.transaction.beginLsn === undefined ? 2 : 1,
        transaction_state: 2,
      };
    }
  },
  { state: 'server' },
);

export const snapshotTransactions = view(
  'dm_tran_active_snapshot_database_transactions',
  `transaction_id bigint null
   transaction_sequence_num bigint null
   commit_sequence_num bigint null
   is_snapshot int null
   session_id int null
   first_snapshot_sequence_num bigint null
   max_version_chain_traversed int null = 0
   average_version_chain_traversed float null = 0
   elapsed_time_seconds bigint null`,
  function* (context) {
    for (const each of open(context)) {
      const { database, transaction } = each;
      if (!database.options.snapshotIsolation && !database.options.readCommittedSnapshot) continue;
      yield {
        transaction_id: idOf(context, each),
        transaction_sequence_num: transaction.id,
        is_snapshot: 0,
        session_id: transaction.session,
        first_snapshot_sequence_num: 0,
        elapsed_time_seconds: Math.max(0, (context.instance.clock.now() - transaction.begun) / 1000),
      };
    }
  },
  { state: 'server' },
);

export const locks = view(
  'dm_tran_locks',
  `resource_type nvarchar(60)
   resource_subtype nvarchar(60)
   resource_database_id int
   resource_description nvarchar(256)
   resource_associated_entity_id bigint null
   resource_lock_partition int = 0
   request_mode nvarchar(60)
   request_type nvarchar(60) = LOCK
   request_status nvarchar(60)
   request_reference_count smallint = 1
   request_lifetime int = 33554432
   request_session_id int
   request_exec_context_id int = 0
   request_request_id int = 0
   request_owner_type nvarchar(60)
   request_owner_id bigint null
   request_owner_guid uniqueidentifier null
   request_owner_lockspace_id nvarchar(32)
   lock_owner_address varbinary(8) = 0`,
  function* (context) {
    for (const session of context.instance.sessions.values())
      yield {
        ...lockRow(session.id, 'S', 'GRANT', 'SHARED_TRANSACTION_WORKSPACE'),
        resource_type: 'DATABASE',
        resource_database_id: session.database.id,
      };
    for (const database of context.instance.databases.values())
      for (const lock of database.store?.locks.held() ?? []) {
        const [, table, row] = /(\d+)(?:\D+(.+))?/.exec(lock.resource) ?? [];
        yield {
          ...lockRow(lock.session, lock.mode, lock.waiting ? 'WAIT' : 'GRANT', 'TRANSACTION'),
          resource_type: row === undefined ? 'OBJECT' : 'KEY',
          resource_database_id: database.id,
          resource_description: row === undefined ? '' : `(${row})`,
          resource_associated_entity_id: table === undefined ? null : Number(table),
        };
      }
  },
  { state: 'server' },
);

const lockRow = (session: number, mode: string, status: string, owner: string) => ({
  resource_subtype: '',
  resource_description: '',
  resource_associated_entity_id: 0,
  request_mode: mode === 'Sch-M' ? 'Sch-M' : mode,
  request_status: status,
  request_session_id: session,
  request_owner_type: owner,
  request_owner_lockspace_id: `0x0000000000000000:${session}:0`,
  lock_owner_address: new Uint8Array(8),
});

export const logSpace = view(
  'dm_db_log_space_usage',
  `database_id smallint
   total_log_size_in_bytes bigint
   used_log_space_in_bytes bigint
   used_log_space_in_percent real
   log_space_in_bytes_since_last_backup bigint since 2014`,
  (_context, database) => {
    const used = usedLog(database);
    const total = logSize(database);
    return [
      {
        database_id: database.id,
        total_log_size_in_bytes: total,
        used_log_space_in_bytes: used,
        used_log_space_in_percent: Math.fround((used * 100) / total),
        log_space_in_bytes_since_last_backup: database.store?.log.backups.bytes ?? 0,
      },
    ];
  },
  { state: 'database' },
);

/** What the log cannot give up: commits that no log backup has, undelivered commands, the file's own head. */
export function usedLog({ store }: Database): number {
  const log = store?.log;
  return 512 * 1024 + (log?.backlog.bytes ?? 0) + (log?.backups.bytes ?? 0);
}

const GROWTH = 8 * 1024 * 1024;

/** The log file grows by 8 MB where what it cannot give up does not fit any more. */
export const logSize = (database: Database): number =>
  GROWTH * Math.ceil(Math.max(GROWTH, usedLog(database), database.store?.size().log ?? 0) / GROWTH);

export const logStatistics = view(
  'dm_db_log_stats',
  `database_id int
   recovery_model nvarchar(60)
   log_min_lsn nvarchar(24) null
   log_end_lsn nvarchar(24) null
   total_vlf_count bigint = 4
   total_log_size_mb float
   active_vlf_count bigint = 1
   active_log_size_mb float
   log_truncation_holdup_reason nvarchar(60)`,
  function* (context, _database, [id]) {
    for (const database of context.instance.databases.values()) {
      if (database.id !== Number(id)) continue;
      yield {
        database_id: database.id,
        recovery_model: database.options.recovery,
        total_log_size_mb: logSize(database) / 1_048_576,
        active_log_size_mb: usedLog(database) / 1_048_576,
        log_truncation_holdup_reason: logReuseWait(database).name,
      };
    }
  },
  { since: 2016, parameters: [{ kind: 'int' }] },
);

export const volumeStats = view(
  'dm_os_volume_stats',
  `database_id int null
   file_id int null
   volume_mount_point nvarchar(256) null
   volume_id nvarchar(256) null
   logical_volume_name nvarchar(256) null
   file_system_type nvarchar(256) null
   total_bytes bigint null
   available_bytes bigint null
   supports_compression tinyint null = 0
   supports_alternate_streams tinyint null = 0
   supports_sparse_files tinyint null = 1
   is_read_only tinyint null = 0
   is_compressed tinyint null = 0
   incurs_seek_penalty tinyint null = 0 since 2019`,
  function* (context, _database, [databaseId, fileId]) {
    for (const database of context.instance.databases.values())
      for (const file of database.files) {
        if (database.id !== Number(databaseId) || file.id !== Number(fileId)) continue;
        const space = volumeSpace(context.instance.directory);
        yield {
          database_id: database.id,
          file_id: file.id,
          volume_mount_point: context.instance.product.platform === 'Windows' ? 'C:\\' : '/',
          volume_id: '1',
          logical_volume_name: '',
          file_system_type: context.instance.product.platform === 'Windows' ? 'NTFS' : 'ext4',
          total_bytes: space.total,
          available_bytes: space.available,
        };
      }
  },
  { state: 'server', parameters: [{ kind: 'int' }, { kind: 'int' }] },
);

/** Space of the volume that really holds the double's files. */
function volumeSpace(directory: string): { readonly total: bigint; readonly available: bigint } {
  const space = statfsSync(directory, { bigint: true });
  return { total: space.blocks * space.bsize, available: space.bavail * space.bsize };
}
