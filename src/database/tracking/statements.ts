import { harmless } from '../../foundation/text.ts';
import type { DatabaseTable, TableColumn } from '../../journal/database-facts.ts';
import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { BulkLoad } from '../../remote/sql/server.ts';
import type { Parameter, Statement } from '../../remote/sql/statement.ts';
import { fullName } from '../catalog/types.ts';
import { laneOf } from '../monitor/lane.ts';
import { type Carry, carryOf, stagedType } from '../reconcile/carry.ts';
import { MARKER_TABLE } from '../replicate/marker.ts';
import type { Scene } from '../stage.ts';
import { reads, writes } from './phrases.ts';
import { STATE_TABLE } from './state.ts';
import { trackedTables } from './tables.ts';

/** What one round sends (facts: mssql 6.1). Changes lie in temporary tables of the copy's session until all have come. */

interface Field {
  readonly column: TableColumn;
  readonly carry: Carry;
  readonly staged: string;
}

/** A table as a round knows it. */
export interface Tracked {
  readonly table: DatabaseTable;
  readonly name: string;
  /** The name as a comment may have it: it cannot end the line. */
  readonly shown: string;
  readonly target: string;
  /** `#changes_1` */
  readonly stage: string;
  readonly keys: readonly Field[];
  readonly values: readonly Field[];
}

const field =
  (prefix: string) =>
  (column: TableColumn, at: number): Field => ({
    column,
    carry: carryOf(column),
    staged: `${prefix}${at}`,
  });

export const tracked = (table: DatabaseTable, at: number): Tracked => ({
  table,
  name: fullName(table),
  shown: harmless(fullName(table)),
  target: qualified(table.schema, table.name),
  stage: `#changes_${at + 1}`,
  keys: table.key.flatMap(key => table.columns.find(({ name }) => name === key) ?? []).map(field('k')),
  values: table.columns.filter(({ carried }) => carried).map(field('c')),
});

export const trackedOf = (scene: Pick<Scene, 'state' | 'plan'>): Tracked[] =>
  trackedTables(scene).map(tracked);

type Refs = Pick<Scene, 'ref' | 'plan'>;

/** One moment of production for all tables of a round; without it two tables would be of two moments. */
export const beginReading = ({ ref }: Refs): Statement =>
  reads(
    'publisher',
    ref.source,
    'begin to read one moment of production',
    'SET TRANSACTION ISOLATION LEVEL SNAPSHOT;\nBEGIN TRANSACTION;',
  );

export const endReading = ({ ref }: Refs): Statement =>
  reads('publisher', ref.source, 'end it', 'IF @@TRANCOUNT > 0 COMMIT TRANSACTION;');

/** Which branch of history production is on: after a restore versions go back, and would look valid (facts 6.1). */
export const momentStatement = ({ ref }: Refs): Statement =>
  reads(
    'publisher',
    ref.source,
    'ask which version this moment has, and the newest marker in it',
    `SELECT CONVERT(varchar(20), CHANGE_TRACKING_CURRENT_VERSION()) AS version,
  (SELECT CONVERT(nvarchar(36), database_guid) + N'/' + CONVERT(nvarchar(36), recovery_fork_guid)
    FROM sys.database_recovery_status WHERE database_id = DB_ID()) AS publisher,
  (SELECT CONVERT(varchar(20), MAX(id)) FROM ${MARKER_TABLE}) AS marker,
  (SELECT TOP (1) CONVERT(varchar(34), m.at, 121) FROM ${MARKER_TABLE} AS m ORDER BY m.id DESC) AS marker_at;`,
  );

/** From which version on the changes of a table are kept; NULL where it is not tracked. */
export const validStatement = ({ ref }: Refs): Statement =>
  reads(
    'publisher',
    ref.source,
    'ask from which version on changes are kept',
    `SELECT SCHEMA_NAME(t.schema_id) + N'.' + t.name AS name, CONVERT(varchar(20), CHANGE_TRACKING_MIN_VALID_VERSION(t.object_id)) AS least
FROM sys.change_tracking_tables AS c JOIN sys.tables AS t ON t.object_id = c.object_id;`,
  );

/**
 * Rows that changed after a version, as they are at this moment. Whether a row is there at this moment is what counts: a
 * key that one statement leaves and another row takes has both in its history, and its last operation says nothing.
 */
export const changesStatement = ({ ref, plan }: Refs, { shown, target, keys, values }: Tracked): Statement =>
  reads(
    'publisher',
    ref.source,
    `read the changes of ${shown}`,
    `SET LOCK_TIMEOUT ${plan.production.lock_timeout};
SELECT CASE WHEN t.${identifier(keys[0]?.column.name ?? '')} IS NULL THEN N'D' ELSE N'U' END, ${[
      ...keys.map(({ column, carry }) => carry.read(`c.${identifier(column.name)}`)),
      ...values.map(({ column, carry }) => carry.read(`t.${identifier(column.name)}`)),
    ].join(', ')}
FROM CHANGETABLE(CHANGES ${target}, @since) AS c
LEFT JOIN ${target} AS t ON ${keys
      .map(({ column }) => `t.${identifier(column.name)} = c.${identifier(column.name)}`)
      .join(' AND ')}
OPTION (MAXDOP ${plan.production.maxdop});`,
    { since: { type: 'bigint', value: null } },
  );

const onCopy = (
  { ref }: Refs,
  title: string,
  text: string,
  parameters?: Statement['parameters'],
): Statement => writes('subscriber', ref.copy, title, text, parameters);

export const stageStatement = (scene: Refs, { shown, stage, keys, values }: Tracked): Statement =>
  onCopy(
    scene,
    `a temporary table for the changes of ${shown}`,
    `CREATE TABLE ${stage} ([op] nvarchar(1) NOT NULL, ${[...keys, ...values]
      .map(({ staged, carry }) => `[${staged}] ${stagedType(carry)} NULL`)
      .join(', ')});`,
  );

export const loadStatement = (scene: Refs, { stage, shown }: Tracked): Statement =>
  onCopy(scene, `load the changes of ${shown}`, `INSERT BULK ${stage}`);

export const loadColumns = ({ keys, values }: Tracked): BulkLoad['columns'] => [
  { name: 'op', type: 'nvarchar', length: 1 },
  ...[...keys, ...values].map(({ staged, carry: { type, length } }) => ({
    name: staged,
    type,
    ...(length === undefined ? {} : { length }),
  })),
];

/** Constraints and triggers of the copy are held meanwhile; an error anywhere takes all of it back. */
export const beginApplying = (scene: Refs): Statement =>
  onCopy(scene, 'begin to apply the round', 'SET XACT_ABORT ON;\nBEGIN TRANSACTION;');

/** What changed goes, whatever happened to it: no unique value of it is in the way of another row then. */
export const deleteStatement = (scene: Refs, { shown, target, stage, keys }: Tracked): Statement =>
  onCopy(
    scene,
    `remove the rows of ${shown} that changed`,
    `SET NOCOUNT ON;
DELETE t
FROM ${target} AS t
JOIN ${stage} AS s ON ${keys
      .map(({ column, carry, staged }) => `t.${identifier(column.name)} = ${carry.back(`s.[${staged}]`)}`)
      .join(' AND ')};`,
  );

export const insertStatement = (scene: Refs, { shown, target, stage, values }: Tracked): Statement => {
  const identity = (to: 'ON' | 'OFF'): string =>
    `IF OBJECTPROPERTY(OBJECT_ID(${literal(target)}), 'TableHasIdentity') = 1 SET IDENTITY_INSERT ${target} ${to};`;
  return onCopy(
    scene,
    `insert the rows of ${shown} as they are now`,
    `SET NOCOUNT ON;
${identity('ON')}
INSERT ${target} (${values.map(({ column }) => identifier(column.name)).join(', ')})
SELECT ${values.map(({ carry, staged }) => carry.back(`s.[${staged}]`)).join(', ')}
FROM ${stage} AS s WHERE s.[op] <> N'D';
${identity('OFF')}`,
  );
};

const unknown = (type: Parameter['type']): Parameter => ({ type, value: null });

/**
 * The version goes with the rows, or not at all. In the lanes of replication the marker is an article: there it comes by
 * the distribution agent, and a round that brought it too would be in that one's way (2627).
 */
export const versionStatement = (scene: Scene): Statement => {
  const marker =
    laneOf(scene) === 'change-tracking'
      ? `IF @marker IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${MARKER_TABLE} WHERE id = CONVERT(bigint, @marker))
  INSERT ${MARKER_TABLE} (id, at) VALUES (CONVERT(bigint, @marker), CONVERT(datetime2(7), @marker_at, 121));
`
      : '';
  return onCopy(
    scene,
    `the version that the copy has now${marker === '' ? '' : ', and the marker that came with it'}`,
    `SET NOCOUNT ON;
${marker}UPDATE ${STATE_TABLE} SET [version] = CONVERT(bigint, @version), [at] = SYSUTCDATETIME()
WHERE [copied] = 1 AND [publisher] = @publisher;`,
    {
      version: unknown('nvarchar'),
      publisher: unknown('nvarchar'),
      marker: unknown('nvarchar'),
      marker_at: unknown('nvarchar'),
    },
  );
};

export const endApplying = (scene: Refs): Statement => onCopy(scene, 'end it', 'COMMIT TRANSACTION;');

/** A table whose changes are no longer kept back to its version: it is copied again. */
export const againStatement = (scene: Refs): Statement =>
  onCopy(
    scene,
    'a table has to be copied again',
    `UPDATE ${STATE_TABLE} SET [copied] = 0 WHERE [schema] = @schema AND [table] = @table;`,
    { schema: unknown('nvarchar'), table: unknown('nvarchar') },
  );

export const stateStatement = ({ ref }: Pick<Scene, 'ref'>): Statement =>
  reads(
    'subscriber',
    ref.copy,
    'ask for the version of each table',
    `IF OBJECT_ID(N'${STATE_TABLE}', N'U') IS NULL SELECT TOP (0) N'' AS [schema], N'' AS [table], N'' AS publisher, '' AS version, CONVERT(bit, 0) AS copied;
ELSE SELECT [schema], [table], [publisher], CONVERT(varchar(20), [version]) AS version, [copied] FROM ${STATE_TABLE};`,
  );

/** Every statement of a round that writes, in the order in which a round sends them. */
export function roundStatements(scene: Scene): Statement[] {
  const tables = trackedOf(scene);
  return [
    againStatement(scene),
    ...tables.flatMap(each => [stageStatement(scene, each), loadStatement(scene, each)]),
    beginApplying(scene),
    ...tables.map(each => deleteStatement(scene, each)),
    ...tables.map(each => insertStatement(scene, each)),
    versionStatement(scene),
    endApplying(scene),
  ];
}
