import { columnPlace, primaryKey } from '../catalog/find.ts';
import type { Column, Table } from '../catalog/schema.ts';
import type { Database } from '../server/instance.ts';
import type { TrackedChange, Tracking, View } from '../storage/store.ts';
import { comparisonKey } from '../values/index.ts';
import { BIGINT, DEFAULT_COLLATION, type SqlType, type Value, varbinary } from '../values/types.ts';

/** CHANGETABLE: the net change of each row since a version, computed from the changes that the commits wrote. */

export interface ChangeColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
}

const OPERATION: SqlType = { kind: 'nchar', length: 1, collation: DEFAULT_COLLATION };

/** A database snapshot has what its source had: to be asked with the snapshot's view. */
export const trackingOf = ({ store, snapshotOf }: Database): Tracking | undefined =>
  (store ?? snapshotOf?.store)?.tracking;

/** Primary key columns in the order of the key: what identifies a change. */
export function trackedKey(table: Table): readonly Column[] {
  return (primaryKey(table)?.index.columns ?? []).flatMap(({ column, included }) => {
    const found = table.columns[columnPlace(table, column)];
    return included || found === undefined ? [] : [found];
  });
}

const keyColumns = (table: Table): readonly ChangeColumn[] =>
  trackedKey(table).map(({ name, type }) => ({ name, type, nullable: false }));

/** Columns of `CHANGETABLE(CHANGES t, @version)`. */
export const changesColumns = (table: Table): readonly ChangeColumn[] => [
  { name: 'SYS_CHANGE_VERSION', type: BIGINT, nullable: true },
  { name: 'SYS_CHANGE_CREATION_VERSION', type: BIGINT, nullable: true },
  { name: 'SYS_CHANGE_OPERATION', type: OPERATION, nullable: true },
  { name: 'SYS_CHANGE_COLUMNS', type: varbinary(4100), nullable: true },
  { name: 'SYS_CHANGE_CONTEXT', type: varbinary(128), nullable: true },
  ...keyColumns(table),
];

/** Columns of `CHANGETABLE(VERSION t, (key), (values))`. */
export const versionColumns = (table: Table): readonly ChangeColumn[] => [
  { name: 'SYS_CHANGE_VERSION', type: BIGINT, nullable: true },
  { name: 'SYS_CHANGE_CONTEXT', type: varbinary(128), nullable: true },
  ...keyColumns(table),
];

interface Net {
  readonly last: TrackedChange;
  /** Version of the last insert after the asked version. */
  readonly created: bigint | undefined;
  /** Columns changed by updates; undefined where one of them cannot say. */
  readonly columns: ReadonlySet<number> | undefined;
}

/**
 * One row a primary key that changed after `since`, in the order of the last change; a null version means from the beginning.
 * D for a row that is gone, I for one inserted since, else U.
 */
export function* changesRows(
  table: Table,
  tracking: Tracking,
  since: bigint | null,
  view: View,
): Iterable<readonly Value[]> {
  const textOf = keyText(table);
  const nets = new Map<string, Net>();
  for (const change of tracking.changes(table, since ?? 0n, view)) {
    const key = textOf(change.key);
    const before = nets.get(key);
    // Set again, so that the order is the one of the last changes.
    nets.delete(key);
    nets.set(key, merged(before, change));
  }
  for (const { last, created, columns } of nets.values()) {
    const operation = last.operation === 'D' ? 'D' : created === undefined ? 'U' : 'I';
    const mask = operation === 'U' && columns !== undefined ? columnMask(columns) : null;
    yield [
      last.version,
      operation === 'I' ? (created ?? null) : null,
      operation,
      mask,
      last.context ?? null,
      ...last.key,
    ];
  }
}

function merged(before: Net | undefined, change: TrackedChange): Net {
  const created =
    change.operation === 'I' ? change.version : change.operation === 'D' ? undefined : before?.created;
  if (change.operation !== 'U') return { last: change, created, columns: new Set() };
  const earlier = before === undefined ? new Set<number>() : before.columns;
  const columns =
    change.columns === undefined || earlier === undefined
      ? undefined
      : new Set([...earlier, ...change.columns]);
  return { last: change, created, columns };
}

/** SYS_CHANGE_COLUMNS, read by CHANGE_TRACKING_IS_COLUMN_IN_MASK alone: four bytes of head, then column_ids, little-endian. */
export function columnMask(columns: ReadonlySet<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * columns.size);
  const view = new DataView(bytes.buffer);
  for (const [at, column] of [...columns].entries()) view.setInt32(4 + 4 * at, column, true);
  return bytes;
}

/** The last change of one row, null where it has none: always one row. */
export function versionRow(
  table: Table,
  tracking: Tracking,
  key: readonly Value[],
  view: View,
): readonly Value[] {
  const last = lastChanges(table, tracking, view).get(keyText(table)(key));
  return [last?.version ?? null, last?.context ?? null, ...key];
}

type LastChanges = ReadonlyMap<string, TrackedChange>;

const kept = new WeakMap<View, Map<number, LastChanges>>();

/** The last change of each row; a statement asks for one row after the other by one view. */
function lastChanges(table: Table, tracking: Tracking, view: View): LastChanges {
  const ofView = kept.get(view) ?? new Map<number, LastChanges>();
  kept.set(view, ofView);
  const known = ofView.get(table.id);
  if (known) return known;
  const textOf = keyText(table);
  const last = new Map<string, TrackedChange>();
  for (const change of tracking.changes(table, 0n, view)) last.set(textOf(change.key), change);
  ofView.set(table.id, last);
  return last;
}

/** Keys that are equal by the collations of their columns have one text. */
function keyText(table: Table): (key: readonly Value[]) => string {
  const keys = trackedKey(table).map(({ type }) => comparisonKey(type));
  return key =>
    keys
      .map((keyOf, at) => {
        const value = key[at] ?? null;
        const text = value === null ? '' : String(keyOf(value));
        return `${text.length}:${text}`;
      })
      .join('');
}
