import { z } from 'zod';
import { literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import { STATE_TABLE } from '../tracking/state.ts';
import { epochText, localEpochText } from './times.ts';

/** What the subscriber is asked where no agent tells: log shipping and change tracking. */

/**
 * The newest backup that was restored there. Everything that committed before the backup began is in it; its times are
 * the publisher's own, and time_zone says in quarters of an hour how far from UTC (127: not known).
 */
export const shippedStatement = (ref: DatabaseRef): Statement => ({
  on: 'subscriber',
  database: 'master',
  title: 'ask for the newest log that was restored',
  effect: 'reads',
  text: `SET NOCOUNT ON;
SELECT TOP (1) CONVERT(varchar(30), b.last_lsn) AS last_lsn, ${localEpochText('r.restore_date')} AS restored_at,
  CASE WHEN b.time_zone IS NULL OR b.time_zone = 127 THEN ${localEpochText('b.backup_start_date')}
    ELSE ${epochText('DATEADD(minute, -15 * b.time_zone, b.backup_start_date)')} END AS up_to,
  (SELECT CASE WHEN d.is_in_standby = 1 THEN N'STANDBY' ELSE d.state_desc END FROM sys.databases AS d WHERE d.name = ${literal(ref.copy)}) AS state
FROM msdb.dbo.restorehistory AS r JOIN msdb.dbo.backupset AS b ON b.backup_set_id = r.backup_set_id
WHERE r.destination_database_name = ${literal(ref.copy)}
ORDER BY r.restore_history_id DESC;`,
});

export const shippedRow = z
  .object({
    last_lsn: z.string(),
    restored_at: z.coerce.number(),
    up_to: z.coerce.number(),
    state: z.string().nullable(),
  })
  .transform(({ last_lsn, restored_at, up_to, state }) => ({
    lastLsn: last_lsn,
    restoredAt: restored_at,
    upTo: up_to,
    state: state ?? 'ABSENT',
  }));

export const followedStatement = (ref: DatabaseRef): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title: 'ask for the version that each table has',
  effect: 'reads',
  text: `SET NOCOUNT ON;
SET LOCK_TIMEOUT 5000;
IF OBJECT_ID(N'${STATE_TABLE}', N'U') IS NULL SELECT TOP (0) N'' AS name, '' AS version, CONVERT(bit, 0) AS copied;
ELSE SELECT [schema] + N'.' + [table] AS name, CONVERT(varchar(20), [version]) AS version, [copied] AS copied FROM ${STATE_TABLE};`,
});

export const followedRow = z.object({ name: z.string(), version: z.string(), copied: z.boolean() });
