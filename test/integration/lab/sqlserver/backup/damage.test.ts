import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDouble } from '../../../../support/sql-double.ts';
import { numbers, ok } from './statements.ts';

const MOVE = "MOVE N'app' TO N'D:\\c.mdf', MOVE N'app_log' TO N'D:\\c.ldf'";

test('damaged, torn, foreign and missing files are refused, and what was begun stays RESTORING', async () => {
  await using double = await startDouble();
  const session = double.session();
  await ok(
    session,
    "CREATE TABLE t (id int, v nvarchar(100)); INSERT t SELECT TOP (500) 1, N'row' FROM sys.all_columns",
  );
  await ok(
    session,
    "BACKUP DATABASE app TO DISK = N'X:\\plain.bak'; BACKUP DATABASE app TO DISK = N'X:\\packed.bak' WITH COMPRESSION; INSERT t VALUES (2, N'x'); BACKUP LOG app TO DISK = N'X:\\log.trn'; USE master",
  );
  const folder = join(double.directory, 'backup', 'x_');
  const file = (name: string) => join(folder, name);
  const flip = (name: string, part: number): void => {
    copyFileSync(file(name), file(`bad-${name}`));
    const bytes = readFileSync(file(`bad-${name}`));
    const at = Math.floor(bytes.length * part);
    bytes[at] = (bytes[at] ?? 0) ^ 0x40;
    writeFileSync(file(`bad-${name}`), bytes);
  };
  flip('plain.bak', 0.5);
  flip('packed.bak', 0.9);
  flip('log.trn', 0.95);
  copyFileSync(file('plain.bak'), file('torn.bak'));
  truncateSync(file('torn.bak'), 60_000);
  writeFileSync(file('foreign.bak'), 'PK not a backup at all');
  const from = (name: string) => `FROM DISK = N'X:\\${name}'`;
  for (const what of ['HEADERONLY', 'FILELISTONLY', 'VERIFYONLY', 'LABELONLY']) {
    expect(await numbers(session, `RESTORE ${what} ${from('none.bak')}`)).toEqual([3201, 3013]);
    expect(await numbers(session, `RESTORE ${what} ${from('foreign.bak')}`)).toEqual([3241, 3013]);
    expect(await numbers(session, `RESTORE ${what} ${from('torn.bak')}`)).toEqual([3203, 3013]);
  }
  expect(await numbers(session, "BACKUP DATABASE app TO DISK = N'X:\\foreign.bak' WITH INIT")).toEqual([
    3241, 3013,
  ]);
  const state = () => session.value("SELECT state_desc FROM sys.databases WHERE name = N'c'");
  for (const name of ['bad-plain.bak', 'bad-packed.bak']) {
    expect(await numbers(session, `RESTORE VERIFYONLY ${from(name)}`)).toEqual([3189, 3013]);
    expect(await numbers(session, `RESTORE DATABASE c ${from(name)} WITH REPLACE, ${MOVE}`)).toEqual([
      3189, 3013,
    ]);
    expect(await state()).toBe('RESTORING');
    expect(await numbers(session, 'RESTORE DATABASE c WITH RECOVERY')).toEqual([4333, 3013]);
    expect(await numbers(session, `RESTORE LOG c ${from('log.trn')}`)).toEqual([3117, 3013]);
  }
  // A good backup mends it; a damaged log changes nothing.
  await ok(session, `RESTORE DATABASE c ${from('plain.bak')} WITH NORECOVERY, ${MOVE}`);
  expect(await numbers(session, `RESTORE LOG c ${from('bad-log.trn')}`)).toEqual([3189, 3013]);
  await ok(session, `RESTORE LOG c ${from('log.trn')}`);
  expect(await session.value('SELECT COUNT(*) FROM c.dbo.t')).toBe(501);
});

test('a backup that is cancelled leaves the file as it was, a restore the database RESTORING', async () => {
  await using double = await startDouble();
  const session = double.session();
  await ok(
    session,
    "CREATE TABLE t (id int IDENTITY, v nvarchar(max)); INSERT t (v) SELECT TOP (1500) REPLICATE(N'x', 3000) FROM sys.all_columns",
  );
  await ok(session, "BACKUP DATABASE app TO DISK = N'X:\\a.bak'; USE master");
  const file = join(double.directory, 'backup', 'x_', 'a.bak');
  const before = readFileSync(file);
  /** Cancels a statement once sys.dm_exec_requests shows it at work. */
  const cancelled = async (text: string, command: string): Promise<void> => {
    const worker = double.session({ database: 'master' });
    const monitor = double.session({ database: 'master' });
    const controller = new AbortController();
    let over = false;
    const running = worker.run(text, controller.signal).finally(() => {
      over = true;
    });
    while (!over) {
      const at = await monitor.run(
        `SELECT percent_complete FROM sys.dm_exec_requests WHERE command = N'${command}' AND percent_complete > 0`,
      );
      if (at.rows.length > 0) controller.abort();
      await new Promise(resolve => setImmediate(resolve));
    }
    const answer = await running;
    expect([
      controller.signal.aborted,
      answer.errors,
      answer.texts.some(each => /successfully/.test(each)),
    ]).toEqual([true, [], false]);
    worker.end();
    monitor.end();
  };
  await cancelled("BACKUP DATABASE app TO DISK = N'X:\\a.bak' WITH COMPRESSION", 'BACKUP DATABASE');
  expect(readFileSync(file).equals(before)).toBe(true);
  await cancelled("BACKUP DATABASE app TO DISK = N'X:\\a.bak' WITH INIT", 'BACKUP DATABASE');
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(join(double.directory, 'backup')).filter(name => name.startsWith('.'))).toEqual([]);
  expect(await session.value('SELECT COUNT(*) FROM msdb.dbo.backupset')).toBe(1);
  await cancelled(`RESTORE DATABASE c FROM DISK = N'X:\\a.bak' WITH ${MOVE}`, 'RESTORE DATABASE');
  expect(await session.value("SELECT state_desc FROM sys.databases WHERE name = N'c'")).toBe('RESTORING');
  await ok(session, `RESTORE DATABASE c FROM DISK = N'X:\\a.bak' WITH ${MOVE}`);
  expect(await session.value('SELECT COUNT(*) FROM c.dbo.t')).toBe(1500);
});
