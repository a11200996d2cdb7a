import { keyColumns, qualifiedName, resolveObject, sameName } from '../catalog/find.ts';
import type { Catalog, Column, ForeignKey, Table } from '../catalog/schema.ts';
import type { ConstraintShape } from '../syntax/statements.ts';
import { typeFacts } from '../values/index.ts';
import { requireNoCircle } from './cascades.ts';
import { type Building, type Draft, draftColumn, tableOf } from './draft.ts';
import { fault } from './faults.ts';
import { systemConstraintName } from './system-names.ts';

export type ForeignKeyShape = Extract<ConstraintShape, { readonly constraint: 'foreign-key' }>;

/**
 * @param column the column it was written behind
 * @returns undefined for a temporary table, which has none
 * @throws SqlError 1763, 1767, 1769, 1770, 1773, 1774, 1776, 1778, 1753, 1757, 1761, 1762, 1785
 */
export function addForeignKey(
  draft: Draft,
  shape: ForeignKeyShape,
  column: string | undefined,
  trusted: boolean,
  building: Building,
): ForeignKey | undefined {
  const { line } = shape;
  const objectId = building.newId();
  const own = shape.columns.length > 0 || column === undefined ? shape.columns : [column];
  const name = shape.name ?? systemConstraintName('FK', draft.shown, own[0], objectId);
  if (building.foreignKeys === 'refused')
    throw fault(1769, `Foreign key '${name}' cannot be defined on a table variable.`, line);
  if (building.foreignKeys === 'skipped') {
    building.note(
      `Skipping FOREIGN KEY constraint '${name}' definition for temporary table '${draft.shown}'. FOREIGN KEY constraints are not enforced on local or global temporary tables.`,
      1766,
    );
    return undefined;
  }
  const columns = own.map(written => {
    const found = draftColumn(draft, written);
    if (found) return found;
    throw fault(
      1769,
      `Foreign key '${name}' references invalid column '${written}' in referencing table '${draft.shown}'.`,
      line,
    );
  });
  const referenced = referencedTable(draft, shape, name, building);
  const referencedColumns = referencedPart(referenced, shape, name, columns.length);
  requireKey(referenced, referencedColumns, name, line);
  columns.forEach((child, at) => {
    const parent = referencedColumns[at];
    if (parent) requireSameType(referenced, parent, draft, child, name, line);
  });
  requireActions(shape, columns, name);
  const foreignKey: ForeignKey = {
    objectId,
    name,
    systemNamed: shape.name === undefined,
    columns: columns.map(child => child.id),
    referencedTable: referenced.id,
    referencedColumns: referencedColumns.map(parent => parent.id),
    onDelete: shape.onDelete,
    onUpdate: shape.onUpdate,
    disabled: false,
    trusted: trusted && !shape.notForReplication,
    notForReplication: shape.notForReplication,
  };
  requireNoCircle(draft, foreignKey, building, line);
  draft.foreignKeys.push(foreignKey);
  return foreignKey;
}

function referencedTable(draft: Draft, shape: ForeignKeyShape, name: string, building: Building): Table {
  const { references, line } = shape;
  const database = references.at(-3) ?? '';
  if (references.length > 3 || (database !== '' && !sameName(database, building.database.name)))
    throw fault(
      1763,
      `Cross-database foreign key references are not supported. Foreign key '${references.join('.')}'.`,
      line,
      0,
    );
  const schema = references.at(-2) ?? '';
  const own = references.at(-1) ?? '';
  const self =
    sameName(own, draft.name) &&
    sameName(schema === '' ? building.scope.defaultSchema : schema, building.schema);
  if (self) return tableOf(draft, building.now);
  const found = resolveObject(building.catalog, references, building.scope.defaultSchema);
  if (found?.kind === 'table') return found.object;
  throw fault(1767, `Foreign key '${name}' references invalid table '${references.join('.')}'.`, line, 0);
}

function referencedPart(
  referenced: Table,
  shape: ForeignKeyShape,
  name: string,
  count: number,
): readonly Column[] {
  const { line } = shape;
  if (shape.referenced.length === 0) {
    const key = referenced.keys.find(candidate => candidate.primary);
    const index = key && referenced.indexes.find(candidate => candidate.id === key.indexId);
    if (!index)
      throw fault(
        1773,
        `Foreign key '${name}' has implicit reference to object '${shape.references.join('.')}' which does not have a primary key defined on it.`,
        line,
        0,
      );
    const columns = columnsOf(referenced, keyColumns(index));
    if (columns.length !== count) throw countDiffers(name, shape);
    return columns;
  }
  if (shape.referenced.length !== count)
    throw fault(
      8139,
      `Number of referencing columns in foreign key differs from number of referenced columns, table '${shape.references.join('.')}'.`,
      line,
      0,
    );
  return shape.referenced.map(written => {
    const found = referenced.columns.find(column => sameName(column.name, written));
    if (found) return found;
    throw fault(
      1770,
      `Foreign key '${name}' references invalid column '${written}' in referenced table '${referenced.name}'.`,
      line,
      0,
    );
  });
}

const countDiffers = (name: string, shape: ForeignKeyShape) =>
  fault(
    1774,
    `The number of columns in the referencing column list for foreign key '${name}' does not match those of the primary key in the referenced table '${shape.references.join('.')}'.`,
    shape.line,
    0,
  );

const columnsOf = (table: Table, ids: readonly number[]): readonly Column[] =>
  ids.flatMap(id => table.columns.find(column => column.id === id) ?? []);

/** The index of a candidate key on exactly these columns, in any order. */
export const candidateKey = (table: Table, columns: readonly number[]) =>
  table.indexes.find(index => {
    if (!index.unique || index.filter !== undefined || index.disabled) return false;
    const keyed = keyColumns(index);
    return keyed.length === columns.length && columns.every(column => keyed.includes(column));
  });

function requireKey(referenced: Table, columns: readonly Column[], name: string, line: number): void {
  const ids = columns.map(column => column.id);
  if (candidateKey(referenced, ids)) return;
  throw fault(
    1776,
    `There are no primary or candidate keys in the referenced table '${referenced.name}' that match the referencing column list in the foreign key '${name}'.`,
    line,
    0,
  );
}

function requireSameType(
  referenced: Table,
  parent: Column,
  draft: Draft,
  child: Column,
  name: string,
  line: number,
): void {
  const one = typeFacts(parent.type);
  const other = typeFacts(child.type);
  const pair = `Column '${referenced.name}.${parent.name}' is not`;
  const end = `as referencing column '${draft.shown}.${child.name}' in foreign key '${name}'.`;
  const decimals = new Set(['decimal', 'numeric']);
  const sameKind =
    one.systemTypeId === other.systemTypeId ||
    (decimals.has(parent.type.kind) && decimals.has(child.type.kind));
  if (!sameKind) throw fault(1778, `${pair} the same data type ${end}`, line, 0);
  const text = 'collation' in parent.type;
  if (
    one.scale !== other.scale ||
    one.precision !== other.precision ||
    (one.maxLength !== other.maxLength && !['varchar', 'nvarchar', 'varbinary'].includes(parent.type.kind))
  )
    throw fault(
      1753,
      `${pair} the same length or scale ${end} Columns participating in a foreign key relationship must be defined with the same length and scale.`,
      line,
      0,
    );
  if (text && one.collation !== other.collation)
    throw fault(1757, `${pair} of same collation ${end}`, line, 0);
}

function requireActions(shape: ForeignKeyShape, columns: readonly Column[], name: string): void {
  const actions = new Set([shape.onDelete, shape.onUpdate]);
  if (actions.has('set-null') && columns.some(column => !column.nullable))
    throw fault(
      1761,
      `Cannot create the foreign key "${name}" with the SET NULL referential action, because one or more referencing columns are not nullable.`,
      shape.line,
      0,
    );
  if (actions.has('set-default') && columns.some(column => !column.nullable && !column.default))
    throw fault(
      1762,
      `Cannot create the foreign key "${name}" with the SET DEFAULT referential action, because one or more referencing not-nullable columns lack a default constraint.`,
      shape.line,
      0,
    );
}

/** Foreign keys of other tables that need a candidate key of this one. */
export function referencing(
  catalog: Catalog,
  table: Table,
): readonly { readonly table: Table; readonly foreignKey: ForeignKey; readonly name: string }[] {
  const found: { table: Table; foreignKey: ForeignKey; name: string }[] = [];
  for (const other of catalog.tables.values())
    for (const foreignKey of other.foreignKeys)
      if (foreignKey.referencedTable === table.id)
        found.push({ table: other, foreignKey, name: qualifiedName(catalog, other) });
  return found;
}
