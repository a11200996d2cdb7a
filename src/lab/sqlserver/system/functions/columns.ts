import { columnPlaces, findColumn, findIndex, keyColumns } from '../../catalog/find.ts';
import type { Column, Index } from '../../catalog/schema.ts';
import type { FunctionContext, ScalarFunction } from '../../functions/function.ts';
import { splitName } from '../../syntax/parse.ts';
import { datetimeAt } from '../../values/index.ts';
import { DATETIME, INT, SMALLINT, SYSNAME } from '../../values/types.ts';
import { catalogOf, tableById } from '../catalog-facts.ts';
import { metadata } from '../define-function.ts';
import { moduleColumns } from '../module-columns.ts';
import { defaultSchema, tableNamed } from '../resolve.ts';
import { builtInType, builtInTypeById, storedType } from '../type-ids.ts';
import { lastIdentity } from '../views/columns.ts';

const NUMERIC = { kind: 'numeric', precision: 38, scale: 0 } as const;

/** Columns of a table or a view by its id. */
function columnsOf(context: FunctionContext, id: number): readonly Pick<Column, 'id' | 'name' | 'type'>[] {
  const catalog = catalogOf(context, context.database);
  const table = tableById(catalog, id);
  if (table !== undefined) return table.columns;
  const module = catalog.modules.get(id);
  if (module === undefined) return [];
  return moduleColumns(context, context.database, module).map((column, place) => ({
    ...column,
    id: place + 1,
  }));
}

export const COLUMN_FUNCTIONS: readonly ScalarFunction[] = [
  metadata('col_name', [2, 2], SYSNAME, (given, context) => {
    const [table, column] = [given.integer(0), given.integer(1)];
    if (table === null || column === null) return null;
    return columnsOf(context, table).find(each => each.id === column)?.name ?? null;
  }),
  metadata('col_length', [2, 2], SMALLINT, (given, context) => {
    const name = given.text(0);
    const column = given.text(1)?.toLowerCase();
    if (name === null || column === undefined) return null;
    const table = tableNamed(context, name)?.table;
    const found = table?.columns.find(each => each.name.toLowerCase() === column);
    return found === undefined ? null : storedType(found).max_length;
  }),
  metadata('columnproperty', [3, 3], INT, (given, context) => {
    const [id, name, property] = [given.integer(0), given.text(1), given.text(2)];
    if (id === null || name === null || property === null) return null;
    const table = tableById(catalogOf(context, context.database), id);
    if (table !== undefined) {
      const column = findColumn(table, name);
      return column === undefined ? null : columnProperty(column, property.toLowerCase());
    }
    const place = columnsOf(context, id).findIndex(each => each.name.toLowerCase() === name.toLowerCase());
    return place < 0 || property.toLowerCase() !== 'columnid' ? null : place + 1;
  }),
  metadata('indexproperty', [3, 3], INT, (given, context) => {
    const [id, name, property] = [given.integer(0), given.text(1), given.text(2)];
    if (id === null || name === null || property === null) return null;
    const table = catalogOf(context, context.database).tables.get(id);
    const index = table && findIndex(table, name);
    return index === undefined ? null : indexProperty(index, property.toLowerCase());
  }),
  metadata('index_col', [3, 3], SYSNAME, (given, context) => {
    const [name, indexId, key] = [given.text(0), given.integer(1), given.integer(2)];
    const table = name === null ? undefined : tableNamed(context, name)?.table;
    const index = table?.indexes.find(each => each.id === indexId);
    if (table === undefined || index === undefined || key === null) return null;
    const place = columnPlaces(table, keyColumns(index))[key - 1];
    return place === undefined ? null : (table.columns[place]?.name ?? null);
  }),
  metadata('type_id', [1, 1], INT, (given, context) => {
    const name = given.text(0);
    if (name === null) return null;
    const parts = splitName(name);
    const catalog = catalogOf(context, context.database);
    const last = parts.at(-1) ?? '';
    const schema = parts.at(-2)?.toLowerCase();
    if (schema === undefined || schema === 'sys') {
      const found = builtInType(last);
      if (found !== undefined) return found.userTypeId;
    }
    const wanted = schema ?? defaultSchema(context, catalog).toLowerCase();
    for (const type of catalog.types.values()) {
      const own = catalog.schemas.get(type.schemaId)?.name.toLowerCase();
      if (type.name.toLowerCase() === last.toLowerCase() && (own === wanted || schema === undefined))
        return type.id;
    }
    return null;
  }),
  metadata('type_name', [1, 1], SYSNAME, (given, context) => {
    const id = given.integer(0);
    if (id === null) return null;
    return builtInTypeById(id)?.name ?? catalogOf(context, context.database).types.get(id)?.name ?? null;
  }),
  metadata('typeproperty', [2, 2], INT, (given, context) => {
    const [name, property] = [given.text(0), given.text(1)?.toLowerCase()];
    if (name === null) return null;
    const last = splitName(name).at(-1) ?? '';
    const builtIn = builtInType(last);
    const catalog = catalogOf(context, context.database);
    const own = [...catalog.types.values()].find(each => each.name.toLowerCase() === last.toLowerCase());
    if (builtIn === undefined && own === undefined) return null;
    const stored = own?.base === undefined ? undefined : storedType({ type: own.base });
    switch (property) {
      case 'allowsnull':
        return Number(builtIn?.nullable ?? own?.nullable ?? true);
      case 'precision':
        return builtIn?.precision ?? stored?.precision ?? null;
      case 'scale':
        return builtIn?.scale ?? stored?.scale ?? null;
      case 'ownerid':
        return builtIn !== undefined ? 4 : 1;
      case 'usesansitrim':
        return 1;
      default:
        return null;
    }
  }),
  metadata('ident_current', [1, 1], NUMERIC, (given, context) => {
    const found = identityOf(context, given.text(0));
    if (found === undefined) return null;
    return lastIdentity(found.database, found.table) ?? found.identity.seed;
  }),
  metadata(
    'ident_seed',
    [1, 1],
    NUMERIC,
    (given, context) => identityOf(context, given.text(0))?.identity.seed ?? null,
  ),
  metadata(
    'ident_incr',
    [1, 1],
    NUMERIC,
    (given, context) => identityOf(context, given.text(0))?.identity.increment ?? null,
  ),
  metadata('stats_date', [2, 2], DATETIME, (given, context) => {
    const [id, stats] = [given.integer(0), given.integer(1)];
    const table = id === null ? undefined : catalogOf(context, context.database).tables.get(id);
    return table?.indexes.some(index => index.id === stats) ? datetimeAt(table.modified) : null;
  }),
];

function identityOf(context: FunctionContext, name: string | null) {
  const found = name === null ? undefined : tableNamed(context, name);
  const identity = found?.table.columns.find(column => column.identity !== undefined)?.identity;
  return found && identity && { ...found, identity };
}

function columnProperty(column: Column, property: string): number | null {
  const { max_length, precision, scale } = storedType(column);
  const unicode = column.type.kind.startsWith('n') && 'length' in column.type;
  switch (property) {
    case 'allowsnull':
      return Number(column.nullable);
    case 'columnid':
      return column.id;
    case 'iscomputed':
      return Number(column.computed !== undefined);
    case 'isidentity':
      return Number(column.identity !== undefined);
    case 'isidnotforrepl':
      return Number(column.identity?.notForReplication ?? false);
    case 'isrowguidcol':
      return Number(column.rowguid);
    case 'issparse':
      return Number(column.sparse);
    case 'iscolumnset':
      return Number(column.features['is_column_set'] ?? 0);
    case 'ishidden':
      return Number(column.features['is_hidden'] ?? 0);
    case 'generatedalwaystype':
      return Number(column.features['generated_always_type'] ?? 0);
    case 'isindexable':
      return Number(max_length !== -1 && !['text', 'ntext', 'image', 'xml'].includes(column.type.kind));
    case 'isfulltextindexed':
    case 'isoutparam':
    case 'iscursortype':
    case 'statisticalsemantics':
      return 0;
    case 'isdeterministic':
    case 'isprecise':
      return column.computed === undefined ? null : 1;
    case 'usesansitrim':
      return 'length' in column.type ? 1 : null;
    case 'charmaxlen':
      return 'length' in column.type ? (max_length === -1 || !unicode ? max_length : max_length / 2) : null;
    case 'precision':
      return 'length' in column.type
        ? max_length === -1
          ? -1
          : unicode
            ? max_length / 2
            : max_length
        : precision;
    case 'scale':
      return 'length' in column.type ? null : scale;
    default:
      return null;
  }
}

function indexProperty(index: Index, property: string): number | null {
  switch (property) {
    case 'indexid':
      return index.id;
    case 'isclustered':
      return Number(index.clustered);
    case 'isunique':
      return Number(index.unique);
    case 'isdisabled':
      return Number(index.disabled);
    case 'indexfillfactor':
      return index.fillFactor;
    case 'indexdepth':
      return index.disabled ? 0 : 2;
    case 'isstatistics':
    case 'isautostatistics':
    case 'ishypothetical':
    case 'ispadindex':
    case 'ispagelockdisallowed':
    case 'isrowlockdisallowed':
    case 'iscolumnstore':
    case 'isfulltextkey':
      return 0;
    default:
      return null;
  }
}
