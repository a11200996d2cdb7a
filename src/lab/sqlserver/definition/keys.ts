import type { Column, Index, IndexColumn, Key } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import { bindCondition, rowSources } from '../query/index.ts';
import type { ConstraintShape, IndexShape, KeyColumn } from '../syntax/statements.ts';
import { type Building, type Draft, indexedColumn, newIndexId, tableOf } from './draft.ts';
import { fault } from './faults.ts';
import { readIndexOptions } from './index-options.ts';
import { systemKeyName } from './system-names.ts';
import { conditionText } from './text.ts';

export type KeyShape = Extract<ConstraintShape, { readonly constraint: 'primary-key' | 'unique' }>;

/**
 * Adds a primary key or a unique constraint with the index that carries it.
 *
 * @param column the column it was written behind
 * @throws SqlError 1779, 8110, 8111, 1902, 8112, 1911, 1909, 1919
 */
export function addKey(draft: Draft, shape: KeyShape, column: string | undefined, building: Building): Index {
  const primary = shape.constraint === 'primary-key';
  if (primary && draft.keys.some(key => key.primary))
    throw draft.from?.keys.some(key => key.primary)
      ? fault(1779, `Table '${draft.shown}' already has a primary key defined on it.`, shape.line, 0)
      : fault(8110, `Cannot add multiple PRIMARY KEY constraints to table '${draft.shown}'.`, shape.line, 0);
  const written = column === undefined ? shape.columns : [{ name: column, descending: false }];
  const columns = keyPart(draft, written, primary ? 'primary key' : 'unique key', shape.line);
  if (primary) requireNotNull(draft, columns, shape.line);
  const objectId = building.newId();
  const systemNamed = shape.name === undefined;
  const name =
    shape.name ??
    systemKeyName(
      primary,
      draft.shown,
      written.map(key => key.name),
      objectId,
    );
  const hasClustered = draft.indexes.some(index => index.clustered);
  const clustered = shape.clustered ?? (primary && !hasClustered);
  if (clustered && hasClustered)
    throw draft.from
      ? secondClustered(draft, shape.line)
      : fault(
          8112,
          `Cannot add more than one clustered index constraint to table '${draft.shown}'.`,
          shape.line,
          0,
        );
  const index: Index = {
    id: newIndexId(draft, clustered),
    name,
    unique: true,
    clustered,
    columns,
    disabled: false,
    fillFactor: 0,
  };
  const key: Key = { objectId, name, primary, systemNamed, indexId: index.id };
  draft.indexes.push(index);
  draft.keys.push(key);
  return index;
}

/** Adds an index that carries no constraint. @throws SqlError 1913, 1902, 1911, 1909, 1919, 1712, 10620 */
export function addIndex(draft: Draft, shape: IndexShape, building: Building): Index {
  if (draft.indexes.some(index => index.name.toLowerCase() === shape.name.toLowerCase()))
    throw fault(
      1913,
      `The operation failed because an index or statistics with name '${shape.name}' already exists on table '${shownTable(draft, building)}'.`,
      shape.line,
    );
  if (shape.clustered && draft.indexes.some(index => index.clustered))
    throw secondClustered(draft, shape.line);
  const keys = keyPart(draft, shape.columns, 'index', shape.line);
  const included = shape.included.map((name): IndexColumn => {
    const column = indexedColumn(draft, name, shape.line);
    if (keys.some(key => key.column === column.id)) throw listedTwice('index', name, shape.line);
    return { column: column.id, descending: false, included: true };
  });
  const index: Index = {
    id: newIndexId(draft, shape.clustered),
    name: shape.name,
    unique: shape.unique,
    clustered: shape.clustered,
    columns: [...keys, ...included],
    ...(shape.where ? { filter: filterText(draft, shape.where, building) } : {}),
    disabled: false,
    fillFactor: readIndexOptions(shape.options, building.scope, shape.line).fillFactor,
  };
  draft.indexes.push(index);
  return index;
}

function filterText(draft: Draft, where: NonNullable<IndexShape['where']>, building: Building): string {
  bindCondition(
    where.condition,
    building.scope,
    rowSources(
      [{ alias: draft.shown, table: tableOf(draft, building.now), database: building.database }],
      building.scope,
    ),
  );
  return conditionText(where.text);
}

export const shownTable = (draft: Draft, building: Building): string => `${building.schema}.${draft.shown}`;

function secondClustered(draft: Draft, line: number) {
  const clustered = draft.indexes.find(index => index.clustered);
  return fault(
    1902,
    `Cannot create more than one clustered index on table '${draft.shown}'. Drop the existing clustered index '${clustered?.name ?? ''}' before creating another.`,
    line,
    3,
  );
}

const listedTwice = (what: string, name: string, line: number) =>
  fault(
    1909,
    `Cannot use duplicate column names in ${what}. Column name '${name}' listed more than once.`,
    line,
  );

function keyPart(
  draft: Draft,
  written: readonly KeyColumn[],
  what: string,
  line: number,
): readonly IndexColumn[] {
  const seen = new Set<number>();
  return written.map(({ name, descending }) => {
    const column = indexedColumn(draft, name, line);
    if (seen.has(column.id)) throw listedTwice(what, name, line);
    seen.add(column.id);
    requireComparable(draft, column, line);
    return { column: column.id, descending, included: false };
  });
}

function requireComparable(draft: Draft, column: Column, line: number): void {
  const { type } = column;
  const long =
    ['text', 'ntext', 'image', 'xml'].includes(type.kind) || ('length' in type && type.length === 'max');
  if (long)
    throw fault(
      1919,
      `Column '${column.name}' in table '${draft.shown}' is of a type that is invalid for use as a key column in an index.`,
      line,
    );
  if (column.computed && !column.computed.persisted)
    throw unsupported(`an index on the computed column '${column.name}', which is not persisted`, line);
}

function requireNotNull(draft: Draft, columns: readonly IndexColumn[], line: number): void {
  for (const { column: id } of columns) {
    const column = draft.columns.find(candidate => candidate.id === id);
    if (!column?.nullable) continue;
    throw fault(
      8111,
      `Cannot define PRIMARY KEY constraint on nullable column in table '${draft.shown}'.`,
      line,
    );
  }
}

/** Takes a key or an index out of a draft. */
export function removeIndex(draft: Draft, indexId: number): void {
  draft.indexes = draft.indexes.filter(index => index.id !== indexId);
  draft.keys = draft.keys.filter(key => key.indexId !== indexId);
}

/** Columns of an index that other statements may not change. */
export const indexUses = (index: Index, column: number): boolean =>
  index.columns.some(part => part.column === column);
