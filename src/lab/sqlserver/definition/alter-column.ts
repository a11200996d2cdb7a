import type { Column } from '../catalog/schema.ts';
import { nullRefused } from '../dml/faults.ts';
import { compute, stored } from '../dml/rules.ts';
import type { TableAction } from '../syntax/definitions.ts';
import { assigner, typeFacts, typeName } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import type { Altered } from './altered.ts';
import { collated, namedType } from './columns.ts';
import { draftColumn, replaceColumn } from './draft.ts';
import { fault } from './faults.ts';
import { TableRows } from './rows.ts';
import { columnInUse, type Use, usesOf } from './uses.ts';

type AlterColumn = Extract<TableAction, { readonly kind: 'alter-column' }>;

/**
 * Another type or nullability: every row is converted as an assignment would do it.
 *
 * @throws SqlError 4924, 4928, 5074 before 4922, 515, 2628, 8152, 206 and the errors of the conversion
 */
export async function alterColumn(target: Altered, action: AlterColumn, line: number): Promise<void> {
  const { draft, database, execution } = target;
  const before = draftColumn(draft, action.column);
  if (!before)
    throw fault(
      4924,
      `ALTER TABLE ALTER COLUMN failed because column '${action.column}' does not exist in table '${draft.shown}'.`,
      line,
    );
  requireAlterable(before, line);
  const { type: plain, user } = namedType(action.type, execution.scope, {
    collation: action.collation ?? database.collation,
    place: before.id,
    column: before.name,
    line,
  });
  if (plain.kind === 'rowversion')
    throw fault(4927, `Cannot alter column '${before.name}' to be data type timestamp.`, line);
  const type = action.collation === undefined ? plain : collated(plain, action.collation, line);
  const nullable = before.identity ? false : (action.nullable ?? true);
  const { userType: _old, ...rest } = before;
  const after: Column = { ...rest, type, nullable, ...(user ? { userType: user.id } : {}) };
  const uses = usesOf(target, before).filter(use => forbids(use, before, after));
  if (uses.length > 0) throw columnInUse('ALTER TABLE ALTER COLUMN', before, uses, line);
  const old = new TableRows(database, target.table, execution);
  const rows = await converted(target, old, before, after);
  replaceColumn(draft, after);
  if (!rows) {
    target.store();
    return;
  }
  const storeId = target.transaction.createPhysical(target.table);
  const table = target.store({ storeId });
  const { rules } = new TableRows(database, table, execution);
  target.relayout(() => {
    for (const row of rows) {
      if (rules.computed.length > 0) compute(rules, row, execution.evaluation);
      target.transaction.insert(table, stored(rules, row));
    }
  });
}

function requireAlterable(column: Column, line: number): void {
  const refused = (what: string) =>
    fault(4928, `Cannot alter column '${column.name}' because it is '${what}'.`, line);
  if (column.computed) throw refused('COMPUTED');
  if (column.type.kind === 'rowversion') throw refused('timestamp');
  if (column.type.kind === 'text' || column.type.kind === 'ntext' || column.type.kind === 'image')
    throw refused(typeName(column.type));
}

const VARIABLE: ReadonlySet<string> = new Set(['varchar', 'nvarchar', 'varbinary']);

/** Only a variable length may grow under a key, an index or a check; a default stays under a column of the same type. */
function forbids(use: Use, before: Column, after: Column): boolean {
  const grows =
    VARIABLE.has(before.type.kind) &&
    before.type.kind === after.type.kind &&
    collationOf(before.type) === collationOf(after.type) &&
    size(after.type) >= size(before.type);
  const same = JSON.stringify(before.type) === JSON.stringify(after.type);
  switch (use.what) {
    case 'default':
      return before.type.kind !== after.type.kind;
    case 'key':
      return !(grows || same) || before.nullable !== after.nullable;
    case 'index':
    case 'check':
      return !(grows || same);
    case 'foreign-key':
      return !(grows || same);
    case 'computed':
    case 'module':
      return true;
  }
}

const collationOf = (type: SqlType): string => ('collation' in type ? type.collation : '');

function size(type: SqlType): number {
  const { maxLength } = typeFacts(type);
  return maxLength < 0 ? Number.POSITIVE_INFINITY : maxLength;
}

/** All rows with the column converted; undefined where every row may stay as it is in the store. */
async function converted(
  target: Altered,
  old: TableRows,
  before: Column,
  after: Column,
): Promise<Value[][] | undefined> {
  const { execution, draft } = target;
  const place = draft.columns.indexOf(before);
  const { release } = execution.instance.product;
  const { names } = old.rules;
  const assign = assigner(before.type, after.type, { table: names.full, column: before.name, release });
  const rows: Value[][] = [];
  const form = formOf(before.type) !== formOf(after.type);
  let rewrite = form;
  await old.each(values => {
    const value = values[place] ?? null;
    const next = value === null ? null : assign(value);
    if (next === null && !after.nullable) throw nullRefused(names, before.name, 'ALTER TABLE');
    if (next !== value) rewrite = true;
    const row = [...values];
    row[place] = next;
    rows.push(row);
  });
  return rewrite ? rows : undefined;
}

/** Columns of one form lie in the store alike and in the same order. */
const formOf = (type: SqlType): string =>
  `${type.kind}/${'precision' in type ? type.precision : ''}/${collationOf(type)}`;
