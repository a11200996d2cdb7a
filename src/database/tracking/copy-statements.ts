import { qualified } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import { holdStatements } from '../reconcile/hold-statements.ts';
import { type Numbered, PROGRESS_TABLE } from '../reconcile/names.ts';
import { beginStatement, tableBeginStatement } from '../reconcile/progress.ts';
import { tableStatements } from '../reconcile/run.ts';
import type { Scene } from '../stage.ts';
import { writes } from './phrases.ts';
import { STATE_TABLE } from './state.ts';
import { reloadedTables, trackedTables } from './tables.ts';

/** What the first copy of a table sends beside what comparing and repairing send. */

const nothing = { type: 'nvarchar', value: null } as const;

/** The copy of a table begins: at this version, and with nothing of an earlier attempt. */
export const copyFromStatement = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  writes(
    'subscriber',
    ref.copy,
    'a table is copied from this version on',
    `SET NOCOUNT ON; SET XACT_ABORT ON;
BEGIN TRANSACTION;
DELETE ${PROGRESS_TABLE} WHERE [table_name] = @schema + N'.' + @table;
DELETE ${STATE_TABLE} WHERE [schema] = @schema AND [table] = @table;
INSERT ${STATE_TABLE} ([schema], [table], [publisher], [version], [copied], [at])
VALUES (@schema, @table, @publisher, CONVERT(bigint, @version), 0, SYSUTCDATETIME());
COMMIT TRANSACTION;`,
    { schema: nothing, table: nothing, publisher: nothing, version: nothing },
  );

/** It has every row of a moment at or after its version: the rounds go on from there. */
export const copiedStatement = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  writes(
    'subscriber',
    ref.copy,
    'the table is whole',
    `UPDATE ${STATE_TABLE} SET [copied] = 1, [at] = SYSUTCDATETIME() WHERE [schema] = @schema AND [table] = @table;`,
    { schema: nothing, table: nothing },
  );

/** Staging tables of their own, beside those of a reconcile. */
const numbered =
  (prefix: string) =>
  (table: Numbered['table'], at: number): Numbered => ({
    table,
    stage: qualified(OWN_SCHEMA, `${prefix}_${at + 1}`),
  });

export const copiedTables = (scene: Pick<Scene, 'state' | 'plan'>): Numbered[] =>
  trackedTables(scene).map(numbered('copy'));

export const wholeTables = (scene: Pick<Scene, 'state' | 'plan'>): Numbered[] =>
  reloadedTables(scene).map(numbered('reload'));

/** Every statement of a copy that writes. */
export const copyStatements = (scene: Scene): Statement[] => [
  ...holdStatements(scene),
  beginStatement(scene),
  copyFromStatement(scene),
  tableBeginStatement(scene),
  ...copiedTables(scene).flatMap(each => tableStatements(scene, each)),
  copiedStatement(scene),
];

/** Every statement that writes when the tables that nothing can follow are copied whole. */
export const reloadStatements = (scene: Scene): Statement[] => [
  ...holdStatements(scene),
  beginStatement(scene),
  tableBeginStatement(scene),
  ...wholeTables(scene).flatMap(each => tableStatements(scene, each)),
];
