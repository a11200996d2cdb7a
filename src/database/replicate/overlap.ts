import { literal } from '../../remote/sql/quote.ts';
import type { Deed, Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';
import { agentDeclared, agentJob, isRunning } from './agent-phrases.ts';
import { MADE_TABLE, MARKER_TABLE } from './marker.ts';
import { asking, askingDistribution, inDistribution, procedureOf, writing } from './phrases.ts';

/**
 * What committed between the pinned marker and the instant of the database snapshot is in the copy already and is
 * delivered once more. It is absorbed by SQL Server's own profile "Continue on data consistency errors" (2601, 2627, 20598)
 * and not by procedures of landfall's making: parameters of sp_MSins, sp_MSupd and sp_MSdel differ from build to build,
 * and a procedure that forgives everything would have to be taken back without a gap.
 *
 * Two things make that right. A row that is there refuses the INSERT and keeps its newer values, a row that is gone
 * ignores the UPDATE, and whatever an older UPDATE took back is brought again by those that follow it, as long as every
 * skipped command was refused for its own key. A second unique key could refuse an UPDATE that is needed; therefore
 * unique indexes other than primary keys are disabled in the copy meanwhile, and are built again afterwards, which fails
 * where two rows came out alike. And whether a build skips the command or its whole transaction (the sources do not
 * agree) is tried out on the marker table before the overlap counts as absorbed.
 */

const UNIQUE = `FROM sys.indexes AS i JOIN sys.tables AS t ON t.object_id = i.object_id
  WHERE i.is_unique = 1 AND i.is_primary_key = 0 AND i.type = 2 AND t.is_ms_shipped = 0 AND SCHEMA_NAME(t.schema_id) <> N'${OWN_SCHEMA}'`;
const TABLE_OF = "QUOTENAME(SCHEMA_NAME(t.schema_id)) + N'.' + QUOTENAME(t.name)";

/** Statement by statement of a text that is put together from a SELECT. */
const forEach = (select: string): string => `DECLARE @todo nvarchar(max) = N'';
SELECT @todo = @todo + ${select};
EXEC sys.sp_executesql @todo;`;

export const uniqueOffDeed = ({ ref }: Scene): Deed => ({
  id: 'unique-off',
  statement: writing({
    on: 'subscriber',
    database: ref.copy,
    title: 'unique indexes other than primary keys wait until the overlap is absorbed',
    text: `INSERT INTO ${MADE_TABLE} ([kind], [name], [before])
SELECT N'index', ${TABLE_OF} + N'/' + i.name, N'enabled'
  ${UNIQUE} AND i.is_disabled = 0;
${forEach(`N'ALTER INDEX ' + QUOTENAME(i.name) + N' ON ' + ${TABLE_OF} + N' DISABLE; '
  ${UNIQUE} AND i.is_disabled = 0`)}`,
  }),
  done: asking(
    'subscriber',
    ref.copy,
    'do unique indexes of the copy wait?',
    `NOT EXISTS (SELECT 1 ${UNIQUE} AND i.is_disabled = 0)`,
  ),
});

export const uniqueOnDeed = ({ ref }: Scene): Deed => ({
  id: 'unique-on',
  statement: writing({
    on: 'subscriber',
    database: ref.copy,
    title: 'build the unique indexes again',
    text: forEach(`N'ALTER INDEX ' + QUOTENAME(i.name) + N' ON ' + ${TABLE_OF} + N' REBUILD; '
  ${UNIQUE} AND i.is_disabled = 1
    AND EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'index' AND [name] = ${TABLE_OF} + N'/' + i.name)`),
  }),
  done: asking(
    'subscriber',
    ref.copy,
    'are the unique indexes of the copy built again?',
    `NOT EXISTS (SELECT 1 ${UNIQUE} AND i.is_disabled = 1
    AND EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'index' AND [name] = ${TABLE_OF} + N'/' + i.name))`,
  ),
});

const setProfile = (scene: Scene, title: string, which: string): Statement =>
  writing({
    on: 'distributor',
    database: 'master',
    title,
    text: `${agentDeclared(scene.ref)}
DECLARE @profile int = (SELECT MAX(profile_id) FROM msdb.dbo.MSagent_profiles WHERE agent_type = 3 AND ${which});
EXEC ${procedureOf(scene.ref.distribution, 'sp_update_agent_profile')} @agent_type = 3, @agent_id = @agent, @profile_id = @profile;`,
  });

const hasProfile = (scene: Scene, title: string, condition: string): Statement =>
  askingDistribution(
    scene.ref,
    title,
    `EXISTS (SELECT 1 FROM ${inDistribution(scene.ref, 'MSdistribution_agents')} AS a JOIN msdb.dbo.MSagent_profiles AS f ON f.profile_id = a.profile_id
    WHERE ${agentJob(scene.ref)} AND ${condition})`,
  );

const FORGIVING = "profile_name LIKE N'Continue on data consistency errors%'";

/** Before the agent delivers anything: a profile counts from an agent's next start on. */
export const forgivingDeed = (scene: Scene): Deed => ({
  id: 'profile/forgiving',
  statement: setProfile(
    scene,
    'the agent passes over what the copy has already (2601, 2627, 20598) while the overlap lasts',
    FORGIVING,
  ),
  done: hasProfile(scene, 'does the agent pass over what the copy has?', `f.${FORGIVING}`),
});

export const strictDeed = (scene: Scene): Deed => ({
  id: 'profile/strict',
  statement: setProfile(scene, 'the agent takes no error for granted any more', 'def_profile = 1'),
  done: hasProfile(scene, 'does the agent stop at every error?', 'f.def_profile = 1'),
});

export const agentStoppedDeed = ({ ref }: Scene): Deed => ({
  id: 'agent/stopped',
  statement: writing({
    on: 'distributor',
    database: 'master',
    title: 'stop the distribution agent for a moment',
    text: `${agentDeclared(ref)}
IF ${isRunning('@job')} EXEC msdb.dbo.sp_stop_job @job_id = @job;
DECLARE @looks int = 0;
WHILE @looks < 300 AND ${isRunning('@job')}
BEGIN
  SET @looks += 1;
  WAITFOR DELAY '00:00:00.100';
END;`,
  }),
  done: askingDistribution(
    ref,
    'does the distribution agent stand?',
    `NOT EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a
    WHERE ${agentJob(ref)} AND ${isRunning('CONVERT(uniqueidentifier, a.job_id)')})`,
  ),
});

export const agentStartedDeed = ({ ref }: Scene): Deed => ({
  id: 'agent/started',
  statement: writing({
    on: 'distributor',
    database: 'master',
    title: 'start the distribution agent again',
    text: `${agentDeclared(ref)}
IF NOT ${isRunning('@job')} EXEC msdb.dbo.sp_start_job @job_id = @job;
DECLARE @looks int = 0;
WHILE @looks < 300 AND NOT ${isRunning('@job')}
BEGIN
  SET @looks += 1;
  WAITFOR DELAY '00:00:00.100';
END;`,
  }),
  done: askingDistribution(
    ref,
    'does the distribution agent run?',
    `EXISTS (SELECT 1 FROM ${inDistribution(ref, 'MSdistribution_agents')} AS a
    WHERE ${agentJob(ref)} AND ${isRunning('CONVERT(uniqueidentifier, a.job_id)')})`,
  ),
});

export const absorbedDeed = ({ ref }: Scene): Deed => ({
  id: 'absorbed',
  statement: writing({
    on: 'subscriber',
    database: ref.copy,
    title: 'write down that the overlap is absorbed',
    text: `INSERT INTO ${MADE_TABLE} ([kind], [name], [before]) VALUES (N'absorbed', ${literal(ref.publication)}, N'absent');`,
  }),
  done: asking(
    'subscriber',
    ref.copy,
    'is the overlap absorbed?',
    `EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'absorbed' AND [name] = ${literal(ref.publication)})`,
  ),
});

/** The name of the number of the probe: negative, so that no marker has it. */
export const PROBE = 'landfall_probe';
const PROBE_NOTE = `-- @${PROBE}: a number below zero that no marker has`;

/** A row that production will send once more. */
export const probeAtCopy = ({ ref }: Scene): Statement =>
  writing({
    on: 'subscriber',
    database: ref.copy,
    title: 'put one row into the marker table of the copy that production will send as well',
    text: `${PROBE_NOTE}
IF NOT EXISTS (SELECT 1 FROM ${MARKER_TABLE} WHERE [id] = @${PROBE})
  INSERT INTO ${MARKER_TABLE} ([id], [at]) VALUES (@${PROBE}, SYSUTCDATETIME());`,
  });

/** The first of its two rows is refused by the copy; the second arrives where only commands are passed over. */
export const probeAtSource = ({ ref }: Scene): Statement =>
  writing({
    on: 'publisher',
    database: ref.source,
    title: 'one transaction of two marker rows, of which the copy has the first: is only that passed over?',
    text: `${PROBE_NOTE}
SET XACT_ABORT ON;
IF NOT EXISTS (SELECT 1 FROM ${MARKER_TABLE} WHERE [id] = @${PROBE})
BEGIN
  BEGIN TRANSACTION;
  INSERT INTO ${MARKER_TABLE} ([id], [at]) VALUES (@${PROBE}, SYSUTCDATETIME());
  INSERT INTO ${MARKER_TABLE} ([id], [at]) VALUES (@${PROBE} - 1, SYSUTCDATETIME());
  COMMIT TRANSACTION;
END;`,
  });

export const probeArrived = ({ ref }: Scene): Statement =>
  asking(
    'subscriber',
    ref.copy,
    'has the second row of the probe arrived?',
    `EXISTS (SELECT 1 FROM ${MARKER_TABLE} WHERE [id] = @${PROBE} - 1)`,
  );
