import type {
  CheckRow,
  ColumnRow,
  ForeignKeyRow,
  IndexColumnRow,
  IndexRow,
  TableRow,
  TriggerEventRow,
  TriggerRow,
} from './rows.ts';
import type { Check, Column, ForeignKey, Index, Table, Trigger } from './types.ts';

/** Everything that belongs to a table or a table type, by its object_id, which is known nowhere else. */
export interface TableRows {
  readonly columns: readonly ColumnRow[];
  readonly indexes: readonly IndexRow[];
  readonly indexColumns: readonly IndexColumnRow[];
  readonly foreignKeys: readonly ForeignKeyRow[];
  readonly checks: readonly CheckRow[];
  readonly triggers: readonly TriggerRow[];
  readonly triggerEvents: readonly TriggerEventRow[];
}

export interface TableParts {
  columns(id: number): Column[];
  indexes(id: number): Index[];
  foreignKeys(id: number): ForeignKey[];
  checks(id: number): Check[];
  triggers(id: number): Trigger[];
}

export function partsOf(rows: TableRows): TableParts {
  const columns = grouped(rows.columns, row => row.table);
  const indexes = grouped(rows.indexes, row => row.table);
  const indexColumns = grouped(rows.indexColumns, row => `${row.table}/${row.index}`);
  const foreignKeys = grouped(rows.foreignKeys, row => row.table);
  const checks = grouped(rows.checks, row => row.table);
  const triggers = grouped(rows.triggers, row => row.table);
  const events = grouped(rows.triggerEvents, row => row.trigger);
  return {
    columns: id => (columns.get(id) ?? []).map(columnOf),
    indexes: id =>
      (indexes.get(id) ?? []).map(row => indexOf(row, indexColumns.get(`${id}/${row.id}`) ?? [])),
    foreignKeys: id => foreignKeysOf(foreignKeys.get(id) ?? []),
    checks: id => (checks.get(id) ?? []).map(checkOf),
    triggers: id =>
      (triggers.get(id) ?? []).map(row =>
        triggerOf(
          row,
          (events.get(row.id) ?? []).map(each => each.event),
        ),
      ),
  };
}

function grouped<R, K>(rows: readonly R[], keyOf: (row: R) => K): ReadonlyMap<K, R[]> {
  const groups = new Map<K, R[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

function columnOf(row: ColumnRow): Column {
  const { name, id, type, length, precision, scale, nullable, rowGuid, sparse, columnSet, hidden } = row;
  const isOrdinary = row.generated === null || row.generated === 'NOT_APPLICABLE';
  return {
    ...{ name, id, type, length, precision, scale, nullable, rowGuid, sparse, columnSet, hidden },
    ...(row.userDefined ? { userType: { schema: row.declaredSchema, name: row.declared } } : {}),
    ...(row.collation === null ? {} : { collation: row.collation }),
    ...(row.seed === null || row.increment === null
      ? {}
      : {
          identity: {
            seed: row.seed,
            increment: row.increment,
            ...(row.last === null ? {} : { last: row.last }),
            notForReplication: row.notForReplication,
          },
        }),
    ...(row.computed === null ? {} : { computed: { definition: row.computed, persisted: row.persisted } }),
    ...(row.default === null || row.defaultName === null
      ? {}
      : {
          default: {
            name: row.defaultName,
            definition: row.default,
            systemNamed: row.defaultSystemNamed,
          },
        }),
    ...(isOrdinary || row.generated === null ? {} : { generated: row.generated }),
    ...(row.encryption === null ? {} : { encryption: row.encryption }),
    assemblyType: row.assemblyType,
    ...(row.xmlCollection === null || row.xmlSchema === null
      ? {}
      : { xmlCollection: { schema: row.xmlSchema, name: row.xmlCollection } }),
  };
}

const indexOf = (row: IndexRow, columns: readonly IndexColumnRow[]): Index => ({
  name: row.name,
  kind: row.kind,
  unique: row.unique,
  primaryKey: row.primaryKey,
  uniqueConstraint: row.uniqueConstraint,
  systemNamed: row.systemNamed,
  disabled: row.disabled,
  ignoreDuplicates: row.ignoreDuplicates,
  ...(row.filter === null ? {} : { filter: row.filter }),
  fillFactor: row.fillFactor,
  columns: columns.map(({ name, descending, included }) => ({ name, descending, included })),
});

/** One row a column, in the order of the constraint. */
function foreignKeysOf(rows: readonly ForeignKeyRow[]): ForeignKey[] {
  return [...grouped(rows, row => row.name).entries()].flatMap(([name, of]) => {
    const [first] = of;
    if (first === undefined) return [];
    return [
      {
        name,
        columns: of.map(row => row.column),
        references: { schema: first.referencedSchema, name: first.referencedTable },
        referencedColumns: of.map(row => row.referencedColumn),
        onDelete: first.onDelete,
        onUpdate: first.onUpdate,
        disabled: first.disabled,
        trusted: !first.notTrusted,
        notForReplication: first.notForReplication,
        systemNamed: first.systemNamed,
      },
    ];
  });
}

const checkOf = (row: CheckRow): Check => ({
  name: row.name,
  // NULL without the permission to see definitions; nothing can be compared with it then.
  definition: row.definition ?? '',
  disabled: row.disabled,
  trusted: !row.notTrusted,
  notForReplication: row.notForReplication,
  systemNamed: row.systemNamed,
});

const triggerOf = (row: TriggerRow, events: readonly string[]): Trigger => ({
  name: row.name,
  events,
  insteadOf: row.insteadOf,
  disabled: row.disabled,
  notForReplication: row.notForReplication,
  ...(row.definition === null ? {} : { definition: row.definition }),
  ansiNulls: row.ansiNulls,
  quotedIdentifier: row.quotedIdentifier,
});

export const tableOf = (row: TableRow, parts: TableParts): Table => ({
  schema: row.schema,
  name: row.name,
  columns: parts.columns(row.id),
  indexes: parts.indexes(row.id),
  foreignKeys: parts.foreignKeys(row.id),
  checks: parts.checks(row.id),
  triggers: parts.triggers(row.id),
  rows: row.rows,
  bytes: row.bytes,
  lobBytes: row.lobBytes,
  temporal: row.temporal === 1 ? 'history' : row.temporal === 2 ? 'versioned' : 'none',
  memoryOptimized: row.memoryOptimized,
  fileTable: row.fileTable,
  external: row.external,
  graph: row.node || row.edge,
  ledger: (row.ledger ?? 0) > 0,
  trackedByCdc: row.trackedByCdc,
  changeTracked: row.changeTracked,
  published: row.published || row.replicated,
});
