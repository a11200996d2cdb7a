import { schemaName } from '../../catalog/find.ts';
import type { Catalog, Column, Table } from '../../catalog/schema.ts';
import { collation, like } from '../../values/index.ts';
import { DEFAULT_COLLATION, type Value } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import type { ProcedureContext, SystemProcedure } from '../procedure.ts';
import { columnTypeName, storedType } from '../type-ids.ts';
import { parenthesized } from '../views/constraints.ts';
import { informationType } from '../views/information.ts';
import { columns, procedure } from './define.ts';

/** Second result of sp_help: one row a column. */
export const helpColumns = (catalog: Catalog, table: Table): readonly (readonly Value[])[] =>
  table.columns.map(column => {
    const facts = storedType(column);
    const exact = informationType(column.type).precision !== null;
    return [
      column.name,
      columnTypeName(catalog, column),
      column.computed === undefined ? 'no' : 'yes',
      facts.max_length,
      exact ? String(facts.precision).padEnd(5) : '     ',
      exact ? String(facts.scale).padEnd(5) : '     ',
      column.nullable ? 'yes' : 'no',
      'collation' in column.type ? 'no' : '(n/a)',
      'collation' in column.type ? (column.nullable ? 'yes' : 'no') : '(n/a)',
      facts.collation_name,
    ];
  });

/** ODBC's numbers of the types. */
const ODBC: Readonly<Record<string, number>> = {
  bit: -7,
  tinyint: -6,
  smallint: 5,
  int: 4,
  bigint: -5,
  decimal: 3,
  numeric: 2,
  money: 3,
  smallmoney: 3,
  float: 6,
  real: 7,
  char: 1,
  varchar: 12,
  text: -1,
  nchar: -8,
  nvarchar: -9,
  ntext: -10,
  binary: -2,
  varbinary: -3,
  image: -4,
  rowversion: -2,
  uniqueidentifier: -11,
  date: -9,
  time: -9,
  datetime2: -9,
  datetimeoffset: -9,
  datetime: 11,
  smalldatetime: 11,
  xml: -152,
  sql_variant: -150,
};

/** A pattern of LIKE, or nothing: everything. */
function matches(pattern: string | null): (text: string) => boolean {
  return pattern === null ? () => true : like(pattern, undefined, collation(DEFAULT_COLLATION));
}

const found = (context: ProcedureContext, name: string | null, owner: string | null) => {
  const catalog = catalogOf(context, context.database);
  const [byName, byOwner] = [matches(name), matches(owner)];
  return [...catalog.tables.values()]
    .map(table => ({ table, schema: schemaName(catalog, table.schemaId) }))
    .filter(({ table, schema }) => byName(table.name) && byOwner(schema));
};

function odbcRow(
  context: ProcedureContext,
  schema: string,
  table: Table,
  column: Column,
  place: number,
): readonly Value[] {
  const facts = storedType(column);
  const information = informationType(column.type);
  const name = columnTypeName(catalogOf(context, context.database), column);
  const length = facts.max_length === -1 ? 0 : facts.max_length;
  return [
    context.database.name,
    schema,
    table.name,
    column.name,
    ODBC[column.type.kind] ?? 0,
    column.identity === undefined ? name : `${name} identity`,
    information.precision ?? information.characters ?? facts.precision,
    length,
    information.precision === null ? null : facts.scale,
    information.radix,
    Number(column.nullable),
    null,
    column.default === undefined ? null : parenthesized(column.default.text),
    ODBC[column.type.kind] ?? 0,
    null,
    information.octets,
    place + 1,
    column.nullable ? 'YES' : 'NO',
    facts.system_type_id,
  ];
}

export const COLUMN_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_columns',
    `@table_name nvarchar(384); @table_owner nvarchar(384) = null; @table_qualifier sysname = null;
     @column_name nvarchar(384) = null; @ODBCVer int = 2`,
    (context, values) => {
      const byColumn = matches(values.text('@column_name'));
      context.result(
        columns(
          'TABLE_QUALIFIER sysname',
          'TABLE_OWNER sysname',
          'TABLE_NAME sysname',
          'COLUMN_NAME sysname',
          'DATA_TYPE smallint',
          'TYPE_NAME sysname',
          'PRECISION int',
          'LENGTH int',
          'SCALE smallint',
          'RADIX smallint',
          'NULLABLE smallint',
          'REMARKS varchar(254)',
          'COLUMN_DEF nvarchar(4000)',
          'SQL_DATA_TYPE smallint',
          'SQL_DATETIME_SUB smallint',
          'CHAR_OCTET_LENGTH int',
          'ORDINAL_POSITION int',
          'IS_NULLABLE varchar(254)',
          'SS_DATA_TYPE tinyint',
        ),
        found(context, values.text('@table_name'), values.text('@table_owner')).flatMap(({ table, schema }) =>
          table.columns
            .map((column, place) => ({ column, place }))
            .filter(({ column }) => byColumn(column.name))
            .map(({ column, place }) => odbcRow(context, schema, table, column, place)),
        ),
      );
      return 0;
    },
  ),
  procedure(
    'sp_pkeys',
    '@table_name sysname; @table_owner sysname = null; @table_qualifier sysname = null',
    (context, values) => {
      const name = values.text('@table_name')?.toLowerCase();
      const owner = values.text('@table_owner')?.toLowerCase();
      const rows = found(context, null, null)
        .filter(
          ({ table, schema }) =>
            table.name.toLowerCase() === name && (owner === undefined || schema.toLowerCase() === owner),
        )
        .flatMap(({ table, schema }) => {
          const key = table.keys.find(each => each.primary);
          const index = table.indexes.find(each => each.id === key?.indexId);
          return (index?.columns ?? []).map((column, place): readonly Value[] => [
            context.database.name,
            schema,
            table.name,
            table.columns.find(each => each.id === column.column)?.name ?? null,
            place + 1,
            key?.name ?? null,
          ]);
        });
      context.result(
        columns(
          'TABLE_QUALIFIER sysname',
          'TABLE_OWNER sysname',
          'TABLE_NAME sysname',
          'COLUMN_NAME sysname',
          'KEY_SEQ smallint',
          'PK_NAME sysname',
        ),
        rows,
      );
      return 0;
    },
  ),
  procedure(
    'sp_tables',
    `@table_name nvarchar(384) = null; @table_owner nvarchar(384) = null; @table_qualifier sysname = null;
     @table_type varchar(100) = null; @fUsePattern bit = 1`,
    (context, values) => {
      const type = values.text('@table_type')?.toUpperCase() ?? null;
      const catalog = catalogOf(context, context.database);
      const [byName, byOwner] = [matches(values.text('@table_name')), matches(values.text('@table_owner'))];
      const rows = [
        ...[...catalog.tables.values()].map(each => ({ each, kind: 'TABLE' })),
        ...[...catalog.modules.values()]
          .filter(each => each.type === 'V')
          .map(each => ({ each, kind: 'VIEW' })),
      ]
        .map(({ each, kind }) => ({ name: each.name, schema: schemaName(catalog, each.schemaId), kind }))
        .filter(
          ({ name, schema, kind }) =>
            byName(name) && byOwner(schema) && (type === null || type.includes(`'${kind}'`)),
        );
      context.result(
        columns(
          'TABLE_QUALIFIER sysname',
          'TABLE_OWNER sysname',
          'TABLE_NAME sysname',
          'TABLE_TYPE varchar(32)',
          'REMARKS varchar(254)',
        ),
        rows.map(({ name, schema, kind }) => [context.database.name, schema, name, kind, null]),
      );
      return 0;
    },
  ),
];
