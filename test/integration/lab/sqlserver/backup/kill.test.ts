import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDouble } from '../../../../support/sql-double.ts';
import { ok } from './statements.ts';

/** Kills a server that restores again and again, when it has begun so many times. */
async function killIn(directory: string, restore: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'restore-child.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise(resolve => child.once('close', resolve));
  let told = 0;
  for await (const chunk of child.stdout) {
    told += String(chunk).split('\n').length - 1;
    if (told >= restore) child.kill('SIGKILL');
  }
  await ended;
  expect(told).toBeGreaterThanOrEqual(restore);
}

test('a server that is killed while it restores starts again with everything else as it was', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-sql-'));
  try {
    {
      await using double = await startDouble({ directory });
      const session = double.session();
      await ok(
        session,
        "CREATE TABLE t (id int IDENTITY, v nvarchar(max)); INSERT t (v) SELECT TOP (1000) REPLICATE(N'x', 2000) FROM sys.all_columns; BACKUP DATABASE app TO DISK = N'X:\\a.bak'",
      );
      session.end();
    }
    for (const restore of [1, 3]) {
      await killIn(directory, restore);
      await using double = await startDouble({ directory });
      const session = double.session({ database: 'master' });
      expect(await session.value('SELECT COUNT(*) FROM app.dbo.t')).toBe(1000);
      const state = await session.value("SELECT state_desc FROM sys.databases WHERE name = N'c'");
      expect(['RESTORING', 'ONLINE', undefined]).toContain(state);
      if (state === 'ONLINE') expect(await session.value('SELECT COUNT(*) FROM c.dbo.t')).toBe(1000);
      await ok(
        session,
        "RESTORE DATABASE c FROM DISK = N'X:\\a.bak' WITH REPLACE, MOVE N'app' TO N'D:\\c.mdf', MOVE N'app_log' TO N'D:\\c.ldf'",
      );
      expect(await session.value('SELECT COUNT(*) FROM c.dbo.t')).toBe(1000);
      session.end();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
