import { z } from 'zod';
import { literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene, Work } from '../stage.ts';

/** What msdb and the files themselves say of backups. LSNs are decimal text: numeric(25,0) is beyond a number. */

const reading = (on: Statement['on'], title: string, text: string): Statement => ({
  on,
  database: 'master',
  title,
  effect: 'reads',
  text,
});

const bigger = (text: string): bigint => BigInt(text);
/** -1, 0 or 1, as numbers and not as texts. */
export const compareLsn = (one: string, other: string): number =>
  bigger(one) < bigger(other) ? -1 : bigger(one) > bigger(other) ? 1 : 0;

/** 9118000003065000001 as 0x0000239E000077BA0001 (facts: mssql 5.6). */
export function lsnHex(decimal: string): string {
  const all = BigInt(decimal);
  const hex = (part: bigint, digits: number): string => part.toString(16).toUpperCase().padStart(digits, '0');
  return `0x${hex(all / 10n ** 15n, 8)}${hex((all / 10n ** 5n) % 10n ** 10n, 8)}${hex(all % 10n ** 5n, 4)}`;
}

const backupRow = z.object({
  id: z.number(),
  kind: z.string(),
  copyOnly: z.boolean(),
  firstLsn: z.string(),
  lastLsn: z.string(),
  device: z.string(),
  position: z.number(),
  bytes: z.string(),
  startedAt: z.string(),
  minutesAgo: z.number(),
});
export type Backup = z.infer<typeof backupRow>;

/** Full and log backups of production, oldest first, those of the last month; one row for each, whatever its stripes. */
const backupsStatement = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  reading(
    'publisher',
    `ask which backups of ${ref.source} there are`,
    `SELECT s.backup_set_id AS id, RTRIM(s.type) AS kind, s.is_copy_only AS copyOnly, CONVERT(varchar(30), s.first_lsn) AS firstLsn, CONVERT(varchar(30), s.last_lsn) AS lastLsn,
  MIN(m.physical_device_name) AS device, s.position AS position, CONVERT(varchar(20), CONVERT(bigint, ISNULL(s.compressed_backup_size, s.backup_size))) AS bytes,
  CONVERT(varchar(20), CONVERT(bigint, DATEDIFF(second, '20000101', s.backup_start_date) - DATEDIFF(second, GETUTCDATE(), GETDATE()))) AS startedAt,
  DATEDIFF(minute, s.backup_start_date, GETDATE()) AS minutesAgo
FROM msdb.dbo.backupset AS s JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = s.media_set_id
WHERE s.database_name = ${literal(ref.source)} AND s.type IN ('D', 'L') AND s.backup_start_date > DATEADD(day, -31, GETDATE())
  AND s.database_guid = (SELECT database_guid FROM sys.database_recovery_status WHERE database_id = DB_ID(${literal(ref.source)}))
GROUP BY s.backup_set_id, s.type, s.is_copy_only, s.first_lsn, s.last_lsn, s.position, s.compressed_backup_size, s.backup_size, s.backup_start_date
ORDER BY s.backup_set_id;`,
  );

export const readBackups = (work: Pick<Work, 'servers' | 'ref' | 'signal'>): Promise<Backup[]> =>
  work.servers.publisher.ask(backupsStatement(work), backupRow, { signal: work.signal });

/** Epoch ms of a backup's beginning, by the publisher's clock. */
export const startedAtMs = ({ startedAt }: Backup): number => Date.UTC(2000, 0, 1) + Number(startedAt) * 1000;

const sourceRow = z.object({
  recovery: z.string(),
  fork: z.string().nullable(),
  chain: z.string().nullable(),
});
export type SourceFacts = z.infer<typeof sourceRow>;

const sourceStatement = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  reading(
    'publisher',
    `ask for recovery model and recovery fork of ${ref.source}`,
    `SELECT d.recovery_model_desc AS recovery, CONVERT(char(36), r.recovery_fork_guid) AS fork, CONVERT(varchar(30), r.last_log_backup_lsn) AS chain
FROM sys.databases AS d LEFT JOIN sys.database_recovery_status AS r ON r.database_id = d.database_id WHERE d.name = ${literal(ref.source)};`,
  );

export async function readSource(
  work: Pick<Work, 'servers' | 'ref' | 'signal'>,
): Promise<SourceFacts | undefined> {
  const [row] = await work.servers.publisher.ask(sourceStatement(work), sourceRow, { signal: work.signal });
  return row;
}

const targetRow = z.object({
  state: z.string().nullable(),
  device: z.string().nullable(),
  lastLsn: z.string().nullable(),
  published: z.boolean().nullable(),
  dataPath: z.string().nullable(),
  logPath: z.string().nullable(),
});
export type TargetFacts = z.infer<typeof targetRow>;

/** The copy, what it was restored from, and up to which LSN it has the log. */
const targetStatement = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  reading(
    'subscriber',
    `ask what ${ref.copy} was restored from`,
    `DECLARE @full int = (SELECT MAX(restore_history_id) FROM msdb.dbo.restorehistory WHERE destination_database_name = ${literal(ref.copy)} AND restore_type = 'D');
SELECT (SELECT CASE WHEN is_in_standby = 1 THEN N'STANDBY' ELSE state_desc END FROM sys.databases WHERE name = ${literal(ref.copy)}) AS state,
  (SELECT MIN(m.physical_device_name) FROM msdb.dbo.restorehistory AS r JOIN msdb.dbo.backupset AS b ON b.backup_set_id = r.backup_set_id
    JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = b.media_set_id WHERE r.restore_history_id = @full) AS device,
  (SELECT CONVERT(varchar(30), MAX(b.last_lsn)) FROM msdb.dbo.restorehistory AS r JOIN msdb.dbo.backupset AS b ON b.backup_set_id = r.backup_set_id
    WHERE r.destination_database_name = ${literal(ref.copy)} AND r.restore_history_id >= @full) AS lastLsn,
  (SELECT is_published FROM sys.databases WHERE name = ${literal(ref.copy)}) AS published,
  CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultDataPath')) AS dataPath, CONVERT(nvarchar(260), SERVERPROPERTY('InstanceDefaultLogPath')) AS logPath;`,
  );

export async function readTarget(work: Pick<Work, 'servers' | 'ref' | 'signal'>): Promise<TargetFacts> {
  const [row] = await work.servers.subscriber.ask(targetStatement(work), targetRow, { signal: work.signal });
  return row ?? { state: null, device: null, lastLsn: null, published: null, dataPath: null, logPath: null };
}

const headerRow = z.object({
  DatabaseName: z.string(),
  BackupType: z.number(),
  RecoveryForkID: z.string().nullable(),
  IsDamaged: z.boolean(),
});
export type Header = z.infer<typeof headerRow>;

/** RESTORE HEADERONLY of a file as the subscriber sees it, the backup that was written last. */
export async function readHeader(work: Work, file: string): Promise<Header | undefined> {
  const statement = reading(
    'subscriber',
    'read the header of the backup',
    `RESTORE HEADERONLY FROM DISK = ${literal(file)};`,
  );
  const rows = await work.servers.subscriber.ask(statement, headerRow, { signal: work.signal });
  return rows.at(-1);
}

const fileRow = z.object({ LogicalName: z.string(), PhysicalName: z.string(), Type: z.string() });
export type RestoredFile = z.infer<typeof fileRow>;

export const readFiles = (work: Work, file: string): Promise<RestoredFile[]> =>
  work.servers.subscriber.ask(
    reading(
      'subscriber',
      'read the list of files in the backup',
      `RESTORE FILELISTONLY FROM DISK = ${literal(file)};`,
    ),
    fileRow,
    { signal: work.signal },
  );
