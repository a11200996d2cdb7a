import { expect, it } from 'vitest';
import { errorOf, server, single } from '../system/world.ts';

it('an operator is made once, a job tells it, and who deletes it says who is told instead', async () => {
  const double = await server();
  const add = `EXEC msdb.dbo.sp_add_operator @name = N'night', @email_address = N'night@example.org'`;
  await double.run('msdb', add);
  expect(await errorOf(double, add)).toBe(14261);
  const job = `EXEC msdb.dbo.sp_add_job @job_name = N'j', @notify_level_email = 2, @notify_email_operator_name = N'`;
  expect(await errorOf(double, `${job}day'`)).toBe(14234);
  await double.run('msdb', `${job}night'`);
  const told = `SELECT o.name FROM msdb.dbo.sysjobs AS j JOIN msdb.dbo.sysoperators AS o ON o.id = j.notify_email_operator_id`;
  expect(await single(double, told)).toBe('night');
  await double.run('msdb', `EXEC msdb.dbo.sp_add_operator @name = N'day'`);
  await double.run(
    'msdb',
    `EXEC msdb.dbo.sp_delete_operator @name = N'night', @reassign_to_operator = N'day'`,
  );
  expect(await single(double, told)).toBe('day');
  expect(await errorOf(double, `EXEC msdb.dbo.sp_delete_operator @name = N'night'`)).toBe(14262);
});
