import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Script, Statement } from '../../remote/sql/statement.ts';
import { laneOf } from '../replicate/capture-script.ts';
import { asking, writing } from '../replicate/phrases.ts';
import type { Scene } from '../stage.ts';
import { foldersOf, inFolder, ownFile } from './files.ts';

/** BACKUP and RESTORE as landfall sends them (facts: mssql 6.3, 7). What is known only at run time comes as parameters. */

export const DEVICE = 'landfall_device';
export const POSITION = 'landfall_position';
export const MOVES = 'landfall_moves';

/** Express and Web cannot write compressed backups; before the assessment the others are assumed. */
const compression = ({ state }: Scene): string =>
  /\b(express|web)\b/i.test(state.assessed?.publisher.edition ?? '') ? '' : 'COMPRESSION, ';

export const fullFile = (scene: Scene): string =>
  inFolder(foldersOf(scene).written, ownFile(scene, 'full.bak'));
export const fullFileRead = (scene: Scene): string =>
  inFolder(foldersOf(scene).read, ownFile(scene, 'full.bak'));

/** One file: the header of the last backup is what a subscription begins from. */
export const fullBackup = (scene: Scene): Statement =>
  writing({
    on: 'publisher',
    database: 'master',
    title: `back ${scene.ref.source} up; writers go on, its own backups do not notice (COPY_ONLY)`,
    text: `BACKUP DATABASE ${identifier(scene.ref.source)} TO DISK = ${literal(fullFile(scene))}
  WITH COPY_ONLY, ${compression(scene)}CHECKSUM, FORMAT, INIT, STATS = 1;`,
  });

/** Where nobody has ever backed the database up, its log has no beginning yet. */
export const firstBackup = (scene: Scene): Statement =>
  writing({
    on: 'publisher',
    database: 'master',
    title: `back ${scene.ref.source} up for the first time: its chain of log backups begins here (only where it has none)`,
    text: `BACKUP DATABASE ${identifier(scene.ref.source)} TO DISK = ${literal(fullFile(scene))}
  WITH ${compression(scene)}CHECKSUM, FORMAT, INIT, STATS = 1;`,
  });

export const logBackup = (scene: Scene): Statement =>
  writing({
    on: 'publisher',
    database: 'master',
    title: `back the log of ${scene.ref.source} up (only where no job of production does); the file belongs to its chain`,
    text: `-- @${DEVICE}: ${inFolder(foldersOf(scene).written, ownFile(scene, 'log_‹time›.trn'))}
BACKUP LOG ${identifier(scene.ref.source)} TO DISK = @${DEVICE}
  WITH ${compression(scene)}CHECKSUM, FORMAT, INIT, STATS = 5;`,
    parameters: { [DEVICE]: { type: 'nvarchar', value: null } },
  });

const how = (scene: Scene): string => (laneOf(scene) === 'log-shipping' ? 'NORECOVERY' : 'RECOVERY');

/** MOVE takes no variables: the list of files is put into the text where it runs. */
export const restoreFull = (scene: Scene): Statement =>
  writing({
    on: 'subscriber',
    database: 'master',
    title: `restore it as ${scene.ref.copy}${how(scene) === 'NORECOVERY' ? ', ready for logs' : ''}`,
    text: `-- @${MOVES}: MOVE … TO … for every file of RESTORE FILELISTONLY; REPLACE only over what landfall restored before
DECLARE @text nvarchar(max) = N'RESTORE DATABASE ${identifier(scene.ref.copy).replaceAll("'", "''")} FROM DISK = ${literal(fullFileRead(scene)).replaceAll("'", "''")}
  WITH ' + @${MOVES} + N', ${how(scene)}, CHECKSUM, STATS = 1';
EXEC (@text);`,
    parameters: { [MOVES]: { type: 'nvarchar', value: null } },
  });

export const restoreLog = (scene: Scene): Statement =>
  writing({
    on: 'subscriber',
    database: 'master',
    title: `restore the next log into ${scene.ref.copy}`,
    // Without CHECKSUM: checksums that are there are checked anyway, and a job of production may write none (3187).
    text: `-- @${DEVICE}, @${POSITION}: the next file of the chain, and which backup in it
RESTORE LOG ${identifier(scene.ref.copy)} FROM DISK = @${DEVICE}
  WITH FILE = @${POSITION}, NORECOVERY, STATS = 5;`,
    parameters: { [DEVICE]: { type: 'nvarchar', value: null }, [POSITION]: { type: 'int', value: null } },
  });

/** The copy of a published database comes without its replication; where it does not, this takes it off. */
export const removeReplication = ({ ref }: Scene): Statement =>
  writing({
    on: 'subscriber',
    database: 'master',
    title: 'take off what was restored of replication (only where something was)',
    text: `EXEC sys.sp_removedbreplication @dbname = ${literal(ref.copy)};`,
  });

const state = (on: 'publisher' | 'subscriber', database: string, name: string): Statement =>
  asking(
    on,
    'master',
    `is ${database} ${name}?`,
    `EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(database)} AND state_desc = N'${name}')`,
  );

/**
 * The end of log shipping: production's last log, after which it takes no writes, into the copy, and the copy is opened.
 * `RESTORE DATABASE … WITH RECOVERY` on the publisher gives production back, as long as nothing was written to the copy.
 */
export function tailScript(scene: Scene): Script {
  const { ref } = scene;
  const file = ownFile(scene, 'tail.trn');
  const [written, read] = [inFolder(foldersOf(scene).written, file), inFolder(foldersOf(scene).read, file)];
  return {
    title: `The tail of the log of ${ref.source}: production ends, ${ref.copy} begins`,
    deeds: [
      {
        id: 'tail/backup',
        statement: writing({
          on: 'publisher',
          database: 'master',
          title: `the tail of the log: ${ref.source} is RESTORING afterwards and takes no writes`,
          text: `-- Whoever is still connected would make it fail (3101).
DECLARE @todo nvarchar(max) = N'';
SELECT @todo = @todo + N'KILL ' + CONVERT(nvarchar(10), session_id) + N'; '
  FROM sys.dm_exec_sessions WHERE database_id = DB_ID(${literal(ref.source)}) AND is_user_process = 1 AND session_id <> @@SPID;
EXEC (@todo);
BACKUP LOG ${identifier(ref.source)} TO DISK = ${literal(written)}
  WITH NORECOVERY, ${compression(scene)}CHECKSUM, FORMAT, INIT, STATS = 5;`,
        }),
        done: state('publisher', ref.source, 'RESTORING'),
      },
      {
        id: 'tail/restore',
        statement: writing({
          on: 'subscriber',
          database: 'master',
          title: `the tail into ${ref.copy}`,
          text: `RESTORE LOG ${identifier(ref.copy)} FROM DISK = ${literal(read)}
  WITH NORECOVERY, CHECKSUM, STATS = 5;`,
        }),
        done: asking(
          'subscriber',
          'master',
          'is the tail in the copy?',
          `EXISTS (SELECT 1 FROM msdb.dbo.restorehistory AS r JOIN msdb.dbo.backupset AS b ON b.backup_set_id = r.backup_set_id
    JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = b.media_set_id
  WHERE r.destination_database_name = ${literal(ref.copy)} AND m.physical_device_name = ${literal(read)})`,
        ),
      },
      {
        id: 'tail/recovery',
        statement: writing({
          on: 'subscriber',
          database: 'master',
          title: `open ${ref.copy}`,
          text: `RESTORE DATABASE ${identifier(ref.copy)} WITH RECOVERY;`,
        }),
        done: state('subscriber', ref.copy, 'ONLINE'),
      },
    ],
  };
}
