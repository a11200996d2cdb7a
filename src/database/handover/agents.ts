import { literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import { isReplicated } from './hand.ts';

/** Jobs of this database's log reader and distribution agent, with what each said last. */
const AGENTS = ({ ref }: Pick<Scene, 'ref'>): string => `SELECT j.name,
    (SELECT TOP (1) h.runstatus FROM dbo.MSlogreader_history AS h WHERE h.agent_id = l.id ORDER BY h.[timestamp] DESC) AS runstatus, j.job_id
  FROM dbo.MSlogreader_agents AS l JOIN msdb.dbo.sysjobs AS j ON j.job_id = CONVERT(uniqueidentifier, l.job_id)
  WHERE l.publisher_db = ${literal(ref.source)} AND j.enabled = 1
  UNION ALL
  SELECT j.name, (SELECT TOP (1) h.runstatus FROM dbo.MSdistribution_history AS h WHERE h.agent_id = d.id ORDER BY h.[timestamp] DESC), j.job_id
  FROM dbo.MSdistribution_agents AS d JOIN msdb.dbo.sysjobs AS j ON j.job_id = CONVERT(uniqueidentifier, d.job_id)
  WHERE d.publisher_db = ${literal(ref.source)} AND d.publication = ${literal(ref.publication)} AND d.subscriber_db = ${literal(ref.copy)} AND j.enabled = 1`;

/**
 * The gate ended the connections of the agents, too. One that waits a minute before it tries again, or has given up, is
 * started at once: nobody writes meanwhile, and every minute of it is downtime. 22022: it runs already, or no longer.
 */
export const wakeStatements = (scene: Scene): readonly Statement[] =>
  isReplicated(scene)
    ? [
        {
          on: 'distributor',
          database: scene.ref.distribution,
          title: 'agents that lost their connection at the gate go on at once',
          effect: 'writes',
          text: `SET NOCOUNT ON;
DECLARE @name sysname, @status int, @job uniqueidentifier, @running bit;
DECLARE agents CURSOR LOCAL STATIC FOR
  ${AGENTS(scene)};
OPEN agents;
FETCH NEXT FROM agents INTO @name, @status, @job;
WHILE @@FETCH_STATUS = 0
BEGIN
  SET @running = CASE WHEN EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity AS a WHERE a.job_id = @job
    AND a.session_id = (SELECT MAX(session_id) FROM msdb.dbo.syssessions)
    AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL) THEN 1 ELSE 0 END;
  BEGIN TRY
    -- 5 waits before it tries again, 6 has failed.
    IF @running = 1 AND @status IN (5, 6) EXEC msdb.dbo.sp_stop_job @job_name = @name;
    IF @running = 0 OR @status IN (5, 6) EXEC msdb.dbo.sp_start_job @job_name = @name;
  END TRY
  BEGIN CATCH
    IF ERROR_NUMBER() <> 22022 THROW;
  END CATCH;
  FETCH NEXT FROM agents INTO @name, @status, @job;
END;
CLOSE agents;
DEALLOCATE agents;`,
        },
      ]
    : [];
