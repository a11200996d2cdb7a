import type { FunctionContext } from '../../functions/function.ts';
import type { Database } from '../../server/instance.ts';
import type { SqlType } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { type ViewRow, view } from '../define-view.ts';
import { moduleColumns } from '../module-columns.ts';
import { builtInTypeOf, columnTypeName } from '../type-ids.ts';
import { parenthesized } from './constraints.ts';

const SCHEMA = { schema: 'INFORMATION_SCHEMA' };

export const informationTables = view(
  'TABLES',
  `TABLE_CATALOG nvarchar(128) null
   TABLE_SCHEMA sysname null
   TABLE_NAME sysname
   TABLE_TYPE varchar(10) null`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    const row = (object: { readonly schemaId: number; readonly name: string }, type: string) => ({
      TABLE_CATALOG: database.name,
      TABLE_SCHEMA: catalog.schemas.get(object.schemaId)?.name ?? null,
      TABLE_NAME: object.name,
      TABLE_TYPE: type,
    });
    for (const table of catalog.tables.values()) yield row(table, 'BASE TABLE');
    for (const module of catalog.modules.values()) if (module.type === 'V') yield row(module, 'VIEW');
  },
  SCHEMA,
);

/** How INFORMATION_SCHEMA and sp_columns describe a type. */
export function informationType(type: SqlType): {
  readonly characters: number | null;
  readonly octets: number | null;
  readonly precision: number | null;
  readonly radix: number | null;
  readonly scale: number | null;
  readonly fraction: number | null;
} {
  const none = {
    characters: null,
    octets: null,
    precision: null,
    radix: null,
    scale: null,
    fraction: null,
  };
  const builtIn = builtInTypeOf(type);
  switch (type.kind) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      const unit = type.kind.startsWith('n') ? 2 : 1;
      return type.length === 'max'
        ? { ...none, characters: -1, octets: -1 }
        : { ...none, characters: type.length, octets: type.length * unit };
    }
    case 'binary':
    case 'varbinary': {
      const length = type.length === 'max' ? -1 : type.length;
      return { ...none, characters: length, octets: length };
    }
    case 'text':
    case 'image':
      return { ...none, characters: 2_147_483_647, octets: 2_147_483_647 };
    case 'ntext':
      return { ...none, characters: 1_073_741_823, octets: 2_147_483_646 };
    case 'xml':
      return { ...none, characters: -1, octets: -1 };
    case 'decimal':
    case 'numeric':
      return { ...none, precision: type.precision, radix: 10, scale: type.scale };
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'money':
    case 'smallmoney':
      return { ...none, precision: builtIn.precision, radix: 10, scale: builtIn.scale };
    case 'float':
    case 'real':
      return { ...none, precision: builtIn.precision, radix: 2 };
    case 'date':
    case 'smalldatetime':
      return { ...none, fraction: 0 };
    case 'datetime':
      return { ...none, fraction: 3 };
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return { ...none, fraction: type.scale };
    default:
      return none;
  }
}

function* rowsOf(context: FunctionContext, database: Database): Iterable<ViewRow> {
  const catalog = catalogOf(context, database);
  for (const table of catalog.tables.values()) {
    let place = 0;
    for (const column of table.columns) {
      place += 1;
      const alias = column.userType === undefined ? undefined : catalog.types.get(column.userType);
      yield {
        ...columnRow(database, catalog.schemas.get(table.schemaId)?.name, table.name, column, place),
        COLUMN_DEFAULT: column.default === undefined ? null : parenthesized(column.default.text),
        DATA_TYPE: alias === undefined ? columnTypeName(catalog, column) : builtInTypeOf(column.type).name,
        DOMAIN_CATALOG: alias === undefined ? null : database.name,
        DOMAIN_SCHEMA: alias === undefined ? null : (catalog.schemas.get(alias.schemaId)?.name ?? null),
        DOMAIN_NAME: alias?.name ?? null,
      };
    }
  }
  for (const module of catalog.modules.values())
    if (module.type === 'V')
      for (const [place, column] of moduleColumns(context, database, module).entries())
        yield columnRow(database, catalog.schemas.get(module.schemaId)?.name, module.name, column, place + 1);
}

function columnRow(
  database: Database,
  schema: string | undefined,
  table: string,
  column: { readonly name: string; readonly type: SqlType; readonly nullable: boolean },
  place: number,
): ViewRow {
  const facts = informationType(column.type);
  const unicode = column.type.kind.startsWith('n') && column.type.kind !== 'numeric';
  const text = 'collation' in column.type;
  return {
    TABLE_CATALOG: database.name,
    TABLE_SCHEMA: schema ?? null,
    TABLE_NAME: table,
    COLUMN_NAME: column.name,
    ORDINAL_POSITION: place,
    IS_NULLABLE: column.nullable ? 'YES' : 'NO',
    DATA_TYPE: builtInTypeOf(column.type).name,
    CHARACTER_MAXIMUM_LENGTH: facts.characters,
    CHARACTER_OCTET_LENGTH: facts.octets,
    NUMERIC_PRECISION: facts.precision,
    NUMERIC_PRECISION_RADIX: facts.radix,
    NUMERIC_SCALE: facts.scale,
    DATETIME_PRECISION: facts.fraction,
    CHARACTER_SET_NAME: text ? (unicode ? 'UNICODE' : 'iso_1') : null,
    COLLATION_NAME: 'collation' in column.type ? column.type.collation : null,
  };
}

export const informationColumns = view(
  'COLUMNS',
  `TABLE_CATALOG nvarchar(128) null
   TABLE_SCHEMA nvarchar(128) null
   TABLE_NAME nvarchar(128)
   COLUMN_NAME nvarchar(128) null
   ORDINAL_POSITION int null
   COLUMN_DEFAULT nvarchar(4000) null
   IS_NULLABLE varchar(3) null
   DATA_TYPE nvarchar(128) null
   CHARACTER_MAXIMUM_LENGTH int null
   CHARACTER_OCTET_LENGTH int null
   NUMERIC_PRECISION tinyint null
   NUMERIC_PRECISION_RADIX smallint null
   NUMERIC_SCALE int null
   DATETIME_PRECISION smallint null
   CHARACTER_SET_CATALOG sysname null
   CHARACTER_SET_SCHEMA sysname null
   CHARACTER_SET_NAME sysname null
   COLLATION_CATALOG sysname null
   COLLATION_SCHEMA sysname null
   COLLATION_NAME sysname null
   DOMAIN_CATALOG sysname null
   DOMAIN_SCHEMA sysname null
   DOMAIN_NAME sysname null`,
  rowsOf,
  SCHEMA,
);

const ROUTINES = { P: 'PROCEDURE', FN: 'FUNCTION', IF: 'FUNCTION', TF: 'FUNCTION' } as const;

export const informationRoutines = view(
  'ROUTINES',
  `SPECIFIC_CATALOG nvarchar(128) null
   SPECIFIC_SCHEMA nvarchar(128) null
   SPECIFIC_NAME nvarchar(128)
   ROUTINE_CATALOG nvarchar(128) null
   ROUTINE_SCHEMA nvarchar(128) null
   ROUTINE_NAME nvarchar(128)
   ROUTINE_TYPE nvarchar(20) null
   ROUTINE_DEFINITION nvarchar(4000) null
   CREATED datetime
   LAST_ALTERED datetime`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    for (const module of catalog.modules.values()) {
      if (module.type === 'V' || module.type === 'TR') continue;
      const schema = catalog.schemas.get(module.schemaId)?.name ?? null;
      yield {
        SPECIFIC_CATALOG: database.name,
        SPECIFIC_SCHEMA: schema,
        SPECIFIC_NAME: module.name,
        ROUTINE_CATALOG: database.name,
        ROUTINE_SCHEMA: schema,
        ROUTINE_NAME: module.name,
        ROUTINE_TYPE: ROUTINES[module.type],
        ROUTINE_DEFINITION: module.encrypted ? null : module.text.slice(0, 4000),
        CREATED: module.created,
        LAST_ALTERED: module.modified,
      };
    }
  },
  SCHEMA,
);

export const informationViews = view(
  'VIEWS',
  `TABLE_CATALOG nvarchar(128) null
   TABLE_SCHEMA nvarchar(128) null
   TABLE_NAME nvarchar(128)
   VIEW_DEFINITION nvarchar(4000) null
   CHECK_OPTION varchar(7) null
   IS_UPDATABLE varchar(2) = NO`,
  function* (context, database) {
    const catalog = catalogOf(context, database);
    for (const module of catalog.modules.values()) {
      const { definition } = module.module;
      if (definition.kind !== 'view') continue;
      yield {
        TABLE_CATALOG: database.name,
        TABLE_SCHEMA: catalog.schemas.get(module.schemaId)?.name ?? null,
        TABLE_NAME: module.name,
        VIEW_DEFINITION: module.encrypted ? null : module.text.slice(0, 4000),
        CHECK_OPTION: definition.withCheck ? 'CASCADE' : 'NONE',
      };
    }
  },
  SCHEMA,
);
