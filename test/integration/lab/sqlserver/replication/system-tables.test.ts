import { expect, test } from 'vitest';
import { startDouble } from '../../../../support/sql-double.ts';

test('what is marked as a system object is no table of the user any more', async () => {
  await using double = await startDouble();
  const session = double.session();
  await session.run('CREATE TABLE dbo.MSmine (id int)');
  expect(await session.value("SELECT OBJECTPROPERTY(OBJECT_ID('dbo.MSmine'), 'IsMSShipped')")).toBe(0);
  expect((await session.run("EXEC sys.sp_MS_marksystemobject N'dbo.MSmine'")).numbers).toEqual([]);
  expect(await session.value("SELECT is_ms_shipped FROM sys.tables WHERE name = 'MSmine'")).toBe(1);
  expect((await session.run("EXEC sys.sp_MS_marksystemobject N'dbo.nothing'")).numbers).toEqual([15009]);
});
