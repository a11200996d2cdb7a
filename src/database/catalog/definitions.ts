import { identifier, literal } from '../../remote/sql/quote.ts';
import type { PartitionRow, TypeRow } from './rows.ts';
import type { TableParts } from './table-parts.ts';
import { systemTypeText, typeText } from './type-text.ts';
import type { Catalog, Column, Index } from './types.ts';

/** `nvarchar(20) NOT NULL` of an alias type, `TABLE (…)` of a table type: what stands behind its name in CREATE TYPE. */
export function typeDefinition(row: TypeRow, parts: TableParts): string {
  if (row.table !== null) {
    const lines = [
      ...parts.columns(row.table).map(columnOfType),
      ...parts.indexes(row.table).map(keyOfType),
      ...parts.checks(row.table).map(check => `CHECK ${check.definition}`),
    ];
    return `TABLE (\n  ${lines.join(',\n  ')}\n)`;
  }
  // A type of an assembly lives in the assembly, which no script of T-SQL can bring.
  if (row.assemblyType || row.base === null) return 'EXTERNAL';
  const { base, length, precision, scale } = row;
  return `${systemTypeText({ type: base, length, precision, scale })} ${row.nullable ? 'NULL' : 'NOT NULL'}`;
}

/** In a table type constraints have no names. */
function columnOfType(column: Column): string {
  const name = identifier(column.name);
  if (column.computed !== undefined)
    return `${name} AS ${column.computed.definition}${column.computed.persisted ? ' PERSISTED' : ''}`;
  return [
    name,
    typeText(column),
    ...(column.collation === undefined || column.userType !== undefined
      ? []
      : [`COLLATE ${column.collation}`]),
    ...(column.identity === undefined
      ? []
      : [`IDENTITY(${column.identity.seed},${column.identity.increment})`]),
    ...(column.rowGuid ? ['ROWGUIDCOL'] : []),
    column.nullable ? 'NULL' : 'NOT NULL',
    ...(column.default === undefined ? [] : [`DEFAULT ${column.default.definition}`]),
  ].join(' ');
}

function keyOfType(index: Index): string {
  const columns = index.columns
    .filter(column => !column.included)
    .map(column => `${identifier(column.name)}${column.descending ? ' DESC' : ''}`)
    .join(', ');
  const words = index.primaryKey
    ? `PRIMARY KEY ${index.kind}`
    : index.uniqueConstraint
      ? `UNIQUE ${index.kind}`
      : `INDEX ${identifier(index.name)} ${index.kind}`;
  return `${words} (${columns})`;
}

const NUMBERS: ReadonlySet<string> = new Set([
  'bigint',
  'int',
  'smallint',
  'tinyint',
  'bit',
  'decimal',
  'numeric',
  'float',
  'real',
  'money',
  'smallmoney',
  'binary',
  'varbinary',
]);

/** `(int) AS RANGE RIGHT FOR VALUES (10, 20)`: what stands behind the name in CREATE PARTITION FUNCTION. */
export function partitionFunctions(rows: readonly PartitionRow[]): Catalog['partitionFunctions'] {
  const boundaries = new Map<string, string[]>();
  const heads = new Map<string, string>();
  for (const row of rows) {
    const values = boundaries.get(row.name) ?? [];
    boundaries.set(row.name, values);
    const { type, length, precision, scale } = row;
    heads.set(
      row.name,
      `(${systemTypeText({ type, length, precision, scale })}) AS RANGE ${row.onRight ? 'RIGHT' : 'LEFT'}`,
    );
    if (row.boundary === null) continue;
    values.push(row.value === null ? 'NULL' : NUMBERS.has(type) ? row.value : literal(row.value));
  }
  return [...heads].map(([name, head]) => ({
    name,
    definition: `${head} FOR VALUES (${(boundaries.get(name) ?? []).join(', ')})`,
  }));
}
