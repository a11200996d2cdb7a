import type { Execution } from '../flow/execution.ts';
import { lsnToDecimal } from '../storage/lsn.ts';
import type { BackupWork } from './backup.ts';
import { forkAt } from './chain.ts';
import type { Written } from './contents.ts';
import type { BackupHeader } from './header.ts';
import type { Source } from './media-set.ts';
import { hasOption } from './options.ts';

/** Backups and restores in msdb: backupset and its kin, restorehistory (facts: mssql 7.1). */

const text = (value: string | null): string =>
  value === null ? 'NULL' : `N'${value.replaceAll("'", "''")}'`;
const lsn = (value: string): string => String(lsnToDecimal(BigInt(value)));
const bit = (value: boolean): string => (value ? '1' : '0');

/** A literal of datetime, to the millisecond. */
const moment = (milliseconds: number): string =>
  `CONVERT(datetime, '${new Date(milliseconds).toISOString().slice(0, 23)}', 126)`;

interface Recorded {
  readonly header: BackupHeader;
  readonly position: number;
  readonly stored: number;
  readonly devices: readonly string[];
}

export async function recordBackup(work: BackupWork, { header, position, stored }: Written): Promise<void> {
  const devices = work.devices.map(({ device }) => device);
  await work.execution.instance.run('msdb', backupText({ header, position, stored, devices }));
}

/** SQL Server notes a backup that it restores where msdb does not know it. */
export async function recordRestore(
  execution: Execution,
  source: Source,
  restored: {
    readonly database: string;
    readonly type: 'D' | 'L';
    readonly options: Parameters<typeof hasOption>[0];
    readonly stopAt: number | undefined;
  },
): Promise<void> {
  const { header, position, length: stored, devices } = source;
  const { options, stopAt } = restored;
  const recovers = !hasOption(options, 'NORECOVERY') && !hasOption(options, 'STANDBY');
  await execution.instance.run(
    'msdb',
    `IF NOT EXISTS (SELECT 1 FROM dbo.backupset WHERE backup_set_uuid = '${header.setId}')
BEGIN
${backupText({ header, position, stored, devices })}
END;
INSERT dbo.restorehistory (restore_date, destination_database_name, user_name, backup_set_id, restore_type, [replace], recovery, [restart], stop_at, device_count, stop_at_mark_name, stop_before)
SELECT GETDATE(), ${text(restored.database)}, ${text(execution.evaluation.session.login)}, MAX(backup_set_id), '${restored.type}', ${bit(hasOption(options, 'REPLACE'))}, ${bit(recovers)}, 0, ${stopAt === undefined ? 'NULL' : moment(stopAt)}, ${devices.length}, NULL, NULL
FROM dbo.backupset WHERE backup_set_uuid = '${header.setId}';`,
  );
}

function backupText({ header, position, stored, devices }: Recorded): string {
  const { first, families } = { first: forkAt(header, BigInt(header.firstLsn)), families: devices.length };
  const columns: Readonly<Record<string, string>> = {
    backup_set_uuid: `'${header.setId}'`,
    media_set_id: '@media',
    ...{ first_family_number: '1', first_media_number: '1', last_family_number: String(families) },
    ...{ last_media_number: '1', position: String(position), software_vendor_id: '4608' },
    name: text(header.name),
    description: text(header.description),
    user_name: text(header.user),
    software_major_version: String(header.software.major),
    software_minor_version: String(header.software.minor),
    software_build_version: String(header.software.build),
    first_lsn: lsn(header.firstLsn),
    last_lsn: lsn(header.lastLsn),
    checkpoint_lsn: lsn(header.checkpointLsn),
    database_backup_lsn: lsn(header.databaseBackupLsn),
    database_creation_date: moment(header.created),
    backup_start_date: moment(header.started),
    backup_finish_date: moment(header.finished),
    type: header.type === 1 ? "'D'" : "'L'",
    compatibility_level: String(header.compatibility),
    database_version: String(header.databaseVersion),
    backup_size: String(header.size),
    compressed_backup_size: String(stored),
    database_name: text(header.database),
    server_name: text(header.server),
    machine_name: text(header.server),
    collation_name: text(header.collation),
    is_password_protected: '0',
    recovery_model: text(header.recovery),
    ...{ has_bulk_logged_data: '0', is_snapshot: '0', is_readonly: bit(header.settings.readOnly) },
    is_single_user: bit(header.settings.access === 'SINGLE_USER'),
    has_backup_checksums: bit(header.checksums),
    ...{ is_damaged: '0', begins_log_chain: bit(header.beginsChain), has_incomplete_metadata: '0' },
    is_force_offline: bit(header.tail),
    is_copy_only: bit(header.copyOnly),
    first_recovery_fork_guid: `'${first}'`,
    last_recovery_fork_guid: `'${header.recoveryFork}'`,
    database_guid: `'${header.family}'`,
    family_guid: `'${header.family}'`,
  };
  const devicesText = devices.map(
    (device, at) =>
      `INSERT dbo.backupmediafamily (media_set_id, family_sequence_number, media_count, physical_device_name, device_type, mirror) VALUES (@media, ${at + 1}, 1, ${text(device)}, 2, 0);`,
  );
  const files = header.files.map(
    ({ id, type, size, logicalName, physicalName }) =>
      `INSERT dbo.backupfile (backup_set_id, file_number, file_type, file_size, logical_name, physical_name, state, state_desc, is_readonly, is_present) VALUES (@set, ${id}, '${type === 'LOG' ? 'L' : 'D'}', ${size}, ${text(logicalName)}, ${text(physicalName)}, 0, N'ONLINE', 0, 1);`,
  );
  return `DECLARE @media int = (SELECT MAX(media_set_id) FROM dbo.backupmediaset WHERE media_uuid = '${header.mediaSet}'), @set int;
IF @media IS NULL
BEGIN
INSERT dbo.backupmediaset (media_uuid, media_family_count, name, description, software_name, software_vendor_id, mirror_count, is_password_protected, is_compressed, is_encrypted)
VALUES ('${header.mediaSet}', ${families}, ${text(header.mediaName)}, ${text(header.mediaDescription)}, N'Microsoft SQL Server', 4608, 1, 0, ${bit(header.compressed)}, 0);
SET @media = SCOPE_IDENTITY();
${devicesText.join('\n')}
END;
INSERT dbo.backupset (${Object.keys(columns).join(', ')})
VALUES (${Object.values(columns).join(', ')});
SET @set = SCOPE_IDENTITY();
${files.join('\n')}`;
}
