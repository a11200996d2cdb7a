import { z } from 'zod';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Key } from '../compare/index.ts';
import type { Scene, Work } from '../stage.ts';
import { type Numbered, PROGRESS_TABLE, progressName, SCHEMA_TEXT } from './names.ts';
import { COUNTS, type Counts, PROGRESS_PARAMETERS, progressText } from './staging.ts';

/**
 * How far each table is, kept in the copy itself and written in the transaction of the rows: after any crash the two
 * agree. It is worth something only for the source that it was begun with; another pin begins again.
 */

export interface Progress extends Counts {
  readonly table: string;
  /** The last key of the last range that is done. */
  readonly doneTo: Key | undefined;
  /** Rows wait for a second look at the table. */
  readonly postponed: boolean;
  readonly finished: boolean;
}

/** What was pinned: the snapshot and its newest marker. Every pin writes a marker, so no two are the same. */
export function pinnedName({ state }: Pick<Scene, 'state'>): string | undefined {
  const { pinned } = state;
  return pinned === undefined ? undefined : `${pinned.source} at marker ${pinned.marker?.id ?? 'none'}`;
}

const writing = ({ ref }: Pick<Scene, 'ref'>, title: string, text: string): Statement => ({
  on: 'subscriber',
  database: ref.copy,
  title,
  text,
  effect: 'writes',
  timeoutMs: 0,
});

export const beginStatement = (scene: Pick<Scene, 'ref'>): Statement => ({
  ...writing(
    scene,
    'begin the record of what is done, or go on with it',
    `SET NOCOUNT ON;
${SCHEMA_TEXT}
IF OBJECT_ID(N'${PROGRESS_TABLE}', N'U') IS NULL
  CREATE TABLE ${PROGRESS_TABLE} (
    [table_name] nvarchar(257) NOT NULL CONSTRAINT [landfall_reconcile_progress_key] PRIMARY KEY,
    [pinned] nvarchar(300) NOT NULL, [run] int NOT NULL, [done_to] nvarchar(max) NULL, [postponed] bit NOT NULL, [finished] bit NOT NULL,
    ${COUNTS.map(name => `[${name}] bigint NOT NULL`).join(', ')}
  );
-- What was done for another pinned source is worth nothing now.
DELETE ${PROGRESS_TABLE} WHERE [pinned] <> @pinned;`,
  ),
  parameters: { pinned: { type: 'nvarchar', value: null } },
});

export const tableBeginStatement = (scene: Pick<Scene, 'ref'>): Statement => ({
  ...writing(
    scene,
    'begin a table',
    `INSERT ${PROGRESS_TABLE} ([table_name], [pinned], [run], [done_to], [postponed], [finished], ${COUNTS.map(name => `[${name}]`).join(', ')})
SELECT @table, @pinned, @run, NULL, 0, 0, ${COUNTS.map(() => '0').join(', ')}
WHERE NOT EXISTS (SELECT 1 FROM ${PROGRESS_TABLE} WHERE [table_name] = @table);`,
  ),
  parameters: {
    table: { type: 'nvarchar', value: null },
    pinned: { type: 'nvarchar', value: null },
    run: { type: 'int', value: null },
  },
});

/** A range without differences, or the end of a table. */
export const rangeStatement = (scene: Pick<Scene, 'ref'>, { table }: Numbered): Statement => ({
  ...writing(scene, `note how far ${progressName(table)} is`, progressText(table)),
  parameters: PROGRESS_PARAMETERS,
});

export const secondLookStatement = (scene: Pick<Scene, 'ref'>, { table }: Numbered): Statement => ({
  ...writing(
    scene,
    `look at ${progressName(table)} a second time`,
    progressText(table, ', [postponed] = 0', 'NULL'),
  ),
  parameters: PROGRESS_PARAMETERS,
});

export const finishStatement = (scene: Pick<Scene, 'ref'>, { table }: Numbered): Statement => ({
  ...writing(scene, `${progressName(table)} is done`, progressText(table, ', [finished] = 1')),
  parameters: PROGRESS_PARAMETERS,
});

export const countParameters = (
  pinned: string,
  counts: Counts,
  doneTo?: Key,
): NonNullable<Statement['parameters']> => ({
  pinned: { type: 'nvarchar', value: pinned },
  done_to: { type: 'nvarchar', value: doneTo === undefined ? null : JSON.stringify(doneTo) },
  ...Object.fromEntries(COUNTS.map(name => [name, { type: 'bigint', value: counts[name] } as const])),
});

const count = z.coerce.number();
const progressRow = z.object({
  table_name: z.string(),
  run: z.number(),
  done_to: z.string().nullable(),
  postponed: z.boolean(),
  finished: z.boolean(),
  ...Object.fromEntries(COUNTS.map(name => [name, count])),
});
const countsOf = z.object({
  rows: count,
  ranges: count,
  differing: count,
  inserted: count,
  updated: count,
  deleted: count,
});
const keyText = z.array(z.string());

/** Progress of every table for the source that is pinned now, and the run that began it; empty where there is none. */
export async function readProgress(
  { servers, ref, signal }: Pick<Work, 'servers' | 'ref' | 'signal'>,
  pinned: string,
): Promise<{ readonly run: number | undefined; readonly tables: ReadonlyMap<string, Progress> }> {
  const rows = await servers.subscriber.ask(
    {
      on: 'subscriber',
      database: ref.copy,
      title: 'read how far the reconcile is',
      effect: 'reads',
      text: `IF OBJECT_ID(N'${PROGRESS_TABLE}', N'U') IS NOT NULL
  SELECT [table_name], [run], [done_to], [postponed], [finished], ${COUNTS.map(name => `[${name}]`).join(', ')}
  FROM ${PROGRESS_TABLE} WHERE [pinned] = @pinned;`,
      parameters: { pinned: { type: 'nvarchar', value: pinned } },
    },
    progressRow,
    { signal },
  );
  const tables = new Map<string, Progress>();
  for (const row of rows)
    tables.set(row.table_name, {
      ...countsOf.parse(row),
      table: row.table_name,
      doneTo: row.done_to === null ? undefined : keyText.parse(JSON.parse(row.done_to)),
      postponed: row.postponed,
      finished: row.finished,
    });
  return { run: rows[0]?.run, tables };
}
