import type { Column, Index, Table } from '../catalog/schema.ts';
import type { Value } from '../values/types.ts';
import type { Connection } from './connection.ts';
import {
  affinity,
  encoder,
  type Marks,
  ordersNatively,
  rowDecoder,
  shadowEncoder,
  sqlLiteral,
  storedColumns,
} from './row-codec.ts';

/**
 * A physical table: `t<storeId>` with one column `c<column_id>` a stored column, a shadow `k<column_id>` where an index needs
 * an order that SQLite does not have, and a SQLite index for each index of the table.
 */

/** What lies in the file; a change makes a new one, so that a reader of an older moment keeps its own. */
export interface Shape {
  readonly storeId: number;
  readonly columns: ReadonlySet<number>;
  readonly shadows: ReadonlySet<number>;
  /** Columns of the SQLite index by index_id, as they stand in CREATE INDEX. */
  readonly indexes: ReadonlyMap<number, string>;
  readonly facts: Facts;
}

/** What changes with its rows: shared by all shapes of a physical table. */
export interface Facts extends Marks {
  rows: number;
  nextRid: number;
  /** The rids are in the order of the clustered index, so that a scan in its order is a scan by rid. */
  ascending: boolean;
}

export const noRows = (): Facts => ({ rows: 0, nextRid: 1, ascending: true, wide: false, odd: false });

export const tableName = (storeId: number): string => `t${storeId}`;
const indexName = (storeId: number, indexId: number): string => `i${storeId}_${indexId}`;

export const keyColumns = (index: Index) => index.columns.filter(column => !column.included);

export function columnOf(table: Table, id: number): Column {
  const column = table.columns.find(each => each.id === id);
  if (!column) throw new Error(`${table.name} has no column ${id}`);
  return column;
}

/** The name of what an index holds of a column. */
export function indexedName(table: Table, id: number): string {
  return ordersNatively(columnOf(table, id).type) ? `c${id}` : `k${id}`;
}

function indexText(table: Table, index: Index): string {
  return keyColumns(index)
    .map(({ column, descending }) => `${indexedName(table, column)}${descending ? ' DESC' : ''}`)
    .join(', ');
}

/** What the file has to have for a table. An index over a column that is computed at reading has no SQLite index. */
function wanted(table: Table, facts: Facts): Shape {
  const columns = new Set(storedColumns(table).map(column => column.id));
  const indexes = table.indexes.filter(
    index =>
      !index.disabled &&
      keyColumns(index).length > 0 &&
      keyColumns(index).every(({ column }) => columns.has(column)),
  );
  return {
    storeId: table.storeId,
    columns,
    shadows: new Set(
      indexes
        .flatMap(keyColumns)
        .map(({ column }) => column)
        .filter(column => !ordersNatively(columnOf(table, column).type)),
    ),
    indexes: new Map(indexes.map(index => [index.id, indexText(table, index)])),
    facts,
  };
}

/** Creates the empty table with its indexes. */
export function createTable(connection: Connection, table: Table, facts: Facts): Shape {
  const shape = wanted(table, facts);
  const columns = storedColumns(table).map(column => `c${column.id}${affinity(column.type)}`);
  const shadows = [...shape.shadows].map(id => `k${id}`);
  connection.exec(
    `CREATE TABLE ${tableName(table.storeId)}(${['rid INTEGER PRIMARY KEY', ...columns, ...shadows].join(', ')})`,
  );
  for (const [id, text] of shape.indexes) createIndex(connection, table.storeId, id, text);
  return shape;
}

function createIndex(connection: Connection, storeId: number, id: number, text: string): void {
  connection.exec(`CREATE INDEX ${indexName(storeId, id)} ON ${tableName(storeId)}(${text})`);
}

export function dropTable(connection: Connection, storeId: number): void {
  connection.exec(`DROP TABLE IF EXISTS ${tableName(storeId)}`);
}

/**
 * Makes the file follow a new definition of the same physical table. What a dropped column held stays until the table is
 * rewritten, as in SQL Server.
 *
 * @param fills what the rows that are there have in a new column
 */
export function alterTable(
  connection: Connection,
  shape: Shape,
  table: Table,
  fills: ReadonlyMap<number, Value>,
): Shape {
  const { facts } = shape;
  const target = wanted(table, facts);
  const name = tableName(shape.storeId);
  for (const column of storedColumns(table)) {
    if (shape.columns.has(column.id)) continue;
    const fill = encoder(column.type, facts)(fills.get(column.id) ?? null);
    const literal = sqlLiteral(fill);
    const clause = literal === undefined ? '' : ` DEFAULT ${literal}`;
    connection.exec(`ALTER TABLE ${name} ADD COLUMN c${column.id}${affinity(column.type)}${clause}`);
    if (literal === undefined) connection.run(`UPDATE ${name} SET c${column.id} = ?`, fill);
  }
  for (const [id, text] of shape.indexes) {
    if (target.indexes.get(id) !== text) connection.exec(`DROP INDEX ${indexName(shape.storeId, id)}`);
  }
  for (const id of target.shadows) {
    if (!shape.shadows.has(id)) addShadow(connection, name, columnOf(table, id));
  }
  for (const [id, text] of target.indexes) {
    if (shape.indexes.get(id) !== text) createIndex(connection, shape.storeId, id, text);
  }
  return {
    storeId: shape.storeId,
    columns: new Set([...shape.columns, ...target.columns]),
    shadows: new Set([...shape.shadows, ...target.shadows]),
    indexes: target.indexes,
    facts,
  };
}

function addShadow(connection: Connection, name: string, column: Column): void {
  const key = shadowEncoder(column.type);
  const decode = rowDecoder([column], { wide: true, odd: true });
  connection.exec(`ALTER TABLE ${name} ADD COLUMN k${column.id}`);
  connection.database.function('shadow_key', { useBigIntArguments: true }, value =>
    key(decode([value])[0] ?? null),
  );
  connection.exec(`UPDATE ${name} SET k${column.id} = shadow_key(c${column.id})`);
}
