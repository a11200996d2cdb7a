import type { Name } from '../syntax/names.ts';
import type {
  Catalog,
  Check,
  Column,
  ForeignKey,
  Index,
  Key,
  Schema,
  Sequence,
  StoredModule,
  Synonym,
  Table,
  UserType,
} from './schema.ts';

/** An object with a name of its own in a schema. */
export type CatalogObject =
  | { readonly kind: 'table'; readonly object: Table }
  | { readonly kind: 'module'; readonly object: StoredModule }
  | { readonly kind: 'sequence'; readonly object: Sequence }
  | { readonly kind: 'synonym'; readonly object: Synonym };

/** A constraint or a default: an object with an id and a name in its table's schema. */
export type CatalogConstraint =
  | { readonly kind: 'key'; readonly table: Table; readonly key: Key; readonly index: Index }
  | { readonly kind: 'foreign-key'; readonly table: Table; readonly foreignKey: ForeignKey }
  | { readonly kind: 'check'; readonly table: Table; readonly check: Check }
  | { readonly kind: 'default'; readonly table: Table; readonly column: Column };

/** Names are compared without case, as the databases of the double have a case-insensitive collation. */
export const sameName = (left: string, right: string): boolean =>
  left === right || left.toLowerCase() === right.toLowerCase();

/** Key of `Catalog.byName`. */
export const objectKey = (schema: string, name: string): string =>
  `${schema.toLowerCase()}.${name.toLowerCase()}`;

export function findSchema(catalog: Catalog, name: string): Schema | undefined {
  for (const schema of catalog.schemas.values()) if (sameName(schema.name, name)) return schema;
  return undefined;
}

/** '' for an id that is not there. */
export const schemaName = (catalog: Catalog, id: number): string => catalog.schemas.get(id)?.name ?? '';

export function objectById(catalog: Catalog, id: number): CatalogObject | undefined {
  const table = catalog.tables.get(id);
  if (table) return { kind: 'table', object: table };
  const module = catalog.modules.get(id);
  if (module) return { kind: 'module', object: module };
  const sequence = catalog.sequences.get(id);
  if (sequence) return { kind: 'sequence', object: sequence };
  const synonym = catalog.synonyms.get(id);
  return synonym && { kind: 'synonym', object: synonym };
}

export function findObject(catalog: Catalog, schema: string, name: string): CatalogObject | undefined {
  const id = catalog.byName.get(objectKey(schema, name));
  return id === undefined ? undefined : objectById(catalog, id);
}

/**
 * The object a name of one or two parts means: a name without a schema is looked for in the default schema, then in dbo.
 * Parts for server and database are the caller's.
 */
export function resolveObject(
  catalog: Catalog,
  name: Name,
  defaultSchema: string,
): CatalogObject | undefined {
  const object = name.at(-1) ?? '';
  const schema = name.at(-2) ?? '';
  if (schema !== '') return findObject(catalog, schema, object);
  return findObject(catalog, defaultSchema, object) ?? findObject(catalog, 'dbo', object);
}

export function findTable(catalog: Catalog, schema: string, name: string): Table | undefined {
  const id = catalog.byName.get(objectKey(schema, name));
  return id === undefined ? undefined : catalog.tables.get(id);
}

export function findType(catalog: Catalog, schema: string, name: string): UserType | undefined {
  const schemaId = findSchema(catalog, schema)?.id;
  for (const type of catalog.types.values())
    if (type.schemaId === schemaId && sameName(type.name, name)) return type;
  return undefined;
}

/** `schema.name` of an object. */
export const qualifiedName = (
  catalog: Catalog,
  object: { readonly schemaId: number; readonly name: string },
): string => `${schemaName(catalog, object.schemaId)}.${object.name}`;

export const findColumn = (table: Table, name: string): Column | undefined =>
  table.columns.find(column => sameName(column.name, name));

/** Place of a column in the rows of its table, -1 where it is not there. */
export const columnPlace = (table: Table, columnId: number): number =>
  table.columns.findIndex(column => column.id === columnId);

/** Places of columns in the rows of their table. */
export const columnPlaces = (table: Table, columnIds: readonly number[]): readonly number[] =>
  columnIds.map(id => columnPlace(table, id));

export const identityColumn = (table: Table): Column | undefined =>
  table.columns.find(column => column.identity !== undefined);

export const rowVersionColumn = (table: Table): Column | undefined =>
  table.columns.find(column => column.type.kind === 'rowversion');

export const findIndex = (table: Table, name: string): Index | undefined =>
  table.indexes.find(index => sameName(index.name, name));

export const indexById = (table: Table, id: number): Index | undefined =>
  table.indexes.find(index => index.id === id);

/** Columns of an index's key, without the included ones. */
export const keyColumns = (index: Index): readonly number[] =>
  index.columns.filter(column => !column.included).map(column => column.column);

export function primaryKey(table: Table): { readonly key: Key; readonly index: Index } | undefined {
  const key = table.keys.find(candidate => candidate.primary);
  const index = key && indexById(table, key.indexId);
  return key && index && { key, index };
}

/** The key constraint that an index carries. */
export const keyOfIndex = (table: Table, index: Index): Key | undefined =>
  table.keys.find(key => key.indexId === index.id);

/** Triggers of a table or a view, in the order in which they were made. */
export function triggersOf(catalog: Catalog, parent: number): readonly StoredModule[] {
  return derived(catalog).triggers.get(parent) ?? [];
}

/** Foreign keys that refer to a table, its own among them. */
export function referencesTo(
  catalog: Catalog,
  table: number,
): readonly { readonly table: Table; readonly foreignKey: ForeignKey }[] {
  return derived(catalog).references.get(table) ?? [];
}

export function findConstraint(
  catalog: Catalog,
  schema: string,
  name: string,
): CatalogConstraint | undefined {
  return derived(catalog).constraints.get(objectKey(schema, name));
}

export function constraintById(catalog: Catalog, id: number): CatalogConstraint | undefined {
  return derived(catalog).constraintIds.get(id);
}

export function constraintsOf(table: Table): readonly CatalogConstraint[] {
  const found: CatalogConstraint[] = [];
  for (const key of table.keys) {
    const index = indexById(table, key.indexId);
    if (index) found.push({ kind: 'key', table, key, index });
  }
  for (const foreignKey of table.foreignKeys) found.push({ kind: 'foreign-key', table, foreignKey });
  for (const check of table.checks) found.push({ kind: 'check', table, check });
  for (const column of table.columns) if (column.default) found.push({ kind: 'default', table, column });
  return found;
}

export const constraintName = (constraint: CatalogConstraint): string => identified(constraint)?.name ?? '';

/** The part of a constraint that carries its id and its name. */
export function identified(
  constraint: CatalogConstraint,
): { readonly objectId: number; readonly name: string; readonly systemNamed: boolean } | undefined {
  switch (constraint.kind) {
    case 'key':
      return constraint.key;
    case 'foreign-key':
      return constraint.foreignKey;
    case 'check':
      return constraint.check;
    case 'default':
      return constraint.column.default;
  }
}

interface Derived {
  readonly triggers: ReadonlyMap<number, readonly StoredModule[]>;
  readonly references: ReadonlyMap<
    number,
    readonly { readonly table: Table; readonly foreignKey: ForeignKey }[]
  >;
  readonly constraints: ReadonlyMap<string, CatalogConstraint>;
  readonly constraintIds: ReadonlyMap<number, CatalogConstraint>;
}

const derivations = new WeakMap<Catalog, Derived>();

/** What is asked often and follows from the catalog, computed once for each catalog. */
function derived(catalog: Catalog): Derived {
  const known = derivations.get(catalog);
  if (known) return known;
  const triggers = new Map<number, StoredModule[]>();
  for (const module of catalog.modules.values())
    if (module.type === 'TR' && module.parent !== undefined) append(triggers, module.parent, module);
  const references = new Map<number, { table: Table; foreignKey: ForeignKey }[]>();
  const constraints = new Map<string, CatalogConstraint>();
  const constraintIds = new Map<number, CatalogConstraint>();
  for (const table of catalog.tables.values()) {
    for (const foreignKey of table.foreignKeys)
      append(references, foreignKey.referencedTable, { table, foreignKey });
    const schema = schemaName(catalog, table.schemaId);
    for (const constraint of constraintsOf(table)) {
      const own = identified(constraint);
      if (!own) continue;
      constraints.set(objectKey(schema, own.name), constraint);
      constraintIds.set(own.objectId, constraint);
    }
  }
  const made = { triggers, references, constraints, constraintIds };
  derivations.set(catalog, made);
  return made;
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
