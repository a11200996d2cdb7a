import { harmless } from '../../foundation/text.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { Deed, Script } from '../../remote/sql/statement.ts';
import { fullName } from '../catalog/types.ts';
import { MARKER_TABLE, MARKER_TEXT } from '../replicate/marker.ts';
import type { Scene } from '../stage.ts';
import { asks, objectId, writes } from './phrases.ts';
import { STATE_TABLE, STATE_TEXT, TRACKED_TABLE, TRACKED_TEXT } from './state.ts';
import { trackedTables } from './tables.ts';

const DAY = 24 * 3_600_000;
/** Changes are kept beyond the deadline, and never for less than a week: a copy that stays away longer begins anew. */
const LEAST_DAYS = 7;
const MARGIN_DAYS = 3;

export function retentionDays({ deadline, state }: Pick<Scene, 'deadline' | 'state'>): number {
  const from = state.assessed?.at;
  if (deadline === undefined || from === undefined) return LEAST_DAYS;
  return Math.max(LEAST_DAYS, Math.ceil((deadline.expected - from) / DAY) + MARGIN_DAYS);
}

/** Change tracking on production, and what landfall keeps on both sides; every change is recorded before it is made. */
export function trackScript(scene: Scene): Script {
  return {
    title: `change tracking on ${scene.ref.source}`,
    deeds: [
      ...own(scene),
      isolation(scene),
      database(scene),
      ...trackedTables(scene).map(each => table(scene, each)),
    ],
  };
}

/** Landfall's own tables: the marker on both sides, the record on production, the versions at the copy. */
function own({ ref }: Scene): Deed[] {
  const sides = [
    ['publisher', ref.source],
    ['subscriber', ref.copy],
  ] as const;
  return [
    ...sides.map(([on, name]) => ({
      id: `marker/${on}`,
      statement: writes(on, name, 'the marker table, in a schema of its own', MARKER_TEXT),
      done: asks(on, name, 'is the marker table there?', `${objectId(MARKER_TABLE)} IS NOT NULL`),
    })),
    {
      id: 'record',
      statement: writes('publisher', ref.source, 'the record of what landfall turns on', TRACKED_TEXT),
      done: asks('publisher', ref.source, 'is the record there?', `${objectId(TRACKED_TABLE)} IS NOT NULL`),
    },
    {
      id: 'versions',
      statement: writes('subscriber', ref.copy, 'the version that each table of the copy has', STATE_TEXT),
      done: asks('subscriber', ref.copy, 'is it there?', `${objectId(STATE_TABLE)} IS NOT NULL`),
    },
  ];
}

/** Written down only where it was off, and before it is turned on. */
const record = (kind: string, schema: string, name: string, isOff: string): string => {
  const [k, s, n] = [literal(kind), literal(schema), literal(name)];
  return `IF ${isOff}
  AND NOT EXISTS (SELECT 1 FROM ${TRACKED_TABLE} WHERE [kind] = ${k} AND [schema] = ${s} AND [name] = ${n})
  INSERT ${TRACKED_TABLE} ([kind], [schema], [name], [at]) VALUES (${k}, ${s}, ${n}, SYSUTCDATETIME());`;
};

function isolation({ ref }: Scene): Deed {
  const state = `(SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID())`;
  return {
    id: 'snapshot-isolation',
    statement: writes(
      'publisher',
      ref.source,
      'allow SNAPSHOT isolation; waits for the transactions that are open now, and lets all others work',
      `${record('snapshot-isolation', '', ref.source, `${state} = 0`)}
ALTER DATABASE ${identifier(ref.source)} SET ALLOW_SNAPSHOT_ISOLATION ON;`,
    ),
    // 2 and 3 are on the way: the statement waits for the end of it.
    done: asks('publisher', ref.source, 'is SNAPSHOT isolation allowed?', `${state} = 1`),
  };
}

function database(scene: Scene): Deed {
  const { ref } = scene;
  const on = `EXISTS (SELECT 1 FROM sys.change_tracking_databases WHERE database_id = DB_ID())`;
  return {
    id: 'database',
    statement: writes(
      'publisher',
      ref.source,
      'turn change tracking on',
      `${record('database', '', ref.source, `NOT ${on}`)}
ALTER DATABASE ${identifier(ref.source)} SET CHANGE_TRACKING = ON (CHANGE_RETENTION = ${retentionDays(scene)} DAYS, AUTO_CLEANUP = ON);`,
    ),
    done: asks('publisher', ref.source, 'is change tracking on?', on),
  };
}

/** One ALTER a table: it needs the table for itself for a moment, and gives up rather than make others wait. */
function table({ ref, plan }: Scene, { schema, name }: DatabaseTable): Deed {
  const target = qualified(schema, name);
  const on = `EXISTS (SELECT 1 FROM sys.change_tracking_tables WHERE object_id = ${objectId(target)})`;
  return {
    id: `table/${fullName({ schema, name })}`,
    statement: writes(
      'publisher',
      ref.source,
      `track the changes of ${harmless(fullName({ schema, name }))}`,
      `SET LOCK_TIMEOUT ${plan.production.lock_timeout};
${record('table', schema, name, `NOT ${on}`)}
ALTER TABLE ${target} ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = OFF);`,
    ),
    done: asks('publisher', ref.source, 'is the table tracked?', on),
  };
}
