import type { ScalarFunction } from '../../functions/function.ts';
import { INT, nvarchar, SYSNAME } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { metadata, variantOf } from '../define-function.ts';
import { objectProperty, objectPropertyEx } from '../object-properties.ts';
import { databaseById, factsById, resolveText } from '../resolve.ts';

/** Types that OBJECT_ID's second argument may name, where they are not the type itself. */
const SAME_TYPE: Readonly<Record<string, readonly string[]>> = { PK: ['PK'], K: ['PK', 'UQ'] };

export const OBJECT_FUNCTIONS: readonly ScalarFunction[] = [
  metadata('object_id', [1, 2], INT, (given, context) => {
    const name = given.text(0);
    if (name === null || name === '') return null;
    const found = resolveText(context, name);
    if (found === undefined) return null;
    if (given.count === 1) return found.facts.id;
    const wanted = given.text(1)?.toUpperCase().trim();
    if (wanted === undefined) return null;
    return (SAME_TYPE[wanted] ?? [wanted]).includes(found.facts.type) ? found.facts.id : null;
  }),
  metadata('object_name', [1, 2], SYSNAME, (given, context) => {
    const id = given.integer(0);
    const database = given.count === 1 ? context.database : databaseById(context, given.integer(1) ?? 0);
    return id === null || database === undefined ? null : (factsById(context, database, id)?.name ?? null);
  }),
  metadata('object_schema_name', [1, 2], SYSNAME, (given, context) => {
    const id = given.integer(0);
    const database = given.count === 1 ? context.database : databaseById(context, given.integer(1) ?? 0);
    if (id === null || database === undefined) return null;
    const facts = factsById(context, database, id);
    if (facts === undefined) return null;
    return catalogOf(context, database).schemas.get(facts.schemaId)?.name ?? null;
  }),
  metadata('object_definition', [1, 1], nvarchar('max'), (given, context) => {
    const catalog = catalogOf(context, context.database);
    const id = given.integer(0) ?? 0;
    const module = catalog.modules.get(id);
    if (module !== undefined) return module.encrypted ? null : module.text;
    for (const table of catalog.tables.values()) {
      for (const check of table.checks) if (check.objectId === id) return check.text;
      for (const column of table.columns) if (column.default?.objectId === id) return column.default.text;
    }
    return null;
  }),
  metadata('objectproperty', [2, 2], INT, (given, context) => {
    const id = given.integer(0);
    const property = given.text(1);
    return id === null || property === null ? null : objectProperty(context, id, property);
  }),
  metadata('objectpropertyex', [2, 2], { kind: 'sql_variant' }, (given, context) => {
    const id = given.integer(0);
    const property = given.text(1);
    return id === null || property === null ? null : variantOf(objectPropertyEx(context, id, property));
  }),
];
