import { createDouble } from '../../../../../src/lab/sqlserver/server/double.ts';

/** Restores without end in a server of its own, and says each time when it begins; somebody kills it. */

const double = await createDouble({
  directory: process.argv[2] ?? '',
  name: 'MIA-SQL1',
  product: '2022-standard',
  saPassword: 'Correct horse 1',
});
for (;;) {
  process.stdout.write('restoring\n');
  await double.run(
    'master',
    "RESTORE DATABASE c FROM DISK = N'X:\\a.bak' WITH REPLACE, MOVE N'app' TO N'D:\\c.mdf', MOVE N'app_log' TO N'D:\\c.ldf'; BACKUP LOG c TO DISK = N'X:\\c.trn'",
  );
}
