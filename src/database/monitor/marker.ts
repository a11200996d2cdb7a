import { z } from 'zod';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Marker } from '../../journal/database-facts.ts';
import type { SqlServer, SqlSession } from '../../remote/sql/server.ts';
import type { Role, Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import { MARKER_TABLE } from '../replicate/marker.ts';
import { epochText } from './times.ts';

/**
 * The marker row: written into production, carried like any other row, read at the copy. What was committed before it
 * is at the copy when it is. Its time is the publisher's, in UTC.
 */

/** Writes the next marker and answers it. */
export const writeMarkerStatement = ({ source }: Pick<DatabaseRef, 'source'>): Statement => ({
  on: 'publisher',
  database: source,
  title: 'write the next marker row',
  effect: 'writes',
  timeoutMs: 30_000,
  text: `SET NOCOUNT ON;
SET LOCK_TIMEOUT 5000;
DECLARE @made TABLE (id bigint, at datetime2(7));
INSERT ${MARKER_TABLE} (id, at) OUTPUT inserted.id, inserted.at INTO @made
SELECT ISNULL(MAX(id), 0) + 1, SYSUTCDATETIME() FROM ${MARKER_TABLE} WITH (UPDLOCK, HOLDLOCK);
SELECT CONVERT(varchar(20), id) AS id, ${epochText('at')} AS at FROM @made;`,
});

/** The newest marker of a database; no row where there is none, or no table. */
export const readMarkerStatement = (on: Role, database: string): Statement => ({
  on,
  database,
  title: 'read the newest marker row',
  effect: 'reads',
  text: `SET LOCK_TIMEOUT 5000;
IF OBJECT_ID(N'${MARKER_TABLE}', N'U') IS NULL SELECT TOP (0) '' AS id, '' AS at;
ELSE SELECT TOP (1) CONVERT(varchar(20), m.id) AS id, ${epochText('m.at')} AS at FROM ${MARKER_TABLE} AS m ORDER BY m.id DESC;`,
});

export const markerRow = z.object({ id: z.string(), at: z.coerce.number() });

const given = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal });

/**
 * Writes the next marker into production and gives it, with the publisher's time.
 *
 * @throws LandfallError sql.* where the publisher does not take it
 */
export async function writeMarker(
  { servers, ref }: { servers: { publisher: Pick<SqlServer, 'ask'> }; ref: Pick<DatabaseRef, 'source'> },
  signal?: AbortSignal,
): Promise<Marker> {
  const [row] = await servers.publisher.ask(writeMarkerStatement(ref), markerRow, given(signal));
  if (row !== undefined) return row;
  // A made up one would count as arrived everywhere.
  throw new LandfallError('sql.answer-unreadable', {
    what: `the publisher took a marker row in ${harmless(ref.source)} and did not say which`,
    why: 'without its number nobody can tell whether it has arrived',
    next: [`is there a trigger on ${MARKER_TABLE} that answers, too? SELECT name FROM sys.triggers`],
  });
}

/** The newest marker that a database has, undefined where it has none. */
export async function readMarker(
  server: Pick<SqlServer | SqlSession, 'ask'>,
  on: Role,
  database: string,
  signal?: AbortSignal,
): Promise<Marker | undefined> {
  const [row] = await server.ask(readMarkerStatement(on, database), markerRow, given(signal));
  return row;
}

/** Markers count upwards; ids are beyond what a number holds. */
export const isNewer = (one: Marker, other: Marker): boolean => BigInt(one.id) > BigInt(other.id);
