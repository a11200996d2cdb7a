import { OWN_SCHEMA } from '../catalog/types.ts';

/** What landfall keeps of change tracking, beside the data it belongs to. */

/** At the copy: the version that each table has, written in the transaction that brought it. */
export const STATE_TABLE = `[${OWN_SCHEMA}].[tracking_state]`;

export const STATE_TEXT = `IF OBJECT_ID(N'${STATE_TABLE}', N'U') IS NULL
  CREATE TABLE ${STATE_TABLE} (
    [schema] sysname NOT NULL, [table] sysname NOT NULL,
    [publisher] nvarchar(100) NOT NULL, -- the branch of production's history that the version belongs to
    [version] bigint NOT NULL,          -- everything up to it is here
    [copied] bit NOT NULL,              -- 0: the first copy is not whole yet
    [at] datetime2(7) NOT NULL,
    CONSTRAINT [landfall_tracking_state_key] PRIMARY KEY ([schema], [table]));`;

/** On production: what landfall turned on, recorded before it did; all that the teardown turns off. */
export const TRACKED_TABLE = `[${OWN_SCHEMA}].[tracked]`;

export const TRACKED_TEXT = `IF OBJECT_ID(N'${TRACKED_TABLE}', N'U') IS NULL
  CREATE TABLE ${TRACKED_TABLE} (
    [kind] nvarchar(30) NOT NULL,       -- snapshot-isolation, database, table
    [schema] sysname NOT NULL, [name] sysname NOT NULL,
    [at] datetime2(7) NOT NULL,
    CONSTRAINT [landfall_tracked_key] PRIMARY KEY ([kind], [schema], [name]));`;
