import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type Case, does, failsWith, refuses, rowsOf, texts, value } from '../case.ts';

const random = (): string => `landfall_case_${randomBytes(5).toString('hex')}`;
/** Files of backups cannot be taken away from a server by T-SQL: only doubles are asked to write them. */
const FILES = { needs: 'double' } as const;

export const OPERATIONS: readonly Case[] = [
  does(
    'backup/messages',
    'a backup tells its pages, and with STATS its progress',
    async client => {
      await client.batch('CREATE TABLE dbo.t (a int); INSERT dbo.t VALUES (1)');
      const lines = texts(
        await client.batch(
          `BACKUP DATABASE [${client.database}] TO DISK = '${random()}.bak' WITH STATS = 50`,
        ),
      );
      expect(lines.filter(line => / percent processed\.$/.test(line)).length).toBeGreaterThan(0);
      expect(lines.at(-1)).toMatch(
        /^BACKUP DATABASE successfully processed \d+ pages in \d+\.\d{3} seconds \(\d+\.\d{3} MB\/sec\)\.$/,
      );
    },
    FILES,
  ),
  does(
    'backup/header',
    'RESTORE HEADERONLY tells what was saved',
    async client => {
      const file = `${random()}.bak`;
      await client.batch(`BACKUP DATABASE [${client.database}] TO DISK = '${file}' WITH COPY_ONLY, CHECKSUM`);
      await client.batch(`BACKUP DATABASE [${client.database}] TO DISK = '${file}' WITH NAME = 'second'`);
      const { sets } = await client.batch(`RESTORE HEADERONLY FROM DISK = '${file}'`);
      const [set] = sets;
      const shown = (row: readonly unknown[] | undefined) =>
        ['DatabaseName', 'BackupType', 'Position', 'IsCopyOnly', 'BackupName', 'HasBackupChecksums'].map(
          name => row?.[set?.columns.indexOf(name) ?? -1],
        );
      expect(set?.rows.length).toBe(2);
      expect(shown(set?.rows[0])).toEqual([client.database, 1, 1, true, null, true]);
      expect(shown(set?.rows[1])).toEqual([client.database, 1, 2, false, 'second', false]);
    },
    FILES,
  ),
  does(
    'backup/restore',
    'a restored database has the rows of the backup, and those of the log after it',
    async client => {
      const [full, log, copy] = [`${random()}.bak`, `${random()}.trn`, random()];
      await client.batch('CREATE TABLE dbo.t (a int); INSERT dbo.t VALUES (1)');
      await client.batch(
        `ALTER DATABASE CURRENT SET RECOVERY FULL; BACKUP DATABASE [${client.database}] TO DISK = '${full}'`,
      );
      await client.batch(`INSERT dbo.t VALUES (2); BACKUP LOG [${client.database}] TO DISK = '${log}'`);
      await client.batch('INSERT dbo.t VALUES (3)');
      const files = await rowsOf(client, `RESTORE FILELISTONLY FROM DISK = '${full}'`);
      const moves = files.map(([name, path]) => {
        const to = String(path).replace(/[^\\/]*$/, `${copy}_${String(name)}`);
        return `MOVE '${String(name)}' TO '${to}'`;
      });
      await client.batch(
        `RESTORE DATABASE [${copy}] FROM DISK = '${full}' WITH NORECOVERY, ${moves.join(', ')}`,
      );
      expect(await value(client, `SELECT state_desc FROM sys.databases WHERE name = '${copy}'`)).toBe(
        'RESTORING',
      );
      await client.batch(`RESTORE LOG [${copy}] FROM DISK = '${log}' WITH RECOVERY`);
      try {
        expect(await rowsOf(client, `SELECT a FROM [${copy}].dbo.t ORDER BY a`)).toEqual([[1], [2]]);
      } finally {
        await client.batch(`DROP DATABASE [${copy}]`);
      }
    },
    FILES,
  ),
  refuses(
    'backup/3201',
    'a file that is not there is 3201, then 3013',
    `RESTORE HEADERONLY FROM DISK = 'landfall_no_such_file.bak'`,
    { number: 3013, severity: 16, before: [3201], message: 'RESTORE HEADERONLY is terminating abnormally.' },
  ),
  refuses(
    'backup/911',
    'a database that is not there is 911, then 3013',
    `BACKUP DATABASE landfall_no_such_database TO DISK = 'landfall_no_such_file.bak'`,
    { number: 3013, before: [911], message: 'BACKUP DATABASE is terminating abnormally.' },
  ),
  does('backup/4208', 'no log backup with recovery model SIMPLE', async client => {
    await client.batch('ALTER DATABASE CURRENT SET RECOVERY SIMPLE');
    await failsWith(client.batch(`BACKUP LOG [${client.database}] TO DISK = 'landfall_no_such_file.trn'`), {
      number: 3013,
      before: [4208],
    });
  }),
  does('backup/3021', 'no backup within a transaction', async client => {
    await failsWith(
      client.batch(`BEGIN TRAN; BACKUP DATABASE [${client.database}] TO DISK = 'landfall_no_such_file.bak'`),
      { number: 3021, severity: 16 },
    );
    await client.batch('IF @@TRANCOUNT > 0 ROLLBACK');
  }),
  refuses(
    'replication/14013',
    'a database that is not published takes no publication',
    "EXEC sp_addpublication @publication = N'p'",
    {
      number: 14013,
      severity: 16,
      message: 'This database is not enabled for publication.',
    },
  ),
  refuses('replication/201', 'a parameter that must be given', 'EXEC sp_addarticle', {
    number: 201,
    message:
      "Procedure or function 'sp_addarticle' expects parameter '@publication', which was not supplied.",
  }),
  refuses(
    'replication/8145',
    'a parameter that is none',
    "EXEC sp_addsubscription @publication = N'p', @nothing = 1",
    {
      number: 8145,
      message: '@nothing is not a parameter for procedure sp_addsubscription.',
    },
  ),
  does(
    'replication/15002',
    'its procedures are not for transactions',
    async client => {
      await failsWith(
        client.batch("BEGIN TRAN; EXEC sp_addsubscription @publication = N'p', @subscriber = N'x'"),
        {
          number: 15002,
          message: "The procedure 'sys.sp_addsubscription' cannot be executed within a transaction.",
        },
      );
      await client.batch('IF @@TRANCOUNT > 0 ROLLBACK');
    },
    FILES,
  ),
  refuses(
    'agent/14262',
    'an unknown job is 14262',
    "EXEC msdb.dbo.sp_start_job @job_name = N'landfall no such job'",
    {
      number: 14262,
      severity: 16,
      message: "The specified @job_name ('landfall no such job') does not exist.",
    },
    { needs: 'agent' },
  ),
  does(
    'agent/job',
    'a job with a step is made, seen and gone',
    async client => {
      const job = random();
      await client.batch(
        `EXEC msdb.dbo.sp_add_job @job_name = N'${job}', @enabled = 0; EXEC msdb.dbo.sp_add_jobstep @job_name = N'${job}', @step_name = N's', @command = N'SELECT 1'`,
      );
      const seen = `SELECT j.enabled, s.step_id, s.step_name, s.subsystem, s.command FROM msdb.dbo.sysjobs AS j JOIN msdb.dbo.sysjobsteps AS s ON s.job_id = j.job_id WHERE j.name = N'${job}'`;
      try {
        expect(await rowsOf(client, seen)).toEqual([[0, 1, 's', 'TSQL', 'SELECT 1']]);
      } finally {
        await client.batch(`EXEC msdb.dbo.sp_delete_job @job_name = N'${job}'`);
      }
      expect(await rowsOf(client, seen)).toEqual([]);
    },
    { needs: 'agent' },
  ),
];
