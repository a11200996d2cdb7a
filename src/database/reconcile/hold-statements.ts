import type { Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';
import { HELD_TABLE, SCHEMA_TEXT } from './names.ts';

/**
 * Foreign keys, checks and triggers of the copy would refuse or repeat what production has done already (facts 1.10):
 * they are recorded as they were found, then disabled, and stay so while replication runs. What is recorded is never
 * recorded again, so that a second attempt after a crash does not take landfall's own work for the state as found.
 */

const OF_USERS = (alias: string): string =>
  `${alias}.is_ms_shipped = 0 AND OBJECT_SCHEMA_NAME(${alias}.object_id) <> N'${OWN_SCHEMA}'`;

/** Every constraint and trigger of the copy that can be held, in the columns of the table that records them. */
const FOUND = `SELECT N'foreign-key', OBJECT_SCHEMA_NAME(f.object_id), OBJECT_NAME(f.parent_object_id), f.name, f.is_disabled, CASE f.is_not_trusted WHEN 0 THEN 1 ELSE 0 END, f.is_not_for_replication
  FROM sys.foreign_keys AS f WHERE ${OF_USERS('f')}
  UNION ALL
  SELECT N'check', OBJECT_SCHEMA_NAME(c.object_id), OBJECT_NAME(c.parent_object_id), c.name, c.is_disabled, CASE c.is_not_trusted WHEN 0 THEN 1 ELSE 0 END, c.is_not_for_replication
  FROM sys.check_constraints AS c WHERE ${OF_USERS('c')}
  UNION ALL
  SELECT N'trigger', OBJECT_SCHEMA_NAME(t.object_id), OBJECT_NAME(t.parent_id), t.name, t.is_disabled, 0, t.is_not_for_replication
  FROM sys.triggers AS t WHERE t.parent_class = 1 AND ${OF_USERS('t')}`;

const COLUMNS =
  '[kind], [schema_name], [table_name], [object_name], [is_disabled], [is_trusted], [is_not_for_replication]';

export const recordText = `SET NOCOUNT ON;
${SCHEMA_TEXT}
IF OBJECT_ID(N'${HELD_TABLE}', N'U') IS NULL
  CREATE TABLE ${HELD_TABLE} (
    [kind] nvarchar(20) NOT NULL, [schema_name] sysname NOT NULL, [table_name] sysname NOT NULL, [object_name] sysname NOT NULL,
    [is_disabled] bit NOT NULL, [is_trusted] bit NOT NULL, [is_not_for_replication] bit NOT NULL,
    CONSTRAINT [landfall_held_objects_key] PRIMARY KEY ([schema_name], [object_name])
  );
-- Their state as found; what is recorded already is not looked at again.
INSERT ${HELD_TABLE} (${COLUMNS})
SELECT ${COLUMNS} FROM (
  ${FOUND}
) AS found (${COLUMNS})
WHERE NOT EXISTS (SELECT 1 FROM ${HELD_TABLE} AS h WHERE h.[schema_name] = found.[schema_name] AND h.[object_name] = found.[object_name]);`;

const cursor = (
  text: string,
  act: string,
): string => `DECLARE @kind nvarchar(20), @schema sysname, @table sysname, @object sysname, @disabled bit, @trusted bit, @text nvarchar(max);
DECLARE held CURSOR LOCAL STATIC FOR SELECT [kind], [schema_name], [table_name], [object_name], [is_disabled], [is_trusted] FROM ${HELD_TABLE} ORDER BY [schema_name], [table_name], [object_name];
OPEN held;
FETCH NEXT FROM held INTO @kind, @schema, @table, @object, @disabled, @trusted;
WHILE @@FETCH_STATUS = 0
BEGIN
  SET @text = ${text};
${act}
  FETCH NEXT FROM held INTO @kind, @schema, @table, @object, @disabled, @trusted;
END;
CLOSE held;
DEALLOCATE held;`;

const TABLE = "QUOTENAME(@schema) + N'.' + QUOTENAME(@table)";
const EXISTS = "OBJECT_ID(QUOTENAME(@schema) + N'.' + QUOTENAME(@object)) IS NOT NULL";

export const disableText = `SET NOCOUNT ON;
-- Those that are enabled now; what was disabled when it was found has nothing to be held.
${cursor(
  `CASE @kind
    WHEN N'trigger' THEN N'DISABLE TRIGGER ' + QUOTENAME(@schema) + N'.' + QUOTENAME(@object) + N' ON ' + ${TABLE}
    ELSE N'ALTER TABLE ' + ${TABLE} + N' NOCHECK CONSTRAINT ' + QUOTENAME(@object) END`,
  `  IF @disabled = 0 AND ${EXISTS} EXEC sys.sp_executesql @text;`,
)}`;

export const restoreText = `SET NOCOUNT ON;
DECLARE @refused TABLE ([object_name] nvarchar(300) NOT NULL, [number] int NOT NULL, [message] nvarchar(2048) NOT NULL);
DECLARE @restored int = 0;
-- A constraint that was trusted looks at every row again; one that was not is enabled as it was. What is refused stays recorded.
${cursor(
  `CASE
    WHEN @kind = N'trigger' THEN N'ENABLE TRIGGER ' + QUOTENAME(@schema) + N'.' + QUOTENAME(@object) + N' ON ' + ${TABLE}
    ELSE N'ALTER TABLE ' + ${TABLE} + CASE @trusted WHEN 1 THEN N' WITH CHECK' ELSE N' WITH NOCHECK' END + N' CHECK CONSTRAINT ' + QUOTENAME(@object) END`,
  `  BEGIN TRY
    IF @disabled = 0 AND ${EXISTS} EXEC sys.sp_executesql @text;
    DELETE ${HELD_TABLE} WHERE [schema_name] = @schema AND [object_name] = @object;
    SET @restored = @restored + 1;
  END TRY
  BEGIN CATCH
    INSERT @refused ([object_name], [number], [message]) VALUES (@schema + N'.' + @object, ERROR_NUMBER(), ERROR_MESSAGE());
  END CATCH;`,
)}
SELECT @restored AS restored;
SELECT [object_name], [number], [message] FROM @refused ORDER BY [object_name];`;

const statement = (
  { ref }: Pick<Scene, 'ref'>,
  title: string,
  text: string,
  effect: Statement['effect'] = 'writes',
): Statement => ({ on: 'subscriber', database: ref.copy, title, text, effect, timeoutMs: 0 });

/** Records and disables, in this order: between the two nothing is lost. */
export const holdStatements = (scene: Pick<Scene, 'ref'>): readonly Statement[] => [
  statement(scene, 'record foreign keys, checks and triggers of the copy as they are', recordText),
  statement(scene, 'disable them', disableText),
];

export const restoreStatement = (scene: Pick<Scene, 'ref'>): Statement =>
  statement(scene, 'give foreign keys, checks and triggers the state that was recorded', restoreText);

export const restoreStatements = (scene: Pick<Scene, 'ref'>): readonly Statement[] => [
  restoreStatement(scene),
];

/** 1 where nothing in the copy that can be held is enabled. */
export const heldQuestion = (scene: Pick<Scene, 'ref'>): Statement =>
  statement(
    scene,
    'are all foreign keys, checks and triggers of the copy disabled',
    `SELECT CASE WHEN EXISTS (SELECT 1 FROM (
  ${FOUND}
) AS found (${COLUMNS}) WHERE [is_disabled] = 0) THEN 0 ELSE 1 END AS held;`,
    'reads',
  );

/** How many are recorded; none where the table is not there. */
export const recordedCount = (scene: Pick<Scene, 'ref'>): Statement =>
  statement(
    scene,
    'count what is held',
    `IF OBJECT_ID(N'${HELD_TABLE}', N'U') IS NULL SELECT 0 AS n ELSE SELECT COUNT(*) AS n FROM ${HELD_TABLE};`,
    'reads',
  );
