import { findSchema, schemaName } from '../../catalog/find.ts';
import type { FunctionContext, ScalarFunction } from '../../functions/function.ts';
import { userOf } from '../../server/permissions.ts';
import { collation as collationFacts } from '../../values/index.ts';
import { INT, nvarchar, SMALLINT, SQL_VARIANT, SYSNAME } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { databaseProperty } from '../database-properties.ts';
import { metadata, variantOf } from '../define-function.ts';
import { databaseById, databaseOf, defaultSchema } from '../resolve.ts';
import { serverProperty } from '../server-properties.ts';

export const DATABASE_FUNCTIONS: readonly ScalarFunction[] = [
  metadata('schema_id', [0, 1], INT, (given, context) => {
    const catalog = catalogOf(context, context.database);
    const name = given.count === 0 ? defaultSchema(context, catalog) : given.text(0);
    return name === null ? null : (findSchema(catalog, name)?.id ?? null);
  }),
  metadata('schema_name', [0, 1], SYSNAME, (given, context) => {
    const catalog = catalogOf(context, context.database);
    if (given.count === 0) return defaultSchema(context, catalog);
    return schemaName(catalog, given.integer(0) ?? -1) || null;
  }),
  metadata('db_id', [0, 1], SMALLINT, (given, context) => {
    if (given.count === 0) return context.database.id;
    const name = given.text(0);
    return name === null || name === '' ? null : (databaseOf(context, name)?.id ?? null);
  }),
  metadata('db_name', [0, 1], nvarchar(128), (given, context) => {
    if (given.count === 0) return context.database.name;
    const id = given.integer(0);
    if (id === 0) return context.database.name;
    return id === null ? null : (databaseById(context, id)?.name ?? null);
  }),
  metadata('original_db_name', [0, 0], nvarchar(128), (_given, context) => context.database.name),
  metadata('databasepropertyex', [2, 2], SQL_VARIANT, (given, context) => {
    const [name, property] = [given.text(0), given.text(1)];
    const database = name === null || name === '' ? undefined : databaseOf(context, name);
    if (database === undefined || property === null) return null;
    return variantOf(databaseProperty(database, property, context.instance.product));
  }),
  metadata('databaseproperty', [2, 2], INT, (given, context) => {
    const [name, property] = [given.text(0), given.text(1)];
    const database = name === null || name === '' ? undefined : databaseOf(context, name);
    if (database === undefined || property === null) return null;
    const value = databaseProperty(database, property, context.instance.product);
    return typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : null;
  }),
  metadata('file_name', [1, 1], nvarchar(128), (given, context) => {
    const id = given.integer(0);
    return context.database.files.find(file => file.id === id)?.logicalName ?? null;
  }),
  metadata('file_id', [1, 1], SMALLINT, (given, context) => {
    const name = given.text(0)?.toLowerCase();
    return context.database.files.find(file => file.logicalName.toLowerCase() === name)?.id ?? null;
  }),
  metadata('file_idex', [1, 1], INT, (given, context) => {
    const name = given.text(0)?.toLowerCase();
    return context.database.files.find(file => file.logicalName.toLowerCase() === name)?.id ?? null;
  }),
  metadata('filegroup_name', [1, 1], nvarchar(128), given => (given.integer(0) === 1 ? 'PRIMARY' : null)),
  metadata('filegroup_id', [1, 1], INT, given => (given.text(0)?.toUpperCase() === 'PRIMARY' ? 1 : null)),
  metadata('has_dbaccess', [1, 1], INT, (given, context) => {
    const name = given.text(0);
    const database = name === null ? undefined : databaseOf(context, name);
    if (database === undefined) return null;
    return Number(database.options.state === 'ONLINE' && hasAccess(context, database.name));
  }),
  metadata('serverproperty', [1, 1], SQL_VARIANT, (given, context) => {
    const property = given.text(0);
    return property === null ? null : variantOf(serverProperty(context.instance, property));
  }),
  metadata('collationproperty', [2, 2], SQL_VARIANT, (given, _context) => {
    const [name, property] = [given.text(0), given.text(1)];
    return name === null || property === null ? null : collationProperty(name, property.toLowerCase());
  }),
  metadata('connectionproperty', [1, 1], SQL_VARIANT, (given, _context) => {
    const property = given.text(0)?.toLowerCase() ?? '';
    return variantOf(CONNECTION[property] ?? null);
  }),
  metadata('fulltextserviceproperty', [1, 1], INT, given => {
    const property = given.text(0)?.toLowerCase();
    return property === 'isfulltextinstalled' ? 0 : null;
  }),
  metadata('fulltextcatalogproperty', [2, 2], INT, () => null),
];

const CONNECTION: Readonly<Record<string, string>> = {
  net_transport: 'TCP',
  protocol_type: 'TSQL',
  auth_scheme: 'SQL',
  local_net_address: '127.0.0.1',
  client_net_address: '127.0.0.1',
  physical_net_transport: 'TCP',
};

function hasAccess(context: FunctionContext, name: string): boolean {
  const principal = context.instance.principals.find(context.session.login);
  const database = databaseOf(context, name);
  return principal !== undefined && database !== undefined && userOf(principal, database) !== undefined;
}

function collationProperty(name: string, property: string) {
  let codePage: number;
  try {
    ({ codePage } = collationFacts(name));
  } catch {
    return null;
  }
  switch (property) {
    case 'codepage':
      return variantOf(codePage);
    case 'lcid':
      return variantOf(1033);
    case 'comparisonstyle':
      return variantOf(comparisonStyle(name));
    case 'version':
      return variantOf(name.includes('_100_') ? 2 : name.includes('_140_') ? 3 : 0);
    case 'name':
      return variantOf(name);
    default:
      return null;
  }
}

/** Bits: 1 ignores case, 2 accents, 65536 kana, 131072 width; binary collations have none. */
export function comparisonStyle(name: string): number {
  const parts = name.toUpperCase().split('_');
  if (parts.includes('BIN') || parts.includes('BIN2')) return 0;
  return (
    (parts.includes('CS') ? 0 : 1) |
    (parts.includes('AI') ? 2 : 0) |
    (parts.includes('KS') ? 0 : 65_536) |
    (parts.includes('WS') ? 0 : 131_072)
  );
}
