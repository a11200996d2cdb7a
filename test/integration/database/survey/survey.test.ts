import { describe, expect, it } from 'vitest';
import { isAsKnown } from '../../../../src/database/survey/as-known.ts';
import { lookAtServer } from '../../../../src/database/survey/look.ts';
import { sqlServerSurvey } from '../../../../src/journal/facts-site.ts';
import { SA_PASSWORD } from '../../../support/sql-double.ts';
import { serverAt } from '../assess/world.ts';
import { FEW, inside, production, surveyAs } from './world.ts';

const PRODUCTS = ['2012-standard', '2016-web', '2019-express', '2022-standard'] as const;

describe('the survey of a SQL Server', () => {
  it.each(PRODUCTS)('of %s has no gap for an administrator', async product => {
    await using double = await production(product);
    const survey = await surveyAs(double, ['Orders']);
    expect(sqlServerSurvey.parse(survey)).toEqual(survey);
    expect({ gaps: survey.gaps, missing: survey.missingRights }).toEqual({ gaps: [], missing: [] });
    expect(survey.databases.map(({ name }) => name)).toEqual(['Crm', 'Orders']);
  });

  it('finds what documentation has forgotten, and brings no password along', async () => {
    await using double = await production();
    const survey = await surveyAs(double, ['Orders']);
    const orders = survey.databases.find(({ name }) => name === 'Orders');
    expect(orders).toMatchObject({ tables: 2, withoutKey: 1, recovery: 'FULL' });
    expect(orders?.references?.map(({ kind, to }) => `${kind} ${to}`).sort()).toEqual([
      'cross-database Crm',
      'file-share \\\\files7\\drop',
      'linked-server LEGACY',
      'linked-server LEGACY',
      'linked-server LEGACY',
      'linked-server OLD',
      'openrowset MSOLEDBSQL',
    ]);
    expect(survey.linkedServers).toEqual([
      { name: 'LEGACY', provider: 'MSOLEDBSQL', dataSource: 'old-sql.miami.example' },
    ]);
    expect(JSON.stringify(survey)).not.toContain('hunter2');
  });

  it('finds the job that has been broken for months', async () => {
    await using double = await production();
    await inside(double, 'msdb', [
      `EXEC dbo.sp_add_job @job_name = N'ship to DR';
EXEC dbo.sp_add_jobstep @job_name = N'ship to DR', @step_name = N'x', @command = N'SELECT 1';
EXEC dbo.sp_add_jobschedule @job_name = N'ship to DR', @name = N's', @freq_type = 8, @freq_interval = 34, @freq_recurrence_factor = 1, @active_start_time = 23000;
EXEC dbo.sp_add_jobserver @job_name = N'ship to DR'`,
      `INSERT dbo.sysjobhistory (job_id, step_id, step_name, sql_message_id, sql_severity, message, run_status, run_date, run_time, run_duration, operator_id_emailed, operator_id_netsent, operator_id_paged, retries_attempted, server)
SELECT job_id, 0, N'(Job outcome)', 0, 0, N'', v.s, v.d, 23000, 5, 0, 0, 0, 0, N'MIA-SQL1'
FROM dbo.sysjobs CROSS JOIN (VALUES (0, 20260525), (1, 20260601), (0, 20260608), (0, 20261116)) AS v (s, d) ORDER BY v.d`,
      'UPDATE dbo.sysjobservers SET last_run_outcome = 0, last_run_date = 20261116, last_run_time = 23000',
    ]);
    const { jobs } = await surveyAs(double, []);
    expect(jobs).toEqual([
      {
        name: 'ship to DR',
        enabled: true,
        schedule: 'every week on Monday, Friday at 02:30',
        lastOutcome: 'failed',
        lastRunAt: Date.UTC(2026, 10, 16, 2, 30),
        failingSince: Date.UTC(2026, 5, 8, 2, 30),
      },
    ]);
  });

  it('finds the replication that has been broken for months', async () => {
    await using double = await production();
    await inside(double, 'master', [
      `EXEC sp_adddistributor @distributor = N'MIA-SQL1', @password = N'${SA_PASSWORD}'`,
      `EXEC sp_adddistributiondb @database = N'distribution', @security_mode = 0, @login = N'sa', @password = N'${SA_PASSWORD}'`,
    ]);
    await inside(double, 'distribution', [
      `INSERT dbo.MSlogreader_agents (name, publisher_id, publisher_db, publication, profile_id) VALUES (N'MIA-SQL1-Orders-1', 0, N'Orders', N'ALL', 2)`,
      `INSERT dbo.MSlogreader_history (agent_id, runstatus, start_time, [time], duration, comments, delivered_transactions, delivered_commands, average_commands, delivery_rate, error_id, updateable_row)
SELECT id, v.status, v.at, v.at, 0, N'', 0, 0, 0, 0, 0, 1 FROM dbo.MSlogreader_agents
CROSS JOIN (VALUES (3, '2026-05-01T00:00:00'), (6, '2026-05-02T03:00:00'), (6, '2026-11-20T03:00:00')) AS v (status, at)`,
    ]);
    const { replication, gaps } = await surveyAs(double, []);
    expect(gaps).toEqual([]);
    expect(replication?.[0]).toBe('the log reader of Orders has failed since 2026-05-02 03:00 UTC');
  });

  it('of a server that is not there fails with a remedy', async () => {
    const server = serverAt('publisher', { port: 1, password: SA_PASSWORD });
    const { signal } = new AbortController();
    await expect(lookAtServer(server, ['Orders'], signal)).rejects.toMatchObject({ code: 'sql.unreachable' });
    await server.close();
  });

  it('names exactly the rights that a login lacks, learns everything else, and lacks none once they are granted', async () => {
    await using double = await production();
    const before = await surveyAs(double, ['Orders'], FEW);
    expect(before.databases).toHaveLength(2);
    expect(before.databases[0]).toMatchObject({ sizeKnown: false });
    expect(before.gaps).toEqual([]);
    expect(before).not.toHaveProperty('jobs');
    expect(before.missingRights.map(({ right }) => right.replace(/SELECT on .* in msdb/, 'msdb'))).toEqual([
      'VIEW SERVER PERFORMANCE STATE',
      'VIEW ANY DEFINITION',
      'VIEW ANY SECURITY DEFINITION',
      'msdb',
      'msdb',
      'a user in Orders',
    ]);
    for (const { grant } of before.missingRights) await inside(double, 'master', [grant]);
    const after = await surveyAs(double, ['Orders'], FEW);
    const administrator = await surveyAs(double, ['Orders']);
    expect(after.missingRights).toEqual([]);
    expect(after).toEqual(administrator);
  });

  it('is made anew where the login may see more than before, or a database came', async () => {
    await using double = await production();
    const few = { ...(await surveyAs(double, ['Orders'], FEW)), at: 1_000 };
    const all = { ...(await surveyAs(double, ['Orders'])), at: 1_000 };
    const server = serverAt('publisher', { port: double.port, password: SA_PASSWORD });
    const { signal } = new AbortController();
    try {
      expect(await isAsKnown(server, all, ['Orders'], 2_000, signal)).toBe(true);
      expect(await isAsKnown(server, few, ['Orders'], 2_000, signal)).toBe(false);
      expect(await isAsKnown(server, all, ['Orders'], 4_000_000, signal)).toBe(false);
      await inside(double, 'master', ['CREATE DATABASE [New]']);
      expect(await isAsKnown(server, all, ['Orders'], 2_000, signal)).toBe(false);
    } finally {
      await server.close();
    }
  });
});
