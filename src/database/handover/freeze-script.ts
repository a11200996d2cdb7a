import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { Script, Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';

/** What the freeze changes on the publisher is recorded there first, so that a thaw needs nothing but the publisher. */
export const FROZEN_TABLE = qualified(OWN_SCHEMA, 'frozen');

type Seen = Pick<Scene, 'ref' | 'plan'>;

const at = (scene: Seen, title: string, text: string, effect: Statement['effect'] = 'writes'): Statement => ({
  on: 'publisher',
  database: scene.ref.source,
  title,
  effect,
  text,
});

/** Transactions that run may end until then; the plan says how long a change of metadata waits on production. */
const patienceOf = ({ plan }: Seen): number => Math.max(1, Math.ceil(plan.production.lock_timeout / 1000));

const asks = (scene: Seen, text: string): Statement => at(scene, 'is it so', text, 'reads');

/** Names of logins and jobs have the collation of the server, those in the table that of the database: compared as bytes. */
const BYTES = 'COLLATE Latin1_General_BIN2';

/** Those who may connect to this database and are neither landfall, nor its agents, nor the server's own. */
const loginsToFreeze = ({ plan }: Seen): string => `SELECT N'login', p.name ${BYTES}, N'enabled'
FROM sys.server_principals AS p
WHERE p.type IN ('S', 'U') AND p.is_disabled = 0 AND p.principal_id <> 1 AND p.sid <> SUSER_SID()
  AND p.name NOT LIKE N'##%' AND p.name NOT LIKE N'NT %\\%' AND p.name <> N'distributor_admin'${
    plan.agents === undefined ? '' : ` AND p.name <> ${literal(plan.agents.user)}`
  }
  AND ISNULL(IS_SRVROLEMEMBER(N'sysadmin', p.name), 0) = 0
  AND (EXISTS (SELECT 1 FROM sys.database_principals AS u WHERE u.sid = p.sid)
    OR EXISTS (SELECT 1 FROM sys.databases AS d WHERE d.database_id = DB_ID() AND d.owner_sid = p.sid))`;

/** Jobs that work in this database or name it; agents of replication are jobs, too, and have to go on. */
const jobsToFreeze = `SELECT N'job', j.name ${BYTES}, N'enabled'
FROM msdb.dbo.sysjobs AS j JOIN msdb.dbo.syscategories AS c ON c.category_id = j.category_id
WHERE j.enabled = 1 AND c.name NOT LIKE N'REPL-%'
  AND EXISTS (SELECT 1 FROM msdb.dbo.sysjobsteps AS s WHERE s.job_id = j.job_id
    AND (s.database_name = DB_NAME() OR CHARINDEX(DB_NAME(), s.command) > 0))`;

const queuesToFreeze = `SELECT N'queue', (QUOTENAME(SCHEMA_NAME(q.schema_id)) + N'.' + QUOTENAME(q.name)) ${BYTES}, N'activated'
FROM sys.service_queues AS q WHERE q.is_ms_shipped = 0 AND q.is_activation_enabled = 1`;

const accessFound = `SELECT N'access', DB_NAME() ${BYTES}, user_access_desc ${BYTES} FROM sys.databases WHERE database_id = DB_ID()`;

/** One INSERT for each kind: their texts come from catalogs of different collations. */
const recorded = (scene: Seen): string =>
  [accessFound, loginsToFreeze(scene), jobsToFreeze, queuesToFreeze]
    .map(query => `INSERT ${FROZEN_TABLE} ([kind], [name], [was])\n${query};`)
    .join('\n');

const IS_RECORDED = `SELECT CONVERT(bit, CASE WHEN OBJECT_ID(N'${FROZEN_TABLE}', N'U') IS NULL THEN 0 ELSE 1 END) AS recorded;`;

/** One act for each recorded name of a kind. */
export const forEach = (kind: string, act: string): string => `SET NOCOUNT ON;
DECLARE @name nvarchar(520), @text nvarchar(max);
DECLARE frozen CURSOR LOCAL STATIC FOR SELECT [name] FROM ${FROZEN_TABLE} WHERE [kind] = N'${kind}' ORDER BY [name];
OPEN frozen;
FETCH NEXT FROM frozen INTO @name;
WHILE @@FETCH_STATUS = 0
BEGIN
${act}
  FETCH NEXT FROM frozen INTO @name;
END;
CLOSE frozen;
DEALLOCATE frozen;`;

const LOGINS_LEFT = `SELECT CONVERT(bit, CASE WHEN EXISTS (SELECT 1 FROM ${FROZEN_TABLE} AS f JOIN sys.server_principals AS p
  ON p.name ${BYTES} = f.[name] WHERE f.[kind] = N'login' AND p.is_disabled = 0) THEN 0 ELSE 1 END) AS disabled;`;

const JOBS_LEFT = `SELECT CONVERT(bit, CASE WHEN EXISTS (SELECT 1 FROM ${FROZEN_TABLE} AS f JOIN msdb.dbo.sysjobs AS j
  ON j.name ${BYTES} = f.[name] WHERE f.[kind] = N'job' AND j.enabled = 1) THEN 0 ELSE 1 END) AS disabled;`;

const QUEUES_LEFT = `SELECT CONVERT(bit, CASE WHEN EXISTS (SELECT 1 FROM ${FROZEN_TABLE} AS f JOIN sys.service_queues AS q
  ON q.object_id = OBJECT_ID(f.[name]) WHERE f.[kind] = N'queue' AND q.is_activation_enabled = 1) THEN 0 ELSE 1 END) AS quiet;`;

const RUNNING = `FROM msdb.dbo.sysjobactivity AS a JOIN msdb.dbo.sysjobs AS j ON j.job_id = a.job_id
  JOIN ${FROZEN_TABLE} AS f ON f.[kind] = N'job' AND f.[name] = j.name ${BYTES}
  WHERE a.session_id = (SELECT MAX(session_id) FROM msdb.dbo.syssessions)
    AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL`;

const SESSIONS = `FROM sys.dm_exec_sessions AS s JOIN ${FROZEN_TABLE} AS f ON f.[kind] = N'login' AND f.[name] = s.login_name ${BYTES}
  WHERE s.database_id = DB_ID() AND s.session_id <> @@SPID`;

/**
 * Stops the writers of production, and nothing else of that server: logins that reach this database, jobs that work in it,
 * queues that activate themselves, and the gate, through which only owners and administrators still come.
 */
export const freezeScript = (scene: Seen): Script => ({
  title: `freeze the writers of ${scene.ref.source} on ${scene.ref.publisher}; a thaw puts back what is recorded`,
  deeds: [
    {
      id: 'record',
      statement: at(
        scene,
        'record what the freeze is about to change, as it is now',
        `SET NOCOUNT ON;
SET XACT_ABORT ON;
IF SCHEMA_ID(N'${OWN_SCHEMA}') IS NULL EXEC (N'CREATE SCHEMA ${identifier(OWN_SCHEMA)} AUTHORIZATION [dbo]');
BEGIN TRANSACTION;
CREATE TABLE ${FROZEN_TABLE} (
  [kind] nvarchar(20) ${BYTES} NOT NULL, [name] nvarchar(520) ${BYTES} NOT NULL, [was] nvarchar(60) ${BYTES} NOT NULL
);
${recorded(scene)}
COMMIT TRANSACTION;`,
      ),
      done: asks(scene, IS_RECORDED),
    },
    {
      id: 'jobs',
      statement: at(
        scene,
        'disable the jobs that work in the database',
        forEach('job', '  EXEC msdb.dbo.sp_update_job @job_name = @name, @enabled = 0;'),
      ),
      done: asks(scene, JOBS_LEFT),
    },
    {
      id: 'queues',
      statement: at(
        scene,
        'stop queues of Service Broker from activating procedures',
        forEach(
          'queue',
          `  SET @text = N'ALTER QUEUE ' + @name + N' WITH ACTIVATION (STATUS = OFF);';
  EXEC sys.sp_executesql @text;`,
        ),
      ),
      done: asks(scene, QUEUES_LEFT),
    },
    {
      id: 'logins',
      statement: at(
        scene,
        'disable the logins of applications: nobody new comes in',
        forEach(
          'login',
          `  SET @text = N'ALTER LOGIN ' + QUOTENAME(@name) + N' DISABLE;';
  EXEC sys.sp_executesql @text;`,
        ),
      ),
      done: asks(scene, LOGINS_LEFT),
    },
    {
      id: 'running-jobs',
      statement: at(
        scene,
        'stop those of the jobs that run at this moment',
        `SET NOCOUNT ON;
DECLARE @name sysname;
DECLARE running CURSOR LOCAL STATIC FOR SELECT j.name ${RUNNING};
OPEN running;
FETCH NEXT FROM running INTO @name;
WHILE @@FETCH_STATUS = 0
BEGIN
  EXEC msdb.dbo.sp_stop_job @job_name = @name;
  FETCH NEXT FROM running INTO @name;
END;
CLOSE running;
DEALLOCATE running;`,
      ),
      done: asks(
        scene,
        `SELECT CONVERT(bit, CASE WHEN EXISTS (SELECT 1 ${RUNNING}) THEN 0 ELSE 1 END) AS stopped;`,
      ),
    },
    {
      id: 'gate',
      statement: {
        ...at(
          scene,
          'the gate: only owners of the database and administrators come in',
          `ALTER DATABASE ${identifier(scene.ref.source)} SET RESTRICTED_USER WITH ROLLBACK AFTER ${patienceOf(scene)} SECONDS;`,
        ),
        database: 'master',
      },
      done: gateQuestion(scene),
    },
    {
      id: 'sessions',
      statement: at(
        scene,
        'end what is left of their sessions: an owner of the database passes the gate',
        `SET NOCOUNT ON;
DECLARE @id smallint, @text nvarchar(40);
DECLARE theirs CURSOR LOCAL STATIC FOR SELECT s.session_id ${SESSIONS};
OPEN theirs;
FETCH NEXT FROM theirs INTO @id;
WHILE @@FETCH_STATUS = 0
BEGIN
  SET @text = N'KILL ' + CONVERT(nvarchar(10), @id) + N';';
  -- A session may have left since it was listed.
  BEGIN TRY EXEC sys.sp_executesql @text; END TRY BEGIN CATCH IF ERROR_NUMBER() <> 6106 THROW; END CATCH;
  FETCH NEXT FROM theirs INTO @id;
END;
CLOSE theirs;
DEALLOCATE theirs;`,
      ),
      // Rolling back takes its time; whoever was asked to go counts as gone, and no open transaction is proved later.
      done: asks(
        scene,
        `SELECT CONVERT(bit, CASE WHEN EXISTS (SELECT 1 ${SESSIONS}
  AND NOT EXISTS (SELECT 1 FROM sys.dm_exec_requests AS r WHERE r.session_id = s.session_id AND r.command = N'KILLED/ROLLBACK')) THEN 0 ELSE 1 END) AS gone;`,
      ),
    },
  ],
});

export function gateQuestion(scene: Seen): Statement {
  return asks(
    scene,
    `SELECT CONVERT(bit, CASE user_access_desc WHEN N'RESTRICTED_USER' THEN 1 ELSE 0 END) AS closed FROM sys.databases WHERE database_id = DB_ID();`,
  );
}

export const recordedQuestion = (scene: Seen): Statement => asks(scene, IS_RECORDED);

/** What is recorded as frozen, on the publisher, or in a copy that came by its log. */
export const frozenQuestion = (scene: Seen, on: 'publisher' | 'subscriber' = 'publisher'): Statement => ({
  ...asks(
    scene,
    `IF OBJECT_ID(N'${FROZEN_TABLE}', N'U') IS NULL SELECT TOP (0) N'' AS kind, N'' AS name, N'' AS was;
ELSE SELECT [kind] AS kind, [name] AS name, [was] AS was FROM ${FROZEN_TABLE} ORDER BY [kind], [name];`,
  ),
  on,
  database: on === 'publisher' ? scene.ref.source : scene.ref.copy,
  title: 'what was frozen',
});

/** The way back, in reverse; the record goes last, so that a thaw that was cut off can be run again. */
export const thawScript = (scene: Seen): Script => ({
  title: `thaw ${scene.ref.source} on ${scene.ref.publisher}: as it was before the freeze`,
  deeds: [
    {
      id: 'gate',
      statement: at(
        scene,
        'open the gate to those who came in before',
        `DECLARE @text nvarchar(max) = (SELECT N'ALTER DATABASE ' + QUOTENAME([name]) + N' SET ' + [was] + N';'
  FROM ${FROZEN_TABLE} WHERE [kind] = N'access');
EXEC sys.sp_executesql @text;`,
      ),
      done: asks(
        scene,
        `SELECT CONVERT(bit, CASE WHEN EXISTS (SELECT 1 FROM ${FROZEN_TABLE} AS f JOIN sys.databases AS d ON d.database_id = DB_ID()
  WHERE f.[kind] = N'access' AND f.[was] <> d.user_access_desc ${BYTES}) THEN 0 ELSE 1 END) AS opened;`,
      ),
    },
    {
      id: 'logins',
      statement: at(
        scene,
        'enable the logins that were enabled',
        forEach(
          'login',
          `  SET @text = N'ALTER LOGIN ' + QUOTENAME(@name) + N' ENABLE;';
  IF SUSER_ID(@name) IS NOT NULL EXEC sys.sp_executesql @text;`,
        ),
      ),
      done: asks(scene, LOGINS_LEFT.replace('p.is_disabled = 0', 'p.is_disabled = 1')),
    },
    {
      id: 'queues',
      statement: at(
        scene,
        'let queues activate procedures again',
        forEach(
          'queue',
          `  SET @text = N'ALTER QUEUE ' + @name + N' WITH ACTIVATION (STATUS = ON);';
  IF OBJECT_ID(@name) IS NOT NULL EXEC sys.sp_executesql @text;`,
        ),
      ),
      done: asks(scene, QUEUES_LEFT.replace('q.is_activation_enabled = 1', 'q.is_activation_enabled = 0')),
    },
    {
      id: 'jobs',
      statement: at(
        scene,
        'enable the jobs that were enabled',
        forEach(
          'job',
          `  IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name ${BYTES} = @name ${BYTES})
    EXEC msdb.dbo.sp_update_job @job_name = @name, @enabled = 1;`,
        ),
      ),
      done: asks(scene, JOBS_LEFT.replace('j.enabled = 1', 'j.enabled = 0')),
    },
    {
      id: 'forget',
      statement: at(scene, 'remove the record', `DROP TABLE ${FROZEN_TABLE};`),
      done: asks(
        scene,
        `SELECT CONVERT(bit, CASE WHEN OBJECT_ID(N'${FROZEN_TABLE}', N'U') IS NULL THEN 1 ELSE 0 END) AS forgotten;`,
      ),
    },
  ],
});

/** Production that gave its tail of the log away takes no writes until it is recovered. */
export const recoverScript = (scene: Seen): Script => ({
  title: `bring ${scene.ref.source} back from RESTORING`,
  deeds: [
    {
      id: 'recover',
      statement: {
        ...at(
          scene,
          'production comes back from RESTORING; no further log can be taken from it for the copy',
          `RESTORE DATABASE ${identifier(scene.ref.source)} WITH RECOVERY;`,
        ),
        database: 'master',
      },
      done: {
        ...asks(
          scene,
          `SELECT CONVERT(bit, CASE state WHEN 0 THEN 1 ELSE 0 END) AS online FROM sys.databases WHERE name = ${literal(scene.ref.source)};`,
        ),
        database: 'master',
      },
    },
  ],
});
