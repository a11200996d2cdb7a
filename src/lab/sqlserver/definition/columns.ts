import { findType, resolveObject, sameName } from '../catalog/find.ts';
import type { Column, UserType } from '../catalog/schema.ts';
import { bindExpression, rowSources } from '../query/index.ts';
import type { Scope } from '../query/scope.ts';
import type { TypeName } from '../syntax/names.ts';
import { parseExpression } from '../syntax/parse.ts';
import type { ColumnShape } from '../syntax/statements.ts';
import { collation, resolveType } from '../values/index.ts';
import type { SqlType } from '../values/types.ts';
import { type Building, type Draft, draftColumn, tableOf } from './draft.ts';
import { fault } from './faults.ts';
import { requireRoom } from './limits.ts';
import { deterministic, referencesIn } from './references.ts';
import { conditionText } from './text.ts';

/** A type as a column, a parameter or a variable has it. */
export interface NamedType {
  readonly type: SqlType;
  readonly user?: UserType;
}

/**
 * A built-in type or an alias type.
 *
 * @param place of the column or parameter, for error 2715
 * @throws SqlError 2715 for a type that is not there, 350 for a table type
 */
export function namedType(
  name: TypeName,
  scope: Scope,
  options: {
    readonly collation: string;
    readonly place: number;
    readonly column: string;
    readonly line: number;
  },
): NamedType {
  const parts = name.name.length > 1 && sameName(name.name[0] ?? '', 'sys') ? name.name.slice(1) : name.name;
  const known = parts.length === 1 ? resolveType({ ...name, name: parts }, options.collation) : undefined;
  if (known) return { type: known };
  const user = userType(parts, scope);
  if (user?.table)
    throw fault(
      350,
      `The column "${options.column}" does not have a valid data type. A column cannot be of a user-defined table type.`,
      options.line,
    );
  if (user?.base && name.arguments.length === 0) return { type: user.base, user };
  throw fault(
    2715,
    `Column, parameter, or variable #${options.place}: Cannot find data type ${name.name.join('.')}.`,
    options.line,
    6,
  );
}

/** An alias or a table type by its name; without a schema in the default schema, then in dbo. */
export function userType(parts: readonly string[], scope: Scope): UserType | undefined {
  const catalog = scope.catalogOf(scope.database);
  const own = parts.at(-1) ?? '';
  const schema = parts.at(-2) ?? '';
  if (schema !== '') return findType(catalog, schema, own);
  return findType(catalog, scope.defaultSchema, own) ?? findType(catalog, 'dbo', own);
}

/** Does a scalar function of the database stand behind a name in an expression. */
export const isModule = (building: Building, name: readonly string[]): boolean =>
  resolveObject(building.catalog, name, building.scope.defaultSchema)?.kind === 'module';

/**
 * Adds columns to a draft, without their constraints. Computed ones come last: they may name columns written behind them.
 *
 * @param keyed a primary key is on the column of this name: NOT NULL where nothing else was written
 * @throws SqlError 1701, 1702, 2705, 2715, 2738, 2744, 2749 and their kin
 */
export function addColumns(
  draft: Draft,
  shapes: readonly ColumnShape[],
  keyed: (name: string) => boolean,
  building: Building,
): void {
  const numbered = shapes.map((shape, at) => {
    requireNewColumn(draft, shapes.slice(0, at), shape);
    return { shape, id: draft.lastColumn + 1 + at };
  });
  draft.lastColumn += shapes.length;
  for (const { shape, id } of numbered)
    if (!shape.computed) draft.columns.push(storedColumn(draft, id, shape, keyed(shape.name), building));
  for (const { shape, id } of numbered)
    if (shape.computed) draft.columns.push(computedColumn(draft, id, shape, keyed(shape.name), building));
  draft.columns.sort((left, right) => left.id - right.id);
  requireRoom(draft, shapes[0]?.line ?? 1);
}

function requireNewColumn(draft: Draft, before: readonly ColumnShape[], shape: ColumnShape): void {
  if (!draftColumn(draft, shape.name) && !before.some(other => sameName(other.name, shape.name))) return;
  throw fault(
    2705,
    `Column names in each table must be unique. Column name '${shape.name}' in table '${draft.shown}' is specified more than once.`,
    shape.line,
    3,
  );
}

function storedColumn(
  draft: Draft,
  id: number,
  shape: ColumnShape,
  keyed: boolean,
  building: Building,
): Column {
  if (!shape.type)
    throw fault(173, `The definition for column '${shape.name}' must include a data type.`, shape.line, 1);
  const { type: plain, user } = namedType(shape.type, building.scope, {
    collation: shape.collation ?? building.database.collation,
    place: id,
    column: shape.name,
    line: shape.line,
  });
  const type = shape.collation === undefined ? plain : collated(plain, shape.collation, shape.line);
  if (type.kind === 'rowversion') requireOneRowVersion(draft, shape);
  const { identity } = shape;
  if (identity) requireIdentity(draft, shape, type);
  const nullable =
    shape.nullable ?? (keyed || identity || type.kind === 'rowversion' ? false : (user?.nullable ?? true));
  return {
    id,
    name: shape.name,
    type,
    ...(user ? { userType: user.id } : {}),
    nullable: shape.sparse ? true : nullable,
    ...(identity ? { identity: { ...identity } } : {}),
    rowguid: shape.rowguid,
    sparse: shape.sparse,
    features: {},
  };
}

/** @throws SqlError 448 for a collation that is not there, 452 for a type that has none */
export function collated(type: SqlType, name: string, line: number): SqlType {
  const known = collation(name).name;
  if (!('collation' in type))
    throw fault(452, `COLLATE clause cannot be used on data type ${type.kind}.`, line);
  return { ...type, collation: known };
}

function requireOneRowVersion(draft: Draft, shape: ColumnShape): void {
  if (draft.columns.some(column => column.type.kind === 'rowversion'))
    throw fault(
      2738,
      `A table can only have one timestamp column. Because table '${draft.shown}' already has one, the column '${shape.name}' cannot be added.`,
      shape.line,
      2,
    );
}

const IDENTITY_KINDS: ReadonlySet<string> = new Set(['tinyint', 'smallint', 'int', 'bigint']);

/** May a type count: identity columns and sequences. */
export const countable = (type: SqlType): boolean =>
  IDENTITY_KINDS.has(type.kind) || ((type.kind === 'decimal' || type.kind === 'numeric') && type.scale === 0);

function requireIdentity(draft: Draft, shape: ColumnShape, type: SqlType): void {
  if (draft.columns.some(column => column.identity))
    throw fault(
      2744,
      `Multiple identity columns specified for table '${draft.shown}'. Only one identity column per table is allowed.`,
      shape.line,
      2,
    );
  if (!countable(type))
    throw fault(
      2749,
      `Identity column '${shape.name}' must be of data type int, bigint, smallint, tinyint, or decimal or numeric with a scale of 0, unencrypted, and constrained to be nonnullable.`,
      shape.line,
      2,
    );
  if (shape.nullable === true)
    throw fault(
      8147,
      `Could not create IDENTITY attribute on nullable column '${shape.name}', table '${draft.shown}'.`,
      shape.line,
    );
}

function computedColumn(
  draft: Draft,
  id: number,
  shape: ColumnShape,
  keyed: boolean,
  building: Building,
): Column {
  const text = conditionText(shape.computed?.text ?? '');
  const persisted = shape.computed?.persisted ?? false;
  const expression = parseExpression(text);
  const references = referencesIn(expression);
  if (references.queries)
    throw fault(
      1046,
      'Subqueries are not allowed in this context. Only scalar expressions are allowed.',
      shape.line,
    );
  for (const name of references.columns)
    if (draftColumn(draft, name)?.computed)
      throw fault(
        1759,
        `Computed column '${name}' in table '${draft.shown}' is not allowed to be used in another computed-column definition.`,
        shape.line,
      );
  if (persisted && !deterministic(references))
    throw fault(
      4936,
      `Computed column '${shape.name}' in table '${draft.shown}' cannot be persisted because the column is non-deterministic.`,
      shape.line,
    );
  const bound = bindExpression(
    expression,
    building.scope,
    rowSources(
      [{ alias: draft.shown, table: tableOf(draft, building.now), database: building.database }],
      building.scope,
    ),
  );
  return {
    id,
    name: shape.name,
    type: bound.type,
    nullable: shape.nullable ?? (keyed && persisted ? false : bound.nullable),
    computed: { text, persisted },
    rowguid: false,
    sparse: false,
    features: {},
  };
}
