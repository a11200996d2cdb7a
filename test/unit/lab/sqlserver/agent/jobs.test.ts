import { describe, expect, it } from 'vitest';
import { createAgent } from '../../../../../src/lab/sqlserver/agent/agent.ts';
import type { Subsystem } from '../../../../../src/lab/sqlserver/agent/subsystem.ts';
import type { Double } from '../../../../../src/lab/sqlserver/server/double.ts';
import { errorOf, server, single } from '../system/world.ts';

const history =
  'SELECT step_id, run_status, retries_attempted FROM msdb.dbo.sysjobhistory ORDER BY instance_id';

const makeJob = (steps: string, more = ''): string => `DECLARE @job uniqueidentifier;
  EXEC msdb.dbo.sp_add_job @job_name = N'Nightly', @job_id = @job OUTPUT;
  ${steps}
  EXEC msdb.dbo.sp_add_jobserver @job_id = @job, @server_name = N'(local)';
  ${more}`;

/** Runs the job and waits until it is over. */
async function runJob(double: Double, name = 'Nightly'): Promise<void> {
  const id = String(await single(double, `SELECT job_id FROM msdb.dbo.sysjobs WHERE name = N'${name}'`));
  await double.run('msdb', `EXEC msdb.dbo.sp_start_job @job_name = N'${name}'`);
  await double.instance.agent?.idle(id);
}

/** The agent again, with a subsystem of the test's own. */
async function withSubsystem(double: Double, subsystem: Subsystem): Promise<void> {
  await double.instance.agent?.stop();
  const agent = createAgent(double.instance, [subsystem]);
  double.instance.agent = agent;
  await agent.start();
}

/** Runs until it is stopped. */
const continuous = (started: () => void): Subsystem => ({
  name: 'LogReader',
  run: (_step, _instance, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')));
      started();
    }),
});

describe('jobs', () => {
  it('run their steps in the database of each, and write their history', async () => {
    await using double = await server();
    await double.run('PubDB', 'CREATE TABLE dbo.Mark (A int)');
    await double.run(
      'PubDB',
      makeJob(`EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'first', @command = N'INSERT INTO dbo.Mark VALUES (1)', @database_name = N'PubDB', @on_success_action = 3;
        EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'second', @command = N'INSERT INTO dbo.Mark VALUES (2)', @database_name = N'PubDB';`),
    );
    await runJob(double);
    expect(await double.run('PubDB', 'SELECT A FROM dbo.Mark ORDER BY A')).toEqual([[1], [2]]);
    expect(await double.run('msdb', history)).toEqual([
      [1, 1, 0],
      [2, 1, 0],
      [0, 1, 0],
    ]);
    expect(
      await double.run(
        'msdb',
        `SELECT v.last_run_outcome, CASE WHEN a.stop_execution_date >= a.start_execution_date THEN 1 END FROM dbo.sysjobservers v
         JOIN dbo.sysjobactivity a ON a.job_id = v.job_id`,
      ),
    ).toEqual([[1, 1]]);
  });

  it('fail with the error of the step, after as many attempts as it has', async () => {
    await using double = await server();
    await double.run(
      'PubDB',
      makeJob(
        `EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'broken', @command = N'SELECT * FROM dbo.None', @database_name = N'PubDB', @retry_attempts = 2;`,
      ),
    );
    await runJob(double);
    expect(await double.run('msdb', history)).toEqual([
      [1, 2, 0],
      [1, 2, 1],
      [1, 0, 2],
      [0, 0, 0],
    ]);
    expect(await single(double, 'SELECT MAX(sql_message_id) FROM msdb.dbo.sysjobhistory')).toBe(208);
  });

  it('can be stopped while they run, and are not started twice', async () => {
    await using double = await server();
    await double.run(
      'msdb',
      makeJob(
        `EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'read', @subsystem = N'LogReader', @command = N'-Publisher x';`,
      ),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    await withSubsystem(double, continuous(resolve));
    await double.run('msdb', "EXEC dbo.sp_start_job @job_name = N'Nightly'");
    await promise;
    expect(await errorOf(double, "EXEC msdb.dbo.sp_start_job @job_name = N'Nightly'")).toBe(22022);
    await double.run('msdb', "EXEC dbo.sp_stop_job @job_name = N'Nightly'");
    expect(await double.run('msdb', history)).toEqual([
      [1, 3, 0],
      [0, 3, 0],
    ]);
    expect(await errorOf(double, "EXEC msdb.dbo.sp_stop_job @job_name = N'Nightly'")).toBe(22022);
  });

  it('that are continuous begin with the agent', async () => {
    await using double = await server();
    await double.run(
      'msdb',
      makeJob(
        `EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N'read', @subsystem = N'LogReader', @command = N'';`,
        "EXEC msdb.dbo.sp_add_jobschedule @job_id = @job, @name = N'always', @freq_type = 64;",
      ),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    await withSubsystem(double, continuous(resolve));
    await promise;
    expect(double.instance.agent?.active().size).toBe(1);
  });

  it('are refused as msdb refuses them', async () => {
    await using double = await server();
    await double.run('msdb', "EXEC dbo.sp_add_job @job_name = N'Bare'");
    const cases: readonly (readonly [string, number])[] = [
      ["sp_add_job @job_name = N'bare'", 14261],
      ["sp_add_job @job_name = N'x', @category_name = N'none'", 14234],
      ["sp_add_job @job_name = N'x', @owner_login_name = N'nobody'", 14234],
      ["sp_add_job @job_name = N'x', @nonsense = 1", 8145],
      ['sp_add_job', 201],
      ["sp_add_jobstep @job_name = N'Bare', @step_name = N's', @subsystem = N'Magic'", 14234],
      ["sp_add_jobstep @job_name = N'None', @step_name = N's'", 14262],
      ["sp_add_jobstep @job_name = N'Bare', @step_name = N's', @step_id = 5", 14266],
      ['sp_update_job @enabled = 0', 14294],
      ["sp_start_job @job_name = N'None'", 14262],
      ["sp_start_job @job_name = N'Bare'", 14256],
      ["sp_add_jobserver @job_name = N'Bare', @server_name = N'FAR'", 14262],
      ["sp_add_jobserver @job_name = N'Bare'", 0],
      ["sp_add_jobserver @job_name = N'Bare'", 14269],
      ["sp_start_job @job_name = N'Bare'", 22022],
      ["sp_update_job @job_name = N'Bare', @enabled = 0", 0],
      ["sp_delete_job @job_name = N'Bare'", 0],
      ["sp_delete_job @job_name = N'Bare'", 14262],
    ];
    const answers: (readonly [string, number])[] = [];
    for (const [call] of cases) answers.push([call, await errorOf(double, `EXEC msdb.dbo.${call}`)]);
    expect(answers).toEqual(cases);
  });

  it('exist in Express and do not run there', async () => {
    await using double = await server('2019-express');
    await double.run(
      'msdb',
      makeJob(`EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_name = N's', @command = N'SELECT 1';`),
    );
    expect(double.instance.agent).toBeUndefined();
    expect(await errorOf(double, "EXEC msdb.dbo.sp_start_job @job_name = N'Nightly'")).toBe(22022);
    expect(await single(double, 'SELECT COUNT(*) FROM sys.dm_server_services')).toBe(1);
  });
});
