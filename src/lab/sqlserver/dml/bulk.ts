import { putTable } from '../catalog/edit.ts';
import { findColumn } from '../catalog/find.ts';
import type { Column, Table } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Name } from '../syntax/names.ts';
import type { SqlType, Value } from '../values/types.ts';
import { type Change, type ChangeSet, type Written, writtenTo } from './changes.ts';
import { compileFault, nullRefused } from './faults.ts';
import {
  type Cell,
  computedRefused,
  DEFAULT,
  type Places,
  rowMaker,
  timestampRefused,
} from './insert-rows.ts';
import { requireShortLobs } from './published.ts';
import { CurrentRows } from './reading.ts';
import { Referential } from './referential.ts';
import { requireValues, stored } from './rules.ts';
import { namedTarget, writtenTarget } from './target.ts';
import { fireAfter, triggersFor } from './triggers.ts';
import { requireFreeKeys } from './unique.ts';
import { count, requireChecks } from './write.ts';

export interface BulkInsert {
  /**
   * Checks and writes rows in the order of the bulk's columns. Where it throws LockWait nothing of this object has changed:
   * undo to the savepoint before the call, wait, and call it again with the same rows.
   */
  add(rows: readonly (readonly Value[])[]): void;
  /** Fires triggers; the number of rows. */
  finish(): Promise<number>;
}

/**
 * Rows of a bulk message. Identity columns that are listed keep their values. Without CHECK_CONSTRAINTS foreign keys and
 * checks are not looked at and are no longer trusted; keys, NOT NULL and conversions always hold.
 *
 * @param columns names and types as the client announced them
 * @param options of `INSERT BULK … WITH (…)`
 * @throws SqlError 207, 208, 271, 273; LockWait
 */
export function bulkInsert(
  name: Name,
  columns: readonly { readonly name: string; readonly type: SqlType }[],
  options: readonly string[],
  execution: Execution,
): BulkInsert {
  const named = namedTarget(name, execution, 1);
  if (named.kind !== 'table') throw unsupported('a bulk load into a view or a table variable');
  const wanted = bulkOptions(options);
  const first = writtenTarget(named, execution);
  const target = wanted.checked ? first : distrusted(first, execution);
  const { database, table, rules } = target;
  const places = bulkPlaces(table, columns);
  const types = columns.map(column => column.type);
  const make = rowMaker(target, places, types, execution);
  const cells = cellReader(table, places, types, wanted.keepNulls);
  const identityAt = rules.identity ? places.indexOf(rules.identity.place) : -1;
  const transaction = execution.transaction(database);
  if (wanted.locked) database.store?.locks.take(transaction, table, undefined, 'X');
  const kept: Change[] = [];
  const keeping =
    wanted.fires &&
    triggersFor(database, table.id, 'insert', false, execution).length +
      triggersFor(database, table.id, 'insert', true, execution).length >
      0;
  let total = 0;
  return {
    add(rows) {
      const changes = rows.map((values): Change => {
        const given = cells(values);
        if (identityAt >= 0 && given[identityAt] === null)
          throw nullRefused(target.names, rules.identity?.column.name ?? '', 'INSERT');
        return { before: undefined, after: make(given), rid: -1, source: [] };
      });
      const set: ChangeSet = { target, statement: 'INSERT', changes };
      if (!keeping || !instead(target, execution)) writeChunk(set, execution, wanted.checked);
      if (keeping) for (const change of changes) kept.push(change);
      total += rows.length;
    },
    async finish() {
      if (keeping) await fire({ target, statement: 'INSERT', changes: kept }, execution);
      return total;
    },
  };
}

const instead = ({ database, table }: Written, execution: Execution): boolean =>
  triggersFor(database, table.id, 'insert', true, execution).length > 0;

async function fire(set: ChangeSet, execution: Execution): Promise<void> {
  const { database, table } = set.target;
  const all = new Set(table.columns.map(column => column.id));
  const triggers = triggersFor(database, table.id, 'insert', true, execution);
  if (triggers.length === 0) {
    await fireAfter([set], ['insert'], all, execution);
    return;
  }
  const inserted = set.changes.flatMap(({ after }) => (after ? [after] : []));
  for (const trigger of triggers)
    await execution.fire({
      database,
      table,
      trigger,
      event: 'insert',
      inserted,
      deleted: [],
      updatedColumns: all,
    });
}

function writeChunk(set: ChangeSet, execution: Execution, checked: boolean): void {
  const { target, changes } = set;
  const { database, table, rules } = target;
  const transaction = execution.transaction(database);
  const rows = new CurrentRows(execution);
  try {
    for (const { after = [] } of changes) {
      requireValues(rules, after, 'INSERT');
      requireShortLobs(table, after, undefined, execution);
      requireFreeKeys(target, after, rows, execution);
      transaction.insert(table, stored(rules, after));
    }
    count(set, execution);
    if (!checked) return;
    requireChecks(set, execution);
    const referential = new Referential(execution, rows);
    referential.consequences(set);
    referential.check();
  } finally {
    rows.close();
  }
}

interface BulkOptions {
  readonly keepNulls: boolean;
  readonly checked: boolean;
  readonly fires: boolean;
  readonly locked: boolean;
}

function bulkOptions(options: readonly string[]): BulkOptions {
  const names = options.map(
    option =>
      option
        .trim()
        .split(/[\s=(]/)[0]
        ?.toUpperCase() ?? '',
  );
  const known = new Set([
    'KEEP_NULLS',
    'CHECK_CONSTRAINTS',
    'FIRE_TRIGGERS',
    'TABLOCK',
    'ORDER',
    'ROWS_PER_BATCH',
    'KILOBYTES_PER_BATCH',
  ]);
  const strange = names.find(name => !known.has(name));
  if (strange !== undefined) throw unsupported(`the bulk option ${strange}`);
  return {
    keepNulls: names.includes('KEEP_NULLS'),
    checked: names.includes('CHECK_CONSTRAINTS'),
    fires: names.includes('FIRE_TRIGGERS'),
    locked: names.includes('TABLOCK'),
  };
}

function bulkPlaces(table: Table, columns: readonly { readonly name: string }[]): Places {
  return columns.map(({ name }) => {
    const column = findColumn(table, name);
    if (!column) throw compileFault(207, `Invalid column name '${name}'.`, 1);
    if (column.computed) throw computedRefused(column, 1);
    if (column.type.kind === 'rowversion') throw timestampRefused(1);
    return table.columns.indexOf(column);
  });
}

/** Foreign keys and checks that are not looked at are no longer trusted; the definition changes once. */
function distrusted(target: Written, execution: Execution): Written {
  const { database, table } = target;
  const doubtful = [...table.foreignKeys, ...table.checks].some(each => each.trusted && !each.disabled);
  if (!doubtful) return target;
  const changed: Table = {
    ...table,
    foreignKeys: table.foreignKeys.map(key => (key.disabled ? key : { ...key, trusted: false })),
    checks: table.checks.map(check => (check.disabled ? check : { ...check, trusted: false })),
  };
  execution.transaction(database).define(catalog => putTable(catalog, changed));
  return writtenTo(database, changed, undefined, execution);
}

/** A row as it came, with defaults where NULL stands for them; text that is longer than its column is refused. */
function cellReader(
  table: Table,
  places: Places,
  types: readonly SqlType[],
  keepNulls: boolean,
): (values: readonly Value[]) => readonly Cell[] {
  const columns = places.map(place => table.columns[place]);
  const limits = columns.map((column, at) => limitOf(column, types[at]));
  return values =>
    values.map((value, at): Cell => {
      if (value === null) return !keepNulls && columns[at]?.default ? DEFAULT : null;
      const limit = limits[at] ?? Number.POSITIVE_INFINITY;
      if ((typeof value === 'string' || value instanceof Uint8Array) && value.length > limit)
        throw new SqlError(
          4815,
          `Received an invalid column length from the bcp client for colid ${at + 1}.`,
        );
      return value;
    });
}

const TEXTS: ReadonlySet<string> = new Set(['char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary']);

/** Most characters or bytes, where both sides are of one family: what is converted is cut or refused by the conversion. */
function limitOf(column: Column | undefined, from: SqlType | undefined): number {
  if (!column || !from || !TEXTS.has(from.kind) || !('length' in column.type))
    return Number.POSITIVE_INFINITY;
  const bytes = (type: SqlType) => type.kind === 'binary' || type.kind === 'varbinary';
  if (bytes(column.type) !== bytes(from) || column.type.length === 'max') return Number.POSITIVE_INFINITY;
  return column.type.length;
}
