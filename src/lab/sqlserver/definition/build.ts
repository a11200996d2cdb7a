import { sameName } from '../catalog/find.ts';
import type { Check, ForeignKey, Index } from '../catalog/schema.ts';
import type { ColumnShape, ConstraintShape, TableShape } from '../syntax/statements.ts';
import { addColumns } from './columns.ts';
import { addCheck, addDefault } from './constraints.ts';
import type { Building, Draft } from './draft.ts';
import { fault, makingConstraint } from './faults.ts';
import { addForeignKey } from './foreign-keys.ts';
import { addIndex, addKey } from './keys.ts';

/** What a statement has added to a table: to be checked against the rows that are there. */
export interface Added {
  readonly indexes: Index[];
  readonly checks: Check[];
  readonly foreignKeys: ForeignKey[];
}

/** A constraint with the column it was written behind. */
interface Placed {
  readonly shape: ConstraintShape;
  readonly column: string | undefined;
}

/**
 * Adds columns and constraints to a draft: keys before foreign keys, so that a table may refer to itself.
 *
 * @param trusted foreign keys and checks hold for all rows
 */
export function addParts(
  draft: Draft,
  parts: Pick<TableShape, 'columns' | 'constraints'> & Partial<TableShape>,
  trusted: boolean,
  building: Building,
): Added {
  const placed: readonly Placed[] = [
    ...parts.columns.flatMap(column =>
      column.constraints.map((shape): Placed => ({ shape, column: column.name })),
    ),
    ...parts.constraints.map((shape): Placed => ({ shape, column: undefined })),
  ];
  const keyed = keyedColumns(placed);
  addColumns(draft, parts.columns, name => keyed.has(name.toLowerCase()), building);
  requireOneKey(draft, parts.columns);
  const added: Added = { indexes: [], checks: [], foreignKeys: [] };
  requireDifferentNames(placed, building);
  addKeys(draft, placed, added, building);
  for (const shape of parts.indexes ?? []) added.indexes.push(addIndex(draft, shape, building));
  makingConstraint(() => addRest(draft, placed, trusted, added, building));
  return added;
}

/** Clustered keys first, so that a primary key knows whether there is one. */
function addKeys(draft: Draft, placed: readonly Placed[], added: Added, building: Building): void {
  for (const explicit of [true, false])
    for (const { shape, column } of placed) {
      if (shape.constraint !== 'primary-key' && shape.constraint !== 'unique') continue;
      if ((shape.clustered === true) !== explicit) continue;
      added.indexes.push(makingConstraint(() => addKey(draft, shape, column, building)));
    }
}

function addRest(
  draft: Draft,
  placed: readonly Placed[],
  trusted: boolean,
  added: Added,
  building: Building,
): void {
  for (const { shape, column } of placed)
    if (shape.constraint === 'default') addDefault(draft, shape, column ?? shape.column ?? '', building);
  for (const { shape, column } of placed)
    if (shape.constraint === 'check') added.checks.push(addCheck(draft, shape, column, trusted, building));
  for (const { shape, column } of placed) {
    if (shape.constraint !== 'foreign-key') continue;
    const foreignKey = addForeignKey(draft, shape, column, trusted, building);
    if (foreignKey) added.foreignKeys.push(foreignKey);
  }
}

/** Columns of a primary key, in lower case. */
function keyedColumns(placed: readonly Placed[]): ReadonlySet<string> {
  const keyed = new Set<string>();
  for (const { shape, column } of placed) {
    if (shape.constraint !== 'primary-key') continue;
    if (column !== undefined) keyed.add(column.toLowerCase());
    else for (const key of shape.columns) keyed.add(key.name.toLowerCase());
  }
  return keyed;
}

/** @throws SqlError 8151 */
function requireOneKey(draft: Draft, columns: readonly ColumnShape[]): void {
  for (const column of columns) {
    const kinds = new Set(column.constraints.map(shape => shape.constraint));
    if (kinds.has('primary-key') && kinds.has('unique'))
      throw fault(
        8151,
        `Both a PRIMARY KEY and UNIQUE constraint have been defined for column '${column.name}', table '${draft.shown}'. Only one is allowed.`,
        column.line,
        0,
      );
  }
}

/** Names of constraints are free, and different from one another. @throws SqlError 2714 behind 1750 */
function requireDifferentNames(placed: readonly Placed[], building: Building): void {
  const names: string[] = [];
  for (const { shape } of placed) {
    if (shape.name === undefined) continue;
    const { name } = shape;
    if (names.some(other => sameName(other, name)) || building.nameTaken(name))
      makingConstraint(() => {
        throw fault(2714, `There is already an object named '${name}' in the database.`, shape.line, 5);
      });
    names.push(name);
  }
}
