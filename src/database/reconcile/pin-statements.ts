import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { epochText } from '../monitor/times.ts';
import { MARKER_TABLE } from '../replicate/marker.ts';
import type { Scene } from '../stage.ts';

/** How production is read at one instant (facts 5.6): a database snapshot, or SNAPSHOT isolation where there is none. */
export type PinMethod = 'database snapshot' | 'snapshot isolation';

/** Database snapshots are in every edition from 2016 SP1 (13.0.4001) on, and before that in Enterprise alone. */
const SP1 = [13, 0, 4001] as const;
/** A snapshot grows by what production changes while it lasts; below this share of free space it is not begun. */
const FREE_SHARE = 0.02;

export function pinMethod({ state }: Pick<Scene, 'state'>): PinMethod {
  const facts = state.assessed?.publisher;
  if (facts === undefined) return 'database snapshot';
  const version = facts.version.split('.').map(Number);
  const [at, part] = [...SP1.entries()].find(([index, wanted]) => (version[index] ?? 0) !== wanted) ?? [0, 0];
  const isSince = (version[at] ?? 0) >= part;
  const isEnterprise = facts.engineEdition === 3;
  const data = facts.database?.dataBytes ?? 0;
  const hasSpace = facts.freeBytes === undefined || facts.freeBytes > data * FREE_SHARE;
  return (isSince || isEnterprise) && hasSpace ? 'database snapshot' : 'snapshot isolation';
}

/** What it costs production, for the preview and for people. */
export const COST: Readonly<Record<PinMethod, string>> = {
  'database snapshot':
    'a sparse file beside each data file; every page that production changes is copied there once',
  'snapshot isolation':
    '14 bytes more on every row that production changes, and old versions of them in tempdb for as long as it is read; one connection is held, and losing it means to begin again',
};

const onPublisher = (
  database: string,
  title: string,
  text: string,
  effect: Statement['effect'] = 'writes',
): Statement => ({ on: 'publisher', database, title, text, effect, timeoutMs: 0 });

/** Beside the data files, whose names only the server knows. */
export const createSnapshot = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    `make the database snapshot ${ref.snapshot} of ${ref.source}`,
    `SET NOCOUNT ON;
DECLARE @files nvarchar(max) = N'', @text nvarchar(max);
SELECT @files = @files + CASE @files WHEN N'' THEN N'' ELSE N', ' END
  + N'(NAME = ' + QUOTENAME(name) + N', FILENAME = N''' + REPLACE(physical_name, N'''', N'''''') + N'.' + ${literal(ref.mark)} + N'.ss'')'
FROM ${identifier(ref.source)}.sys.database_files WHERE [type] = 0;
SET @text = N'CREATE DATABASE ${inText(identifier(ref.snapshot))} ON ' + @files + N' AS SNAPSHOT OF ${inText(identifier(ref.source))}';
EXEC sys.sp_executesql @text;`,
  );

/**
 * Only a snapshot of this source is dropped, never a database that is called so by chance. A connection of landfall that
 * was lost may be in it for a moment still.
 */
export const dropSnapshot = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    `drop the database snapshot ${ref.snapshot}`,
    `DECLARE @turn int = 0;
WHILE @turn < 100 AND EXISTS (SELECT 1 FROM sys.dm_exec_sessions WHERE database_id = DB_ID(${literal(ref.snapshot)}) AND program_name = N'landfall')
BEGIN
  SET @turn = @turn + 1;
  WAITFOR DELAY '00:00:00.100';
END;
IF EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(ref.snapshot)} AND source_database_id = DB_ID(${literal(ref.source)}))
  DROP DATABASE ${identifier(ref.snapshot)};`,
  );

/** The newest marker inside the snapshot; asked from beside it, so that no connection stays in it. */
export const markerInside = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    'read the newest marker in the database snapshot',
    `SELECT TOP (1) CONVERT(varchar(20), id) AS id, ${epochText('at')} AS at FROM ${identifier(ref.snapshot)}.${MARKER_TABLE} ORDER BY id DESC;`,
    'reads',
  );

export const allowIsolation = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    `allow SNAPSHOT isolation in ${ref.source}`,
    `IF EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(ref.source)} AND snapshot_isolation_state = 0)
  ALTER DATABASE ${identifier(ref.source)} SET ALLOW_SNAPSHOT_ISOLATION ON;`,
  );

/** Where the assessment found it off, it is put back. */
export const forbidIsolation = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    `take SNAPSHOT isolation back from ${ref.source}`,
    `IF EXISTS (SELECT 1 FROM sys.databases WHERE name = ${literal(ref.source)} AND snapshot_isolation_state = 1)
  ALTER DATABASE ${identifier(ref.source)} SET ALLOW_SNAPSHOT_ISOLATION OFF;`,
  );

/** One instant for everything that this connection reads from now on; the first read fixes it. */
export const beginIsolated = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    ref.source,
    'read production as of one instant',
    'SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION;',
    'reads',
  );

export const endIsolated = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(ref.source, 'let the instant go', 'IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;', 'reads');

/** `made` 1: it is there, and of this source; 0: a database of that name is there and is none. No row: nothing is. */
export const snapshotQuestion = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    'is the database snapshot there',
    `SELECT CASE WHEN source_database_id = DB_ID(${literal(ref.source)}) THEN 1 ELSE 0 END AS made FROM sys.databases WHERE name = ${literal(ref.snapshot)};`,
    'reads',
  );

export const isolationQuestion = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  onPublisher(
    'master',
    'is SNAPSHOT isolation allowed',
    `SELECT CONVERT(int, snapshot_isolation_state) AS state FROM sys.databases WHERE name = ${literal(ref.source)};`,
    'reads',
  );

/**
 * Where the marker's rows begin in the distribution database: what the log reader brings from now on is not before it.
 * No row where the source has nothing there.
 */
export const distributedSoFar = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: ref.distributorAt,
  database: ref.distribution,
  title: 'how far has the log reader come',
  effect: 'reads',
  text: `SELECT d.id AS publisher_database, a.article_id AS article,
  (SELECT CONVERT(varchar(34), CONVERT(varbinary(10), MAX(t.xact_seqno)), 1) FROM dbo.MSrepl_transactions AS t WHERE t.publisher_database_id = d.id) AS newest
FROM dbo.MSpublications AS p
JOIN dbo.MSpublisher_databases AS d ON d.publisher_id = p.publisher_id AND d.publisher_db = p.publisher_db
JOIN dbo.MSarticles AS a ON a.publisher_id = p.publisher_id AND a.publication_id = p.publication_id AND a.source_owner = N'landfall' AND a.source_object = N'marker'
WHERE p.publisher_db = ${literal(ref.source)} AND p.publication = ${literal(ref.publication)};`,
});

/** Commands of the marker's article from a transaction on; the procedure alone can read them. */
export const markerCommands = ({ ref }: Pick<Scene, 'ref'>): Statement => ({
  on: ref.distributorAt,
  database: ref.distribution,
  title: 'find the marker among what the log reader has brought',
  effect: 'reads',
  text: `DECLARE @from nchar(22) = @since;
EXEC ${qualified(ref.distribution)}.sys.sp_browsereplcmds @xact_seqno_start = @from, @publisher_database_id = @publisher_database, @article_id = @article;`,
  parameters: {
    since: { type: 'nvarchar', value: null },
    publisher_database: { type: 'int', value: null },
    article: { type: 'int', value: null },
  },
});

/** An identifier inside a text literal. */
const inText = (text: string): string => text.replaceAll("'", "''");
