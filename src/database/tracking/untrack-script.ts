import { harmless } from '../../foundation/text.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { Deed, Script } from '../../remote/sql/statement.ts';
import { fullName, OWN_SCHEMA } from '../catalog/types.ts';
import { laneOf } from '../monitor/lane.ts';
import { MARKER_TABLE } from '../replicate/marker.ts';
import type { Scene } from '../stage.ts';
import { asks, asksOf, objectId, writes } from './phrases.ts';
import { STATE_TABLE, TRACKED_TABLE } from './state.ts';
import { trackedTables } from './tables.ts';

/**
 * Production as it was found, as far as change tracking goes: what landfall turned on is turned off, tables before the
 * database, and nothing else. What somebody else tracks since then stays, and with it what that needs. Where the
 * publisher is gone (`dark`), only the copy is cleaned.
 */
export function untrackScript(scene: Scene, options: { readonly dark?: boolean } = {}): Script {
  return {
    title: `change tracking of ${scene.ref.source} as it was before`,
    deeds: [...(options.dark === true ? [] : production(scene)), ...copy(scene)],
  };
}

const production = (scene: Scene): Deed[] => [
  ...trackedTables(scene).map(each => table(scene, each)),
  database(scene),
  isolation(scene),
  dropTable(scene.ref.source, 'publisher', TRACKED_TABLE, 'the record of what landfall turned on'),
  ...marker(scene, 'publisher', scene.ref.source),
];

const copy = (scene: Scene): Deed[] => [
  dropTable(scene.ref.copy, 'subscriber', STATE_TABLE, 'the versions of the tables'),
  ...marker(scene, 'subscriber', scene.ref.copy),
];

const recorded = (kind: string, schema: string, name: string): string =>
  `[kind] = ${literal(kind)} AND [schema] = ${literal(schema)} AND [name] = ${literal(name)}`;

const isRecorded = (kind: string, schema: string, name: string): string =>
  `EXISTS (SELECT 1 FROM ${TRACKED_TABLE} WHERE ${recorded(kind, schema, name)})`;

const gone = (scene: Scene, title: string, kind: string, schema: string, name: string) =>
  asksOf('publisher', scene.ref.source, title, TRACKED_TABLE, `NOT ${isRecorded(kind, schema, name)}`, 1);

function table(scene: Scene, { schema, name }: DatabaseTable): Deed {
  const target = qualified(schema, name);
  return {
    id: `table/${fullName({ schema, name })}`,
    statement: writes(
      'publisher',
      scene.ref.source,
      `stop tracking the changes of ${harmless(fullName({ schema, name }))}, where landfall began it`,
      `SET LOCK_TIMEOUT ${scene.plan.production.lock_timeout};
IF ${isRecorded('table', schema, name)} AND EXISTS (SELECT 1 FROM sys.change_tracking_tables WHERE object_id = ${objectId(target)})
  ALTER TABLE ${target} DISABLE CHANGE_TRACKING;
DELETE ${TRACKED_TABLE} WHERE ${recorded('table', schema, name)};`,
    ),
    done: gone(scene, 'is nothing of it recorded?', 'table', schema, name),
  };
}

function database(scene: Scene): Deed {
  const { source } = scene.ref;
  return {
    id: 'database',
    statement: writes(
      'publisher',
      source,
      'turn change tracking off, where landfall turned it on and nobody else uses it',
      `IF ${isRecorded('database', '', source)} AND NOT EXISTS (SELECT 1 FROM sys.change_tracking_tables)
  AND EXISTS (SELECT 1 FROM sys.change_tracking_databases WHERE database_id = DB_ID())
  ALTER DATABASE ${identifier(source)} SET CHANGE_TRACKING = OFF;
DELETE ${TRACKED_TABLE} WHERE ${recorded('database', '', source)};`,
    ),
    done: gone(scene, 'is nothing of it recorded?', 'database', '', source),
  };
}

function isolation(scene: Scene): Deed {
  const { source } = scene.ref;
  return {
    id: 'snapshot-isolation',
    statement: writes(
      'publisher',
      source,
      'disallow SNAPSHOT isolation, where landfall allowed it; waits for the transactions that use it',
      `IF ${isRecorded('snapshot-isolation', '', source)}
  ALTER DATABASE ${identifier(source)} SET ALLOW_SNAPSHOT_ISOLATION OFF;
DELETE ${TRACKED_TABLE} WHERE ${recorded('snapshot-isolation', '', source)};`,
    ),
    done: gone(scene, 'is nothing of it recorded?', 'snapshot-isolation', '', source),
  };
}

const dropTable = (database: string, on: 'publisher' | 'subscriber', name: string, what: string): Deed => ({
  id: `drop/${on}/${name}`,
  statement: writes(
    on,
    database,
    `drop ${what}`,
    `IF OBJECT_ID(${literal(name)}, N'U') IS NOT NULL DROP TABLE ${name};`,
  ),
  done: asks(on, database, 'is it gone?', `${objectId(name)} IS NULL`),
});

/** In the lanes of replication the marker is an article, and goes with the publication. */
function marker(scene: Scene, on: 'publisher' | 'subscriber', database: string): Deed[] {
  if (laneOf(scene) !== 'change-tracking') return [];
  const others = `EXISTS (SELECT 1 FROM sys.objects WHERE schema_id = SCHEMA_ID(N'${OWN_SCHEMA}'))`;
  return [
    dropTable(database, on, MARKER_TABLE, 'the marker table'),
    {
      id: `drop/${on}/schema`,
      statement: writes(
        on,
        database,
        'drop the schema, where nothing else of landfall is in it',
        `IF SCHEMA_ID(N'${OWN_SCHEMA}') IS NOT NULL AND NOT ${others} DROP SCHEMA [${OWN_SCHEMA}];`,
      ),
      done: asks(on, database, 'is it gone, or in use?', `SCHEMA_ID(N'${OWN_SCHEMA}') IS NULL OR ${others}`),
    },
  ];
}
