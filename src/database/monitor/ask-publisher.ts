import { z } from 'zod';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import { amount, epochText, localEpochText } from './times.ts';

/** What production is asked (facts: mssql 3.1, 3.3). The tracer token is the only thing that writes. */

const reads = (ref: DatabaseRef, title: string, text: string): Statement => ({
  on: 'publisher',
  database: ref.source,
  title,
  effect: 'reads',
  text: `SET NOCOUNT ON;
SET LOCK_TIMEOUT 5000;
${text}`,
});

/** Its clock, when it started (tempdb is made then), and its log. */
export const productionStatement = (ref: DatabaseRef): Statement =>
  reads(
    ref,
    "ask for production's clock and log",
    `SELECT ${epochText('SYSUTCDATETIME()')} AS now,
  (SELECT ${localEpochText('t.create_date')} FROM sys.databases AS t WHERE t.name = N'tempdb') AS started_at,
  d.log_reuse_wait_desc AS reuse_wait, d.state_desc AS state,
  CONVERT(varchar(20), (SELECT SUM(CONVERT(bigint, size)) * 8192 FROM sys.database_files WHERE type = 1)) AS log_bytes,
  CONVERT(varchar(20), CONVERT(bigint, (SELECT u.used_log_space_in_bytes FROM sys.dm_db_log_space_usage AS u))) AS log_used
FROM sys.databases AS d WHERE d.name = ${literal(ref.source)};`,
  );

/**
 * The same, without being in the database: the tail of its log needs it for itself, and a connection that waits in a
 * pool would be in the way. How much of the log is used can only be asked inside.
 */
export const productionFromOutside = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: 'master',
  title: "ask for production's clock and log",
  effect: 'reads',
  text: `SET NOCOUNT ON;
SELECT ${epochText('SYSUTCDATETIME()')} AS now,
  (SELECT ${localEpochText('t.create_date')} FROM sys.databases AS t WHERE t.name = N'tempdb') AS started_at,
  d.log_reuse_wait_desc AS reuse_wait, d.state_desc AS state,
  CONVERT(varchar(20), (SELECT SUM(CONVERT(bigint, f.size)) * 8192 FROM sys.master_files AS f WHERE f.database_id = d.database_id AND f.type = 1)) AS log_bytes,
  CONVERT(varchar(20), NULL) AS log_used
FROM sys.databases AS d WHERE d.name = ${literal(ref.source)};`,
});

export const productionRow = z.object({
  now: z.coerce.number(),
  started_at: amount,
  reuse_wait: z.string().nullable(),
  state: z.string(),
  log_bytes: amount,
  log_used: amount,
});
export type ProductionRow = z.infer<typeof productionRow>;

/** Transactions that the log reader has not read yet, of every published database. */
export const countersStatement = (ref: DatabaseRef): Statement =>
  reads(
    ref,
    'ask how many transactions wait for the log reader',
    `EXEC ${identifier(ref.source)}.sys.sp_replcounters;`,
  );

export const counterRow = z
  .record(z.string(), z.unknown())
  .transform(row => {
    const lower = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
    return { database: lower.get('database'), waiting: lower.get('replicated transactions') };
  })
  .pipe(z.object({ database: z.string(), waiting: z.coerce.number() }));

/** Its arrival is timed at the distributor and at the copy. */
export const tracerStatement = (ref: DatabaseRef): Statement => ({
  on: 'publisher',
  database: ref.source,
  title: 'post a tracer token',
  effect: 'writes',
  timeoutMs: 30_000,
  text: `SET NOCOUNT ON;
DECLARE @token int;
EXEC ${identifier(ref.source)}.sys.sp_posttracertoken @publication = ${literal(ref.publication)}, @tracer_token_id = @token OUTPUT;
SELECT @token AS token;`,
});

export const tokenRow = z.object({ token: z.number() });
