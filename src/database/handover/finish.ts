import { z } from 'zod';
import { harmless } from '../../foundation/text.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import type { Hand } from './hand.ts';

const backupName = ({ ref }: Pick<Scene, 'ref'>): string => `landfall ${ref.mark}: first full backup`;

/** A name without a folder lies in the server's own backup folder; running it again replaces landfall's own file. */
const backupStatement = (scene: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: 'master',
  title: 'the first full backup: the log chain of the new production begins',
  effect: 'writes',
  timeoutMs: 0,
  text: `BACKUP DATABASE ${identifier(scene.ref.copy)} TO DISK = ${literal(`${scene.ref.copy}_landfall_${scene.ref.mark}.bak`)}
  WITH INIT, CHECKSUM, NAME = ${literal(backupName(scene))};`,
});

const backupsQuestion = (scene: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: 'msdb',
  title: 'is the first backup there',
  effect: 'reads',
  text: `SELECT TOP (1) CONVERT(varchar(19), s.backup_finish_date, 126) AS at, CONVERT(varchar(20), s.backup_size) AS bytes,
  ISNULL(f.physical_device_name, N'') AS [file]
FROM dbo.backupset AS s JOIN dbo.backupmediafamily AS f ON f.media_set_id = s.media_set_id
WHERE s.database_name = ${literal(scene.ref.copy)} AND s.type = 'D' AND s.is_copy_only = 0 AND s.name = ${literal(backupName(scene))}
ORDER BY s.backup_set_id DESC;`,
});

const backupRow = z.object({ at: z.string(), bytes: z.string(), file: z.string() });

export const firstBackup: Hand = {
  id: 'backup',
  title: 'the first full backup',
  before: false,
  preview: scene => [backupStatement(scene)],
  async run(work) {
    const { servers, signal } = work;
    const read = () => servers.subscriber.ask(backupsQuestion(work), backupRow, { signal });
    // Made by an earlier run of this hand-over: reading 50 GB twice helps nobody.
    let [row] = await read();
    if (row === undefined) {
      await servers.subscriber.run(backupStatement(work), {
        signal,
        onMessage: text => work.sample({ text: `the first full backup: ${text}` }),
      });
      [row] = await read();
    }
    return {
      evidence: [
        row === undefined
          ? 'the server took it and lists none: look into msdb.dbo.backupset'
          : harmless(`${row.file}, ${row.bytes} bytes, ended ${row.at} by the clock of the server`),
        'log backups can follow: a job for them is yours to enable',
      ],
    };
  },
};

const smokeStatement = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'writes work: a table is made, written, read and rolled back',
  effect: 'writes',
  timeoutMs: 60_000,
  text: `SET NOCOUNT ON;
SET XACT_ABORT ON;
SET LOCK_TIMEOUT 5000;
BEGIN TRANSACTION;
CREATE TABLE [dbo].[landfall_smoke] ([id] int IDENTITY(1, 1) NOT NULL PRIMARY KEY, [said] nvarchar(40) NOT NULL);
INSERT [dbo].[landfall_smoke] ([said]) VALUES (N'one'), (N'two');
UPDATE [dbo].[landfall_smoke] SET [said] = N'three' WHERE [id] = 2;
DELETE [dbo].[landfall_smoke] WHERE [id] = 1;
DECLARE @rows int = (SELECT COUNT(*) FROM [dbo].[landfall_smoke] WHERE [said] = N'three');
ROLLBACK TRANSACTION;
SELECT @rows AS rows, CONVERT(nvarchar(40), DATABASEPROPERTYEX(DB_NAME(), N'Updateability')) AS updateability,
  CONVERT(nvarchar(40), DATABASEPROPERTYEX(DB_NAME(), N'UserAccess')) AS access,
  (SELECT COUNT(*) FROM sys.procedures WHERE name LIKE N'sp[_]MS[iud]%[_]%') AS leftovers;`,
});

export const smoke: Hand = {
  id: 'smoke',
  title: 'writes work',
  before: false,
  preview: scene => [smokeStatement(scene)],
  async run({ servers, signal, ...scene }) {
    const [row] = await servers.subscriber.ask(
      smokeStatement(scene),
      z.object({
        rows: z.literal(1),
        updateability: z.literal('READ_WRITE'),
        access: z.literal('MULTI_USER'),
        leftovers: z.number(),
      }),
      { signal },
    );
    return {
      evidence: [
        `inserted, updated, deleted and rolled back on ${scene.ref.subscriber}; ${scene.ref.copy} is READ_WRITE and MULTI_USER`,
        row?.leftovers === 0
          ? 'no procedure of replication is left'
          : `${row?.leftovers} procedures look like replication's and stay: they do nothing by themselves`,
      ],
    };
  },
};
