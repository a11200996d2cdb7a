import { constraintsOf, identified } from '../catalog/find.ts';
import type { Catalog, Table, UserType } from '../catalog/schema.ts';
import type { FunctionContext } from '../functions/function.ts';
import type { Database } from '../server/instance.ts';

/** The catalog of a database as the running transaction sees it. */
export const catalogOf = (context: FunctionContext, database: Database): Catalog =>
  context.catalogOf?.(database) ?? database.catalog;

export const TYPE_DESCRIPTIONS: Readonly<Record<string, string>> = {
  U: 'USER_TABLE',
  V: 'VIEW',
  P: 'SQL_STORED_PROCEDURE',
  FN: 'SQL_SCALAR_FUNCTION',
  IF: 'SQL_INLINE_TABLE_VALUED_FUNCTION',
  TF: 'SQL_TABLE_VALUED_FUNCTION',
  TR: 'SQL_TRIGGER',
  PK: 'PRIMARY_KEY_CONSTRAINT',
  UQ: 'UNIQUE_CONSTRAINT',
  F: 'FOREIGN_KEY_CONSTRAINT',
  C: 'CHECK_CONSTRAINT',
  D: 'DEFAULT_CONSTRAINT',
  SO: 'SEQUENCE_OBJECT',
  SN: 'SYNONYM',
  TT: 'TYPE_TABLE',
};

/** One row of sys.objects, before its columns. */
export interface ObjectFacts {
  readonly id: number;
  readonly name: string;
  readonly schemaId: number;
  readonly parent: number;
  /** Without the blank of char(2). */
  readonly type: string;
  readonly created: number;
  readonly modified: number;
  readonly shipped: boolean;
  readonly published: boolean;
}

const known = new WeakMap<Catalog, ReadonlyMap<number, ObjectFacts>>();

/** Every object of a database with an id, constraints and defaults among them. */
export function objectsOf(catalog: Catalog): ReadonlyMap<number, ObjectFacts> {
  const found = known.get(catalog);
  if (found) return found;
  const objects = new Map<number, ObjectFacts>();
  const add = (facts: ObjectFacts) => objects.set(facts.id, facts);
  for (const table of catalog.tables.values()) {
    add({ ...table, parent: 0, type: 'U' });
    for (const each of constraintFacts(table)) add(each);
  }
  for (const module of catalog.modules.values())
    add({ ...module, parent: module.parent ?? 0, type: module.type, published: false });
  for (const sequence of catalog.sequences.values())
    add({ ...sequence, parent: 0, type: 'SO', published: false });
  for (const synonym of catalog.synonyms.values())
    add({ ...synonym, parent: 0, type: 'SN', published: false });
  for (const { table, name } of tableTypes(catalog))
    add({ ...table, name: tableTypeObjectName(name, table.id), schemaId: 4, parent: 0, type: 'TT' });
  known.set(catalog, objects);
  return objects;
}

function* constraintFacts(table: Table): Iterable<ObjectFacts> {
  for (const constraint of constraintsOf(table)) {
    const own = identified(constraint);
    if (own === undefined) continue;
    const type =
      constraint.kind === 'key'
        ? constraint.key.primary
          ? 'PK'
          : 'UQ'
        : { 'foreign-key': 'F', check: 'C', default: 'D' }[constraint.kind];
    yield { ...table, id: own.objectId, name: own.name, parent: table.id, type };
  }
}

export interface TableType extends UserType {
  readonly table: Table;
}

export const tableTypes = (catalog: Catalog): readonly TableType[] =>
  [...catalog.types.values()].filter((type): type is TableType => type.table !== undefined);

/** `TT_name_1A2B3C4D`, as sys.objects calls the table behind a table type. */
const tableTypeObjectName = (name: string, id: number): string =>
  `TT_${name}_${(id >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;

/** The id of an object of the system: negative, a function of its name alone, so that it is the same everywhere. */
export function systemObjectId(schema: string, name: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${schema}.${name}`.toLowerCase())
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return -((hash >>> 1) + 1);
}

/** Views, table functions and procedures that every database has. */
export function systemObjectsOf(context: FunctionContext): ReadonlyMap<number, ObjectFacts> {
  const { system } = context.instance;
  const found = shipped.get(system);
  if (found) return found;
  const objects = new Map<number, ObjectFacts>();
  const add = (schema: string, name: string, type: string) => {
    const id = systemObjectId(schema, name);
    const schemaId = schema.toLowerCase() === 'sys' ? 4 : 3;
    objects.set(id, {
      id,
      name,
      schemaId,
      parent: 0,
      type,
      created: SHIPPED_AT,
      modified: SHIPPED_AT,
      shipped: true,
      published: false,
    });
  };
  for (const view of system.views.values())
    add(view.schema, view.name, view.parameters === undefined ? 'V' : 'IF');
  for (const procedure of system.procedures.values())
    if (procedure.home.kind === 'sys')
      add('sys', procedure.name, procedure.name.startsWith('xp_') ? 'X' : 'P');
  shipped.set(system, objects);
  return objects;
}

const shipped = new WeakMap<object, ReadonlyMap<number, ObjectFacts>>();

/** create_date of what the product brings. */
const SHIPPED_AT = Date.UTC(2009, 3, 13, 12, 59, 5);

/** The table with this id, the one behind a table type too. */
export function tableById(catalog: Catalog, id: number): Table | undefined {
  return catalog.tables.get(id) ?? tableTypes(catalog).find(type => type.table.id === id)?.table;
}

/** Entries of `features` that are columns of the view, whatever the definition has noted besides. */
export function features(
  noted: Readonly<Record<string, number | string>>,
  columns: readonly string[],
): Readonly<Record<string, number | string>> {
  return Object.fromEntries(Object.entries(noted).filter(([name]) => columns.includes(name)));
}

/** char(2). */
export const typeCode = (type: string): string => type.padEnd(2);
