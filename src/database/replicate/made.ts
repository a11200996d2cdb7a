import { z } from 'zod';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Deed, Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { DatabaseRef } from '../names.ts';
import type { Scene } from '../stage.ts';
import { MADE_TABLE, SCHEMA_TEXT } from './marker.ts';
import { asking, askingUnless, writing } from './phrases.ts';

/**
 * `[landfall].[made]`: how production was before landfall changed anything, written down before the first change. What is
 * read from it decides what a teardown gives back, whatever was lost in between.
 */

/** The option that would make production's own statements fail (7139) once tables with big values are published. */
export const TEXT_SIZE = 'max text repl size (B)';

export const cleanupJob = ({ distribution }: DatabaseRef): string => `Distribution clean up: ${distribution}`;

export interface MadeRow {
  readonly kind: string;
  readonly name: string;
  readonly before: string;
}

const MADE_TEXT = `${SCHEMA_TEXT}
IF OBJECT_ID(N'${MADE_TABLE}', N'U') IS NULL
  CREATE TABLE ${MADE_TABLE} ([kind] nvarchar(40) NOT NULL, [name] nvarchar(600) NOT NULL, [before] nvarchar(400) NOT NULL);`;

const isThere = `OBJECT_ID(N'${MADE_TABLE}', N'U') IS NOT NULL`;

/** Landfall's schema and its record in a database. */
export const recordDeed = (on: 'publisher' | 'subscriber', database: string): Deed => ({
  id: `record/${on}`,
  statement: writing({
    on,
    database,
    title: `the schema ${identifier(OWN_SCHEMA)} and the record of what landfall makes and changes`,
    text: MADE_TEXT,
  }),
  done: asking(on, database, 'is the record there?', isThere),
});

/** How everything was found that landfall is about to change. */
export function foundDeed({ ref }: Scene): Deed {
  const server = (name: string): string =>
    `SELECT N'server', ${literal(name)}, CASE WHEN EXISTS (SELECT 1 FROM sys.servers WHERE name = ${literal(name)}) THEN N'present' ELSE N'absent' END`;
  const others = [...new Set([ref.subscriber, ref.distributor])].filter(name => name !== ref.publisher);
  const rows = [
    `SELECT N'option', N'${TEXT_SIZE}', CONVERT(nvarchar(400), value) FROM sys.configurations WHERE name = N'${TEXT_SIZE}'`,
    "SELECT N'publish', DB_NAME(), CONVERT(nvarchar(1), is_published) FROM sys.databases WHERE database_id = DB_ID()",
    "SELECT N'registered', @@SERVERNAME, CASE WHEN EXISTS (SELECT 1 FROM sys.servers WHERE is_distributor = 1) THEN N'present' ELSE N'absent' END",
    ...others.map(server),
    `SELECT N'distributor', ${literal(ref.distributor)}, @found_distributor`,
    `SELECT N'distribution', ${literal(ref.distribution)}, @found_database`,
    `SELECT N'distribution-publisher', ${literal(ref.publisher)}, @found_publisher`,
    `SELECT N'identity', QUOTENAME(OBJECT_SCHEMA_NAME(object_id)) + N'.' + QUOTENAME(OBJECT_NAME(object_id)), CONVERT(nvarchar(1), is_not_for_replication)
  FROM sys.identity_columns WHERE OBJECTPROPERTY(object_id, 'IsMSShipped') = 0`,
  ];
  return {
    id: 'found',
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: 'write down how everything is that landfall is about to change',
      text: `-- @found_…: what the distributor is like, present or absent, asked of it just before\nINSERT INTO ${MADE_TABLE} ([kind], [name], [before])\n${rows.join('\nUNION ALL ')};`,
    }),
    done: askingUnless(
      'publisher',
      ref.source,
      'is it written down how everything was?',
      { holds: `NOT (${isThere})`, answer: 0 },
      `EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] = N'option')`,
    ),
  };
}

/** The state before, of identity columns of the copy, where the copy did not come with the record of production. */
export function foundCopyDeed({ ref }: Scene): Deed {
  return {
    id: 'found/copy',
    statement: writing({
      on: 'subscriber',
      database: ref.copy,
      title: 'write down how the identity columns of the copy are',
      text: `INSERT INTO ${MADE_TABLE} ([kind], [name], [before])
SELECT N'identity', QUOTENAME(OBJECT_SCHEMA_NAME(object_id)) + N'.' + QUOTENAME(OBJECT_NAME(object_id)), CONVERT(nvarchar(1), is_not_for_replication)
  FROM sys.identity_columns WHERE OBJECTPROPERTY(object_id, 'IsMSShipped') = 0
UNION ALL SELECT N'copy', DB_NAME(), N'found';`,
    }),
    done: asking(
      'subscriber',
      ref.copy,
      'is it written down how the copy was?',
      `EXISTS (SELECT 1 FROM ${MADE_TABLE} WHERE [kind] IN (N'copy', N'identity', N'option'))`,
    ),
  };
}

const readStatement = (on: 'publisher' | 'subscriber', database: string): Statement => ({
  on,
  database,
  title: 'read what landfall made and changed',
  effect: 'reads',
  text: `IF NOT (${isThere}) SELECT TOP (0) N'' AS kind, N'' AS name, N'' AS [before];
ELSE SELECT [kind] AS kind, [name] AS name, [before] AS [before] FROM ${MADE_TABLE};`,
});

const madeRow = z.object({ kind: z.string(), name: z.string(), before: z.string() });

/** The record of a database; empty where there is none. */
export const readMade = (
  server: Pick<SqlServer, 'ask'>,
  on: 'publisher' | 'subscriber',
  database: string,
  signal: AbortSignal,
): Promise<MadeRow[]> => server.ask(readStatement(on, database), madeRow, { signal });

/** What was there before, or undefined where nothing was written down. */
export const before = (made: readonly MadeRow[], kind: string): string | undefined =>
  made.find(row => row.kind === kind)?.before;
