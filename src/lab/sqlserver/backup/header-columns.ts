import type { ResultColumn } from '../server/replies.ts';
import { lsnToDecimal } from '../storage/lsn.ts';
import {
  BIGINT,
  BIT,
  DATETIME,
  decimal,
  INT,
  nvarchar,
  SMALLINT,
  type SqlType,
  TINYINT,
  UNIQUEIDENTIFIER,
  type Value,
} from '../values/types.ts';
import { forkAt } from './chain.ts';
import type { BackupSet } from './media.ts';

/** RESTORE HEADERONLY and FILELISTONLY with SQL Server's columns, in their order (facts: mssql 7.2). */

const LSN: SqlType = decimal(25, 0);
const TEXT = nvarchar(128);

const column = (name: string, type: SqlType): ResultColumn => ({
  name,
  type,
  nullable: true,
  identity: false,
});

const dateTime = (milliseconds: number): number => Math.round(((milliseconds + 2_208_988_800_000) * 3) / 10);

const lsnValue = (text: string): bigint => lsnToDecimal(BigInt(text));

/** Where a log backup passes from one fork to another. */
function forkPoint({ forks, firstLsn }: BackupSet['header']): bigint | null {
  const first = forks.find(({ until }) => BigInt(firstLsn) <= BigInt(until));
  return first === undefined ? null : lsnValue(first.until);
}

/** Each column with what it shows of a set. */
const HEADER: readonly (readonly [ResultColumn, (set: BackupSet) => Value])[] = [
  [column('BackupName', TEXT), ({ header }) => header.name],
  [column('BackupDescription', nvarchar(255)), ({ header }) => header.description],
  [column('BackupType', SMALLINT), ({ header }) => header.type],
  [column('ExpirationDate', DATETIME), () => null],
  [column('Compressed', BIT), ({ header }) => (header.compressed ? 1 : 0)],
  [column('Position', SMALLINT), ({ position }) => position],
  [column('DeviceType', TINYINT), () => 2],
  [column('UserName', TEXT), ({ header }) => header.user],
  [column('ServerName', TEXT), ({ header }) => header.server],
  [column('DatabaseName', TEXT), ({ header }) => header.database],
  [column('DatabaseVersion', INT), ({ header }) => header.databaseVersion],
  [column('DatabaseCreationDate', DATETIME), ({ header }) => dateTime(header.created)],
  [column('BackupSize', decimal(20, 0)), ({ header }) => BigInt(header.size)],
  [column('FirstLSN', LSN), ({ header }) => lsnValue(header.firstLsn)],
  [column('LastLSN', LSN), ({ header }) => lsnValue(header.lastLsn)],
  [column('CheckpointLSN', LSN), ({ header }) => lsnValue(header.checkpointLsn)],
  [column('DatabaseBackupLSN', LSN), ({ header }) => lsnValue(header.databaseBackupLsn)],
  [column('BackupStartDate', DATETIME), ({ header }) => dateTime(header.started)],
  [column('BackupFinishDate', DATETIME), ({ header }) => dateTime(header.finished)],
  [column('SortOrder', SMALLINT), () => 52],
  [column('CodePage', SMALLINT), () => 0],
  [column('UnicodeLocaleId', INT), () => 1033],
  [column('UnicodeComparisonStyle', INT), () => 196609],
  [column('CompatibilityLevel', TINYINT), ({ header }) => header.compatibility],
  [column('SoftwareVendorId', INT), () => 4608],
  [column('SoftwareVersionMajor', INT), ({ header }) => header.software.major],
  [column('SoftwareVersionMinor', INT), ({ header }) => header.software.minor],
  [column('SoftwareVersionBuild', INT), ({ header }) => header.software.build],
  [column('MachineName', TEXT), ({ header }) => header.server],
  [column('Flags', INT), ({ header }) => (header.checksums ? 528 : 512)],
  [column('BindingID', UNIQUEIDENTIFIER), ({ header }) => header.setId],
  [column('RecoveryForkID', UNIQUEIDENTIFIER), ({ header }) => header.recoveryFork],
  [column('Collation', TEXT), ({ header }) => header.collation],
  [column('FamilyGUID', UNIQUEIDENTIFIER), ({ header }) => header.family],
  [column('HasBulkLoggedData', BIT), () => 0],
  [column('IsSnapshot', BIT), () => 0],
  [column('IsReadOnly', BIT), ({ header }) => (header.settings.readOnly ? 1 : 0)],
  [column('IsSingleUser', BIT), ({ header }) => (header.settings.access === 'SINGLE_USER' ? 1 : 0)],
  [column('HasBackupChecksums', BIT), ({ header }) => (header.checksums ? 1 : 0)],
  [column('IsDamaged', BIT), () => 0],
  [column('BeginsLogChain', BIT), ({ header }) => (header.beginsChain ? 1 : 0)],
  [column('HasIncompleteMetaData', BIT), () => 0],
  [column('IsForceOffline', BIT), ({ header }) => (header.tail ? 1 : 0)],
  [column('IsCopyOnly', BIT), ({ header }) => (header.copyOnly ? 1 : 0)],
  [column('FirstRecoveryForkID', UNIQUEIDENTIFIER), ({ header }) => forkAt(header, BigInt(header.firstLsn))],
  [column('ForkPointLSN', LSN), ({ header }) => forkPoint(header)],
  [column('RecoveryModel', nvarchar(60)), ({ header }) => header.recovery],
  [column('DifferentialBaseLSN', LSN), () => null],
  [column('DifferentialBaseGUID', UNIQUEIDENTIFIER), () => null],
  [
    column('BackupTypeDescription', nvarchar(60)),
    ({ header }) => (header.type === 1 ? 'Database' : 'Transaction Log'),
  ],
  [column('BackupSetGUID', UNIQUEIDENTIFIER), ({ header }) => header.setId],
  [column('CompressedBackupSize', BIGINT), ({ length }) => BigInt(length)],
  [column('Containment', TINYINT), () => 0],
  [column('KeyAlgorithm', nvarchar(32)), () => null],
  [column('EncryptorThumbprint', nvarchar(40)), () => null],
  [column('EncryptorType', nvarchar(32)), () => null],
];

export const HEADER_COLUMNS: readonly ResultColumn[] = HEADER.map(([name]) => name);

export const headerRow = (set: BackupSet): readonly Value[] => HEADER.map(([, value]) => value(set));

type FileOf = BackupSet['header']['files'][number];

const FILES: readonly (readonly [ResultColumn, (file: FileOf, set: BackupSet) => Value])[] = [
  [column('LogicalName', TEXT), ({ logicalName }) => logicalName],
  [column('PhysicalName', nvarchar(260)), ({ physicalName }) => physicalName],
  [
    column('Type', { kind: 'char', length: 1, collation: 'SQL_Latin1_General_CP1_CI_AS' }),
    ({ type }) => (type === 'LOG' ? 'L' : 'D'),
  ],
  [column('FileGroupName', TEXT), ({ type }) => (type === 'LOG' ? null : 'PRIMARY')],
  [column('Size', decimal(20, 0)), ({ size }) => BigInt(size)],
  [column('MaxSize', decimal(20, 0)), () => 35_184_372_080_640n],
  [column('FileId', BIGINT), ({ id }) => BigInt(id)],
  [column('CreateLSN', LSN), () => 0n],
  [column('DropLSN', LSN), () => 0n],
  [column('UniqueId', UNIQUEIDENTIFIER), (_, { header }) => header.family],
  [column('ReadOnlyLSN', LSN), () => 0n],
  [column('ReadWriteLSN', LSN), () => 0n],
  [column('BackupSizeInBytes', BIGINT), ({ size }) => BigInt(size)],
  [column('SourceBlockSize', INT), () => 512],
  [column('FileGroupId', INT), ({ type }) => (type === 'LOG' ? 0 : 1)],
  [column('LogGroupGUID', UNIQUEIDENTIFIER), () => null],
  [column('DifferentialBaseLSN', LSN), () => 0n],
  [column('DifferentialBaseGUID', UNIQUEIDENTIFIER), () => null],
  [column('IsReadOnly', BIT), () => 0],
  [column('IsPresent', BIT), () => 1],
  [column('TDEThumbprint', nvarchar(64)), () => null],
  [column('SnapshotUrl', nvarchar(360)), () => null],
];

export const FILE_COLUMNS: readonly ResultColumn[] = FILES.map(([name]) => name);

export const fileRow = (file: FileOf, set: BackupSet): readonly Value[] =>
  FILES.map(([, value]) => value(file, set));

const LABEL: readonly (readonly [ResultColumn, (set: BackupSet) => Value])[] = [
  [column('MediaName', TEXT), ({ header }) => header.mediaName],
  [column('MediaSetId', UNIQUEIDENTIFIER), ({ header }) => header.mediaSet],
  [column('FamilyCount', INT), ({ header }) => header.stripes],
  [column('FamilySequenceNumber', INT), ({ header }) => header.stripe + 1],
  [column('MediaFamilyId', UNIQUEIDENTIFIER), ({ header }) => header.mediaSet],
  [column('MediaSequenceNumber', INT), () => 1],
  [column('MediaLabelPresent', TINYINT), () => 0],
  [column('MediaDescription', nvarchar(255)), ({ header }) => header.mediaDescription],
  [column('SoftwareName', TEXT), () => 'Microsoft SQL Server'],
  [column('SoftwareVendorId', INT), () => 4608],
  [column('MediaDate', DATETIME), ({ header }) => dateTime(header.finished)],
  [column('Mirror_Count', INT), () => 1],
  [column('IsCompressed', BIT), ({ header }) => (header.compressed ? 1 : 0)],
];

export const LABEL_COLUMNS: readonly ResultColumn[] = LABEL.map(([name]) => name);

export const labelRow = (set: BackupSet): readonly Value[] => LABEL.map(([, value]) => value(set));
